"""Which penalty keeps the best lambda: five penalties, typed once, as a network widens."""

from l2scale.exhibits.which_penalty import rules
from l2scale.exhibits.which_penalty.figures import (
    carried_over,
    judged_alike,
    optimum_by_width,
    sum_exponents,
    sum_or_mean,
)
from l2scale.exhibits.which_penalty.meeting_figures import local_exponents, widths_meet
from l2scale.exhibits.which_penalty.sweeps import sweeps

__all__ = [
    "carried_over",
    "judged_alike",
    "local_exponents",
    "optimum_by_width",
    "rules",
    "sum_exponents",
    "sum_or_mean",
    "sweeps",
    "widths_meet",
]
