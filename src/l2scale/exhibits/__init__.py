"""One module per chapter: it declares the sweeps, estimates from them and draws.

An exhibit has `sweeps(scale)`, which declares what is trained, and where it measures by other means
`observations(scale)`; tables decorated with `@table`, draw functions with `@figure` and verdicts
with `@settles`. `run` trains what it declares, `retrain` trains it on a reader's own values.
"""

from collections.abc import Iterable
from dataclasses import replace
from importlib import import_module
from types import ModuleType
from typing import Any

from l2scale.catalogue.results import Result, slug_of
from l2scale.lab.machine import one_thread
from l2scale.lab.sweeps import scale as scales
from l2scale.lab.sweeps.sweep import measure
from l2scale.lab.training.runs import checked

EXHIBITS = (
    "cost_of_fifty",
    "value_and_force",
    "one_lambda",
    "fan_scale",
    "width_limit",
    "crush",
    "which_penalty",
    "other_optimisers",
    "normalised",
    "wider_adamw",
    "wider_muon",
    "underfit",
    "bad_start",
    "samples",
    "early_stopping",
    "batches",
    "dropout",
    "atlas",
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


# Beside training there are small products alone, in which several threads wait for each other.
@one_thread()
def run(exhibit: ModuleType, scale: str | None = None) -> Result:
    """Measure what an exhibit declares at a scale.

    `l2scale.lab.sweeps.scale.resolve` has the default.

    Raises:
        ValueError: for an unknown scale.
        SweepError: if a group of networks failed; it carries the table of the others.
    """
    scale = scales.resolve(scale)
    observe = getattr(exhibit, "observations", lambda scale: ())
    found = (*(measure(sweep) for sweep in exhibit.sweeps(scale)), *observe(scale))
    slug = slug_of(exhibit.__name__)
    return Result(slug, scale, {measurement.name: measurement for measurement in found})


@one_thread()
def retrain(exhibit: ModuleType, result: Result, *names: str, **axes: Iterable[Any]) -> Result:
    """The result with some of its sweeps trained again, on values of your own.

        mine = retrain(exhibit, result, "kept", lam=[0.0003, 0.001, 0.003])
        show(exhibit.steps_or_epochs, mine)

    Args:
        exhibit: whose result it is; `exhibit.sweeps(result.scale)` lists its sweeps.
        result: what was measured; all but the sweeps named stays as it is.
        names: of the sweeps to train again.
        axes: values by setting, see `l2scale.lab.training.runs.Run`. In each run of those sweeps
            they replace its own, in every combination.

    Raises:
        ValueError: the result is another exhibit's, no sweep or an unknown one is named, no value
            is given, or a value is none that a run can have.
    """
    sweeps = {sweep.name: sweep for sweep in exhibit.sweeps(result.scale)}
    slug = slug_of(exhibit.__name__)
    if result.slug != slug:
        raise ValueError(f"the result is of {result.slug!r}, the exhibit is {slug!r}")
    unknown = sorted(set(names) - set(sweeps))
    if unknown or not names:
        asked = (
            f"no sweep {unknown[0]!r} in {slug}" if unknown else "name the sweeps to train again"
        )
        raise ValueError(f"{asked}: there are {', '.join(sweeps)}")
    if not axes:
        raise ValueError("give values to train with, such as lam=[0.001, 0.01]")
    values = checked(axes)
    again = {name: measure(sweeps[name].over(**values)) for name in names}
    return replace(
        result,
        measurements={**result.measurements, **again},
        own={**result.own, **dict.fromkeys(names, values)},
    )
