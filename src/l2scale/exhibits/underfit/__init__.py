"""Why does the larger network underfit? Width, steps and optimisers are tried, and depth."""

from l2scale.exhibits.underfit import rules
from l2scale.exhibits.underfit.figures import (
    deeper_at_same_lambda,
    fit_by_start,
    larger_at_same_lambda,
    optimum_by_depth,
    what_makes_it_underfit,
)
from l2scale.exhibits.underfit.starts import observations
from l2scale.exhibits.underfit.sweeps import sweeps

__all__ = [
    "deeper_at_same_lambda",
    "fit_by_start",
    "larger_at_same_lambda",
    "observations",
    "optimum_by_depth",
    "rules",
    "sweeps",
    "what_makes_it_underfit",
]
