"""The chapter's figures. Their words are in `text.toml`."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from l2scale.catalogue.figures import figure
from l2scale.exhibits.crush import deep, two_layers
from l2scale.exhibits.crush.deep import ALIVE
from l2scale.exhibits.crush.sweeps import SMALL
from l2scale.exhibits.drawing import (
    DASHED,
    legend_below,
    log_ticks,
    mean_line,
    note,
    reference,
)
from l2scale.looks import style
from l2scale.theory.collapse import Path

SHOWN = 0.75  # the figure by width begins here
SEEN = 1e-9  # the least sum of squares of the figure over time
DOT: dict[str, Any] = {"linestyle": "", "markersize": 5}
STABLE, UNSTABLE = DASHED, DASHED | {"linestyle": (0, (1, 1.5))}
SURE: dict[str, Any] = {"linestyle": ":", "linewidth": 1.4}
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
    """Which networks keep weights, by width and by strength over prediction, in three arms."""
    fig, axes = plt.subplots(1, 3, figsize=(style.WIDTH, 3.6), sharey=True)
    hue = style.colour("data")
    for ax, (arm, label) in zip(axes, ARMS.items(), strict=True):
        rows = two_layers.best_start(table[table["arm"] == arm])
        rows = rows[rows["ratio"].between(SHOWN, 2 - SHOWN)]
        log_ticks(ax, rows["width"])
        ax.tick_params(axis="x", labelsize=8)
        kept = (~rows["zero"]).groupby([rows["width"], rows["ratio"]]).mean().reset_index()
        faces = [(*to_rgb(hue), share) for share in kept["zero"]]
        ax.scatter(kept["width"], kept["ratio"], s=34, linewidths=1, edgecolors=hue, c=faces)
        ax.axhline(1, color=style.colour("ink"), zorder=1, **DASHED)
        ax.set(title=label, ylim=(SHOWN, 2 - SHOWN), xlabel="hidden units")
    axes[0].set_ylabel("λ over the threshold predicted")
    dot = {"linestyle": "", "marker": "o", "markersize": 6}
    legend_below(
        fig, ("at zero", "data", dot | {"markerfacecolor": "none"}),
        ("keeps weights", "data", dot), ("threshold predicted", "ink", DASHED),
    )  # fmt: skip
    return fig


@figure(id="crush-clock", data=two_layers.clock)
def crush_clock(table: pd.DataFrame) -> Figure:
    """Sum of squares over time, by strength over threshold, with the bound of the theorem."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.9))
    ax.set_yscale("log")
    ratios = sorted(table["ratio"].unique())
    for ratio, colour in zip(ratios, style.shades(len(ratios)), strict=True):
        rows = table[(table["ratio"] == ratio) & (table["squares"] > SEEN)]
        whole = rows.groupby("time").filter(lambda g: len(g) == table["seed"].nunique())
        mean_line(ax, whole, "time", "squares", colour)
        if ratio > 1:
            x = np.linspace(0, table["time"].max(), 200)
            start = np.exp(np.log(rows.loc[rows["time"] == 0, "squares"]).mean())
            bound = start * np.exp(-rows["rate"].mean() * x)
            ax.plot(x[bound > SEEN], bound[bound > SEEN], color=colour, **DASHED)
    for ratio, colour in zip(ratios, style.shades(len(ratios)), strict=True):
        ax.plot([], [], color=colour, label=f"{ratio:g} × the threshold")
    ax.plot([], [], color=style.colour("ink"), label="falls at least so fast", **DASHED)
    ax.set(xlabel="learning rate × steps", ylabel="sum of squares", ylim=(SEEN, None))
    fig.legend(loc="outside lower center", ncols=3)
    return fig


@figure(id="deep-jump", data=deep.jump)
def deep_jump(table: pd.DataFrame) -> Figure:
    """Sum of squares against strength for three depths, with the closed form of one path."""
    depths = sorted(table["depth"].unique())
    fig, axes = plt.subplots(1, len(depths), figsize=(style.WIDTH, 4.0), sharey=True)
    first = table.groupby("seed")[["pull", "stiffness"]].first().mean()
    one = Path(float(first["pull"]), float(first["stiffness"]))
    best = deep.best_end(table)
    wins, loses = DOT | {"marker": "o"}, DOT | {"marker": "o", "markerfacecolor": "none"}
    small = DOT | {"marker": "v", "markerfacecolor": "none", "markersize": 4.5}
    for ax, depth in zip(axes, depths, strict=True):
        draw_branch(ax, one, depth)
        rows = best[(best["depth"] == depth) & (best["squares"] > ALIVE)]
        for better, look in ((True, wins), (False, loses)):
            some = rows[(rows["gain"] > 0) == better]
            ax.plot(some["ratio"], some["squares"], color=style.colour("data"), **look)
        low = table[(table["depth"] == depth) & (table["init_scale"] == SMALL)]
        ax.plot(low["ratio"], low["squares"], color=style.colour("penalty"), **small)
        ax.set(title=f"{depth} layers", xlim=(0, 1.25), xticks=(0, 0.5, 1))
    axes[0].set_ylabel("sum of squares at the end")
    axes[1].set_xlabel("λ over the threshold of two layers")
    legend_below(
        fig, ("standard start, better than zero", "data", wins),
        ("the same, worse than zero", "data", loses), ("small start", "penalty", small),
        ("one unit a layer, stable", "ink", STABLE), ("unstable", "ink", UNSTABLE),
        ("zero becomes its lowest", "muted", {"linewidth": 0.8}), columns=3,
    )  # fmt: skip
    return fig


def draw_branch(ax: Axes, one: Path, depth: int) -> None:
    """The stable and the unstable part of the path's stationary points, and its jump."""
    top = one.pull / (2 * one.stiffness)
    turn = top * (depth - 2) / (2 * depth - 2)
    for product, look in (
        (np.linspace(turn, top, 200), STABLE), (np.linspace(0, turn, 100), UNSTABLE)
    ):  # fmt: skip
        ax.plot(
            one.strength(product, depth) / (one.pull / 2), one.squares(product, depth),
            color=style.colour("ink"), zorder=3, **look,
        )  # fmt: skip
    ax.axvline(one.jump(depth)[0] / (one.pull / 2), color=style.colour("muted"), linewidth=0.8)


@figure(id="deep-basin", data=deep.basin)
def deep_basin(table: pd.DataFrame) -> Figure:
    """Which starts end at zero, by strength."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 4.6), sharey=True)
    hue = style.colour("penalty")
    for ax, (depth, networks) in zip(axes, table.groupby("depth"), strict=True):
        rows = networks[~networks["diverged"]]
        zero = (rows["squares"] < ALIVE).groupby([rows["lam"], rows["start"]]).mean()
        zero = zero.reset_index(name="share")
        faces = [(*to_rgb(hue), share) for share in zero["share"]]
        ax.scatter(zero["lam"], zero["start"], s=22, linewidths=0.8, edgecolors=hue, c=faces)
        lams = np.sort(rows["lam"].unique())
        edge = deep.mean_border(deep.border(networks))
        if len(edge):
            ax.plot(edge.index, edge, color=style.colour("data"))
            exponent = deep.border_exponent(depth)
            middle = np.exp((np.log(edge) - exponent * np.log(edge.index)).mean())
            reference(ax, lams, middle * lams**exponent)
        sure = rows.groupby("lam")["sure"].min()
        ax.plot(sure.index, sure, color=style.colour("ink"), **SURE)
        for label, level in initial_levels(rows["hidden"].iloc[0]):
            ax.axhline(level, color=style.colour("muted"), linewidth=0.8, zorder=0)
            note(ax, lams.max() * 1.25, level * 1.06, label, va="bottom")
        ax.set_yscale("log")
        log_ticks(ax, [float(f"{lam:.2g}") for lam in lams])
        ax.set_xlim(lams.min() / 1.3, lams.max() * 5)
        ax.set(title=f"{depth} layers", xlabel="λ (sum penalty)")
    axes[0].set_ylabel("sum of squares of the start")
    legend_below(
        fig, ("ends at zero", "penalty", DOT | {"marker": "o"}),
        ("does not", "penalty", DOT | {"marker": "o", "markerfacecolor": "none"}),
        ("border measured", "data", {}), ("its slope predicted", "ink", DASHED),
        ("below: zero for certain", "ink", SURE), ("standard start", "muted", {"linewidth": 0.8}),
        columns=3,
    )  # fmt: skip
    return fig


def initial_levels(hidden: str) -> list[tuple[str, float]]:
    """Names and sums of squares of the initialisations; those within a fifth share a line."""
    found: list[tuple[str, float]] = []
    for init, name in INITS.items():
        level = deep.start_squares(hidden, init)
        if found and abs(np.log(level / found[-1][1])) < 0.2:
            found[-1] = (f"{found[-1][0]}, {name}", found[-1][1])
        else:
            found.append((name, level))
    return found
