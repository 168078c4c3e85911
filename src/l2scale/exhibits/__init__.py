"""One module per chapter: it declares the sweeps, estimates from them and draws.

An exhibit has `run(scale=None) -> Result`, `numbers(result) -> dict[str, str]` for the prose, draw
functions decorated with `@figure` and verdicts decorated with `@settles`.
"""

from collections.abc import Callable
from importlib import import_module
from types import ModuleType

from l2scale.catalogue.results import Result
from l2scale.lab import scale as scales
from l2scale.lab.sweeps import Measurement, Sweep, measure

EXHIBITS = (
    "cost_of_fifty",
    "value_and_force",
    "fan_scale",
    "one_lambda",
    "width_limit",
    "crush",
    "which_penalty",
    "other_optimisers",
    "underfit",
    "bad_start",
    "samples",
    "batches",
    "frameworks",
    "your_model",
)


def load(slug: str) -> ModuleType:
    """Import an exhibit, which registers its figures and verdicts.

    Raises:
        ValueError: for a slug that is no exhibit.
    """
    if slug not in EXHIBITS:
        raise ValueError(f"unknown exhibit {slug!r}: choose one of {', '.join(EXHIBITS)}")
    return import_module(f"{__name__}.{slug}")


def train(
    slug: str,
    sweeps: Callable[[str], tuple[Sweep, ...]],
    scale: str | None,
    observations: Callable[[str], tuple[Measurement, ...]] = lambda scale: (),
) -> Result:
    """Train what an exhibit declares at a scale; see `l2scale.lab.scale.resolve` for the default.

    `observations` makes what the exhibit measures by other means, see `l2scale.lab.sweeps.observe`.

    Raises:
        ValueError: for an unknown scale.
        SweepError: if a group of networks failed; it carries the table of the others.
    """
    scale = scales.resolve(scale)
    found = (*(measure(sweep) for sweep in sweeps(scale)), *observations(scale))
    return Result(slug, scale, {measurement.name: measurement for measurement in found})
