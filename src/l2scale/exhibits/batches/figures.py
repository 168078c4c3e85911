"""The chapter's figures. Their words are in `text.toml`."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.catalogue.figures import figure
from l2scale.exhibits.batches.best import AXES, WAYS, best, course
from l2scale.exhibits.batches.conventions import CONVENTIONS
from l2scale.exhibits.batches.trajectories import relative
from l2scale.exhibits.drawing import (
    best_lambdas,
    label_end,
    leave_room,
    log_ticks,
    mean_line,
    note,
)
from l2scale.looks import style

LOOKS = {"error": ("data", "o"), "loss": ("penalty", "s")}
MARKERS = ("o", "s", "D", "P", "X", "h")


@figure(id="one-trajectory", data=relative)
def one_trajectory(table: pd.DataFrame) -> Figure:
    """The sum of squares over the steps, converted rightly and wrongly."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.6), sharey=True)
    sizes = sorted(table["batch_size"].unique())
    steps = sorted(table["step"].unique())
    others = [form for form in CONVENTIONS if form != "mean"]
    for i, (size, hue) in enumerate(zip(sizes, style.shades(len(sizes)), strict=True)):
        forms = dict(list(table[table["batch_size"] == size].groupby("form")))
        mean_line(axes[0], forms["mean"], "step", "kept", hue)
        for place, form in enumerate(others):
            mark(axes[0], forms[form], steps[1 + place :: len(others)], "o", hue)
        wrong = forms["mean_scaled"]
        mean_line(axes[1], wrong, "step", "kept", hue)
        mark(axes[1], forms["batch_samples"], steps[1:], "x", hue)
        # Labels are spread a little: the largest strength has the lowest line.
        spread = 5.0 * (len(sizes) - 1 - 2 * i) / max(1, len(sizes) - 1)
        label_end(axes[1], wrong, "step", "kept", f"B = {size}", hue, dy=spread)
    axes[0].set(title="Converted", ylabel="‖w‖² over that of the start", xlabel="step")
    axes[1].set(title="λB/n in place of λ", xlabel="step")
    note(axes[0], 0.96, 0.95, "at each batch size,\nall objectives", ha="right", va="top",
         transform=axes[0].transAxes)  # fmt: skip
    leave_room(axes[1], 0.2)
    return fig


def mark(ax: Axes, rows: pd.DataFrame, steps: list[int], shape: str, colour: str) -> None:
    """The mean sum of squares at some looks."""
    means = rows[rows["step"].isin(steps)].groupby("step")["kept"].mean()
    ax.plot(means.index, means, shape, color=colour, markersize=5)


@figure(id="best-lambda-by-batch", data=best)
def best_by_batch(table: pd.DataFrame) -> Figure:
    """One panel for each way to change the batch size."""
    fig, axes = plt.subplots(1, 3, figsize=(style.WIDTH, 3.4), sharey=True)
    for ax, (arm, all_rows) in zip(axes, table.groupby("arm", sort=False), strict=True):
        ax.set(yscale="log", title=WAYS[arm].replace(", ", ",\n"), xlabel="batch size B")
        log_ticks(ax, table["batch_size"])
        ax.margins(x=0.12, y=0.13)
        for metric, (name, shape) in LOOKS.items():
            rows = all_rows[all_rows["metric"] == metric]
            draw_best(ax, rows, style.colour(name), shape)
            if ax is axes[0]:
                first = rows.iloc[0]
                ax.annotate(
                    f"by {metric}", (first["batch_size"], first["lam_high"]), xytext=(0, 4),
                    textcoords="offset points", color=style.colour(name), fontsize=9, va="bottom",
                )  # fmt: skip
    axes[0].yaxis.set_major_formatter("{x:g}")
    axes[0].set_ylabel("best λ")
    return fig


def draw_best(ax: Axes, rows: pd.DataFrame, colour: str, mark: str, x: str = "batch_size") -> None:
    """Best strengths along x, joined, with their intervals; a bound is a triangle."""
    ax.plot(rows[x], rows["lam"], color=colour)
    best_lambdas(ax, rows[x], rows, mark, colour)


@figure(id="steps-or-epochs", data=course)
def steps_or_epochs(table: pd.DataFrame) -> Figure:
    """The same best strengths against steps and against epochs."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.7), sharey=True)
    by_loss = table[table["metric"] == "loss"]
    sizes = sorted(table["batch_size"].unique())
    looks = list(zip(sizes, style.shades(len(sizes)), MARKERS, strict=False))
    for ax, (x, words) in zip(axes, AXES.items(), strict=True):
        ax.set(yscale="log", xlabel=words, title=f"At equal {words}")
        log_ticks(ax, table[x])
        for size, hue, mark in looks:
            rows = by_loss[by_loss["batch_size"] == size].sort_values("step")
            draw_best(ax, rows, hue, mark, x=x)
        leave_room(ax, 0.06)
        ax.set_ylim(by_loss["lam"].min() / 3, None)
        ax.yaxis.set_major_formatter("{x:g}")
    axes[0].set_ylabel("best λ, by validation loss")
    handles = [
        plt.Line2D([], [], color=hue, marker=mark, label=f"batches of {size}")
        for size, hue, mark in looks
    ]
    fig.legend(handles=handles, loc="outside lower center", ncols=3)
    return fig
