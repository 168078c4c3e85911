"""A small exhibit: a figure, a result, and the module that a chapter would import."""

from collections.abc import Mapping
from types import ModuleType

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from l2scale.catalogue.figures import FIGURES, figure
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import Table, table
from l2scale.catalogue.verdicts import settles
from l2scale.lab.sweeps.measurement import Measurement
from l2scale.looks import style

SLUG = "small"
TEXTS = """
[small-figure]
title = "The sum grows with the width, and a long title is broken into lines that fit the figure"
claim = "At width 512 the sum is {ends[penalty=sum]:.3g}."
alt = "Two lines on logarithmic axes; one rises."

[fails]
title = "T"
claim = "C"
alt = "A"

[C38]
CONDITIONAL = '''
Only
  for the sum.'''
numbers = { slope = "slopes.slope", of = "slopes.of" }
"""


@pytest.fixture(autouse=True)
def _registries(empty_registries):
    """For every test here."""


def make_table() -> pd.DataFrame:
    generator = np.random.default_rng(0)
    rows = [
        {"run": 20 * i + seed, "penalty": penalty, "width": width, "seed": seed}
        for i, (penalty, width) in enumerate((p, w) for p in ("sum", "mean") for w in (8, 64, 512))
        for seed in range(4)
    ]
    table = pd.DataFrame(rows)
    grows = np.where(table["penalty"] == "sum", table["width"], 1)
    table["value"] = grows * generator.lognormal(sigma=0.2, size=len(table)) / 3
    table["hidden"] = [(width, width) for width in table["width"]]
    return table


def draw_small(table: pd.DataFrame) -> Figure:
    """Value against width."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3))
    for penalty, rows in table.groupby("penalty"):
        means = rows.groupby("width")["value"].mean()
        ax.plot(means.index, means, marker=style.marker(penalty), color=style.colour(penalty))
    ax.set(xscale="log", yscale="log", xlabel="width", ylabel="value")
    return fig


# As if it stood in l2scale/exhibits/small.py.
draw_small.__module__ = f"l2scale.exhibits.{SLUG}"


def ends(result: Result) -> pd.DataFrame:
    """The largest value of each penalty."""
    return result["widths"].table.groupby("penalty", as_index=False)["value"].max()


def slopes(result: Result) -> pd.DataFrame:
    """The sum's."""
    return pd.DataFrame({"of": ["width"], "slope": [1.0]})


def settle_small(tables: Mapping[str, Table]) -> str:
    """Half of it."""
    return "CONDITIONAL"


for function in (ends, slopes, settle_small):
    function.__module__ = draw_small.__module__


@pytest.fixture
def result() -> Result:
    table = make_table()
    configuration = {"lam": [1e-4, 1e-3], "hidden": (8, 8), "lr": np.float64(0.1), "bias": True}
    widths = Measurement("widths", table, 24, 3.25, "cpu (some, 2 cores)", configuration)
    return Result(SLUG, "smoke", {"widths": widths})


@pytest.fixture
def spec(write_texts):
    write_texts(SLUG, TEXTS)
    table(source="widths", main="value")(ends)
    table(source="widths", main="slope")(slopes)
    figure(id="small-figure", source="widths")(draw_small)
    return FIGURES["small-figure"]


@pytest.fixture
def exhibit(spec, result) -> ModuleType:
    settles("C38", figure="small-figure")(settle_small)
    module = ModuleType(draw_small.__module__)
    module.draw_small = draw_small
    module.run = lambda scale=None: result
    return module
