"""The fan-based scale 1/(n_in + n_out): who starts there, and which training ends there."""

from l2scale.exhibits.fan_scale import rules
from l2scale.exhibits.fan_scale.figures import (
    fan_value_by_layer,
    library_scales,
    signal_by_layer,
    trained_mean_squares,
    what_is_left,
)
from l2scale.exhibits.fan_scale.sweeps import observations, sweeps

__all__ = [
    "fan_value_by_layer",
    "library_scales",
    "observations",
    "rules",
    "signal_by_layer",
    "sweeps",
    "trained_mean_squares",
    "what_is_left",
]
