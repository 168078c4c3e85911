"""Which penalty keeps the best lambda: five penalties, typed once, as a network widens."""

from l2scale.catalogue.results import Result
from l2scale.exhibits import train
from l2scale.exhibits.which_penalty import verdicts
from l2scale.exhibits.which_penalty.before_after import local_numbers, local_table
from l2scale.exhibits.which_penalty.carried_over import carried_over
from l2scale.exhibits.which_penalty.cells import sums_table
from l2scale.exhibits.which_penalty.judged_alike import (
    alike_numbers,
    alike_table,
    judged_alike,
)
from l2scale.exhibits.which_penalty.keeping import (
    carried_numbers,
    start_numbers,
    start_table,
)
from l2scale.exhibits.which_penalty.local_exponents import local_exponents
from l2scale.exhibits.which_penalty.meeting import meeting_table
from l2scale.exhibits.which_penalty.meeting_numbers import meeting_numbers
from l2scale.exhibits.which_penalty.optimum_by_width import (
    optimum_by_width,
    optimum_numbers,
    optimum_table,
)
from l2scale.exhibits.which_penalty.sum_exponents import sum_exponents, sum_numbers
from l2scale.exhibits.which_penalty.sweeps import sweeps
from l2scale.exhibits.which_penalty.widths_meet import widths_meet

__all__ = [
    "carried_over",
    "judged_alike",
    "local_exponents",
    "numbers",
    "optimum_by_width",
    "run",
    "sum_exponents",
    "sweeps",
    "verdicts",
    "widths_meet",
]


def run(scale: str | None = None) -> Result:
    """Train the chapter's networks; see `l2scale.exhibits.train`."""
    return train("which_penalty", sweeps, scale)


def numbers(result: Result) -> dict[str, str]:
    """What the prose quotes."""
    return (
        carried_numbers(result)
        | start_numbers(start_table(result))
        | optimum_numbers(optimum_table(result))
        | meeting_numbers(meeting_table(result))
        | local_numbers(local_table(result))
        | sum_numbers(sums_table(result))
        | alike_numbers(alike_table(result))
    )
