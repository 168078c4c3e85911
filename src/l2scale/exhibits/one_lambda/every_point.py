"""E of rescaled networks at random points, against the plain sum with one strength."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import plain
from l2scale.catalogue.results import Result
from l2scale.exhibits.drawing import note
from l2scale.exhibits.one_lambda.observations import HOMOGENEOUS

ROUNDING = 2.0**-53  # half of the spacing of 64-bit numbers at 1


def points_table(result: Result) -> pd.DataFrame:
    """The relative gap between the two costs, by network and draw."""
    table = result["points"].table
    gap = (table["other"] - table["sum"]).abs() / table["sum"]
    return table.assign(gap=gap, homogeneous=table["network"].isin(HOMOGENEOUS))


def worst(table: pd.DataFrame) -> float:
    """The largest gap of a homogeneous network."""
    return float(table.loc[table["homogeneous"], "gap"].max())


def typical_breach(table: pd.DataFrame) -> float:
    """The least median gap of those that are not."""
    return float(table[~table["homogeneous"]].groupby("network")["gap"].median().min())


def holds(table: pd.DataFrame) -> bool:
    """Whether the gap is rounding exactly where theory says so."""
    return worst(table) < 1e-12 and typical_breach(table) > 1e-4


@figure(
    id="every-point",
    source="points",
    penalties=("sum",),
    data=points_table,
    title=lambda t: (
        "At every point, layer coefficients are the plain sum in other coordinates"
        if holds(t)
        else "Layer coefficients against the plain sum in other coordinates"
    ),
    claim=lambda t: (
        f"At {t['seed'].nunique()} random points, with coefficients between "
        f"{plain(t['least_c'].min())} and {plain(t['largest_c'].max())}: the relative difference "
        "between E with these coefficients, at the rescaled weights, and E with the plain sum at "
        "λ times their geometric mean, at the weights themselves. Layers that are positively "
        f"homogeneous, with free biases: at most {plain(worst(t))}, which is rounding in 64 bits. "
        "The others: a network or a penalty that is not homogeneous."
    ),
    alt=lambda t: (
        "Strip plot on a logarithmic axis of the relative difference. Four kinds of network, "
        "linear, ReLU, leaky ReLU and kernels with max-pooling, lie around the rounding of 64-bit "
        "numbers. Tanh, layer normalisation and penalised biases lie more than ten decades to the "
        f"right, between {plain(t.loc[~t['homogeneous'], 'gap'].min())} and "
        f"{plain(t.loc[~t['homogeneous'], 'gap'].max())}."
    ),
)
def every_point(table: pd.DataFrame) -> Figure:
    """Relative gap at random points by kind of network, on a log axis."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.5))
    names = list(table["network"].unique())
    for place, name in enumerate(names):
        rows = table[table["network"] == name]
        spread = 0.5 * (np.arange(len(rows)) / max(len(rows) - 1, 1) - 0.5)
        colour = style.colour("sum" if rows["homogeneous"].all() else "mean")
        # A gap of exactly 0 is drawn at half a unit of the last place.
        gap = rows["gap"].clip(lower=ROUNDING / 2)
        ax.plot(gap, place + spread, "o", color=colour, markersize=3.5, alpha=0.7)
    ax.axvline(ROUNDING, color=style.colour("muted"), linestyle=":", linewidth=1.2)
    note(ax, ROUNDING * 8, len(names) - 1.55, "half of the last bit", va="center")
    ax.set(xscale="log", xlabel="relative difference of the two costs (0 is drawn at the left end)")
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.grid(axis="y", visible=False)
    return fig
