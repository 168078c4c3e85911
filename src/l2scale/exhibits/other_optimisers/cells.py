"""The networks of the chapter by what trained them: optimiser, learning-rate rule, layers."""

from dataclasses import replace

import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.exhibits.other_optimisers.sweeps import BASE, DEEP_RULES, LEFT_OUT, OPTIMISERS, scaled
from l2scale.theory.parametrisation import RULES

KEYS = ["layers", "cell", "rule"]
RULED = ("optimiser", "momentum", "layer_lr", "layer_init")
WORDS = {
    "sgd": "SGD",
    "momentum": "SGD with momentum",
    "adam": "Adam",
    "adamw": "AdamW",
    "constant": "constant",
    "inverse_width": "η ∝ 1/width",
    "maximal_update": "maximal update",
}


def labelled(result: Result) -> pd.DataFrame:
    """Every network with `layers`, `cell` (the optimiser) and `rule`.

    All rules are the same at the least width, so its networks appear once for each of them.
    """
    two = [(name, rule) for name in OPTIMISERS for rule in RULES if (name, rule) not in LEFT_OUT]
    found = [under(result["rules"].table, 2, cell, rule) for cell, rule in two]
    found += [under(result["hidden"].table, 3, "adamw", rule) for rule in DEEP_RULES]
    return pd.concat(found, ignore_index=True)


def under(table: pd.DataFrame, layers: int, cell: str, rule: str) -> pd.DataFrame:
    """The rows of one optimiser whose rates and initial weights are those of one rule."""
    table = table[table["depth"] == layers]
    widths = sorted(table["width"].unique())
    base = replace(BASE, hidden=(1,) * (layers - 1), **OPTIMISERS[cell][0])
    parts = []
    for width in widths:
        wanted = scaled(base, rule, width, widths[0]).columns
        rows = table[table["width"] == width]
        for name in RULED:
            rows = rows[rows[name] == wanted[name]]
        parts.append(rows)
    return pd.concat(parts).assign(layers=layers, cell=cell, rule=rule)


def end(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the last look."""
    return table[table["step"] == table["step"].max()]


def arm(table: pd.DataFrame, cell: str, rule: str = "constant", layers: int = 2) -> pd.DataFrame:
    """The rows of one arm."""
    keep = (table["layers"] == layers) & (table["cell"] == cell) & (table["rule"] == rule)
    return table[keep]


def arms(table: pd.DataFrame) -> list[tuple[int, str, str]]:
    """The arms of a table in its order: layers, optimiser, rule."""
    return list(table[KEYS].drop_duplicates().itertuples(index=False, name=None))


def named(layers: int, cell: str) -> str:
    """An optimiser as a reader names it; two layers are not said."""
    return WORDS[cell] + (", three layers" if layers == 3 else "")
