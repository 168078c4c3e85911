"""Batches and epochs: how the batch enters the penalty, and whether it moves the best lambda."""

from l2scale.exhibits.batches import rules
from l2scale.exhibits.batches.figures import best_by_batch, one_trajectory, steps_or_epochs
from l2scale.exhibits.batches.sweeps import sweeps
from l2scale.exhibits.batches.walks import observations

__all__ = [
    "best_by_batch",
    "observations",
    "one_trajectory",
    "rules",
    "steps_or_epochs",
    "sweeps",
]
