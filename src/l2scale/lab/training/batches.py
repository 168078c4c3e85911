"""The data of a group of runs on one device, and each run's own order through it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from l2scale.lab.data.datasets import Split, load
from l2scale.lab.training import losses
from l2scale.lab.training.networks import apart, generator
from l2scale.lab.training.runs import Run

PARTS = ("train", "val", "test")


def split_of(run: Run) -> Split:
    """The split that a run trains on, keyed by the run's own seed."""
    return load(run.data, seed=run.seed, n_train=run.n_train, label_noise=run.label_noise)


@dataclass(frozen=True)
class GroupData:
    """Inputs and targets of every distinct split in a group.

    Attributes:
        task: see `l2scale.lab.training.losses`.
        n_outputs: outputs k that a network needs.
        inputs: part -> (D, n, d + 1), the last column 1 for the biases, or 0 without them.
        targets: part -> (D, n, m).
        split: (R,) which of the D splits each run uses.
    """

    task: str
    n_outputs: int
    inputs: dict[str, Tensor]
    targets: dict[str, Tensor]
    split: Tensor

    @classmethod
    def of(cls, runs: Sequence[Run], device: str) -> "GroupData":
        """Stack the runs' splits; equal ones once. Raises ValueError as `losses.task_of`."""
        keys = [(run.data, run.seed, run.n_train, run.label_noise) for run in runs]
        distinct = list(dict.fromkeys(keys))
        splits = [split_of(runs[keys.index(key)]) for key in distinct]
        dtype = getattr(torch, runs[0].dtype)
        task = losses.task_of(splits[0].task, runs[0].outputs)

        def stack(part: str) -> tuple[Tensor, Tensor]:
            x = np.stack([getattr(s, f"x_{part}") for s in splits])
            y = np.stack([getattr(s, f"y_{part}") for s in splits])
            x = np.concatenate([x, np.full_like(x[:, :, :1], runs[0].bias)], axis=2)
            y = y.reshape(*x.shape[:2], -1)
            return (
                torch.from_numpy(x).to(dtype).to(device),
                torch.from_numpy(y).to(torch.int64 if task in losses.CLASSES else dtype).to(device),
            )

        pairs = {part: stack(part) for part in PARTS}
        return cls(
            task=task,
            n_outputs=splits[0].n_classes,
            inputs={part: pair[0] for part, pair in pairs.items()},
            targets={part: pair[1] for part, pair in pairs.items()},
            split=torch.tensor([distinct.index(key) for key in keys], device=device),
        )

    def part(self, name: str, replicas: slice) -> tuple[Tensor, Tensor]:
        """Inputs (r, n, d + 1) and targets (r, m, n) of one part for some of the runs."""
        chosen = self.split[replicas]
        x, y = self.inputs[name][chosen], self.targets[name][chosen]
        return apart(x), y.transpose(1, 2).contiguous()


def rows_by_step(runs: Sequence[Run], data: GroupData) -> Iterator[Tensor]:
    """Endlessly, the rows (R, B) of a step's samples, in the training parts laid end to end.

    Every run walks through its own permutation, drawn on the CPU from its own seed, and draws a
    new one when fewer than a batch of samples are left. A full batch is always in its own order.

    Raises:
        ValueError: for a batch larger than the training part.
    """
    n = data.inputs["train"].shape[1]
    size = runs[0].batch_size or n
    if size > n:
        raise ValueError(f"batch_size {size} exceeds the {n} training samples of {runs[0].data!r}")
    device = data.split.device
    offset = data.split[:, None] * n
    while size == n:
        yield offset + torch.arange(n, device=device)
    rngs = {run.seed: generator(run.seed, stream=2) for run in runs}
    place = torch.tensor([list(rngs).index(run.seed) for run in runs])
    while True:
        drawn = torch.stack([torch.randperm(n, generator=rng) for rng in rngs.values()])
        order = drawn[place, : n // size * size]
        if device.type == "cuda":  # from pinned memory the copy does not wait for the device
            order = order.pin_memory()
        order = order.to(device, non_blocking=True) + offset
        yield from order.view(len(runs), -1, size).transpose(0, 1).contiguous()


def gather(data: GroupData, rows: Tensor) -> tuple[Tensor, Tensor]:
    """Inputs (R, B, d + 1) and targets (R, m, B) of the samples that `rows` (R, B) names."""
    x, y = data.inputs["train"].flatten(0, 1), data.targets["train"].flatten(0, 1)
    return apart(x[rows]), y[rows].transpose(1, 2)


def batches(runs: Sequence[Run], data: GroupData) -> Iterator[tuple[Tensor, Tensor]]:
    """Endlessly, the inputs and targets of a step, as `rows_by_step` and `gather` have them."""
    for rows in rows_by_step(runs, data):
        yield gather(data, rows)
