"""The chapter's figures. Their words are in `text.toml`."""

from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.catalogue.figures import figure
from l2scale.exhibits.drawing import (
    label_ends,
    leave_room,
    legend_below,
    mean_line,
    note,
    reference,
)
from l2scale.exhibits.frameworks.forgetting import LAMS, MOMENTUM, RATE, STEPS, WAYS
from l2scale.exhibits.frameworks.libraries import FROM, LARGE, applied, path_of, paths
from l2scale.exhibits.frameworks.sweeps import LEFT
from l2scale.exhibits.frameworks.trainings import (
    walks,
)
from l2scale.looks import style
from l2scale.looks.numerals import plain
from l2scale.theory.momentum import long_run_factor
from l2scale.theory.penalties import decay_factor

KINDS = {
    "objective": "in the objective: λ in the book’s units",
    "weights": "on the weights: share of a weight that a step takes",
}
NAMES = {"sgd": "SGD", "momentum": f"Momentum {MOMENTUM:g}", "adam": "Adam"}
SHOWN = (1, 256)  # of the shares under Adam over 2 eta lambda, with the nearest
MARKS = {
    "loss": ("o", 10, "none"),
    "sgd": ("o", 6, None),
    "adamw": ("D", 3, None),
    "adam": ("s", 6, None),
}  # way -> marker, its size, its face where it is not filled


@figure(id="same-number", data=applied, penalties=("sum",))
def same_number(table: pd.DataFrame) -> Figure:
    """One row per strength, with the settings that have it."""
    kinds = [table[table["where"] == where] for where in KINDS]
    counts = [rows["predicted"].nunique() for rows in kinds]
    size = (style.WIDTH, 0.62 * sum(counts) + 1.7)
    fig, axes = plt.subplots(2, 1, figsize=size, height_ratios=counts)
    for ax, rows, label in zip(axes, kinds, KINDS.values(), strict=True):
        draw_strengths(ax, rows)
        ax.set_xlabel(label)
    return fig


def draw_strengths(ax: Axes, table: pd.DataFrame) -> None:
    """The settings of one kind."""
    strengths = sorted(table["predicted"].unique(), reverse=True)
    low, high = min(strengths), max(strengths)
    for place, strength in enumerate(strengths):
        rows = table[table["predicted"] == strength]
        run, read = (list(rows.loc[rows["run"] == is_run, "setting"].unique()) for is_run in (1, 0))
        look: dict[str, Any] = {"color": style.colour("sum"), "markersize": 7}
        if run:
            ax.plot(rows["measured"], [place] * len(rows), "o", **look)
        else:
            ax.plot([strength], [place], "o", markerfacecolor="none", **look)
        # Towards the middle, so that names have room.
        right = strength * strength < low * high
        for names, ink, side, dy in ((run, "ink", "bottom", 1), (read, "muted", "top", -1)):
            text = fill(", ".join(names), 48, break_on_hyphens=False)
            ax.annotate(
                text, (strength, place), xytext=(9 if right else -9, dy if run and read else 0),
                textcoords="offset points", ha="left" if right else "right",
                va=side if run and read else "center", fontsize=8.5, color=style.colour(ink),
            )  # fmt: skip
    ax.set(xscale="log", yticks=[], ylim=(len(strengths) - 0.4, -0.6), xlim=(low / 2, high * 2))
    ax.grid(axis="y", visible=False)


@figure(id="unused-by-optimiser", source="forgotten", data=paths, penalties=("sum",))
def unused_by_optimiser(table: pd.DataFrame) -> Figure:
    """First steps against the weight, and what is left over the steps."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.9))
    draw_first(axes[0], table[table["step"] == 1])
    draw_paths(axes[1], table)
    fig.legend(loc="outside lower center", ncols=3)
    return fig


def draw_first(ax: Axes, table: pd.DataFrame) -> None:
    """What the first step takes, and the predictions."""
    starts = np.array(sorted(table["start"].unique()))
    ax.set(xscale="log", yscale="log", xlabel="weight w", ylabel="what a step takes")
    ax.set_title("The first step")
    for lam in LAMS:
        reference(ax, starts, 2 * RATE * lam * starts)
    reference(ax, starts, np.full(len(starts), RATE))
    note(ax, (starts[0] * starts[1]) ** 0.5, 1.4 * RATE, "η", ha="center")  # between two marks
    note(ax, 2, 4 * RATE * min(LAMS) / 5, f"2ηλw, λ = {plain(min(LAMS))}", va="top")
    note(ax, starts[0], RATE / 8, f"2ηλw, λ = {plain(LARGE)}", va="top")
    for way, (shape, size, face) in MARKS.items():
        rows, hue = table[table["way"] == way], style.colour("ink" if face else WAYS[way].hue)
        ax.plot(
            rows["start"], rows["taken"], shape, color=hue, markersize=size, zorder=4,
            markerfacecolor=face or hue, label=WAYS[way].words,
        )  # fmt: skip


def draw_paths(ax: Axes, table: pd.DataFrame) -> None:
    """What is left, and what was predicted."""
    steps = np.arange(STEPS + 1)
    ax.set(xlabel="step", ylabel="share of the weight that is left", title="Many steps")
    for way in ("adamw", "momentum", "adam"):
        words = WAYS[way].words if way not in MARKS else None  # the others' are at the left
        ax.plot(path_of(table, way), color=style.colour(WAYS[way].hue), label=words)
    ax.plot(path_of(table, "sgd").iloc[::25], "o", color=style.colour("sgd"), markersize=5)
    reference(ax, steps, decay_factor(RATE, LARGE) ** steps, "predicted")
    reference(ax, steps, long_run_factor(RATE, LARGE, MOMENTUM) ** steps)
    reference(ax, steps, np.maximum(0, 1 - RATE * steps / FROM))
    ax.text(170, 0.78, "SGD, AdamW", color=style.colour("adamw"), fontsize=9)
    ax.text(62, 0.5, "Adam", color=style.colour("adam"), fontsize=9)
    ax.set_ylim(-0.03, 1.05)


@figure(id="in-loss-or-on-weights", data=walks, penalties=("sum",))
def in_loss_or_on_weights(table: pd.DataFrame) -> Figure:
    """Sums of squares over the steps, by optimiser."""
    fig, axes = plt.subplots(1, 3, figsize=(style.WIDTH, 3.5), sharey=True)
    arms = dict(list(table.groupby(["optimiser", "where"])))
    means = {arm: rows.groupby("step")["sq_norm"].mean() for arm, rows in arms.items()}
    axes[0].set_ylim(-0.03, 1.1)
    draw_shares(axes[2], arms["adam", "weights"], means["adam", "loss"].iloc[-1])
    for ax, (optimiser, name) in zip(axes, NAMES.items(), strict=True):
        mean_line(ax, arms[optimiser, "loss"], "step", "sq_norm", style.colour(optimiser))
        ax.set(title=name, xlabel="step", ylabel="‖w‖² over that of the start")
    for ax, arm in zip(axes, (("sgd", "weights"), ("momentum", "late")), strict=False):
        ax.plot(means[arm], style.marker(arm[0]), color=style.colour(arm[0]), markersize=6)
    axes[1].plot(means["momentum", "weights"], ":", color=style.colour("ink"))
    for place, y, text, hue in (
        (1, 0.93, "share 2ηλ", "ink"),
        (1, 0.55, "share\n2ηλ/(1 − μ)", "momentum"),
        (0, 0.55, f"share 2ηλ:\n×{LEFT:g} a step", "sgd"),
    ):  # each between two lines of the grid
        look: dict[str, Any] = {
            "transform": axes[place].get_yaxis_transform(),
            "color": style.colour(hue),
        }
        axes[place].text(0.98, y, text, ha="right", va="center", fontsize=9, **look)
    shares = {"linestyle": "none", "marker": "o"}
    legend_below(fig, ("λ in the loss", "ink", {}), ("shares of the weights", "ink", shares))
    return fig


def draw_shares(ax: Axes, table: pd.DataFrame, penalised: float) -> None:
    """Decays of the weights under Adam by share, some and the nearest, and the penalty's end."""
    some = table["times"].isin(SHOWN) | table["nearest"].eq("yes")
    hue, ends = style.colour("adamw"), {"λ in the loss": (penalised, style.colour("adam"))}
    for times, rows in table[some].groupby("times"):
        means = rows.groupby("step")["sq_norm"].mean()
        ax.plot(means, linewidth=1, marker=".", color=hue)
        text = f"2ηλ × {times:,.0f}" if times > 1 else "share 2ηλ"
        ends[text] = (means.iloc[-1], hue)
    leave_room(ax, 0.65)
    label_ends(ax, ends, 1.06 * table["step"].max(), gap=0.085)
