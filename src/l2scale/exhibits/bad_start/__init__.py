"""Decay from a bad start: sigmoid units from N(0, 1) weights."""

from l2scale.exhibits.bad_start.by_epoch import an_epoch_is_an_exponential, decay_by_epoch
from l2scale.exhibits.bad_start.ends import (
    weights_at_the_end,
    weights_end_at_one_over_their_number,
)
from l2scale.exhibits.bad_start.kurtosis import (
    preactivation_kurtosis_by_width,
    products_break_the_argument,
)
from l2scale.exhibits.bad_start.meet import forces_meet
from l2scale.exhibits.bad_start.observed import observations
from l2scale.exhibits.bad_start.published import published_starts
from l2scale.exhibits.bad_start.quoted import numbers
from l2scale.exhibits.bad_start.share import first_epochs_are_decay, share_of_decay
from l2scale.exhibits.bad_start.start_forces import forces_at_start
from l2scale.exhibits.bad_start.sweeps import sweeps
from l2scale.exhibits.bad_start.verdicts import decay_imitates_the_small_start, decay_vanishes

__all__ = [
    "an_epoch_is_an_exponential",
    "decay_by_epoch",
    "decay_imitates_the_small_start",
    "decay_vanishes",
    "first_epochs_are_decay",
    "forces_at_start",
    "forces_meet",
    "numbers",
    "observations",
    "preactivation_kurtosis_by_width",
    "products_break_the_argument",
    "published_starts",
    "share_of_decay",
    "sweeps",
    "weights_at_the_end",
    "weights_end_at_one_over_their_number",
]
