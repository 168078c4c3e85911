"""Early stopping: whether it replaces the penalty, and whether it can choose lambda."""

from l2scale.exhibits.early_stopping import rules
from l2scale.exhibits.early_stopping.figures import (
    best_lambda_under_stopping,
    held_out_cut,
    stopped_and_ridge,
    what_a_search_costs,
)
from l2scale.exhibits.early_stopping.linear import observations
from l2scale.exhibits.early_stopping.sweeps import sweeps

__all__ = [
    "best_lambda_under_stopping",
    "held_out_cut",
    "observations",
    "rules",
    "stopped_and_ridge",
    "sweeps",
    "what_a_search_costs",
]
