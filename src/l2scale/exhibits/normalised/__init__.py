"""Layers that are normalised: decay sets the angle of a step, and no penalty."""

from l2scale.exhibits.normalised import rules
from l2scale.exhibits.normalised.figures import (
    angle_of_a_step,
    best_lambda_normalised,
    carried_normalised,
    decay_late,
    rate_times_strength,
)
from l2scale.exhibits.normalised.late import observations
from l2scale.exhibits.normalised.sweeps import sweeps

__all__ = [
    "angle_of_a_step",
    "best_lambda_normalised",
    "carried_normalised",
    "decay_late",
    "observations",
    "rate_times_strength",
    "rules",
    "sweeps",
]
