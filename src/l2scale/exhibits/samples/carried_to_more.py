"""What it costs to carry a tuned lambda to more samples, by rule and task."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.exhibits.drawing import plain
from l2scale.exhibits.samples.carrying import (
    LINEAR,
    LOOKS,
    PLACES,
    TWO_LAYERS,
    carried_table,
    charged,
    one,
    wins,
)
from l2scale.exhibits.samples.ridge import RULES

SHIFTS = dict(zip(RULES, (-0.24, 0.0, 0.24), strict=True))


def factor(table: pd.DataFrame) -> str:
    """By which factors the samples grow."""
    found = sorted(set((table["n_high"] / table["n_low"]).astype(int)))
    return " to ".join(f"{value}" for value in sorted({found[0], found[-1]}))


def title(table: pd.DataFrame) -> str:
    """Which rule costs least where."""
    return (
        f"{factor(table)} times the samples: λ/√n costs least in "
        f"{wins(table, TWO_LAYERS, 'over sqrt n')} networks with a hidden layer, λ/n in "
        f"{wins(table, LINEAR, 'over n')} linear models"
    )


def alt(table: pd.DataFrame) -> str:
    """Every cost."""
    words = [
        f"{PLACES[task]}, by {metric}: "
        + "; ".join(
            f"{LOOKS[rule][2]}: {charged(one(table, task, rule, metric))}" for rule in RULES
        )
        for metric in ("loss", "error")
        for task in PLACES
        if task in set(table.loc[table["metric"] == metric, "task"])
    ]
    return (
        "Two panels of points with intervals, a row a task and a point a rule: test loss as a "
        f"multiple of that of the best λ, and test errors above it. {'. '.join(words)}."
    )


@figure(
    id="carried-to-more-data",
    source=("ridge_risk", "logistic", "digits", "sgd", "teacher", "line"),
    data=carried_table,
    title=title,
    claim=lambda t: (
        f"λ tuned on few samples and carried to {factor(t)} times as many, against λ tuned there: "
        "test data, 95% intervals over seeds that take both λ as given. A point at 1 or 0 without "
        "an interval is the same λ. Training labels of digits are wrong in one of five, held-out "
        "ones right, but where it says judged by wrong labels too. Kept is a fixed weight beside a "
        "mean loss, divided by n one beside a summed loss, such as scikit-learn’s C. For ridge the "
        "loss is the excess risk, "
        f"exact for n = {one(t, 'ridge', 'kept')['n_low']} and {one(t, 'ridge', 'kept')['n_high']},"
        " and λ/n is best by theorem."
    ),
    alt=alt,
)
def carried_to_more_data(table: pd.DataFrame) -> Figure:
    """One row a task, one point a rule: above by loss, below by error."""
    parts = {metric: table[table["metric"] == metric] for metric in ("loss", "error")}
    rows = {m: [task for task in PLACES if task in set(part["task"])] for m, part in parts.items()}
    fig, axes = plt.subplots(
        2, 1, figsize=(style.WIDTH, 7.0), height_ratios=[len(tasks) for tasks in rows.values()]
    )
    for ax, metric in zip(axes, parts, strict=True):
        ax.axvline(1 if metric == "loss" else 0, color=style.colour("muted"), linewidth=1, zorder=1)
        for place, task in enumerate(rows[metric]):
            for rule in RULES:
                point(ax, place + SHIFTS[rule], one(table, task, rule, metric))
        ax.set_yticks(range(len(rows[metric])), [PLACES[task] for task in rows[metric]])
        ax.set_ylim(len(rows[metric]) - 0.45, -0.55)
        ax.grid(visible=False, axis="y")
    scale(axes[0], parts["loss"])
    axes[0].set_xlabel("test loss, times that of the best λ")
    axes[1].set_xlabel("test error, points above that of the best λ (%)")
    handles = [
        Line2D([], [], color=style.colour(colour), marker=marker, label=words)
        for colour, marker, words in LOOKS.values()
    ]
    fig.legend(handles=handles, loc="outside lower center", ncols=3)
    return fig


def scale(ax: Axes, table: pd.DataFrame) -> None:
    """A logarithmic axis of ratios, ticked where the points are."""
    ax.set_xscale("log")
    low, high = table["ratio_low"].min(), table["ratio_high"].max()
    ax.set_xlim(min(low, 1) / 1.06, high * 1.08)
    ticks = [tick for tick in (0.5, 0.7, 1, 1.5, 2, 3, 4, 6, 10) if low / 1.06 < tick < high * 1.08]
    ax.set_xticks(ticks, [plain(tick) for tick in ticks])
    ax.set_xticks([], [], minor=True)


def point(ax: Axes, y: float, row: pd.Series) -> None:
    """One cost with its interval; a triangle where the best strength is at its grid's edge."""
    colour, marker, _ = LOOKS[row["rule"]]
    names = ("ratio", "ratio_low", "ratio_high")
    if row["metric"] == "error":
        names = ("excess", "low", "high")
    at, low, high = np.array([row[name] for name in names]) * (
        100 if row["metric"] == "error" else 1
    )
    hue = style.colour(colour)
    ax.plot([low, high], [y, y], color=hue, linewidth=1.6)
    ax.plot(at, y, marker if pd.isna(row["edge"]) else ">", color=hue, markersize=6)
