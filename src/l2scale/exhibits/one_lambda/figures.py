"""The chapter's figures. Their words are in `text.toml`."""

from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from l2scale.catalogue.figures import figure
from l2scale.exhibits.drawing import label_end, leave_room, mean_line, note, reference
from l2scale.exhibits.one_lambda import balance as layers
from l2scale.exhibits.one_lambda import tuning
from l2scale.exhibits.one_lambda.landscape import minima, points
from l2scale.exhibits.one_lambda.sweeps import BALANCED, COMPARED, SHAPES, TUNED
from l2scale.exhibits.shared import at_end
from l2scale.looks import style
from l2scale.theory.rescaling import imbalance_left

ROUNDING = 2.0**-53  # half of the spacing of 64-bit numbers at 1
SHIFTS = dict(zip(COMPARED, (-0.27, -0.16, -0.05, 0.06), strict=True))
KINDS = {"layers": ("data", -0.15), "units": ("penalty", 0.15)}  # of imbalance: colour, shift


def keys(*more: Line2D, linestyle: str = "") -> list[Line2D]:
    """A legend's marks of the penalties, and others."""
    looks: dict[str, dict[str, Any]] = {
        p: {"marker": style.marker(p), "color": style.colour(p)} for p in COMPARED
    }
    return [
        *(Line2D([], [], ls=linestyle, label=style.words(p), **look) for p, look in looks.items()),
        *more,
    ]


def categories(ax: Axes, names: list[str]) -> None:
    """Rows of a strip plot, the first on top."""
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.grid(axis="y", visible=False)


def zero(ax: Axes) -> None:
    """A dashed line where there is no difference."""
    ax.axhline(0, color=style.colour("ink"), linestyle=(0, (4, 2)), linewidth=1.0, zorder=1)


@figure(id="every-point", data=points, penalties=("sum",))
def every_point(table: pd.DataFrame) -> Figure:
    """Relative gap at random points by kind of network, on a log axis."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.5))
    names = list(table["network"].unique())
    for place, name in enumerate(names):
        rows = table[table["network"] == name]
        spread = 0.5 * (np.arange(len(rows)) / max(len(rows) - 1, 1) - 0.5)
        colour = style.colour("sum" if rows["homogeneous"].all() else "mean")
        # A gap of exactly 0 is drawn at half a unit of the last place.
        gap = rows["gap"].clip(lower=ROUNDING / 2)
        ax.plot(gap, place + spread, "o", color=colour, markersize=3.5, alpha=0.7)
    ax.axvline(ROUNDING, color=style.colour("muted"), linestyle=":", linewidth=1.2)
    note(ax, ROUNDING * 8, len(names) - 1.55, "half of the last bit", va="center")
    ax.set(xscale="log", xlabel="relative difference of the two costs (0 is drawn at the left end)")
    categories(ax, names)
    return fig


@figure(id="matched-minima", data=minima)
def matched_minima(table: pd.DataFrame) -> Figure:
    """Relative cost at the end by shape: matched by effective strength, and by typed strength."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.6))
    ink = style.colour("ink")
    for ax, arm in zip(axes, ("effective", "typed"), strict=True):
        for place, shape in enumerate(SHAPES):
            some = table[(table["arm"] == arm) & (table["shape"] == shape)]
            for penalty, shift in SHIFTS.items():
                y = some.loc[some["penalty"] == penalty, "relative"]
                look: dict[str, Any] = {
                    "color": style.colour(penalty),
                    "markersize": 5,
                    "alpha": 0.85,
                }
                ax.plot([place + shift] * len(y), y, style.marker(penalty), **look)
            orders = some.loc[~some["penalty"].isin(COMPARED), "relative"]
            for y, shift in zip(orders, cycle(np.linspace(0.17, 0.33, 6)), strict=False):
                ax.plot(place + shift, y, "x", color=ink, markersize=4.5)
        ax.axhline(1, color=style.colour("muted"), linewidth=0.8, zorder=1)
        ax.set_xticks(range(len(SHAPES)), SHAPES)
        ax.set_xlim(-0.5, len(SHAPES) - 0.5)
        ax.grid(axis="x", visible=False)
    # Room for a spread of 1 in 100, so that the eye does not take thousandths for a difference.
    found = table.loc[table["arm"] == "effective", "relative"]
    room = (min(found.min(), 0.99) - 0.001, max(found.max(), 1.01) + 0.001)
    axes[0].set(title="Same λ·c̄", ylabel="cost, relative to the sum’s", ylim=room)
    axes[1].set(title="Same λ", yscale="log")
    handles = keys(Line2D([], [], ls="", marker="x", color=ink, label="1/10, 1, 10 in any order"))
    fig.legend(handles=handles, loc="outside lower center", ncols=len(handles))
    return fig


@figure(id="balance-by-layer", data=layers.balance)
def balance_by_layer(table: pd.DataFrame) -> Figure:
    """Value of each layer relative to the mean of its network, by shape."""
    table = table[table["shape"] != layers.STALLED]
    shapes = table["shape"].unique()
    fig, axes = plt.subplots(1, len(shapes), figsize=(style.WIDTH, 3.4), sharey=True)
    for ax, shape in zip(axes, shapes, strict=True):
        rows = table[table["shape"] == shape]
        for place, penalty in enumerate(COMPARED):
            some = rows[rows["penalty"] == penalty]
            x, look = some["layer"] + (place - 1.5) * 0.16, {"markersize": 4.5, "alpha": 0.8}
            marker, colour = style.marker(penalty), style.colour(penalty)
            ax.plot(x, some["relative"] - 1, marker, color=colour, **look)
        zero(ax)
        ax.set_xticks(sorted(rows["layer"].unique()))
        ax.set(xlabel="layer", xlim=(0.5, rows["layer"].max() + 0.5))
        ax.set_title(shape.replace(", ", ",\n").replace(" and ", "\nand "), fontsize=9)
    axes[0].set_ylabel("layer’s value over\nthe layers’ mean, less 1")
    # Room for 1 in 100, so that the eye does not take thousandths for a difference.
    far = max(1e-2, 1.2 * float((table["relative"] - 1).abs().max()))
    axes[0].set_ylim(-far, far)
    axes[0].yaxis.set_major_formatter(lambda value, _: f"{100 * value:zg}%".replace("-", "−"))
    fig.legend(handles=keys(), loc="outside lower center", ncols=len(COMPARED))
    return fig


@figure(id="what-breaks-balance", data=layers.breaks)
def what_breaks_balance(table: pd.DataFrame) -> Figure:
    """Imbalance at the end by condition, and the norm under layer normalisation."""
    fig, (ax, right) = plt.subplots(
        1, 2, figsize=(style.WIDTH, 4.0), width_ratios=(1.7, 1), layout="constrained"
    )
    for place, name in enumerate(layers.ORDER):
        rows = at_end(table[table["condition"] == name])
        for kind, (look, shift) in KINDS.items():
            colour, y = style.colour(look), place + shift
            ax.plot(rows[kind], [y] * len(rows), "o", color=colour, markersize=3, alpha=0.5)
            ax.plot(rows[kind].median(), y, "|", color=colour, markersize=9, markeredgewidth=2)
    ax.axhline(len(BALANCED) - 0.5, color=style.colour("muted"), linewidth=0.8)
    ax.set(xscale="log", xlabel="imbalance", title="At the end of training")
    categories(ax, list(layers.ORDER))
    handles = [
        Line2D([], [], ls="", marker="o", color=style.colour(look), label=kind)
        for kind, (look, _) in KINDS.items()
    ]
    fig.legend(handles=handles, loc="outside lower center", ncols=2)
    rows = table[table["condition"] == layers.NORMALISED]
    mean_line(right, rows, "step", "left_1", style.colour("data"), "o")
    alone = layers.decay_alone(rows)
    reference(right, np.arange(len(alone)), alone)
    right.set(xlabel="steps", ylabel="share left", yscale="log", title="First layer, normalised")
    right.xaxis.set_major_locator(plt.MaxNLocator(3))
    return fig


@figure(id="imbalance-clock", data=layers.clock)
def imbalance_clock(table: pd.DataFrame) -> Figure:
    """Share of imbalance left over time, by strength, full batch and mini-batch."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.5), sharey=True)
    shades, last = style.shades(table["lam"].nunique()), int(table["step"].max())
    for ax, (batch, cells) in zip(axes, table.groupby("batch_size"), strict=True):
        ax.set_yscale("log")
        for (lam, rows), colour in zip(cells.groupby("lam"), shades, strict=True):
            mean_line(ax, rows, "step", "left", colour, "o", "none")
            ax.lines[-1].set_markersize(4)
            steps = np.linspace(0, last, 100)
            reference(ax, steps, imbalance_left(rows["lr"].iloc[0], lam, steps))
            label_end(ax, rows, "step", "left", f"λ = {lam:g}", colour)
        ax.set(xlabel="steps", title=f"Batches of {batch}" if batch else "Full batch")
        ax.set_xticks([0, last // 2, last])
        leave_room(ax, 0.27)
    axes[0].set_ylabel("imbalance, as a share of the start")
    return fig


@figure(id="tuned-penalties", data=tuning.tuned)
def tuned_penalties(table: pd.DataFrame) -> Figure:
    """Validation loss against effective strength, paired differences, and costs at one strength."""
    fig, ((ax, loss), (error, cost)) = plt.subplots(2, 2, figsize=(style.WIDTH, 5.4))
    for penalty in COMPARED:
        rows = table[(table["arm"] == tuning.SGD) & (table["penalty"] == penalty)]
        mean_line(ax, rows, "felt", "val_loss", style.colour(penalty), style.marker(penalty))
    ax.set(xlabel="λ·c̄", ylabel="nats", title="Validation loss", xscale="log")
    ticks = (10 ** TUNED[0], tuning.settled_at(table), 10 ** TUNED[1])
    ax.set_xticks(ticks, [f"{tick:.2g}" for tick in ticks])
    ax.set_xticks([], minor=True)
    ax.xaxis.set_minor_formatter(plt.NullFormatter())  # with any other, 1, 2 and 5 are labelled
    found = tuning.differences_in(table).query("case == 'tuned'")
    draw_intervals(loss, found[found["metric"] == "loss"])
    draw_intervals(error, found[found["metric"] == "error"])
    for arm, rows in tuning.costs_in(table).groupby("arm", sort=False):
        sgd = arm == tuning.SGD
        shift, words, side = (-0.12, "SGD", "right") if sgd else (0.12, "L-BFGS", "left")
        draw_intervals(cost, rows, shift, filled=sgd)
        for place, high in enumerate(rows["high"]):
            cost.annotate(
                words, (place + shift, high), xytext=(0, 3), textcoords="offset points",
                fontsize=7.5, ha=side, color=style.colour("muted"),
            )  # fmt: skip
    for one in (loss, error, cost):
        zero(one)
    cost.margins(y=0.15)
    loss.set_title("Test loss (nats), less the sum’s")
    error.set_title("Test error, less the sum’s")
    cost.set_title("Cost at one λ·c̄, over the sum’s, less 1")
    fig.legend(handles=keys(linestyle="-"), loc="outside lower center", ncols=len(COMPARED))
    return fig


def draw_intervals(ax: Axes, rows: pd.DataFrame, shift: float = 0.0, filled: bool = True) -> None:
    """An estimate with its interval for each penalty but the sum."""
    for place, row in enumerate(rows.itertuples()):
        colour, marker, x = style.colour(row.penalty), style.marker(row.penalty), place + shift
        face = colour if filled else style.colour("paper")
        ax.plot([x, x], [row.low, row.high], color=colour, linewidth=2)
        ax.plot(x, row.estimate, marker, color=colour, markersize=7, markerfacecolor=face)
    ax.set_xticks(range(len(rows)), [style.words(name) for name in rows["penalty"]])
    ax.set_xlim(-0.6, len(rows) - 0.4)
    ax.grid(axis="x", visible=False)
