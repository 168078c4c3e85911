"""What lambda means in a framework: in the objective or on the weights, and seen by what."""

from l2scale.exhibits.frameworks import rules
from l2scale.exhibits.frameworks.figures import (
    in_loss_or_on_weights,
    same_number,
    unused_by_optimiser,
)
from l2scale.exhibits.frameworks.observed import observations
from l2scale.exhibits.frameworks.sweeps import sweeps
from l2scale.exhibits.frameworks.watching_figures import chosen_by_cost, watched_cost

__all__ = [
    "chosen_by_cost",
    "in_loss_or_on_weights",
    "observations",
    "rules",
    "same_number",
    "sweeps",
    "unused_by_optimiser",
    "watched_cost",
]
