"""A network of 35 million weights whose cost starts near 50: what the 50 is and what it does."""

from l2scale.exhibits.cost_of_fifty import rules
from l2scale.exhibits.cost_of_fifty.figures import (
    cost_and_optimum,
    cost_at_start,
    cost_by_layer,
    cost_falls,
    value_over_time,
)
from l2scale.exhibits.cost_of_fifty.sweeps import sweeps

__all__ = [
    "cost_and_optimum",
    "cost_at_start",
    "cost_by_layer",
    "cost_falls",
    "rules",
    "sweeps",
    "value_over_time",
]
