"""From which strength on zero weights are the optimum, and how training gets there."""

from l2scale.exhibits.crush import rules
from l2scale.exhibits.crush.figures import (
    crush_clock,
    deep_basin,
    deep_jump,
    threshold_by_width,
    threshold_certified,
)
from l2scale.exhibits.crush.sweeps import observations, sweeps

__all__ = [
    "crush_clock",
    "deep_basin",
    "deep_jump",
    "observations",
    "rules",
    "sweeps",
    "threshold_by_width",
    "threshold_certified",
]
