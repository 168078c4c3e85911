"""What the theory says of one training set: the prediction that its networks are held against."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from l2scale.lab.data.datasets import Split, load
from l2scale.theory.collapse import Path, path
from l2scale.theory.response import ceiling, floor, linear, slopes, with_biases
from l2scale.theory.threshold import maxima, threshold

RESTARTS = 32


@dataclass(frozen=True)
class Limit:
    """Predictions for one training set.

    Attributes:
        threshold: M/2 without biases, as the ascents found it.
        path: one unit a layer, through the unit of the largest response.
        floor: a certain lower bound on M.
        ceiling: a certain upper bound on M, and on M_L at any depth.
        loss_at_zero: mean loss at outputs 0.
        binary: whether the loss is binary cross-entropy.
    """

    threshold: float
    path: Path
    floor: float
    ceiling: float
    loss_at_zero: float
    binary: bool


@lru_cache(maxsize=256)
def limit_of(data: str, n_train: int | None, seed: int) -> Limit:
    """Compute the predictions for the training part of one of `l2scale.lab.data.datasets`."""
    split = load(data, seed=seed, n_train=n_train)
    g = slopes(split.y_train, split.task)
    units, found = maxima(split.x_train, g, restarts=RESTARTS)
    best = int(found.argmax())
    return Limit(
        threshold=float(found[best]) / 2,
        path=path(split.x_train, g, units[best], split.task),
        floor=floor(split.x_train, g),
        ceiling=ceiling(split.x_train, g),
        loss_at_zero=loss_at_zero(split),
        binary=split.task == "binary",
    )


@lru_cache(maxsize=256)
def biased_threshold(data: str, n_train: int | None, seed: int) -> float:
    """The threshold with free biases, as the ascents find it."""
    split = load(data, seed=seed, n_train=n_train)
    return threshold(split.x_train, split.y_train, split.task, biases=True, restarts=RESTARTS)


def linear_threshold(data: str, seed: int) -> float:
    """The part of `biased_threshold` that is certain: where linear units with biases leave zero."""
    split = load(data, seed=seed)
    _, g = with_biases(split.x_train, slopes(split.y_train, split.task))
    return linear(split.x_train, g) / 2


def loss_at_zero(split: Split) -> float:
    """Mean training loss where every output is 0."""
    if split.task == "regression":
        return float(np.square(split.y_train).sum(axis=1).mean())
    return float(np.log(max(split.n_classes, 2)))
