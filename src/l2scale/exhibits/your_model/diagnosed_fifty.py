"""The network of the first chapter, diagnosed at a cost of fifty and after some steps."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import percent, plain
from l2scale.exhibits.your_model.sweeps import FIFTY
from l2scale.exhibits.your_model.tables import at, fifty_rows

MODEL = "fully connected"


def total(table: pd.DataFrame, column: str, look: str = "start") -> float:
    """A number of the whole network."""
    return float(at(table, MODEL, look)[f"all_{column}"].iloc[0])


def largest(table: pd.DataFrame, look: str = "start") -> pd.Series:
    """The layer of most value."""
    rows = at(table, MODEL, look)
    return rows.loc[rows["value_share"].idxmax()]


def layer(table: pd.DataFrame, name: str) -> int:
    """Number of a layer, from 1."""
    return list(at(table, MODEL, "start")["name"]).index(name) + 1


def title(table: pd.DataFrame) -> str:
    """Value and force of the whole network."""
    return (
        f"A cost of {total(table, 'cost'):.0f} is the start’s: the penalty has "
        f"{total(table, 'value_over_expected'):.3f} times the expected value, and pulls "
        f"{total(table, 'force_ratio'):.1f} times as hard as the data"
    )


@figure(
    id="diagnosed-fifty",
    source="fifty",
    penalties=("sum",),
    data=fifty_rows,
    title=title,
    claim=lambda t: (
        f"Three layers with {at(t, MODEL, 'start')['n_weights'].sum():,} weights at "
        f"λ = {FIFTY.lam:g}, before training and after {t['step'].max()} steps of SGD. Left: "
        f"share of each layer in the value; layer {layer(t, largest(t)['name'])} has "
        f"{percent(largest(t)['value_share'])} before training. Right: force of the penalty over "
        "force of the data; dashed, where they are equal. Over all weights the ratio goes from "
        f"{plain(total(t, 'force_ratio'))} to {plain(total(t, 'force_ratio', 'end'))}."
    ),
    alt=lambda t: (
        "Two panels with a row for each of three layers, at the start and after some steps. Left, "
        f"bars: layer {layer(t, largest(t)['name'])} has nearly all of the value. Right, points on "
        "a logarithmic axis: ratios of forces from "
        f"{plain(t['force_ratio'].min())} to {plain(t['force_ratio'].max())}."
    ),
)
def diagnosed_fifty(table: pd.DataFrame) -> Figure:
    """Share of the value and ratio of forces, layer by layer."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(style.WIDTH, 2.7), sharey=True)
    shades = dict(zip(("start", "end"), style.shades(2), strict=True))
    words = {"start": "before training", "end": f"after {table['step'].max()} steps"}
    for shift, look in ((-0.17, "start"), (0.17, "end")):
        rows = at(table, MODEL, look)
        places = np.arange(len(rows)) + shift
        left.barh(places, rows["value_share"], height=0.3, color=shades[look], label=words[look])
        right.scatter(rows["force_ratio"], places, s=36, zorder=3, color=shades[look])
    names = [f"layer {i + 1}" for i in range(len(rows))]
    left.set_yticks(range(len(rows)), names)
    left.set_ylim(len(rows) - 0.5, -0.5)
    left.set(title="Share of the value", xlim=(0, 1.02))
    left.legend(loc="lower right")
    right.axvline(1.0, linestyle=(0, (4, 2)), linewidth=1.2, color=style.colour("ink"))
    right.set(title="Force of penalty over data", xscale="log", xlim=(0.03, 30))
    for ax in (left, right):
        ax.grid(axis="y", visible=False)
        ax.tick_params(axis="y", length=0)
    return fig
