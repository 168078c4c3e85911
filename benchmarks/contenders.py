"""One network after the other, as readers train them.

Each takes runs and gives back their weights (`benchmarks.work.Train`), in one process of one
thread; `benchmarks.pool` starts one of those for each core. The clock includes the data, the
initial weights and the training.
"""

import warnings
from collections.abc import Sequence

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.work import Weights, arrays, batch_rows, shapes, start
from l2scale.lab import machine
from l2scale.lab.training.runs import Run


def plain_torch(runs: Sequence[Run]) -> list[Weights]:
    """The loop of every tutorial: nn.Sequential, DataLoader, torch.optim.SGD, loss plus penalty."""
    return [_plain(run, machine.device()) for run in runs]


def lean_torch(runs: Sequence[Run]) -> list[Weights]:
    """The same without the DataLoader: batches are rows of one tensor."""
    return [_lean(run, machine.device()) for run in runs]


def sklearn(runs: Sequence[Run]) -> list[Weights]:
    """scikit-learn's MLPClassifier, as many epochs of plain SGD.

    It keeps an epoch's last, incomplete batch, so it takes a step an epoch more than the others.
    """
    return [_sklearn(run) for run in runs]


def _plain(run: Run, device: str) -> Weights:
    model = module(run).to(device)
    x, y = (torch.from_numpy(array) for array in arrays(run))
    size = run.batch_size or len(x)
    loader = DataLoader(
        TensorDataset(x, y),
        batch_size=size,
        shuffle=True,
        drop_last=True,
        generator=torch.Generator().manual_seed(run.seed),
    )
    optimiser = torch.optim.SGD(model.parameters(), lr=run.lr)
    for _ in range(run.steps // len(loader)):
        for batch_x, batch_y in loader:
            optimiser.zero_grad()
            cost(model, batch_x.to(device), batch_y.to(device), run.lam).backward()
            optimiser.step()
    return weights_of(model)


def _lean(run: Run, device: str) -> Weights:
    model = module(run).to(device)
    x, y = (torch.from_numpy(array).to(device) for array in arrays(run))
    optimiser = torch.optim.SGD(model.parameters(), lr=run.lr)
    for rows in torch.from_numpy(batch_rows(run)).to(device):
        optimiser.zero_grad()
        cost(model, x[rows], y[rows], run.lam).backward()
        optimiser.step()
    return weights_of(model)


def _sklearn(run: Run) -> Weights:
    x, y = arrays(run)
    size = run.batch_size or len(x)
    epochs = run.steps // (len(x) // size)
    model = MLPClassifier(
        hidden_layer_sizes=run.hidden,
        solver="sgd",
        momentum=0.0,
        nesterovs_momentum=False,
        learning_rate_init=run.lr,
        alpha=2 * size * run.lam,  # it adds alpha / (2 B) times the sum of squares
        max_iter=epochs,
        n_iter_no_change=epochs + 1,
        tol=0.0,
        random_state=run.seed,
        warm_start=True,
    )
    # A step on one sample of each class gives it weights of its own, which are then replaced.
    classes, rows = np.unique(y, return_index=True)
    model.partial_fit(x[rows], y[rows], classes=classes)
    model.coefs_ = [layer[:, :-1].T.copy() for layer in start(run)]
    model.intercepts_ = [layer[:, -1].copy() for layer in start(run)]
    model.set_params(batch_size=size)
    with warnings.catch_warnings():
        # It is stopped after its epochs, as all others are.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(x, y)
    pairs = zip(model.coefs_, model.intercepts_, strict=True)
    return [np.column_stack([weights.T, biases]) for weights, biases in pairs]


def module(run: Run) -> nn.Sequential:
    """The run's network at its initial weights."""
    layers: list[nn.Module] = []
    for (fan_out, fan_in), initial in zip(shapes(run), start(run), strict=True):
        linear = nn.Linear(fan_in, fan_out)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(initial[:, :-1]))
            linear.bias.copy_(torch.from_numpy(initial[:, -1]))
        layers += [linear, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def cost(model: nn.Module, x: Tensor, y: Tensor, lam: float) -> Tensor:
    """Mean cross-entropy plus lam times the sum of squared weights, biases left out."""
    penalty = sum(p.square().sum() for p in model.parameters() if p.ndim == 2)
    return nn.functional.cross_entropy(model(x), y) + lam * penalty


def weights_of(model: nn.Sequential) -> Weights:
    """The weights of a network as arrays."""
    return [
        torch.cat([linear.weight, linear.bias[:, None]], dim=1).detach().cpu().numpy()
        for linear in model
        if isinstance(linear, nn.Linear)
    ]
