"""The chapter's figures. Their words are in `text.toml`."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.catalogue.figures import figure
from l2scale.exhibits.bad_start.course import SMALL, long
from l2scale.exhibits.bad_start.first_epochs import EARLY, share, sizes, starts
from l2scale.exhibits.bad_start.minima import minima, of_seeds
from l2scale.exhibits.bad_start.published import EPOCHS, HIS, RECORD, published
from l2scale.exhibits.bad_start.training import NAMES
from l2scale.exhibits.drawing import (
    DASHED,
    EDGES,
    SHADED,
    label_end,
    label_ends,
    leave_room,
    legend_below,
    log_ticks,
    mean_line,
    note,
    reference,
)
from l2scale.looks import style

LAYERS = {1: ("data", "first layer"), 2: ("penalty", "output layer")}
MEASURES = {
    "net": ("data", "o", "net movement of epoch 1"),
    "peak": ("penalty", "s", "a step, peak of epoch 1"),
    "mean": ("muted", "D", f"a step, mean of {EARLY} epochs"),
}  # column -> (colour, marker, words)
SIZES = {"dead": "weights on blank pixels", "live": "all weights"}  # column -> words
FLOOR = 3e-4  # of their axis
LINES: dict[str, Any] = {"normal": "-", "lecun": (0, (2, 1.2))}  # start -> line style
LOOKS = {"normal": "penalty", "lecun": "data"}


def fixed_ticks(axis: str, ax: Axes, values: Iterable[float]) -> None:
    """Ticks at the values of a logarithmic axis, "x" or "y", and none between."""
    values = list(values)
    getattr(ax, f"set_{axis}ticks")(values, [f"{value:g}" for value in values])
    getattr(ax, f"set_{axis}ticks")([], minor=True)


@figure(id="forces-at-start", data=starts)
def forces_at_start(table: pd.DataFrame) -> Figure:
    """Strength of equality against width, in bands of what was predicted."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.9))
    means = table.groupby("width", as_index=False).mean()
    for layer, (look, name) in LAYERS.items():
        colour = style.colour(look)
        low, high = means[f"floor_{layer}"], means[f"predicted_{layer}"]
        ax.fill_between(means["width"], low, high, color=colour, alpha=0.15, linewidth=0)
        mean_line(ax, table, "width", f"equal_{layer}", colour, style.marker(look))
        label_end(ax, table, "width", f"equal_{layer}", name, colour)
    words = {"va": "bottom", "fontsize": 9, "color": style.colour("ink")}
    ax.axhline(HIS, linestyle=":", color=words["color"], linewidth=1.2)
    note(ax, means["width"].min(), HIS * 1.15, "Nielsen’s 2λ", **words)
    ax.set_yscale("log")
    log_ticks(ax, means["width"])
    leave_room(ax, 0.22)
    ax.set(xlabel="hidden units H", ylabel="2λ at which decay = gradient", ylim=(HIS / 2, 1))
    return fig


@figure(id="share-of-decay", data=share)
def share_of_decay(table: pd.DataFrame) -> Figure:
    """Shares against strength, the two layers side by side."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 4.2), sharey=True)
    ratios = np.sort(table["ratio"].unique())
    idle = ratios[ratios > table.loc[table["learns"], "ratio"].max()]
    for ax, (layer, (_, name)) in zip(axes, LAYERS.items(), strict=True):
        rows = table[table["layer"] == layer]
        for measure, (look, marker, _) in MEASURES.items():
            drawn = rows.assign(percent=100 * rows[measure])
            mean_line(ax, drawn, "ratio", "percent", style.colour(look), marker)
        ax.set_xscale("log")
        if len(idle):
            between = (ratios[ratios < idle[0]][-1] * idle[0]) ** 0.5
            shade = {"color": style.colour("muted"), "alpha": SHADED["alpha"], "linewidth": 0}
            ax.axvspan(between, 1.5 * ratios[-1], **shade)
        ax.set(title=name, xlabel="2λ", ylabel="", ylim=(-3, 103))  # no mark is cut
        ax.set_xlim(ratios[0] / 1.5, 1.5 * ratios[-1])
    axes[0].set_ylabel("share of decay (%)")
    key = [(words, look, {"marker": marker}) for look, marker, words in MEASURES.values()]
    if len(idle):
        key.append(("nothing is learned", "muted", SHADED))
    legend_below(fig, *key, columns=2)
    return fig


@figure(id="decay-by-epoch", data=sizes)
def decay_by_epoch(table: pd.DataFrame) -> Figure:
    """Sizes against epochs, a line a strength: weights without a gradient, and all weights."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 4.2), sharey=True)
    groups = table.groupby("ratio")
    for ax, (column, words) in zip(axes, SIZES.items(), strict=True):
        ends = {}
        for (ratio, rows), colour in zip(groups, style.shades(len(groups)), strict=True):
            mean_line(ax, rows, "epoch", column, colour, "o")
            predicted = rows.drop_duplicates("epoch")
            reference(ax, predicted["epoch"], predicted["exponential"])
            means = rows.groupby("epoch")[column].mean()
            if means.iloc[-1] > FLOOR:
                ends[f"{ratio:g}"] = (means.iloc[-1], colour)
            else:
                goes_on_below(ax, means, f"{ratio:g}", colour)
        # Only now: on a logarithmic axis the mean over seeds would be a geometric one.
        ax.set(title=words, xlabel="epoch", ylabel="", yscale="log", ylim=(FLOOR, 1.5))
        ax.set_xticks(sorted(table["epoch"].unique()))
        leave_room(ax, 0.2)
        label_ends(ax, ends, 1.04 * table["epoch"].max())
    axes[0].set_ylabel("size / size at start, by 2λ")
    legend_below(fig, ("measured", "ink", {"marker": "o"}), ("exponential", "ink", DASHED))
    return fig


def goes_on_below(ax: Axes, means: pd.Series, words: str, colour: str) -> None:
    """Mark and name a line where it leaves the frame at its lower edge."""
    out = int((means.to_numpy() > FLOOR).sum())  # the first point that is not drawn
    x = np.interp(np.log(FLOOR), np.log(means.iloc[[out, out - 1]]), means.index[[out, out - 1]])
    ax.plot(x, FLOOR, EDGES["low"], color=colour, markersize=6, clip_on=False)
    place: dict[str, Any] = {"xytext": (7, 2), "textcoords": "offset points", "va": "bottom"}
    ax.annotate(words, (x, FLOOR), color=colour, fontsize=9, **place)


@figure(id="weights-at-the-end", data=minima)
def weights_at_the_end(table: pd.DataFrame) -> Figure:
    """Size against number of weights, a line a strength, with the two sizes of the sources."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 4.0))
    sizes = np.array(sorted(table["weights"].unique()), dtype=float)
    groups, ends = of_seeds(table).groupby("ratio"), {}
    for (ratio, rows), colour in zip(groups, style.shades(len(groups)), strict=True):
        mean_line(ax, rows, "weights", "rms", colour, "o")
        ends[f"2λ = {ratio:g}"] = (rows.loc[rows["weights"] == sizes[-1], "rms"].mean(), colour)
    for power, words in ((0.5, "1/√P"), (1.0, "1/P")):
        reference(ax, sizes, sizes**-power)
        ends[words] = (sizes[-1] ** -power, style.colour("ink"))
    ax.set_yscale("log")
    log_ticks(ax, sizes)
    leave_room(ax, 0.26)
    label_ends(ax, ends, 1.05 * sizes[-1])
    ax.set(xlabel="weights P", ylabel="root mean square weight")
    return fig


@figure(id="forces-meet", data=long)
def forces_meet(table: pd.DataFrame) -> Figure:
    """Forces at the strongest lambda at which a network learns, and sizes wherever one does."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(style.WIDTH, 4.2))
    moving = table[table["step"] > 0]
    limit = moving[moving["limit"] == "yes"]
    for init, line in LINES.items():
        rows = limit[limit["init"] == init]
        for look, column in (("penalty", "penalty_force_1"), ("data", "data_force_1")):
            mean_line(left, rows, "epoch", column, style.colour(look), linestyle=line)
    shown = moving[moving["learns"] != "no"].groupby("ratio")
    last, ends = moving["epoch"].max(), {}
    colours = (style.colour("muted"), *style.shades(len(shown) - 1))
    for (ratio, rows), colour in zip(shown, colours, strict=True):
        for init, line in LINES.items():
            start = rows[rows["init"] == init]
            mean_line(right, start, "epoch", "rms_1", colour, linestyle=line)
        solid = rows[(rows["epoch"] == last) & (rows["init"] == next(iter(LINES)))]
        ends[f"{ratio:g}"] = (solid["rms_1"].mean(), colour)
    dots = {"linestyle": ":", "linewidth": 1.2}
    right.plot([moving["epoch"].min(), last], [SMALL] * 2, color=style.colour("ink"), **dots)
    for ax in (left, right):
        ax.set(xscale="log", yscale="log", xlabel="epoch", ylabel="")
        fixed_ticks("x", ax, (power for power in (0.1, 1, 10, 100, 1000) if power <= last))
    leave_room(right, 0.24)
    left.set(title="force on the first layer", ylabel="norm (nats per unit of w)")
    right.set(title="size of its weights, by 2λ", ylabel="root mean square (units of w)")
    fixed_ticks("y", right, (0.1, 0.2, 0.5, 1.0))
    label_ends(right, ends, 1.2 * last)
    starts = [(f"from {NAMES[init]}", "ink", {"linestyle": line}) for init, line in LINES.items()]
    plain: dict[str, Any] = {}
    forces = ("penalty", "penalty", plain), ("data", "data", plain)
    legend_below(fig, *forces, *starts, ("1/√nᵢₙ", "ink", dots))
    return fig


@figure(id="preactivation-kurtosis", source="preactivations")
def preactivation_kurtosis_by_width(table: pd.DataFrame) -> Figure:
    """Excess kurtosis against width for both activations."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.9))
    for activation, look in (("linear", "penalty"), ("sigmoid", "data")):
        rows, colour = table[table["activation"] == activation], style.colour(look)
        mean_line(ax, rows, "width", "kurtosis", colour, style.marker(look))
        expected = rows.groupby("width")["predicted"].mean()
        reference(ax, expected.index, expected)
        label_end(ax, rows, "width", "kurtosis", activation, colour)
    ax.set_yscale("log")
    least = 0.7 * table["kurtosis"].min()
    fixed_ticks("y", ax, (tick for tick in (0.1, 0.2, 0.5, 1, 2, 5) if tick > least))
    log_ticks(ax, table["width"])
    leave_room(ax, 0.14)
    ax.set(xlabel="hidden units H", ylabel="excess kurtosis")
    return fig


@figure(id="published-starts", data=published)
def published_starts(table: pd.DataFrame) -> Figure:
    """Validation error against epochs from both starts, with his numbers."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.9), sharey=True)
    drawn = table[table["epoch"] >= 1].assign(percent=100 * table["val_error"])
    for ax, (width, rows) in zip(axes, drawn.groupby("width"), strict=True):
        for init, look in LOOKS.items():
            start = rows[rows["init"] == init]
            mean_line(ax, start, "epoch", "percent", style.colour(look), style.marker(look))
        for his in RECORD[RECORD["width"] == width].itertuples():
            ax.plot(
                [1, EPOCHS], [100 * his.his_first, 100 * his.his_last], linestyle="none",
                marker="x", color=style.colour(LOOKS[his.init]), markersize=7, markeredgewidth=1.8,
            )  # fmt: skip
        ax.set(xscale="log", yscale="log")
        fixed_ticks("x", ax, (1, 2, 5, 10, 30))
        fixed_ticks("y", ax, (2, 5, 10, 20, 50, 100))
        leave_room(ax, 0.03)
        ax.set(title=f"{width} hidden units", xlabel="epoch", ylabel="")
    axes[0].set_ylabel("validation error (%)")
    ours = [(f"from {NAMES[i]}", hue, {"marker": style.marker(hue)}) for i, hue in LOOKS.items()]
    legend_below(fig, *ours, ("Nielsen, MNIST", "ink", {"linestyle": "none", "marker": "x"}))
    return fig
