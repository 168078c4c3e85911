"""The chapter's small network in plain PyTorch, in double precision, as a reader would train it.

Its data, its batches and its initial weights are the lab's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from l2scale.exhibits.frameworks.sweeps import BASE
from l2scale.lab.training.batches import GroupData, batches
from l2scale.lab.training.runs import Run
from l2scale.lab.training.trainer import initial

Samples = tuple[Tensor, Tensor]  # inputs (n, d) and classes (n,)


def run_of_seed(seed: int) -> Run:
    """The network of a seed."""
    return replace(BASE, dtype="float64", seed=seed)


def initial_tensors(run: Run) -> list[Tensor]:
    """Its initial weights, (n_out, n_in) a layer, ready for an optimiser."""
    return [layer[0, :, :-1].clone().requires_grad_() for layer in initial([run])]


def stream(run: Run) -> Iterator[Samples]:
    """Its batches, without end."""
    for x, y in batches([run], GroupData.of([run], "cpu")):
        yield x[0, :, :-1], y[0, 0]


def samples_of_part(run: Run, name: str) -> Samples:
    """All samples of a part: "train", "val" or "test"."""
    x, y = GroupData.of([run], "cpu").part(name, slice(None))
    return x[0, :, :-1], y[0, 0]


def loss(weights: Sequence[Tensor], samples: Samples) -> Tensor:
    """Mean cross-entropy."""
    first, last = weights
    x, y = samples
    return cross_entropy(torch.relu(x @ first.T) @ last.T, y)


def squares(weights: Sequence[Tensor]) -> Tensor:
    """Sum of the squares of all weights."""
    return sum((w.square().sum() for w in weights), torch.zeros((), dtype=torch.float64))


def relative_distance(weights: Sequence[Tensor], others: Sequence[Tensor]) -> float:
    """Root of the sum of squared differences, over that of the squared `others`."""
    off = squares([w - o for w, o in zip(weights, others, strict=True)])
    return (off / squares(others)).sqrt().item()
