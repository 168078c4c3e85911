"""Width has a limit: the least sum of squares, and what other penalties tend to instead."""

from l2scale.exhibits.width_limit import rules
from l2scale.exhibits.width_limit.chains import chains
from l2scale.exhibits.width_limit.figures import least_cost, one_dimension, what_others_tend_to
from l2scale.exhibits.width_limit.lines import observe_lines
from l2scale.exhibits.width_limit.sweeps import sweeps
from l2scale.lab.sweeps.measurement import Measurement

__all__ = ["least_cost", "one_dimension", "rules", "sweeps", "what_others_tend_to"]


def observations(scale: str) -> tuple[Measurement, ...]:
    """What is measured by other means."""
    return chains(scale), observe_lines(scale)
