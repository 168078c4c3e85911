"""The chapter's figures. Their words are in `text.toml`."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from l2scale.catalogue.figures import figure
from l2scale.exhibits.crush import deep, two_layers
from l2scale.exhibits.crush.deep import ALIVE
from l2scale.exhibits.crush.sweeps import SMALL
from l2scale.exhibits.crush.two_layers import FLOOR, LATE
from l2scale.exhibits.drawing import (
    label_end,
    leave_room,
    log_ticks,
    mean_line,
    note,
    reference,
)
from l2scale.looks import style
from l2scale.theory.collapse import Path

SHOWN = 0.75  # the figure by width begins here
ARMS = {"digits": "Cross-entropy", "teacher": "Squared error", "biased": "With free biases"}
INITS = {"he": "He", "lecun": "LeCun", "glorot": "Glorot", "pytorch": "PyTorch"}


@figure(id="threshold-certified", data=two_layers.certified, penalties=("sum",))
def threshold_certified(table: pd.DataFrame) -> Figure:
    """The gap of the certificate against cells, and the sorted ends of ascents."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(style.WIDTH, 3.4), width_ratios=(1.3, 1))
    bounds = table[table["panel"] == "certificate"]
    dimensions = sorted(bounds["inputs"].unique())
    for d, colour in zip(dimensions, style.shades(len(dimensions)), strict=True):
        rows = bounds[bounds["inputs"] == d]
        for _, line in rows.groupby("seed"):
            left.plot(line["cells"], line["gap"], color=colour, linewidth=1.2, alpha=0.9)
        end = rows[rows["cells"] == rows["cells"].max()].iloc[0]
        left.annotate(
            f"{d:.0f} inputs", (end["cells"], end["gap"]), xytext=(0, -15), color=colour,
            textcoords="offset points", ha="center", fontsize=9,
        )  # fmt: skip
    left.set(xscale="log", yscale="log", xlabel="cells examined", title="Certified from above")
    left.set_ylabel("upper bound over attained, − 1")
    left.set_ylim(bottom=bounds["gap"].min() / 4)
    left.set_xlim(right=bounds["cells"].max() * 4)
    ends = table[table["panel"] == "ascents"]
    for _, line in ends.groupby("seed"):
        right.plot(line["share"], line["of_best"], color=style.colour("data"), linewidth=1.4)
    note(right, 0.03, ends["of_best"].min(), "one line a data split", va="bottom")
    right.set(xlabel="share of the ascents", title="Local maxima, 64 inputs")
    right.set_ylabel("maximum over the largest")
    return fig


@figure(id="threshold-by-width", data=two_layers.widths)
def threshold_by_width(table: pd.DataFrame) -> Figure:
    """Sum of squares at the minimum against strength over prediction, one ring a width."""
    fig, axes = plt.subplots(1, 3, figsize=(style.WIDTH, 3.5))
    widths = sorted(table["width"].unique())
    looks = [
        {"marker": "o", "linestyle": "", "markerfacecolor": "none", "color": colour,
         "markersize": 2.5 + 1.6 * place, "markeredgewidth": 1.0}
        for place, colour in enumerate(style.shades(len(widths)))
    ]  # fmt: skip
    for ax, (arm, label) in zip(axes, ARMS.items(), strict=True):
        rows = two_layers.best_start(table[table["arm"] == arm])
        for width, look in zip(widths, looks, strict=True):
            mean = rows[rows["width"] == width].groupby("ratio")["squares"].mean()
            ax.plot(mean.index, mean, **look)
        if rows["slope"].notna().any():
            x = np.array([rows["ratio"].min(), 1.0])
            reference(ax, x, rows.groupby("seed")["slope"].first().mean() * (1 - x))
        ax.axvline(1, color=style.colour("muted"), linewidth=0.8)
        near = rows[rows["ratio"] > SHOWN]["squares"].max()
        ax.set(title=label, xlim=(SHOWN, 2 - SHOWN), ylim=(-0.06 * near, 1.15 * near))
    axes[1].set_xlabel("λ over the predicted threshold")
    axes[0].set_ylabel("sum of squares at the minimum")
    handles = [
        Line2D([], [], **look, label=f"H = {width:,}")
        for width, look in zip(widths, looks, strict=True)
    ]
    fig.legend(handles=handles, loc="outside lower center", ncols=len(handles))
    return fig


@figure(id="crush-clock", data=two_layers.clock)
def crush_clock(table: pd.DataFrame) -> Figure:
    """Sum of squares over time, by strength over threshold."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.6))
    ax.set_yscale("log")
    ratios = sorted(table["ratio"].unique())
    apart = {0.9: 9, 1.1: -9}  # in a short training the lines all but meet
    for ratio, colour in zip(ratios, style.shades(len(ratios)), strict=True):
        rows = table[(table["ratio"] == ratio) & (table["squares"] > FLOOR)]
        whole = rows.groupby("time").filter(lambda g: len(g) == table["seed"].nunique())
        mean_line(ax, whole, "time", "squares", colour)
        label_end(ax, whole, "time", "squares", f"{ratio:g}", colour, apart.get(ratio, 0))
        if ratio > 1:
            # A slope, not a fit: through the mean of the first point of the straight part.
            late = whole[whole["squares"] < LATE]
            first = late[late["time"] == late["time"].min()]
            x = np.array([first["time"].iloc[0], whole["time"].max()])
            start = np.exp(np.log(first["squares"]).mean()) * 5
            reference(ax, x, start * np.exp(-rows["rate"].mean() * (x - x[0])))
    leave_room(ax, 0.06)
    ax.set(xlabel="learning rate × steps", ylabel="sum of squares")
    return fig


@figure(id="deep-jump", data=deep.jump)
def deep_jump(table: pd.DataFrame) -> Figure:
    """Sum of squares against strength for three depths, with the closed form of one path."""
    depths = sorted(table["depth"].unique())
    fig, axes = plt.subplots(1, len(depths), figsize=(style.WIDTH, 3.6), sharey=True)
    first = table.groupby("seed")[["pull", "stiffness"]].first().mean()
    one = Path(float(first["pull"]), float(first["stiffness"]))
    best = deep.best_end(table)
    data, penalty = style.colour("data"), style.colour("penalty")
    small = {"marker": "v", "linestyle": "", "color": penalty, "markerfacecolor": "none"}
    for ax, depth in zip(axes, depths, strict=True):
        draw_branch(ax, one, depth)
        rows = best[(best["depth"] == depth) & (best["squares"] > ALIVE)]
        for wins, face in ((True, data), (False, "none")):
            some = rows[(rows["gain"] > 0) == wins]
            ax.plot(
                some["ratio"], some["squares"], "o", markerfacecolor=face, markersize=5, color=data
            )
        low = table[(table["depth"] == depth) & (table["init_scale"] == SMALL)]
        ax.plot(low["ratio"], low["squares"], **small, markersize=4.5)
        ax.set(title=f"{depth} layers", xlim=(0, 1.25), xticks=(0, 0.5, 1))
    axes[0].set_ylabel("sum of squares at the end")
    axes[1].set_xlabel("λ over the threshold of two layers")
    path = {"color": style.colour("ink"), "linestyle": "--", "linewidth": 1.2}
    handles = [
        Line2D([], [], marker="o", linestyle="", color=data, label="standard start"),
        Line2D([], [], **small, label="small start"),
        Line2D([], [], **path, label="one unit a layer"),
    ]
    fig.legend(handles=handles, loc="outside lower center", ncols=3)
    return fig


def draw_branch(ax: Axes, one: Path, depth: int) -> None:
    """The stable and the unstable part of the path's stationary points, and its jump."""
    top = one.pull / (2 * one.stiffness)
    turn = top * (depth - 2) / (2 * depth - 2)
    parts = ((np.linspace(turn, top, 200), (0, (4, 2))), (np.linspace(0, turn, 100), (0, (1, 1.5))))
    for product, dashes in parts:
        ax.plot(
            one.strength(product, depth) / (one.pull / 2), one.squares(product, depth),
            color=style.colour("ink"), linewidth=1.2, linestyle=dashes, zorder=3,
        )  # fmt: skip
    ax.axvline(one.jump(depth)[0] / (one.pull / 2), color=style.colour("muted"), linewidth=0.8)


@figure(id="deep-basin", data=deep.basin)
def deep_basin(table: pd.DataFrame) -> Figure:
    """Which starts end at zero, by strength."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 4.0), sharey=True)
    for ax, (depth, networks) in zip(axes, table.groupby("depth"), strict=True):
        rows = networks[~networks["diverged"]]
        zero = (rows["squares"] < ALIVE).groupby([rows["lam"], rows["start"]]).mean()
        zero = zero.reset_index(name="share")
        ax.scatter(
            zero["lam"], zero["start"], s=22, linewidths=0.8, edgecolors=style.colour("penalty"),
            c=[(*to_rgb(style.colour("penalty")), share) for share in zero["share"]],
        )  # fmt: skip
        lams = np.sort(rows["lam"].unique())
        edge = deep.mean_border(deep.border(networks))
        if len(edge):
            ax.plot(edge.index, edge, color=style.colour("data"))
            exponent = deep.border_exponent(depth)
            middle = np.exp((np.log(edge) - exponent * np.log(edge.index)).mean())
            reference(ax, lams, middle * lams**exponent)
        sure = rows.groupby("lam")["sure"].min()
        ax.plot(sure.index, sure, ":", color=style.colour("ink"), linewidth=1.4)
        for label, level in draw_levels(rows["hidden"].iloc[0]):
            ax.axhline(level, color=style.colour("muted"), linewidth=0.8, zorder=0)
            note(ax, lams.max() * 1.2, level * 1.06, label, va="bottom")
        ax.set_yscale("log")
        log_ticks(ax, [float(f"{lam:.2g}") for lam in lams])
        ax.set_xlim(lams.min() / 1.3, lams.max() * 3.8)
        ax.set(title=f"{depth} layers", xlabel="λ (sum penalty)")
    axes[0].set_ylabel("sum of squares of the start")
    return fig


def draw_levels(hidden: str) -> list[tuple[str, float]]:
    """Names and sums of squares of the initialisations; those within a fifth share a line."""
    found: list[tuple[str, float]] = []
    for init, name in INITS.items():
        level = deep.start_squares(hidden, init)
        if found and abs(np.log(level / found[-1][1])) < 0.2:
            found[-1] = (f"{found[-1][0]}, {name}", found[-1][1])
        else:
            found.append((name, level))
    return found
