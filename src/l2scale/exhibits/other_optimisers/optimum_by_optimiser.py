"""The best lambda against width, for each optimiser and learning-rate rule."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import plain
from l2scale.catalogue.results import Result, once
from l2scale.exhibits.drawing import log_ticks
from l2scale.exhibits.other_optimisers.cells import (
    CONSTANT,
    FALLING,
    KEYS,
    WORDS,
    Arm,
    end,
    labelled,
)
from l2scale.lab.estimates import optima
from l2scale.theory.parametrisation import RULES

LINES = {"constant": "-", "inverse_width": ":", "maximal_update": "-."}
MARKERS = {"constant": "o", "inverse_width": "s", "maximal_update": "D"}
SHIFT = {"constant": 1.0, "inverse_width": 0.93, "maximal_update": 1.07}  # intervals side by side


@once
def optima_table(result: Result) -> pd.DataFrame:
    """Per arm with wrong labels and width: the lambda of least validation error, and bounds."""
    table = end(labelled(result))
    table = table[table["labels"] == "wrong"]
    return optima(table, [*KEYS, "width"], select="val_error", report="test_error")


def best(row: pd.Series) -> str:
    """A best lambda with its interval, or as a bound."""
    if pd.notna(row["edge"]):
        return {"low": "at most ", "high": "at least "}[row["edge"]] + plain(row["lam"])
    return f"{row['lam']:.2g} [{row['lam_low']:.2g}, {row['lam_high']:.2g}]"


def ends(table: pd.DataFrame, arm: Arm) -> tuple[str, str]:
    """The best lambda at the least and at the largest width, in words."""
    rows = arm.of(table).sort_values("width")
    return best(rows.iloc[0]), best(rows.iloc[-1])


def title(table: pd.DataFrame) -> str:
    """Where the best lambda of AdamW and of SGD goes from the narrowest to the widest."""
    widths = Arm("adamw").of(table)["width"]
    adamw, sgd = (" to ".join(ends(table, Arm(cell))) for cell in ("adamw", "sgd"))
    return (
        f"From {widths.min()} to {widths.max()} units at a constant rate, the λ of least error "
        f"goes from {adamw} under AdamW, and from {sgd} under SGD"
    )


def alt(table: pd.DataFrame) -> str:
    """Where the lines of each panel begin and end."""
    words = []
    for panel in CONSTANT:
        arms = [panel, *(a for a in FALLING if (a.cell, a.layers) == (panel.cell, panel.layers))]
        lines = ", ".join(f"{ends(table, arm)[1]} ({WORDS[arm.rule]})" for arm in arms)
        width = panel.of(table)["width"].max()
        words.append(f"{panel.words}: from {ends(table, panel)[0]} to {lines} at {width}")
    return (
        "Five panels, best strength against hidden units on logarithmic axes, with dashed lines of "
        f"slopes 0, one half (three layers: two thirds) and 1. {'; '.join(words)}."
    )


@figure(
    id="optimum-by-optimiser",
    source=("rules", "hidden"),
    data=optima_table,
    title=title,
    claim="The λ of least validation error at the end of training, with 95% intervals over seeds; "
    "triangles: the optimum is at the end of the grid and lies there or beyond. Lines differ in "
    "what the learning rate does as the network widens. Dashed: λ as it was, times the power of "
    "the width that a ceiling on each weight asks for, and times the width.",
    alt=alt,
)
def optimum_by_optimiser(table: pd.DataFrame) -> Figure:
    """One panel an optimiser, one line a rule, and the slopes 0, the ceiling's and 1."""
    fig, axes = plt.subplots(2, 3, figsize=(style.WIDTH, 5.2))
    for ax, arm in zip(axes.flat, CONSTANT, strict=False):
        panel(ax, table[(table["layers"] == arm.layers) & (table["cell"] == arm.cell)])
        ax.set_title(arm.words, fontsize=9.5)
    for ax in axes[:, 0]:
        ax.set_ylabel("best λ")
    for ax in (*axes[1, :2], axes[0, 2]):
        ax.set_xlabel("hidden units")
    key = axes[1, 2]
    key.axis("off")
    ink = style.colour("ink")
    lines = [
        Line2D([], [], color=ink, linestyle=LINES[rule], marker=MARKERS[rule], label=WORDS[rule])
        for rule in RULES
    ]
    key.legend(handles=lines, loc="center", alignment="left")
    return fig


def panel(ax: Axes, table: pd.DataFrame) -> None:
    """The rules of one optimiser."""
    colour, muted = style.colour(table["cell"].iloc[0]), style.colour("muted")
    ax.set_yscale("log")
    log_ticks(ax, table["width"])
    for rule, rows in table.groupby("rule"):
        rows = rows.sort_values("width")
        at = rows["width"] * SHIFT[rule]
        ax.plot(at, rows["lam"], LINES[rule], color=colour, linewidth=1.4)
        for x, row in zip(at, rows.itertuples(), strict=True):
            reach = (row.lam - row.lam_low, row.lam_high - row.lam)
            ax.errorbar(
                x, row.lam, yerr=[[max(0, np.nan_to_num(r))] for r in reach],
                fmt={"low": "v", "high": "^"}.get(row.edge, MARKERS[rule]), markersize=5,
                color=colour,
            )  # fmt: skip
    first = table.sort_values("width").iloc[0]
    low, high = first["width"], table["width"].max()
    ceiling = (1 / 2, "½") if first["layers"] == 2 else (2 / 3, "⅔")
    for power, words in ((0.0, "0"), ceiling, (1.0, "1")):
        top = first["lam"] * (high / low) ** power
        ax.plot(
            (low, high), (first["lam"], top), linestyle=(0, (4, 2)), linewidth=0.9, color=muted,
            zorder=1,
        )  # fmt: skip
        ax.annotate(
            words, (high, top), xytext=(10, 0), textcoords="offset points", va="center",
            fontsize=8.5, color=muted,
        )  # fmt: skip
    # The same reach in every panel, so that slopes compare; more where a point needs it.
    ax.set_ylim(
        min(first["lam"] / 8, 0.7 * table["lam"].min()),
        max(first["lam"] * 28, 1.4 * table["lam"].max()),
    )
    ax.set_xlim(low / (high / low) ** 0.08, high * (high / low) ** 0.18)
