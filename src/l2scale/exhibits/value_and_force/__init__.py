"""The gradient argument for sum against mean: what a penalty's value and its force know of size."""

from l2scale.exhibits.value_and_force import rules
from l2scale.exhibits.value_and_force.figures import (
    big_layer,
    samples_and_weights,
    sum_is_mean,
    unused_weight,
    value_and_force,
)
from l2scale.exhibits.value_and_force.sweeps import sweeps

__all__ = [
    "big_layer",
    "rules",
    "samples_and_weights",
    "sum_is_mean",
    "sweeps",
    "unused_weight",
    "value_and_force",
]
