"""What it costs to tune lambda on a narrow network and to carry it to a wide one, drawn."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.exhibits.other_optimisers.carrying import CARRIED, carried_table, charged, readings
from l2scale.exhibits.other_optimisers.cells import METRICS, Arm, one

LINTHRESH = 0.1  # up to this excess the axis is linear, beyond it logarithmic
SAID = {"hold": "λ held", "root": "λ multiplied"}
MARKERS = {"hold": "o", "root": "s"}


def title(table: pd.DataFrame) -> str:
    """What the two readings cost AdamW by error, with and without wrong labels."""
    wrong, clean = Arm("adamw"), Arm("adamw", labels="clean")
    cost = {
        (arm, reading): charged(one(table, arm, metric="error", reading=reading))
        for arm in (wrong, clean)
        for reading in readings(arm)
    }
    factor = one(table, wrong)["factor"]
    return (
        f"AdamW, two layers, {factor:.0f} times as wide, by error: λ held costs "
        f"{cost[wrong, 'hold']} with wrong labels and {cost[clean, 'hold']} without; λ√m costs "
        f"{cost[wrong, 'root']} and {cost[clean, 'root']}"
    )


def alt(table: pd.DataFrame) -> str:
    """Every excess."""
    words = [
        f"{arm.words}, {metric}: "
        + ", ".join(
            f"{SAID[reading]} {charged(one(table, arm, metric=metric, reading=reading))}"
            for reading in readings(arm)
        )
        for arm in CARRIED
        for metric in METRICS
    ]
    return f"Two panels of points with intervals, beside a line at 0. {'; '.join(words)}."


def factors(table: pd.DataFrame) -> str:
    """By which factors the width grows."""
    return ", with three layers ".join(
        f"{table.loc[table['layers'] == layers, 'factor'].iloc[0]:.0f}" for layers in (2, 3)
    )


@figure(
    id="carried-by-optimiser",
    source=("rules", "hidden", "clean"),
    data=carried_table,
    title=title,
    claim=lambda t: (
        f"λ tuned at the least width and carried to one m = {factors(t)} times as large, at a "
        "constant rate: excess on test data over λ tuned there, as a share of what that reaches, "
        "paired over seeds, with 95% intervals that take both λ as given. A point at 0 without an "
        "interval is the same λ, so the two agree within a step of the grid. These networks gave "
        f"the powers too. Axes are linear to {LINTHRESH:.0%} and logarithmic beyond."
    ),
    alt=alt,
)
def carried_by_optimiser(table: pd.DataFrame) -> Figure:
    """One row an arm, one point a reading; left by error, right by loss."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 5.4), sharey=True)
    for ax, metric in zip(axes, METRICS, strict=True):
        ax.axvline(0, color=style.colour("muted"), linewidth=1, zorder=1)
        for place, arm in enumerate(CARRIED):
            for offset, reading in zip((-0.17, 0.17), readings(arm), strict=False):
                point(ax, place + offset, one(table, arm, metric=metric, reading=reading))
        scale(ax, table[table["metric"] == metric])
        ax.grid(visible=False, axis="y")
        ax.set_ylim(len(CARRIED) - 0.45, -0.55)
        ax.set(xlabel=f"excess test {metric} (%)", title=f"λ chosen by {metric}")
    names = [arm.words.replace(" with ", "\nwith ").replace(", ", ",\n") for arm in CARRIED]
    axes[0].set_yticks(range(len(CARRIED)), names, fontsize=8.5)
    ink = style.colour("ink")
    handles = [
        Line2D([], [], color=ink, linestyle="", marker=MARKERS[reading], label=words)
        for reading, words in (
            ("hold", "λ held"),
            ("root", r"λ multiplied by $m^{1/2}$, with three layers $m^{2/3}$ (AdamW)"),
        )
    ]
    fig.legend(handles=handles, loc="outside lower center", ncols=2)
    return fig


def scale(ax: Axes, table: pd.DataFrame) -> None:
    """Linear near 0 and logarithmic beyond, as far as the intervals reach; ticks in percent."""
    ax.set_xscale("symlog", linthresh=LINTHRESH, linscale=1.2)
    ticks = [-50, -10, -5, 0, 5, 10, 30, 100, 300, 1000]
    low, high = min(table["low"].min(), 0), max(table["high"].max(), LINTHRESH)
    inside = [tick for tick in ticks if 130 * low <= tick <= 160 * high]
    ax.set_xticks([tick / 100 for tick in inside], [f"{t}".replace("-", "−") for t in inside])
    ax.set_xticks([], [], minor=True)
    ax.set_xlim(min(1.3 * low, -0.025), 1.6 * high)


def point(ax: Axes, y: float, row: pd.Series) -> None:
    """One excess with its interval, or that it was not tried."""
    colour = style.colour(row["cell"])
    if pd.isna(row["excess"]):
        words = f"{SAID[row['reading']]}: not on the grid"
        ax.text(0.006, y, words, va="center", fontsize=7.5, color=colour)
        return
    ax.plot([row["low"], row["high"]], [y, y], color=colour, linewidth=1.6)
    ax.plot(row["excess"], y, MARKERS[row["reading"]], color=colour, markersize=6)
