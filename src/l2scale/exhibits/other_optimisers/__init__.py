"""Other optimisers and learning rates: whether the best strength stays as the network widens."""

from l2scale.exhibits.other_optimisers import rules, weights
from l2scale.exhibits.other_optimisers.figures import (
    carried_by_optimiser,
    optimiser_exponents,
    optimisers_judged_alike,
    optimum_by_optimiser,
    optimum_by_rate,
)
from l2scale.exhibits.other_optimisers.sweeps import sweeps

__all__ = [
    "carried_by_optimiser",
    "optimiser_exponents",
    "optimisers_judged_alike",
    "optimum_by_optimiser",
    "optimum_by_rate",
    "rules",
    "sweeps",
    "weights",
]
