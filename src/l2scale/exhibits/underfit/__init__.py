"""Why does the larger network underfit? Width, steps and optimisers are tried, and depth."""

from l2scale.exhibits.underfit.causes import what_makes_it_underfit
from l2scale.exhibits.underfit.deeper import deeper_at_same_lambda
from l2scale.exhibits.underfit.gradual import fit_by_start, observations
from l2scale.exhibits.underfit.larger import larger_at_same_lambda
from l2scale.exhibits.underfit.optimum import optimum_by_depth
from l2scale.exhibits.underfit.quoted import numbers
from l2scale.exhibits.underfit.sweeps import sweeps
from l2scale.exhibits.underfit.verdict import larger_underfits

__all__ = [
    "deeper_at_same_lambda",
    "fit_by_start",
    "larger_at_same_lambda",
    "larger_underfits",
    "numbers",
    "observations",
    "optimum_by_depth",
    "sweeps",
    "what_makes_it_underfit",
]
