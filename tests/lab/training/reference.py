"""The same training in plain torch, one network at a time, with the penalty by autograd."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import nn

from l2scale.lab.training.batches import split_of
from l2scale.lab.training.networks import generator, initial_weights, layer_shapes
from l2scale.lab.training.runs import Run

ACTIVATIONS = {
    "relu": nn.ReLU,
    "leaky_relu": lambda: nn.LeakyReLU(0.01),
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "linear": nn.Identity,
}
COEFFICIENTS = {
    "sum": lambda n_in, n_out, total: 1.0,
    "mean": lambda n_in, n_out, total: 1 / total,
    "tensor_mean": lambda n_in, n_out, total: 1 / (n_in * n_out),
    "fan": lambda n_in, n_out, total: (n_in + n_out) / (n_in * n_out),
    "prior": lambda n_in, n_out, total: (n_in + n_out) / 4,
}


class Dropout(nn.Module):
    """As nn.Dropout, but which units it drops is said by SplitMix64, sample by sample."""

    def __init__(self, rate: float, key: int) -> None:
        super().__init__()
        self.rate = rate
        self.state = key  # of SplitMix64, as published: a state that goes on from word to word

    def forward(self, units: torch.Tensor) -> torch.Tensor:
        drawn = []
        for _ in range(units.numel()):
            self.state = (self.state + 0x9E3779B97F4A7C15) % 2**64
            z = self.state
            z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
            z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) % 2**64
            drawn.append(((z ^ (z >> 31)) >> 11) / 2**53)
        stays = torch.from_numpy(np.array(drawn).reshape(units.shape) >= self.rate)
        return torch.where(stays, units, 0.0) / (1 - self.rate)


def build(run: Run) -> nn.Sequential:
    """An nn.Sequential that starts from the run's initial weights."""
    split = split_of(run)
    shapes = layer_shapes(split.x_train.shape[1], run.hidden, split.n_classes)
    dtype = getattr(torch, run.dtype)
    rng = generator(run.seed, stream=4)
    keys = torch.randint(2**62, (1, len(run.hidden)), generator=rng)[0].tolist()
    modules: list[nn.Module] = []
    for place, ((n_out, n_in), start) in enumerate(
        zip(shapes, initial_weights(run, shapes), strict=True)
    ):
        linear = nn.Linear(n_in, n_out, bias=run.bias, dtype=dtype)
        with torch.no_grad():
            linear.weight.copy_(start[:, :-1])
            if run.bias:
                linear.bias.copy_(start[:, -1])
        modules.append(linear)
        if place < len(shapes) - 1 and run.norm == "layer":
            norm = nn.LayerNorm(n_out, elementwise_affine=False, dtype=dtype)
            modules.append(norm)
        if place < len(shapes) - 1:
            modules.append(ACTIVATIONS[run.activation]())
            if run.dropout:
                modules.append(Dropout(run.dropout, keys[place]))
    return nn.Sequential(*modules)


def data_loss(run: Run, model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Mean loss over the batch."""
    task = split_of(run).task
    if run.outputs == "sigmoid":
        answers = nn.functional.one_hot(y, num_classes=split_of(run).n_classes).to(x.dtype)
        criterion = nn.BCEWithLogitsLoss(reduction="sum")
        return criterion(model(x), answers) / len(x)
    if task == "multiclass":
        return nn.functional.cross_entropy(model(x), y)
    if task == "binary":
        return nn.functional.binary_cross_entropy_with_logits(model(x)[:, 0], y)
    return (model(x) - y).square().sum(dim=1).mean()


def penalty(run: Run, model: nn.Sequential) -> torch.Tensor:
    """lam sum_l c_l ||W_l||^2, written out from the definition."""
    linears = [m for m in model if isinstance(m, nn.Linear)]
    total = sum(m.weight.numel() for m in linears)
    value = torch.zeros((), dtype=linears[0].weight.dtype)
    for m in linears:
        c = COEFFICIENTS[run.penalty](m.in_features, m.out_features, total)
        value = value + run.lam * c * m.weight.square().sum()
        if run.penalise_biases and m.bias is not None:
            value = value + run.lam * c * m.bias.square().sum()
    return value


def optimiser(run: Run, model: nn.Sequential) -> torch.optim.Optimizer:
    """The torch optimiser, one group a tensor; only AdamW's groups have a weight_decay."""
    linears = [m for m in model if isinstance(m, nn.Linear)]
    total = sum(m.weight.numel() for m in linears)
    groups = []
    for m, share in zip(linears, run.layer_lr or (1.0,) * len(linears), strict=True):
        c = COEFFICIENTS[run.penalty](m.in_features, m.out_features, total)
        decay = 2 * run.lam * c if run.optimiser == "adamw" else 0.0
        rate = {"lr": run.lr * share, "share": share}
        groups.append({"params": [m.weight], "weight_decay": decay, **rate})
        if m.bias is not None:
            bias_decay = decay if run.penalise_biases else 0.0
            groups.append({"params": [m.bias], "weight_decay": bias_decay, **rate})
    if run.optimiser == "sgd":
        return torch.optim.SGD(groups, lr=run.lr, momentum=run.momentum)
    if run.optimiser == "adam":
        return torch.optim.Adam(groups, lr=run.lr)
    return torch.optim.AdamW(groups, lr=run.lr)


def factor(run: Run, step: int) -> float:
    """The schedule, from its description."""
    if run.schedule == "cosine":
        return (1 + torch.cos(torch.tensor(torch.pi * step / run.steps, dtype=torch.float64))) / 2
    if run.schedule == "step":
        return 1.0 if step < run.steps / 2 else 0.1 if step < run.steps * 3 / 4 else 0.01
    return 1.0


def rows_by_step(run: Run, n: int) -> Iterator[torch.Tensor]:
    """Endlessly, a step's samples of n; a full batch is in its own order."""
    rng, size = generator(run.seed, stream=2), run.batch_size or n
    while True:
        order = torch.arange(n) if size == n else torch.randperm(n, generator=rng)
        yield from order[: n // size * size].split(size)


def train_one(run: Run) -> nn.Sequential:
    """Train the run the ordinary way and return the model."""
    split = split_of(run)
    dtype = getattr(torch, run.dtype)
    x = torch.tensor(split.x_train, dtype=dtype)
    y = torch.tensor(split.y_train, dtype=torch.int64 if split.task == "multiclass" else dtype)
    model = build(run)
    opt = optimiser(run, model)
    for step, rows in zip(range(run.steps), rows_by_step(run, len(x)), strict=False):
        for group in opt.param_groups:
            group["lr"] = run.lr * group["share"] * float(factor(run, step))
        opt.zero_grad()
        cost = data_loss(run, model, x[rows], y[rows])
        if run.optimiser != "adamw":
            cost = cost + penalty(run, model)
        cost.backward()
        opt.step()
    return model


def weights_of(model: nn.Sequential) -> list[torch.Tensor]:
    """Per layer (n_out, n_in + 1), the biases (0 without them) in the last column."""
    result = []
    for m in model:
        if isinstance(m, nn.Linear):
            bias = torch.zeros_like(m.weight[:, :1]) if m.bias is None else m.bias[:, None]
            result.append(torch.cat([m.weight, bias], dim=1).detach())
    return result
