"""The figures of where widths meet. Their words are in `text.toml`."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from l2scale.catalogue.figures import figure
from l2scale.exhibits.drawing import DASHED, EDGES, log_ticks, note, reference
from l2scale.exhibits.shared import CRITERIA
from l2scale.exhibits.which_penalty.exponents import MINIMUM
from l2scale.exhibits.which_penalty.meeting import local, losses
from l2scale.exhibits.which_penalty.regret import MET
from l2scale.looks import style
from l2scale.looks.numerals import percent

MARKERS = ("<", "X", "P")  # of the horizons, shortest first; all lines are the sum's


@figure(id="widths-meet", data=losses, penalties=("sum",))
def widths_meet(table: pd.DataFrame) -> Figure:
    """Validation loss against lambda by width at four horizons, and the costs at the last."""
    fig, axes = plt.subplot_mosaic(
        "abc;ddd;eee", figsize=(style.WIDTH, 8.4), height_ratios=(0.75, 1, 1)
    )  # fmt: skip
    widths = sorted(table["width"].unique())
    shade = dict(zip(widths, style.shades(len(widths)), strict=True))
    for place, (when, rows) in zip("abcd", table.groupby("when", sort=False), strict=True):
        ax, last = axes[place], when == MINIMUM
        ax.set(xscale="log", yscale="log", title="Validation loss at minima" if last else when)
        # Of the trainings on the way there the ends are enough: the others lie between.
        trained = sorted(rows["width"].unique())
        for width in trained if last else (trained[0], trained[-1]):
            draw_losses(ax, rows[rows["width"] == width].sort_values("lam"), shade[width], not last)
        ax.yaxis.set_major_formatter("{x:.2g}")
        ax.yaxis.set_minor_formatter("{x:.1g}")
        ax.set_xlabel("" if last else "λ (sum)")
    for place in "bc":
        axes[place].sharex(axes["a"])
        axes[place].sharey(axes["a"])
        axes[place].tick_params(which="both", labelleft=False)
    for place in "ad":
        axes[place].set_ylabel("validation loss (nats)")
    minima = table[table["when"] == MINIMUM]
    log_ticks(axes["e"], [float(f"{lam:.2g}") for lam in minima["lam"]])
    draw_costs(axes["e"], minima, shade)
    axes["d"].sharex(axes["e"])
    axes["d"].tick_params(which="both", labelbottom=False)
    widest = minima[minima["width"] == minima["width"].max()].iloc[0]
    for line, criterion in enumerate(CRITERIA):
        best = widest[f"best_{criterion}"]
        for place in "de":
            axes[place].axvline(best, color=style.colour("muted"), lw=0.9, zorder=1)
        words = f"best by {criterion}"
        where = axes["d"].get_xaxis_transform()
        note(axes["d"], best * 1.03, 1 - 0.1 * line, words, va="top", transform=where)
    key: dict[str, Any] = {"linestyle": "", "marker": "o", "markeredgecolor": style.colour("ink")}
    faces = (("loss", "ink"), ("error", "paper"))
    handles = [Line2D([], [], color=shade[width], label=f"{width} units") for width in widths]
    handles += [
        Line2D([], [], **key, markerfacecolor=style.colour(face), label=f"best λ by {criterion}")
        for criterion, face in faces
    ]
    fig.legend(handles=handles, loc="outside lower center", ncols=4)
    return fig


def draw_losses(ax: Axes, rows: pd.DataFrame, colour: str, band: bool) -> None:
    """Validation loss of one width against lambda, and its two optima."""
    ax.plot(rows["lam"], rows["estimate"], color=colour, lw=1.4)
    if band:
        ax.fill_between(
            rows["lam"], rows["low"], rows["high"], color=colour, alpha=0.15, linewidth=0
        )
    for criterion in CRITERIA:
        lam, edge = (rows[f"{name}_{criterion}"].iloc[0] for name in ("best", "edge"))
        height = np.interp(np.log(lam), np.log(rows["lam"]), rows["estimate"])
        ax.plot(
            lam, height, EDGES.get(edge, "o"), markeredgecolor=colour,
            color=colour if criterion == "loss" else style.colour("paper"), zorder=4,
        )  # fmt: skip


def draw_costs(ax: Axes, rows: pd.DataFrame, shade: dict[int, str]) -> None:
    """How far the cost of each width but the widest is above the widest's, against lambda."""
    ax.set(
        yscale="log", title="Least cost, over that of the widest network",
        ylabel="excess of cost", xlabel="λ (sum)",
    )  # fmt: skip
    for width, line in rows[rows["width"] < rows["width"].max()].groupby("width"):
        line = line.sort_values("lam")
        above = line["over_widest"].where(line["over_widest"] > 0)
        ax.plot(line["lam"], above, color=shade[width], lw=1.4, marker=".", markersize=6)
    ax.axhline(MET, color=style.colour("ink"), zorder=3, **DASHED)
    note(ax, rows["lam"].max(), MET * 1.3, f"{percent(MET)}: met below", ha="right")
    ax.set_ylim(bottom=MET / 100)
    ax.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g}%")
    ax.yaxis.set_minor_formatter("")


@figure(id="local-exponents", data=local, penalties=("sum",))
def local_exponents(table: pd.DataFrame) -> Figure:
    """Local exponents of the sum against width, by criterion, for three horizons."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.8), sharey=True)
    steps = table[table["part"] == "local"]
    horizons = table["when"].unique()
    widest, shades = steps["x_high"].max(), style.shades(len(horizons))
    for ax, criterion in zip(axes, CRITERIA, strict=True):
        log_ticks(ax, [*steps["x_low"].unique(), widest])
        rows = steps[steps["criterion"] == criterion].dropna(subset="exponent")
        met = {"color": style.colour("grid"), "zorder": 0, "lw": 0, "label": "costs have met"}
        ax.axvspan(rows["met"].iloc[0], widest, **met)
        for place, when in enumerate(horizons):
            line = rows[rows["when"] == when]
            errors = [line["exponent"] - line["low"], line["high"] - line["exponent"]]
            ax.errorbar(
                line["width"] * 1.12 ** (place - 1), line["exponent"], yerr=errors,
                color=shades[place], marker=MARKERS[place], markersize=7, elinewidth=1,
                markeredgewidth=0, label="minima" if when == MINIMUM else when,
            )  # fmt: skip
        reference(ax, [steps["x_low"].min(), widest], [0, 0], "limit")
        ax.set(xlabel="hidden units", title=f"Chosen by validation {criterion}", ylim=(-1.6, 1.2))
    axes[0].set_ylabel("local exponent of the best λ")
    handles, labels = axes[0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    return fig
