"""Layer coefficients of an L2 penalty: one geometric mean regularises, and layers balance."""

from l2scale.exhibits.one_lambda import rules
from l2scale.exhibits.one_lambda.figures import (
    balance_by_layer,
    every_point,
    imbalance_clock,
    matched_minima,
    tuned_penalties,
    what_breaks_balance,
)
from l2scale.exhibits.one_lambda.observations import observations
from l2scale.exhibits.one_lambda.sweeps import sweeps

__all__ = [
    "balance_by_layer",
    "every_point",
    "imbalance_clock",
    "matched_minima",
    "observations",
    "rules",
    "sweeps",
    "tuned_penalties",
    "what_breaks_balance",
]
