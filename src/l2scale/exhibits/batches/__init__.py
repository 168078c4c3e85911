"""Batches and epochs: how the batch enters the penalty, and whether it moves the best lambda."""

from l2scale.exhibits.batches.best_by_batch import best_by_batch
from l2scale.exhibits.batches.one_trajectory import one_trajectory
from l2scale.exhibits.batches.quoted import numbers
from l2scale.exhibits.batches.steps_or_epochs import steps_or_epochs
from l2scale.exhibits.batches.sweeps import sweeps
from l2scale.exhibits.batches.verdicts import batches_of_an_epoch, bengio, which_samples
from l2scale.exhibits.batches.walks import observations

__all__ = [
    "batches_of_an_epoch",
    "bengio",
    "best_by_batch",
    "numbers",
    "observations",
    "one_trajectory",
    "steps_or_epochs",
    "sweeps",
    "which_samples",
]
