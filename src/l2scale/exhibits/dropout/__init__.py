"""Dropout or a penalty: both tuned, alone and together, as a network widens."""

from l2scale.exhibits.dropout import rules
from l2scale.exhibits.dropout.figures import (
    best_rate_by_width,
    dropout_fades,
    dropout_or_penalty,
    rate_kept,
)
from l2scale.exhibits.dropout.sweeps import observations, sweeps

__all__ = [
    "best_rate_by_width",
    "dropout_fades",
    "dropout_or_penalty",
    "observations",
    "rate_kept",
    "rules",
    "sweeps",
]
