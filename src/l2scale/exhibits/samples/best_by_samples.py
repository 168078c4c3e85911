"""The best lambda against the number of samples, a panel for each task."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.exhibits.drawing import log_ticks
from l2scale.exhibits.samples.tasks import BY_NAME, METRICS, TASKS, best_table, cell, said

PANELS = ("logistic", "digits", "teacher", "line")
LINES = {-0.5: ((0, (4, 2)), "−½"), -1.0: ((0, (1, 1.5)), "−1")}  # power -> dashes, words


def title(table: pd.DataFrame) -> str:
    """The exponents of one linear model and of the networks."""
    found = {name: said(table, name).split(" [")[0] for name in PANELS}
    return (
        f"Power of n that the best λ follows, by loss: {found['logistic']} in logistic "
        f"regression; with a hidden layer {found['digits']} on digits, {found['teacher']} on a "
        f"teacher, {found['line']} on a line"
    )


def alt(table: pd.DataFrame) -> str:
    """All exponents and the strengths at both ends."""
    words = []
    for task in TASKS:
        for metric in task.metrics:
            rows = cell(table, task.name, metric).sort_values("n")
            ends = " to ".join(f"{lam:.2g} at n = {n}" for lam, n in zip(
                rows["lam"].iloc[[0, -1]], rows["n"].iloc[[0, -1]], strict=True))  # fmt: skip
            words.append(
                f"{task.words}, by {metric}: power {said(table, task.name, metric)}, from {ends}"
            )
    return (
        "Four panels of the best λ against training samples, both axes logarithmic, beside lines "
        f"of slope −1/2 and −1 from the first point. {'; '.join(words)}."
    )


@figure(
    id="best-lambda-by-samples",
    source=tuple(task.name for task in TASKS),
    data=best_table,
    title=title,
    claim=lambda t: (
        "Best λ by validation loss (filled; labels as often wrong as in training) and validation "
        "error (hollow), 95% over seeds; in the panel of digits, squares are for SGD. Lines from "
        "the first filled point: n to the power "
        "−1/2 (dashed) and −1 (dotted). "
        + " ".join(
            f"{task.words[0].upper()}{task.words[1:]}, by {metric}: {said(t, task.name, metric)}."
            for task in TASKS
            for metric in task.metrics
        )
        + " An interval does not cover that a line may bend."
    ),
    alt=alt,
)
def best_lambda_by_samples(table: pd.DataFrame) -> Figure:
    """Best strength against n in four panels with one scale of powers."""
    fig, axes = plt.subplots(2, 2, figsize=(style.WIDTH, 5.6))
    for ax, name in zip(axes.flat, PANELS, strict=True):
        for metric in BY_NAME[name].metrics:
            points(ax, cell(table, name, metric), "data", metric)
        if name == "digits":
            for metric in METRICS:
                points(ax, cell(table, "sgd", metric), "penalty", metric, beside=1.07)
        first = cell(table, name)
        sizes = np.array(sorted(first["n"].unique()))
        log_ticks(ax, sizes)
        ax.set_yscale("log")
        start = first.loc[first["n"].idxmin(), "lam"]
        for power, (dashes, words) in LINES.items():
            y = start * (sizes / sizes[0]) ** power
            ax.plot(sizes, y, linestyle=dashes, color=style.colour("ink"), linewidth=1.2, zorder=1)
            ax.annotate(
                words, (sizes[-1], y[-1]), xytext=(9, 0), textcoords="offset points",
                va="center", fontsize=8.5, annotation_clip=False,
            )  # fmt: skip
        power = said(table, name).replace("-", "−").replace(" (", "\n(")
        ax.set_title(f"{BY_NAME[name].words}\n{power}")
    for ax in axes[:, 0]:
        ax.set_ylabel("best λ")
    for ax in axes[1]:
        ax.set_xlabel("training samples n")
    fig.legend(handles=handles(), loc="outside lower center", ncols=3)
    return fig


def handles() -> list[Line2D]:
    """What is filled, and what is square."""
    data, penalty = (style.colour(name) for name in ("data", "penalty"))
    return [
        Line2D([], [], color=data, marker="o", label="by loss"),
        Line2D([], [], color=data, marker="o", markerfacecolor="none", label="by error"),
        Line2D([], [], color=penalty, marker="s", label="the same under SGD"),
    ]


def points(ax: Axes, rows: pd.DataFrame, name: str, metric: str, beside: float = 1.0) -> None:
    """Strengths with their intervals; those at a grid's edge are triangles, and bounds."""
    hue, marker = style.colour(name), style.marker(name)
    face = hue if metric == "loss" else style.colour("paper")
    x = rows["n"] * beside
    known = rows["edge"].isna()
    ax.vlines(x[known], rows["lam_low"][known], rows["lam_high"][known], color=hue, linewidth=1.4)
    ax.plot(x, rows["lam"], color=hue, linewidth=0.8, alpha=0.5)
    for edge, shape in (("low", "v"), ("high", "^")):
        at = rows["edge"] == edge
        ax.plot(x[at], rows["lam"][at], shape, color=hue, markersize=6)
    ax.plot(x[known], rows["lam"][known], marker, color=hue, markerfacecolor=face, markersize=5.5)
