"""What it costs to carry a tuned lambda to more samples, by rule and task."""

import math

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import plain
from l2scale.exhibits.samples.carrying import (
    LOOKS,
    NETWORKS,
    PLACES,
    carried_table,
    charged,
    one,
    won,
)
from l2scale.exhibits.samples.ridge import RULES

SHIFTS = dict(zip(RULES, (-0.24, 0.0, 0.24), strict=True))
PANELS = {
    "excess": ("excess test loss, times that of the best λ", "loss", ("ridge", "teacher", "line")),
    "whole": ("whole test loss, times that of the best λ", "loss", ("logistic", "digits", "sgd")),
    "error": (
        "test error, points above that of the best λ (%)", "error", ("logistic", "digits", "sgd")
    ),
}  # the axis's words, the metric, the tasks  # fmt: skip


def factor(table: pd.DataFrame, root: bool = False) -> str:
    """By which factors the samples grow, or their roots."""
    found = (table["n_high"] / table["n_low"]).astype(int)
    ends = sorted({found.min(), found.max()})
    return " to ".join(f"{math.sqrt(value) if root else value:.3g}" for value in ends)


def words(table: pd.DataFrame) -> dict[str, str]:
    """What each rule does."""
    return {
        "kept": "λ kept (a fixed weight beside a mean loss)",
        "over sqrt n": f"λ/{factor(table, root=True)}, over the root of n’s factor",
        "over n": f"λ/{factor(table)}, over the factor (scikit-learn’s fixed C)",
    }


def title(table: pd.DataFrame) -> str:
    """What keeping costs, and in how many networks which rule is cheapest."""
    kept = {task: 100 * (one(table, task, "kept")["ratio"] - 1) for task in NETWORKS}
    whole, excess = (
        " and ".join(f"{kept[task]:.0f}%" for task in NETWORKS if task in PANELS[panel][2])
        for panel in ("whole", "excess")
    )
    return (
        f"{factor(table)} times the samples: keeping λ costs ReLU networks {whole} of the least "
        f"loss on digits and {excess} of the least excess loss on drawn tasks; of three rules "
        f"λ/{factor(table, root=True)} is cheapest in {won(table, NETWORKS, 'over sqrt n')}"
    )


def alt(table: pd.DataFrame) -> str:
    """Every cost."""
    said = words(table)
    rows = [
        f"{PLACES[task]}, {axis.split(',')[0]}: "
        + "; ".join(f"{said[rule]}: {charged(one(table, task, rule, metric))}" for rule in RULES)
        for axis, metric, tasks in PANELS.values()
        for task in tasks
    ]
    return (
        "Three panels of points with intervals, a row a task and a point a rule: excess test loss "
        "and whole test loss, both as a multiple of that of the best λ, and test errors above it. "
        f"{'. '.join(rows)}."
    )


@figure(
    id="carried-to-more-data",
    source=("ridge_risk", "logistic", "digits", "sgd", "teacher", "line"),
    data=carried_table,
    title=title,
    claim=lambda t: (
        f"λ tuned on few samples and carried to {factor(t)} times as many, against λ tuned there: "
        "test data, 95% intervals over seeds that take both λ as given. A point at 1 or 0 without "
        "an interval is the same λ of the grid. A rule counts as cheapest where its paired "
        "difference to both others excludes 0. Excess loss is what is above the noise, so its "
        "multiples are larger than those of a whole loss. Labels of digits are wrong in one of "
        "five, in training and where losses are measured; errors count right labels. For ridge the "
        "excess is exact and λ over the factor is best by theorem."
    ),
    alt=alt,
)
def carried_to_more_data(table: pd.DataFrame) -> Figure:
    """One row a task, one point a rule: excess losses, whole losses and errors."""
    fig, axes = plt.subplots(
        3, 1, figsize=(style.WIDTH, 7.4), height_ratios=[len(p[-1]) for p in PANELS.values()]
    )
    for ax, (axis, metric, tasks) in zip(axes, PANELS.values(), strict=True):
        rows = {(task, rule): one(table, task, rule, metric) for task in tasks for rule in RULES}
        ax.axvline(1 if metric == "loss" else 0, color=style.colour("muted"), linewidth=1, zorder=1)
        for (task, rule), row in rows.items():
            point(ax, tasks.index(task) + SHIFTS[rule], row)
        ax.set_yticks(range(len(tasks)), [place(rows[task, "kept"]) for task in tasks])
        ax.set_ylim(len(tasks) - 0.45, -0.55)
        ax.set_xlabel(axis)
        ax.grid(visible=False, axis="y")
        if metric == "loss":
            scale(ax, pd.DataFrame(rows.values()))
    handles = [
        Line2D([], [], color=style.colour(LOOKS[rule][0]), marker=LOOKS[rule][1], label=label)
        for rule, label in words(table).items()
    ]
    fig.legend(handles=handles, loc="outside lower center")
    return fig


def place(row: pd.Series) -> str:
    """A task and how many samples it has at both ends."""
    return f"{PLACES[row['task']]}\n{row['n_low']:,} → {row['n_high']:,}"


def scale(ax: Axes, table: pd.DataFrame) -> None:
    """A logarithmic axis of ratios, ticked where the points are."""
    ax.set_xscale("log")
    low, high = min(table["ratio_low"].min(), 1) / 1.03, table["ratio_high"].max() * 1.04
    ax.set_xlim(low, high)
    marks = (0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.5, 1.7, 2, 3, 4, 6, 10)
    ticks = [tick for tick in marks if low < tick < high]
    # Where the axis is long, those below 2 that are no halves would touch.
    ticks = [tick for tick in ticks if high / low < 2 or tick in (0.5, 0.7, 1, 1.5, 2, 3, 4, 6, 10)]
    ax.set_xticks(ticks, [plain(tick) for tick in ticks])
    ax.set_xticks([], [], minor=True)


def point(ax: Axes, y: float, row: pd.Series) -> None:
    """One cost with its interval; a triangle where the best strength is at its grid's edge."""
    colour, marker = LOOKS[row["rule"]]
    names = ("ratio", "ratio_low", "ratio_high")
    if row["metric"] == "error":
        names = ("excess", "low", "high")
    at, low, high = np.array([row[name] for name in names], dtype=float) * (
        100 if row["metric"] == "error" else 1
    )
    hue = style.colour(colour)
    ax.plot([low, high], [y, y], color=hue, linewidth=1.6)
    ax.plot(at, y, marker if pd.isna(row["edge"]) else ">", color=hue, markersize=6)
