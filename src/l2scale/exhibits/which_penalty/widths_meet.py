"""Validation loss against lambda, a line a width: where widths have met and where not yet."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import percent, plain
from l2scale.exhibits.drawing import note
from l2scale.exhibits.which_penalty.meeting import (
    MET,
    MINIMUM,
    at,
    best,
    gap,
    meeting_table,
    meetings,
    met_at_best,
)
from l2scale.exhibits.which_penalty.typed import CRITERIA


def title(table: pd.DataFrame) -> str:
    """At which width the costs have met, at either optimum."""
    by = {criterion: met_at_best(table, criterion) for criterion in CRITERIA}
    return (
        "At minima the widths have met from "
        f"{by['loss']} units on at the best λ by loss, from {by['error']} on at the best by error"
    )


def alt(table: pd.DataFrame) -> str:
    """Where the optima lie, and how far the narrowest and the widest are apart there."""
    parts = "; ".join(
        f"{when}: best by loss {plain(best(table, when, 'loss', low))} to "
        f"{plain(best(table, when, 'loss'))}, by error {plain(best(table, when, 'error', low))} to "
        f"{plain(best(table, when, 'error'))}"
        for when in table["when"].unique()
        for low in [at(table, when)["width"].min()]
    )
    apart = ", ".join(
        f"{percent(gap(table, MINIMUM, best(table, MINIMUM, criterion)))} at the best by "
        f"{criterion}"
        for criterion in CRITERIA
    )
    return (
        "Four panels of validation loss against λ, a line for each width. From the narrowest to "
        f"the widest network, {parts}. At minima the narrowest network's loss is above the "
        f"widest's by {apart} of the widest. A fifth panel shows how far the least cost of each "
        "width is above the widest's, with a line at "
        f"{percent(MET)}: all are below it from "
        + ", ".join(f"{width} units on at λ = {plain(lam)}" for lam, width in ends(table).items())
        + "."
    )


def ends(table: pd.DataFrame) -> pd.Series:
    """Where costs have met at the weakest and at the strongest lambda."""
    return meetings(table).iloc[[0, -1]]


@figure(
    id="widths-meet",
    source=("penalties", "minima"),
    penalties=("sum",),
    data=meeting_table,
    title=title,
    claim=lambda t: (
        "Validation loss of 64-H-10 networks under the sum against λ, 300 digits, one label in "
        "five wrong, after three numbers of SGD steps and at minima (L-BFGS). Bands are 95% over "
        "seeds. Filled: best λ by validation loss; open: by validation error; triangles lie at "
        "the edge of the grid. Below: the cost at minima over that of the widest network, mean "
        f"over seeds, where it is above. Widths have met where it is within {percent(MET)}."
    ),
    alt=alt,
)
def widths_meet(table: pd.DataFrame) -> Figure:
    """Validation loss against lambda by width at four horizons, and the costs at the last."""
    fig, axes = plt.subplot_mosaic(
        "ab;cd;ee", figsize=(style.WIDTH, 7.8), height_ratios=(1, 1, 0.8)
    )  # fmt: skip
    widths = sorted(table["width"].unique())
    shade = dict(zip(widths, style.shades(len(widths)), strict=True))
    for place, when in zip("abcd", table["when"].unique(), strict=True):
        ax = axes[place]
        if place != "a":
            ax.sharex(axes["a"])
            ax.sharey(axes["a"])
        ax.set(xscale="log", yscale="log", title=when if when != MINIMUM else "Minima")
        ax.tick_params(which="both", labelbottom=place in "cd", labelleft=place in "ac")
        for width, rows in at(table, when).groupby("width"):
            draw_losses(ax, rows.sort_values("lam"), shade[width], width in (widths[0], widths[-1]))
    for place in "ac":
        axes[place].set_ylabel("validation loss (nats)")
        axes[place].yaxis.set_major_formatter("{x:.2g}")
        axes[place].yaxis.set_minor_formatter("{x:.1g}")
    for place in "cde":
        axes[place].set_xlabel("λ (sum)")
    draw_costs(axes["e"], at(table, MINIMUM), shade)
    handles, labels = axes["a"].get_legend_handles_labels()
    fig.legend(handles, labels, title="hidden units", loc="outside lower center", ncols=len(widths))
    return fig


def draw_losses(ax: Axes, rows: pd.DataFrame, colour: str, band: bool) -> None:
    """Validation loss of one width against lambda, and its two optima."""
    width = rows["width"].iloc[0]
    ax.plot(rows["lam"], rows["estimate"], color=colour, label=f"{width}", lw=1.4)
    if band:
        ax.fill_between(
            rows["lam"], rows["low"], rows["high"], color=colour, alpha=0.15, linewidth=0
        )
    for criterion in CRITERIA:
        lam, edge = (rows[f"{name}_{criterion}"].iloc[0] for name in ("best", "edge"))
        height = np.interp(np.log(lam), np.log(rows["lam"]), rows["estimate"])
        ax.plot(
            lam, height, {"low": "v", "high": "^"}.get(edge, "o"), markeredgecolor=colour,
            color=colour if criterion == "loss" else style.colour("paper"), zorder=4,
        )  # fmt: skip


def draw_costs(ax: Axes, rows: pd.DataFrame, shade: dict[int, str]) -> None:
    """How far the cost of each width but the widest is above the widest's, against lambda."""
    ax.set(
        xscale="log", yscale="log", title="Minima: least cost, over that of the widest network",
        ylabel="excess of cost",
    )  # fmt: skip
    for width, line in rows[rows["width"] < rows["width"].max()].groupby("width"):
        line = line.sort_values("lam")
        above = line["over_widest"].where(line["over_widest"] > 0)
        ax.plot(line["lam"], above, color=shade[width], lw=1.4, marker=".", markersize=6)
    ax.axhline(MET, color=style.colour("ink"), lw=1.2, linestyle=(0, (4, 2)), zorder=3)
    note(ax, rows["lam"].max(), MET * 1.2, f"{percent(MET)}: met below", ha="right", va="bottom")
    ax.set_ylim(bottom=MET / 100)
    ax.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g}%")
    ax.yaxis.set_minor_formatter("")
