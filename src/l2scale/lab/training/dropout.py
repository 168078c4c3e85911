"""Inverted dropout of R networks at once: for each step, which hidden units are left out.

A network's key, drawn from its own seed, and a counter of steps, samples and units say it: see
`l2scale.lab.kernels.dropout`, which the compiled trainer takes instead. Integers decide, so that
both, and any device, drop the same units.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from l2scale.lab.kernels.constants import DIGITS, SHIFTS, SPLITMIX
from l2scale.lab.training.networks import generator
from l2scale.lab.training.runs import Run


def rates(runs: Sequence[Run]) -> np.ndarray:
    """Each run's rate, (R,)."""
    return np.array([run.dropout for run in runs], np.float64)


def keys(runs: Sequence[Run]) -> np.ndarray:
    """A key for each run and hidden layer, (R, L - 1), uint64: equal for equal seeds."""
    layers = len(runs[0].hidden)
    drawn = [np.zeros((0, layers), np.int64)]
    for run in runs:
        rng = generator(run.seed, stream=4)
        drawn.append(torch.randint(2**62, (1, layers), generator=rng).numpy())
    return np.concatenate(drawn).astype(np.uint64)


class Dropout:
    """The factors by which a step multiplies hidden units; none where no run drops any.

    Attributes:
        taken: how many steps were taken before: a tensor, so that a captured step counts on.
    """

    def __init__(self, runs: Sequence[Run], batch: int, like: Tensor) -> None:
        """Of runs of one shape and batches of B samples, on the device and of the dtype of `like`.

        Args:
            runs: R networks.
            batch: samples B a step.
            like: any tensor.
        """
        self.taken = torch.zeros((), dtype=torch.int64, device=like.device)
        self._rates = rates(runs)
        self._like = like
        self._keys = torch.from_numpy(keys(runs).astype(np.int64)).to(like.device)
        places = torch.arange(batch, device=like.device)
        self._places = [  # (n, B)
            places * width + torch.arange(width, device=like.device)[:, None] + 1
            for width in (runs[0].hidden if self._rates.any() else ())
        ]
        limits = [math.ceil(rate * 2**DIGITS) for rate in self._rates.tolist()]
        self._limits = torch.tensor(limits, device=like.device)[:, None, None]
        self._scales = like.new_tensor(1 / (1 - self._rates))[:, None, None]

    def factors(self) -> list[Tensor]:
        """For each hidden layer (R, n, B): 0 for a unit that is dropped, else 1/(1 - rate)."""
        return [self._of(layer) for layer in range(len(self._places))]

    def _of(self, layer: int) -> Tensor:
        places = self._places[layer]
        # Products wrap around, as those of the kernel's unsigned words do.
        golden, first, second = (factor - 2**64 for factor in SPLITMIX)
        word = (places + self.taken * places.numel()) * golden + self._keys[:, layer, None, None]
        for shift, factor in zip(SHIFTS[:2], (first, second), strict=True):
            word = (word ^ _shifted(word, shift)) * factor
        number = _shifted(word ^ _shifted(word, SHIFTS[2]), 64 - DIGITS)
        stays: Tensor = number >= self._limits
        return stays.to(self._like.dtype).mul_(self._scales)


def _shifted(word: Tensor, by: int) -> Tensor:
    """The word moved to the right as if it had no sign."""
    found: Tensor = (word >> by) & (2 ** (64 - by) - 1)
    return found
