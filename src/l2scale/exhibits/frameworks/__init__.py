"""What lambda means in a framework: in the objective or on the weights, and seen by what."""

from l2scale.exhibits.frameworks.chosen_by_cost import chosen_by_cost
from l2scale.exhibits.frameworks.in_loss_or_on_weights import in_loss_or_on_weights
from l2scale.exhibits.frameworks.observed import observations
from l2scale.exhibits.frameworks.quoted import numbers
from l2scale.exhibits.frameworks.same_number import over_two_m, same_number, usual_values
from l2scale.exhibits.frameworks.sweeps import sweeps
from l2scale.exhibits.frameworks.unused_by_optimiser import unused_by_optimiser
from l2scale.exhibits.frameworks.verdicts import compare, factor, value
from l2scale.exhibits.frameworks.watched_cost import watched_cost

__all__ = [
    "chosen_by_cost",
    "compare",
    "factor",
    "in_loss_or_on_weights",
    "numbers",
    "observations",
    "over_two_m",
    "same_number",
    "sweeps",
    "unused_by_optimiser",
    "usual_values",
    "value",
    "watched_cost",
]
