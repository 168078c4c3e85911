"""The architectures as plain torch modules, trained one at a time by torch's own optimisers."""

import math
from collections.abc import Iterator

import torch
from reference import ACTIVATIONS, COEFFICIENTS, data_loss, rows_by_step
from torch import nn

from l2scale.lab.training.batches import split_of
from l2scale.lab.training.runs import Run
from l2scale.lab.training.trainer import initial

NORMS = {"layer_norm": nn.LayerNorm, "batch_norm": nn.BatchNorm1d}


class Block(nn.Module):
    """h + down(activation(up(norm(h))))."""

    def __init__(self, run: Run, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, bias=run.bias)
        self.up = nn.Linear(width, 4 * width, bias=run.bias)
        self.act = ACTIVATIONS[run.activation]()
        self.down = nn.Linear(4 * width, width, bias=run.bias)

    def forward(self, h: torch.Tensor) -> torch.Tensor:
        return h + self.down(self.act(self.up(self.norm(h))))


def stack(run: Run, n_in: int, n_out: int) -> nn.Module:
    """A perceptron with a norm before each activation."""
    parts: list[nn.Module] = []
    for fan_in, fan_out in zip((n_in, *run.hidden), run.hidden, strict=False):
        norm = NORMS[run.architecture](fan_out)
        if not run.bias:
            norm.bias = None
        parts += [nn.Linear(fan_in, fan_out, bias=False), norm, ACTIVATIONS[run.activation]()]
    return nn.Sequential(*parts, nn.Linear(run.hidden[-1], n_out, bias=run.bias))


def residual(run: Run, n_in: int, n_out: int) -> nn.Module:
    """Stem, blocks, last norm, head."""
    width = run.hidden[0]
    blocks = [Block(run, width) for _ in run.hidden]
    norm = nn.LayerNorm(width, bias=run.bias)
    stem = nn.Linear(n_in, width, bias=run.bias)
    return nn.Sequential(stem, *blocks, norm, nn.Linear(width, n_out, bias=run.bias))


class Attention(nn.Module):
    """h + attention(norm(h)), written out."""

    def __init__(self, run: Run, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, bias=run.bias)
        for name in ("query", "key", "value", "out"):
            setattr(self, name, nn.Linear(width, width, bias=run.bias))

    def forward(self, h: torch.Tensor) -> torch.Tensor:
        normal, (samples, tokens, width) = self.norm(h), h.shape
        q, k, v = (
            part(normal).view(samples, tokens, 4, width // 4).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        shares = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(width // 4), dim=3)
        return h + self.out((shares @ v).transpose(1, 2).reshape(h.shape))


class Transformer(nn.Module):
    """Rows of an image as tokens; the mean over tokens goes to the head."""

    def __init__(self, run: Run, n_in: int, n_out: int) -> None:
        super().__init__()
        width, self.side = run.hidden[0], math.isqrt(n_in)
        self.stem = nn.Linear(self.side, width, bias=run.bias)
        self.places = nn.Embedding(self.side, width)
        blocks = [part(run, width) for _ in run.hidden for part in (Attention, Block)]
        self.blocks = nn.Sequential(*blocks, nn.LayerNorm(width, bias=run.bias))
        self.head = nn.Linear(width, n_out, bias=run.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        tokens = self.stem(x.view(len(x), self.side, self.side)) + self.places.weight
        return self.head(self.blocks(tokens).mean(dim=1))


class Convolved(nn.Module):
    """norm(conv(x))."""

    def __init__(self, run: Run, n_in: int, n_out: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(n_in, n_out, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(n_out)
        if not run.bias:
            self.norm.bias = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(self.conv(x))


class Convolutional(nn.Module):
    """Stem, residual blocks, mean over pixels, head."""

    def __init__(self, run: Run, n_in: int, n_out: int) -> None:
        super().__init__()
        width, self.side, self.act = run.hidden[0], math.isqrt(n_in), ACTIVATIONS[run.activation]()
        self.stem = Convolved(run, 1, width)
        self.blocks = nn.ModuleList(Convolved(run, width, width) for _ in 2 * run.hidden)
        self.head = nn.Linear(width, n_out, bias=run.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.act(self.stem(x.view(len(x), 1, self.side, self.side)))
        for a, b in zip(self.blocks[::2], self.blocks[1::2], strict=True):
            h = self.act(h + b(self.act(a(h))))
        return self.head(h.mean(dim=(2, 3)))


MODULES = {
    "layer_norm": stack,
    "batch_norm": stack,
    "residual": residual,
    "transformer": Transformer,
    "convolutional": Convolutional,
}


def build(run: Run) -> nn.Module:
    """A module that starts where the lab's network does, whose tensors come in the same order."""
    split = split_of(run)
    model = MODULES[run.architecture](run, split.x_train.shape[1], split.n_classes)
    model = model.to(getattr(torch, run.dtype))
    with torch.no_grad():
        for (name, mine), start in zip(state_of(model).items(), initial([run]), strict=True):
            mine.copy_(as_torch(name, start[0], mine.shape))
    return model


def state_of(model: nn.Module) -> dict[str, torch.Tensor]:
    """The tensors that the lab's networks have too, by torch's names."""
    return {name: t for name, t in model.state_dict().items() if "num_batches" not in name}


def as_torch(name: str, tensor: torch.Tensor, shape: torch.Size) -> torch.Tensor:
    """A tensor (a, b) of the lab as torch's of that shape: a matrix is (fan_in, fan_out) there.

    A kernel's inputs are by row, column and channel.
    """
    if name.startswith("places"):
        return tensor
    if len(shape) == 4:
        out, channels, rows, columns = shape
        return tensor.view(rows, columns, channels, out).permute(3, 2, 0, 1)
    return (tensor.T if len(shape) == 2 else tensor).reshape(shape)


def matrices(model: nn.Module) -> list[torch.Tensor]:
    """The weight matrices and kernels, from the inputs to the outputs."""
    return [m.weight for m in layers(model)]


def layers(model: nn.Module) -> list[nn.Module]:
    """What has a weight matrix or kernel, from the inputs to the outputs."""
    return [m for m in model.modules() if isinstance(m, nn.Linear | nn.Conv2d)]


def coefficients(run: Run, model: nn.Module) -> list[float]:
    """The penalty's c_l."""
    if not isinstance(run.penalty, str):
        return list(run.penalty)
    shapes = [(len(m), m[0].numel()) for m in matrices(model)]
    total = sum(math.prod(shape) for shape in shapes)
    return [COEFFICIENTS[run.penalty](n_in, n_out, total) for n_out, n_in in shapes]


def penalty(run: Run, model: nn.Module) -> torch.Tensor:
    """lam sum_l c_l ||W_l||^2, and of all other tensors too where all are decayed."""
    pairs = zip(coefficients(run, model), matrices(model), strict=True)
    value = sum(run.lam * c * m.square().sum() for c, m in pairs)
    if run.decayed == "all":
        value = value + run.lam * sum(p.square().sum() for p in others(model))
    return value


def others(model: nn.Module) -> list[torch.Tensor]:
    """What is no weight matrix."""
    known = {id(m) for m in matrices(model)}
    return [p for p in model.parameters() if id(p) not in known]


def optimisers(run: Run, model: nn.Module) -> list[torch.optim.Optimizer]:
    """Torch's, a group for each matrix; only decoupled ones have a weight_decay."""
    decoupled = run.optimiser not in ("sgd", "adam")
    decay = [2 * run.lam * c * decoupled for c in coefficients(run, model)]
    shares = run.layer_lr or (1.0,) * len(decay)
    of_matrices = [
        {"params": [m], "weight_decay": each, "share": share}
        for m, each, share in zip(matrices(model), decay, shares, strict=True)
    ]
    of_layer = {id(m.bias): share for m, share in zip(layers(model), shares, strict=True)}
    rest = [
        {
            "params": [p],
            "weight_decay": 2 * run.lam * decoupled * (run.decayed == "all"),
            "share": of_layer.get(id(p), 1.0),
        }
        for p in others(model)
    ]
    if run.optimiser.startswith("muon"):
        setting = run.optimiser.removeprefix("muon_")
        hidden = slice(1, -1) if run.muon_on == "hidden" else slice(None)
        ends = [of_matrices[0], of_matrices[-1]] if run.muon_on == "hidden" else []
        return [
            torch.optim.Muon(of_matrices[hidden], lr=run.lr, adjust_lr_fn=setting),
            torch.optim.AdamW([*ends, *rest], lr=run.lr),
        ]
    groups = [*of_matrices, *rest]
    if run.optimiser == "sgd":
        return [torch.optim.SGD(groups, lr=run.lr, momentum=run.momentum)]
    return [(torch.optim.Adam if run.optimiser == "adam" else torch.optim.AdamW)(groups, lr=run.lr)]


def factor(run: Run, step: int) -> float:
    """Constant, or a warm-up in a straight line and then half a cosine."""
    if run.schedule == "constant":
        return 1.0
    if step < run.warmup:
        return (step + 1) / run.warmup
    return (1 + math.cos(math.pi * (step - run.warmup) / (run.steps - run.warmup))) / 2


def train_one(run: Run) -> nn.Module:
    """Train the run the ordinary way."""
    return list(models(run))[-1]


def models(run: Run) -> Iterator[nn.Module]:
    """The run's model, one and the same, after each step."""
    split, dtype = split_of(run), getattr(torch, run.dtype)
    x = torch.tensor(split.x_train, dtype=dtype)
    y = torch.tensor(split.y_train, dtype=torch.int64 if split.task == "multiclass" else dtype)
    model = build(run)
    used = optimisers(run, model)
    first, end = run.decay_steps or (0, run.steps)
    decays = [[group["weight_decay"] for group in one.param_groups] for one in used]
    for step, rows in zip(range(run.steps), rows_by_step(run, len(x)), strict=False):
        on = first <= step < end
        for one, its_decays in zip(used, decays, strict=True):
            for group, decay in zip(one.param_groups, its_decays, strict=True):
                group["lr"] = run.lr * group["share"] * factor(run, step)
                group["weight_decay"] = decay * on
            one.zero_grad()
        cost = data_loss(run, model, x[rows], y[rows])
        if run.optimiser in ("sgd", "adam") and on:
            cost = cost + penalty(run, model)
        cost.backward()
        for one in used:
            one.step()
        yield model
