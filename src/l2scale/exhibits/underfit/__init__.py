"""Why does the larger network underfit? Width, steps and optimisers are tried, and depth."""

from l2scale.catalogue.results import Result
from l2scale.exhibits import train
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
    "optimum_by_depth",
    "run",
    "sweeps",
    "what_makes_it_underfit",
]


def run(scale: str | None = None) -> Result:
    """Train the chapter's networks; see `l2scale.exhibits.train`."""
    return train("underfit", sweeps, scale, observations)
