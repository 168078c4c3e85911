"""The chapter's figures. Their words are in `text.toml`."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.catalogue.figures import figure
from l2scale.exhibits.cost_of_fifty import large, widths
from l2scale.exhibits.cost_of_fifty.sweeps import BASE, LAM
from l2scale.exhibits.drawing import EDGES, label_end, leave_room, log_ticks, mean_line, reference
from l2scale.lab.estimates.optimal_lambda import optima
from l2scale.looks import style
from l2scale.looks.numerals import percent
from l2scale.theory.initialisation import decayed_value

COLOURS = {0.0: "muted", LAM: "penalty"}


@figure(id="cost-at-start", data=large.start)
def cost_at_start(table: pd.DataFrame) -> Figure:
    """Cost at the start by initialisation (rows) and convention (colours)."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.8))
    ax.set_xscale("log")
    ax.axvspan(*large.FIFTY, color=style.colour("muted"), alpha=0.2, linewidth=0)
    means = table.groupby(["init", "convention"])["cost"].mean()
    order = list(means.groupby("init").max().sort_values().index)
    looks = dict(zip(large.CONVENTIONS, style.shades(len(large.CONVENTIONS))[::-1], strict=True))
    for offset, (convention, colour) in enumerate(looks.items()):
        rows = table[table["convention"] == convention]
        for place, init in enumerate(order):
            y = place + 0.27 - 0.18 * offset
            some = rows[rows["init"] == init]
            ax.plot(
                some["cost"], [y] * len(some), "oDs^"[offset], color=colour,
                label=convention if place == 0 else None, linestyle="none",
            )  # fmt: skip
            reference(ax, [some["predicted"].mean()] * 2, [y - 0.09, y + 0.09])
            ax.lines[-1].set_linestyle("-")
    ax.set_yticks(range(len(order)), [large.NAMES[init] for init in order])
    upright: dict[str, Any] = {
        "linestyle": "none",
        "marker": "|",
        "markersize": 10,
        "markeredgewidth": 1.2,
    }
    ax.plot([], [], color=style.colour("ink"), label="predicted", **upright)
    ax.set_ylim(-0.5, len(order) - 0.4)
    ax.grid(axis="y", visible=False)
    ax.set_xlabel("cost before training (nats)")
    ax.axvline(large.GUESSING, color=style.colour("muted"), linewidth=0.8, zorder=0)
    for x, words in ((50, "50"), (large.GUESSING, "guessing")):
        ax.annotate(
            words, (x, 1), xycoords=ax.get_xaxis_transform(), xytext=(0, 3),
            textcoords="offset points", ha="center", fontsize=9,
        )  # fmt: skip
    fig.legend(loc="outside lower center", ncols=len(looks) + 1)
    return fig


@figure(id="cost-by-layer", data=large.layers)
def cost_by_layer(table: pd.DataFrame) -> Figure:
    """Shares of the value, and forces on one weight, by layer."""
    fig, (left, right) = plt.subplots(
        1, 2, figsize=(style.WIDTH, 3.2), sharey=True, width_ratios=(1, 1.5)
    )
    means = table.groupby(["step", "layer"]).mean(numeric_only=True)
    begun, ended = means.loc[0], means.loc[table["step"].max()]
    names = table.drop_duplicates("layer").set_index("layer")["shape"]
    left.barh(names.index, begun["value_share"], color=style.colour("penalty"), height=0.5)
    for layer, share in begun["value_share"].items():
        left.annotate(
            percent(share), (share, layer), xytext=(4, 0), textcoords="offset points", va="center"
        )
    left.set(xlim=(0, 1.3), xlabel="share of the value at the start", title="Value")
    left.set_xticks([0, 0.5, 1])
    for side, term in ((-0.1, "data"), (0.1, "penalty")):
        colour, y = style.colour(term), begun.index + side
        before, after = begun[f"{term}_force"], ended[f"{term}_force"]
        right.hlines(y, before, after, color=colour, linewidth=1)
        right.plot(before, y, style.marker(term), color=colour, label=f"{term}, start")
        right.plot(
            after, y, style.marker(term), color=colour, markerfacecolor=style.colour("paper"),
            label=f"{term}, end",
        )  # fmt: skip
    right.set(xscale="log", xlabel="force on one weight (nats per unit, RMS)", title="Force")
    left.set_yticks(list(names.index), [f"{i}: {name}" for i, name in names.items()])
    left.set_ylim(3.5, 0.5)
    for ax in (left, right):
        ax.grid(axis="y", visible=False)
    fig.legend(loc="outside lower center", ncols=4)
    return fig


@figure(id="cost-falls", data=large.training)
def cost_falls(table: pd.DataFrame) -> Figure:
    """Cost and its parts, and held-out error, against steps."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(style.WIDTH, 3.5))
    chosen = table[table["lam"] == LAM]
    parts = {"penalty_value": ("penalty", "penalty", -9), "train_loss": ("data loss", "data", 9)}
    for column, (label, name, dy) in parts.items():
        mean_line(left, chosen, "step", column, style.colour(name), style.marker(name))
        label_end(left, chosen, "step", column, label, style.colour(name), dy)
    mean_line(left, chosen, "step", "cost", style.colour("ink"))
    label_end(left, chosen, "step", "cost", "cost", style.colour("ink"), 5)
    steps = np.linspace(0, table["step"].max(), 100)
    first = chosen[chosen["step"] == 0]["penalty_value"].mean()
    reference(left, steps, decayed_value(first, BASE.lr, LAM, steps))
    left.set(xlabel="steps", ylabel="nats", title=f"Cost at λ = {LAM:g}", ylim=(0, None))
    for lam, name in COLOURS.items():
        rows, colour = table[table["lam"] == lam], style.colour(name)
        mean_line(right, rows, "step", "test_error", colour, "o")
        right.plot([], [], color=colour, marker="o", label=f"λ = {lam:g}")
    right.set(xlabel="steps", ylabel="share of wrong answers", title="Held-out error")
    right.set_ylim(0, 0.6)
    right.legend(loc="upper right")
    leave_room(left, 0.2)
    return fig


@figure(id="value-over-time", data=widths.values)
def value_over_time(table: pd.DataFrame) -> Figure:
    """Value of the penalty against steps, one line a width."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.8))
    ax.set_yscale("log")
    ax.set_xscale("symlog", linthresh=10, linscale=0.4)
    sizes = sorted(table["width"].unique())
    looks = dict(zip(sizes, style.shades(len(sizes)), strict=True))
    for width, colour in looks.items():
        rows = table[table["width"] == width]
        mean_line(ax, rows, "step", "train_loss", style.colour("muted"))
        ax.lines[-1].set_linewidth(0.9)
        mean_line(ax, rows, "step", "penalty_value", colour, "o")
    for width, colour in looks.items():  # last, or seaborn would draw a legend of its own
        ax.plot([], [], "o-", color=colour, label=f"H = {width:,}")
    label_end(ax, table, "step", "penalty_value", "value", style.colour("ink"))
    label_end(ax, table, "step", "train_loss", "data loss", style.colour("muted"))
    ax.set(xlabel="steps", ylabel="nats")
    ax.set_xlim(left=-1)
    leave_room(ax, 0.08)
    fig.legend(loc="outside lower center", ncols=len(sizes))
    return fig


@figure(id="cost-and-optimum", data=widths.strengths)
def cost_and_optimum(table: pd.DataFrame) -> Figure:
    """Held-out loss against strength, and the best strength against the value at the start."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(style.WIDTH, 3.6), width_ratios=(1.25, 1))
    sizes = sorted(table["width"].unique())
    colours = dict(zip(sizes, style.shades(len(sizes)), strict=True))
    left.set(xscale="log", yscale="log")
    for width, colour in colours.items():
        mean_line(left, table[table["width"] == width], "lam", "test_loss", colour)
    left.axhline(large.GUESSING, linestyle=":", color=style.colour("muted"), linewidth=1)
    left.axvline(LAM, color=style.colour("muted"), linewidth=0.8)
    left.text(
        LAM, 0.99, f" λ = {LAM:g}", transform=left.get_xaxis_transform(), va="top", fontsize=8.5
    )
    left.set(xlabel="λ (sum penalty)", ylabel="test loss (nats)", title="After training")
    left.yaxis.set_major_formatter("{x:.2g}")
    left.yaxis.set_minor_formatter("{x:.1g}")
    draw_optima(right, table, colours)
    fig.legend(loc="outside lower center", ncols=len(sizes))
    return fig


def draw_optima(ax: Axes, table: pd.DataFrame, colours: dict[int, str]) -> None:
    """The best strength of each width against its value at the start, and what 1/P would ask."""
    ax.set_yscale("log")
    sizes = table.groupby("width")[["weights", "start_squares"]].first()
    found = optima(table, ["width"]).set_index("width").join(LAM * sizes["start_squares"])
    starts, tops = found["start_squares"], found["lam_high"].fillna(found["lam"])
    log_ticks(ax, [float(f"{start:.2g}") for start in starts])
    for width, row in found.iterrows():
        bars = [[row["lam"] - row["lam_low"]], [row["lam_high"] - row["lam"]]]
        ax.errorbar(
            row["start_squares"], row["lam"], yerr=np.nan_to_num(bars), color=colours[width],
            fmt=EDGES.get(row["edge"], "o"), label=f"H = {width:,}",
        )  # fmt: skip
        ax.annotate(
            f"{row['lam']:.3g}", (row["start_squares"], tops[width]), xytext=(0, 6),
            textcoords="offset points", ha="center", fontsize=8.5,
        )  # fmt: skip
    first = found["lam"].iloc[0] * sizes["weights"].iloc[0]
    reference(ax, starts, first / sizes["weights"])
    ax.set_ylim(top=4 * tops.max())
    ax.set_xlim(starts.min() / 2, starts.max() * 2)  # room for the outer labels
    ax.text(0.45, 0.3, "λ ∝ 1/P", transform=ax.transAxes, fontsize=9, ha="right")
    ax.set(xlabel=f"value at the start (nats, λ = {LAM:g})", title="Best λ")
