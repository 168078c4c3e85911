"""Width has a limit: the least sum of squares, and what other penalties tend to instead."""

from l2scale.catalogue.results import Result
from l2scale.exhibits.width_limit.chains import chains
from l2scale.exhibits.width_limit.least_cost import least_cost, least_numbers, least_table
from l2scale.exhibits.width_limit.lines import lines
from l2scale.exhibits.width_limit.one_dimension import line_numbers, line_table, one_dimension
from l2scale.exhibits.width_limit.sweeps import sweeps
from l2scale.exhibits.width_limit.what_others import (
    others_numbers,
    others_table,
    what_others_tend_to,
)
from l2scale.lab.sweeps import Measurement

__all__ = ["least_cost", "numbers", "one_dimension", "sweeps", "what_others_tend_to"]


def observations(scale: str) -> tuple[Measurement, ...]:
    """What is measured by other means."""
    return chains(scale), lines(scale)


def numbers(result: Result) -> dict[str, str]:
    """What the prose quotes."""
    return (
        least_numbers(least_table(result))
        | line_numbers(line_table(result))
        | others_numbers(others_table(result))
    )
