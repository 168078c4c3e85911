"""Which penalties end at 1/(fan_in + fan_out) up to a factor, and which forgot the start."""

import pandas as pd

from l2scale.catalogue.numerals import listing
from l2scale.exhibits.fan_scale.mean_squares import FUNNEL, ONE, final, memory, spread
from l2scale.exhibits.fan_scale.sweeps import PENALISED, SHAPES
from l2scale.lab.estimates import Interval

PLAIN = {"none": "no penalty", "tensor_mean": "the per-tensor mean", "fan": "the fan penalty"}


def on_scale(table: pd.DataFrame, hidden: str = FUNNEL) -> tuple[str, ...]:
    """Penalties under which a shape's scaled mean squares end as about one number: all starts."""
    return tuple(
        name
        for name in PENALISED
        if all(found.high < ONE for found in by_start(table, name, hidden).values())
    )


def by_start(table: pd.DataFrame, penalised: str, hidden: str = FUNNEL) -> dict[float, Interval]:
    """Largest over least layer after the long training, by initial scale."""
    scales = sorted(table["init_scale"].unique())
    return {s: spread(table, penalised, final(table), hidden, init_scale=s) for s in scales}


def holds_for(table: pd.DataFrame) -> tuple[str, ...]:
    """Penalties under which the scaled mean squares end as about one number, in every shape."""
    found = [on_scale(table, hidden) for hidden in table["hidden"].unique()]
    return tuple(name for name in PENALISED if all(name in names for names in found))


def forgotten(table: pd.DataFrame) -> tuple[str, ...]:
    """Penalties under which every layer of the funnel has forgotten its start in the end."""
    return tuple(name for name in PENALISED if memory(table, name, final(table)).high < ONE)


def listed(names: tuple[str, ...]) -> str:
    """Penalties in words: "the sum, the fan penalty and the prior", or "none"."""
    return listing([PLAIN.get(name, f"the {name}") for name in names]) or "none"


def shapes_below(table: pd.DataFrame) -> str:
    """In words, in which shapes which penalties end on the scale."""
    found: dict[tuple[str, ...], list[str]] = {}
    for shape, units in SHAPES.items():
        hidden = "-".join(map(str, units))
        if (table["hidden"] == hidden).any():
            found.setdefault(on_scale(table, hidden), []).append(f"the {shape}")
    return "; ".join(f"in {listing(s)} under {listed(names)}" for names, s in found.items())
