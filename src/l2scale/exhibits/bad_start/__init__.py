"""Decay from a bad start: sigmoid units from N(0, 1) weights."""

from l2scale.exhibits.bad_start import rules
from l2scale.exhibits.bad_start.figures import (
    decay_by_epoch,
    forces_at_start,
    forces_meet,
    preactivation_kurtosis_by_width,
    published_starts,
    share_of_decay,
    weights_at_the_end,
)
from l2scale.exhibits.bad_start.observed import observations
from l2scale.exhibits.bad_start.sweeps import sweeps

__all__ = [
    "decay_by_epoch",
    "forces_at_start",
    "forces_meet",
    "observations",
    "preactivation_kurtosis_by_width",
    "published_starts",
    "rules",
    "share_of_decay",
    "sweeps",
    "weights_at_the_end",
]
