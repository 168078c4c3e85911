"""The chapter's figures. Their words are in `text.toml`."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import percent
from l2scale.exhibits import matched as labels
from l2scale.exhibits.drawing import (
    DASHED,
    EDGES,
    column_of_labels,
    label_ends,
    leave_room,
    log_ticks,
    note,
    reference,
)
from l2scale.exhibits.shared import CRITERIA
from l2scale.exhibits.which_penalty.exponents import MINIMUM, best, matched, sums
from l2scale.exhibits.which_penalty.meeting import local, losses
from l2scale.exhibits.which_penalty.regret import MET, errors, regret
from l2scale.theory.penalties import PENALTIES

ARROWS = {"low": r"$\downarrow$", "high": r"$\uparrow$"}
"""Marks of an optimum at its grid's edge where triangles are penalties' own."""
MARKERS = ("<", "X", "P")  # of the horizons, shortest first; all lines are the sum's


def ends(rows: pd.DataFrame, column: str) -> dict[str, float]:
    """The value of a column at each penalty's widest network."""
    return {p: rows[rows["penalty"] == p][column].iloc[-1] for p in PENALTIES}


@figure(id="carried-over", data=regret)
def carried_over(table: pd.DataFrame) -> Figure:
    """Excess held-out loss and error of a carried lambda against width, for five penalties."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.9))
    for ax, criterion in zip(axes, CRITERIA, strict=True):
        log_ticks(ax, table["width"])
        rows = table[table["criterion"] == criterion].sort_values("width")
        for penalty in PENALTIES:
            line = rows[rows["penalty"] == penalty]
            ax.errorbar(
                line["width"], line["excess"],
                yerr=[line["excess"] - line["low"], line["high"] - line["excess"]],
                color=style.colour(penalty), marker=style.marker(penalty), elinewidth=1,
                markeredgewidth=0,
            )  # fmt: skip
        framed = rows[rows["penalty"] != "prior"]
        room = 0.15 * max(framed["high"].max(), 0.1)
        ax.set_ylim(min(framed["low"].min(), 0) - room, max(framed["high"].max(), 0.1) + room)
        ax.axhline(0, color=style.colour("ink"), zorder=1, **DASHED)
        column_of_labels(ax, ends(rows, "excess"), {p: short(rows, p) for p in PENALTIES}, gap=0.12)
        reported = CRITERIA[criterion][1].replace("_", " ")
        ax.set(xlabel="hidden units", ylabel=f"excess {reported}", title=f"Chosen by {criterion}")
        ax.yaxis.set_major_formatter("{x:.0%}")
    return fig


def short(rows: pd.DataFrame, penalty: str) -> str:
    """The excess at a penalty's widest network, as its label has room for it."""
    last = rows[rows["penalty"] == penalty].iloc[-1]
    if last["note"] == "the same λ":
        return "0 (same λ)"
    return f"{last['excess']:z.0%}" if pd.isna(last["note"]) else f"at least {last['excess']:z.0%}"


@figure(id="sum-or-mean", data=errors)
def sum_or_mean(table: pd.DataFrame) -> Figure:
    """Test error against width with lambda kept under the sum and the mean, and tuned again."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.6))
    log_ticks(ax, table["width"])
    again = table[table["penalty"] == "sum"]
    reference(ax, again["width"], again["level"])
    places = {"λ tuned again": (again["level"].iloc[-1], style.colour("ink"))}
    for penalty, rows in table.groupby("penalty", sort=False):
        colour = style.colour(penalty)
        ax.errorbar(
            rows["width"], rows["reached"],
            yerr=[rows["reached"] - rows["low"], rows["high"] - rows["reached"]],
            color=colour, marker=style.marker(penalty), elinewidth=1, markeredgewidth=0,
        )  # fmt: skip
        places[f"{penalty}, λ kept"] = (rows["reached"].iloc[-1], colour)
    ax.set(xlabel="hidden units", ylabel="test error", ylim=(0, 1.15 * table["high"].max()))
    ax.yaxis.set_major_formatter("{x:.0%}")
    ax.locator_params(axis="y", steps=[1, 2, 5, 10])  # whole percents
    leave_room(ax, 0.25)
    label_ends(ax, places, 1.15 * table["width"].max(), gap=0.075)
    return fig


@figure(id="optimum-by-width", data=best)
def optimum_by_width(table: pd.DataFrame) -> Figure:
    """Relative best lambda of five penalties against width, measured and predicted."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 4.2), sharey=True)
    for ax, criterion in zip(axes, CRITERIA, strict=True):
        ax.set_yscale("log")
        log_ticks(ax, table["width"])
        lines = table[table["criterion"] == criterion].sort_values("width")
        for place, penalty in enumerate(PENALTIES):
            rows = lines[lines["penalty"] == penalty]
            colour, at = style.colour(penalty), rows["lam"].iloc[0]
            ax.plot(rows["width"], rows["predicted"], color=colour, **DASHED)
            # A little aside, so that the bars of one width can be told apart.
            x = rows["width"] * 1.035 ** (place - 2)
            ax.plot(x, rows["relative"], color=colour)
            low, high = rows["lam_low"] / at, rows["lam_high"] / at
            below = (rows["relative"] - low).clip(lower=0).fillna(0)
            above = (high - rows["relative"]).clip(lower=0).fillna(0)
            ax.errorbar(x, rows["relative"], yerr=[below, above], fmt="none", color=colour, lw=1)
            for px, py, edge in zip(x, rows["relative"], rows["edge"], strict=True):
                mark = ARROWS.get(edge, style.marker(penalty))
                size = None if edge == "none" else 9
                ax.plot(px, py, marker=mark, color=colour, markersize=size, markeredgewidth=0)
        ax.set(xlabel="hidden units", title=f"Chosen by validation {criterion}")
        ax.yaxis.set_major_formatter("{x:.4g}")
    axes[0].set_ylabel("best λ, over that of the narrowest")
    for ax, criterion in zip(axes, CRITERIA, strict=True):  # the limits are common by now
        lines = table[table["criterion"] == criterion].sort_values("width")
        column_of_labels(ax, ends(lines, "relative"))
    return fig


@figure(id="widths-meet", data=losses, penalties=("sum",))
def widths_meet(table: pd.DataFrame) -> Figure:
    """Validation loss against lambda by width at four horizons, and the costs at the last."""
    fig, axes = plt.subplot_mosaic(
        "ab;cd;ee", figsize=(style.WIDTH, 7.8), height_ratios=(1, 1, 0.8)
    )  # fmt: skip
    widths = sorted(table["width"].unique())
    shade = dict(zip(widths, style.shades(len(widths)), strict=True))
    for place, (when, rows) in zip("abcd", table.groupby("when", sort=False), strict=True):
        ax = axes[place]
        if place != "a":
            ax.sharex(axes["a"])
            ax.sharey(axes["a"])
        ax.set(xscale="log", yscale="log", title=when if when != MINIMUM else "Minima")
        ax.tick_params(which="both", labelbottom=place in "cd", labelleft=place in "ac")
        for width, line in rows.groupby("width"):
            draw_losses(ax, line.sort_values("lam"), shade[width], width in (widths[0], widths[-1]))
    for place in "ac":
        axes[place].set_ylabel("validation loss (nats)")
        axes[place].yaxis.set_major_formatter("{x:.2g}")
        axes[place].yaxis.set_minor_formatter("{x:.1g}")
    for place in "cde":
        axes[place].set_xlabel("λ (sum)")
    draw_costs(axes["e"], table[table["when"] == MINIMUM], shade)
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
            lam, height, EDGES.get(edge, "o"), markeredgecolor=colour,
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
    ax.axhline(MET, color=style.colour("ink"), zorder=3, **DASHED)
    note(ax, rows["lam"].max(), MET * 1.2, f"{percent(MET)}: met below", ha="right", va="bottom")
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


@figure(id="sum-exponents", data=sums, penalties=("sum",))
def sum_exponents(table: pd.DataFrame) -> Figure:
    """The sum's exponent for each task, depth and horizon, by both criteria."""
    cells = table.drop_duplicates(["data", "depth", "when"])
    size = (style.WIDTH, 0.9 + 0.29 * len(cells))
    fig, axes = plt.subplots(1, 2, figsize=size, sharey=True, sharex=True)
    for ax, criterion in zip(axes, CRITERIA, strict=True):
        colour = style.colour("sum")
        rows = table[table["criterion"] == criterion].reset_index(drop=True)
        for y, row in rows.iterrows():
            ax.plot(row["dividing"], y, "|", color=style.colour("mean"), markersize=12, mew=2)
            if np.isnan(row["exponent"]):
                note(ax, 0.05, y, "edge of the grid", va="center")
                continue
            ax.plot([row["low"], row["high"]], [y, y], color=colour, lw=1.4)
            ax.plot(row["exponent"], y, style.marker("sum"), color=colour, markeredgewidth=0)
        ax.axvline(0, color=style.colour("ink"), lw=1, linestyle=(0, (4, 2)), zorder=1)
        note(ax, rows["dividing"].iloc[0], -0.8, "divided by P", ha="center", va="bottom")
        note(ax, 0.08, -0.8, "λ stays", va="bottom")
        ax.set(
            title=f"Chosen by validation {criterion}", xlabel="exponent in width", xlim=(-2.15, 1.6)
        )
    names = [f"{row.task}, {row.depth} layers, {row.training}" for row in cells.itertuples()]
    axes[0].set_yticks(range(len(cells)), names)
    axes[0].set_ylim(len(cells) - 0.4, -1.7)
    return fig


@figure(id="judged-alike", data=matched, penalties=("sum", "tensor_mean", "fan", "prior"))
def judged_alike(table: pd.DataFrame) -> Figure:
    """One row a cell: the exponent's distance from the prediction, by both kinds of labels."""
    return labels.draw(table)
