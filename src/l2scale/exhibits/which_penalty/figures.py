"""The chapter's figures. Their words are in `text.toml`."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.catalogue.figures import figure
from l2scale.exhibits.drawing import (
    DASHED,
    column_of_labels,
    label_ends,
    leave_room,
    legend_below,
    log_ticks,
    note,
    reference,
)
from l2scale.exhibits.matched import draw_matched
from l2scale.exhibits.shared import CRITERIA
from l2scale.exhibits.which_penalty.exponents import best, matched, sums
from l2scale.exhibits.which_penalty.regret import errors, regret
from l2scale.looks import style
from l2scale.theory.penalties import PENALTIES

ARROWS = {"low": r"$\downarrow$", "high": r"$\uparrow$"}
"""Marks of an optimum at its grid's edge where triangles are penalties' own."""
EARLY = "Stopped early"


def values_at_widest(rows: pd.DataFrame, column: str) -> dict[str, float]:
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
        column_of_labels(
            ax,
            values_at_widest(rows, "excess"),
            {p: regret_label(rows, p) for p in PENALTIES},
            gap=0.12,
        )
        reported = CRITERIA[criterion][1].replace("_", " ")
        ax.set(xlabel="hidden units", ylabel=f"excess {reported}", title=f"Chosen by {criterion}")
        ax.yaxis.set_major_formatter("{x:.0%}")
    return fig


def regret_label(rows: pd.DataFrame, penalty: str) -> str:
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
        column_of_labels(ax, values_at_widest(lines, "relative"))
    return fig


@figure(id="sum-exponents", data=sums, penalties=("sum",))
def sum_exponents(table: pd.DataFrame) -> Figure:
    """The sum's exponent by task and depth, trained to the end above and stopped early below."""
    early = (table["horizon"] == "shorter").map({False: "Trained longest, and minima", True: EARLY})
    counts = early.value_counts().sort_index(ascending=False)
    fig, axes = plt.subplots(
        len(counts), sharex=True, figsize=(style.WIDTH, 1.6 + 0.2 * len(table)),
        height_ratios=counts, squeeze=False,
    )  # fmt: skip
    by_loss = {"linestyle": "", "marker": style.marker("sum")}
    by_error = by_loss | {"markerfacecolor": "none"}
    bar = {"linestyle": "", "marker": "|", "markersize": 13, "mew": 2}
    for ax, title in zip(axes.flat, counts.index, strict=True):
        rows = table[early == title]
        cells = list(rows.groupby(["task", "depth", "training"], sort=False))
        for y, (_, cell) in enumerate(cells):
            dividing = cell["dividing"].iloc[0]
            ax.plot(dividing, y, color=style.colour("mean"), **bar)
            for criterion, shift in (("loss", -0.17), ("error", 0.17)):
                (row,) = cell[cell["criterion"] == criterion].itertuples()
                draw_exponent(ax, y + shift, row, criterion)
        ax.axvline(0, color=style.colour("ink"), zorder=1, **DASHED)
        names = [f"{task}, {depth} layers, {training}" for (task, depth, training), _ in cells]
        ax.set_yticks(range(len(cells)), names)
        ax.set(ylim=(len(cells) - 0.5, -0.5), title=title)
        ax.grid(visible=False, axis="y")
    axes[-1, 0].set_xlabel("exponent of the sum’s best λ in width")
    legend_below(
        fig, ("chosen by loss", "sum", by_loss), ("chosen by error", "sum", by_error),
        ("0: λ stays", "ink", DASHED), ("divided by P", "mean", bar),
    )  # fmt: skip
    return fig


def draw_exponent(ax: Axes, y: float, row: Any, criterion: str) -> None:
    """An exponent with its interval at a height, filled by loss and open by error."""
    colour, face = style.colour("sum"), style.colour("sum" if criterion == "loss" else "paper")
    if np.isnan(row.exponent):
        note(ax, 0.05, y, f"by {criterion}: edge of the grid", va="center", fontsize=7.5)
        return
    ax.plot([row.low, row.high], [y, y], color=colour, lw=1.4)
    ax.plot(row.exponent, y, style.marker("sum"), color=colour, markerfacecolor=face)


@figure(id="judged-alike", data=matched, penalties=("sum", "tensor_mean", "fan", "prior"))
def judged_alike(table: pd.DataFrame) -> Figure:
    """One row a cell: the exponent by both kinds of labels, and the one predicted."""
    return draw_matched(table)
