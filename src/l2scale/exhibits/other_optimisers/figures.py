"""The chapter's figures. Their words are in `text.toml`."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.catalogue.figures import figure
from l2scale.exhibits import matched
from l2scale.exhibits.drawing import best_lambdas, interval_row, log_ticks, note
from l2scale.exhibits.other_optimisers import exponents
from l2scale.exhibits.other_optimisers.arms import CONSTANT, RATES
from l2scale.exhibits.other_optimisers.exponents import METRICS
from l2scale.exhibits.other_optimisers.regret import regret
from l2scale.exhibits.shared import at_end
from l2scale.looks import style

LINES = {"constant": "-", "inverse_width": ":", "maximal_update": "-."}
MARKERS = {"constant": "o", "inverse_width": "s", "maximal_update": "D"}
SHIFT = {"constant": 1.0, "inverse_width": 0.93, "maximal_update": 1.07}  # intervals side by side
CARRIED = {"hold": ("o", -0.17, "λ held"), "root": ("s", 0.17, "λ multiplied")}
LINTHRESH = 0.1  # up to this excess the axis is linear, beyond it logarithmic


def draw_exponent(ax: Axes, x: tuple[float, float], start: float, power: float) -> float:
    """A dashed line of a power of x, and where it ends."""
    end = start * (x[1] / x[0]) ** power
    muted = style.colour("muted")
    ax.plot(x, (start, end), linestyle=(0, (4, 2)), linewidth=0.9, color=muted, zorder=1)
    return end


@figure(id="optimum-by-optimiser", data=exponents.best)
def optimum_by_optimiser(table: pd.DataFrame) -> Figure:
    """One panel an optimiser, one line a rule, and the slopes 0, the ceiling's and 1."""
    fig, axes = plt.subplots(2, 3, figsize=(style.WIDTH, 5.2))
    for ax, arm in zip(axes.flat, CONSTANT, strict=False):
        panel(ax, table[table["optimiser"] == arm.label])
        ax.set_title(arm.label, fontsize=9.5)
    for ax in axes[:, 0]:
        ax.set_ylabel("best λ")
    for ax in (*axes[1, :2], axes[0, 2]):
        ax.set_xlabel("hidden units")
    key, ink = axes[1, 2], style.colour("ink")
    key.axis("off")
    for rule, words in RATES.items():
        key.plot([], [], color=ink, linestyle=LINES[rule], marker=MARKERS[rule], label=words)
    key.legend(loc="center", alignment="left")
    return fig


def panel(ax: Axes, table: pd.DataFrame) -> None:
    """The rules of one optimiser."""
    colour = style.colour(table["cell"].iloc[0])
    ax.set_yscale("log")
    log_ticks(ax, table["width"])
    for rule, rows in table.sort_values("width").groupby("rule"):
        at = rows["width"] * SHIFT[rule]
        ax.plot(at, rows["lam"], LINES[rule], color=colour, linewidth=1.4)
        best_lambdas(ax, at, rows, MARKERS[rule], colour)
    first = table.sort_values("width").iloc[0]
    low, high = first["width"], table["width"].max()
    ceiling = (1 / 2, "½") if first["layers"] == 2 else (2 / 3, "⅔")
    for power, words in ((0.0, "0"), ceiling, (1.0, "1")):
        ax.annotate(
            words, (high, draw_exponent(ax, (low, high), first["lam"], power)), xytext=(10, 0),
            textcoords="offset points", va="center", fontsize=8.5, color=style.colour("muted"),
        )  # fmt: skip
    # The same reach in every panel, so that slopes compare; more where a point needs it.
    ax.set_ylim(
        min(first["lam"] / 8, 0.7 * table["lam"].min()),
        max(first["lam"] * 28, 1.4 * table["lam"].max()),
    )
    ax.set_xlim(low / (high / low) ** 0.08, high * (high / low) ** 0.18)


@figure(id="optimiser-exponents", data=exponents.exponents_by_step)
def optimiser_exponents(table: pd.DataFrame) -> Figure:
    """One row an arm: the exponent by error, filled, and by loss, hollow."""
    arms = at_end(table).groupby(["optimiser", "rate"], sort=False)
    fig, ax = plt.subplots(figsize=(style.WIDTH, 0.42 * len(arms) + 1.1))
    ax.set(xlim=(-1.45, 1.75), ylim=(len(arms) - 0.4, -0.6), xlabel="power of the width")
    muted, ink = style.colour("muted"), style.colour("ink")
    ax.axvline(0, color=muted, linewidth=0.8, zorder=1)
    for place, (_, rows) in enumerate(arms):
        at = rows["predicted"].iloc[0]
        ax.plot([at, at], [place - 0.4, place + 0.4], color=muted, linewidth=3, zorder=1)
        for (_, row), y in zip(rows.iterrows(), (place - 0.17, place + 0.17), strict=True):
            none = 0.08, f"{row['metric']}: edge of the grid, {row['edges']}"
            marker, hollow = style.marker(row["cell"]), row["metric"] == "loss"
            interval_row(ax, y, row, "exponent", marker, none, hollow)
    ax.set_yticks(range(len(arms)), ["\n".join(name) for name, _ in arms], fontsize=8)
    ax.set_xticks([-1, -0.5, 0, 0.5, 1, 1.5], ["−1", "−½", "0", "½", "1", "1½"])
    ax.grid(visible=False, axis="y")
    ax.plot([], [], "o-", color=ink, label="by error")
    ax.plot([], [], "o-", color=ink, markerfacecolor="none", label="by loss")
    ax.plot([], [], "|", color=muted, markersize=11, mew=3, label="0, or the ceiling’s power")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0)
    return fig


@figure(id="optimum-by-rate", data=exponents.rates)
def optimum_by_rate(table: pd.DataFrame) -> Figure:
    """One panel a metric, one line a width, and the slopes predicted."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.6), sharey=True)
    colour, low, high = style.colour("adamw"), table["lr"].min(), table["lr"].max()
    for ax, metric in zip(axes, METRICS, strict=True):
        ax.set_yscale("log")
        log_ticks(ax, table["lr"])
        rows = table[table["metric"] == metric].sort_values("lr")
        for (width, line), mark in zip(rows.groupby("width"), ("o", "s"), strict=True):
            ax.plot(line["lr"], line["lam"], color=colour)
            best_lambdas(ax, line["lr"], line, mark, colour)
            first, last = line.iloc[0], line.iloc[-1]
            for power in (-1, 0, 1):  # short, so that they do not cross
                draw_exponent(ax, (low, float(np.sqrt(low * high))), first["lam"], power)
            ax.annotate(
                f"{width} units", (last["lr"], last["lam"]), xytext=(6, 0), va="center",
                textcoords="offset points", fontsize=9, color=colour,
            )  # fmt: skip
        ax.set(xlabel="learning rate", title=f"λ chosen by {metric}")
        ax.set_xlim(low / 1.15, high * (high / low) ** 0.35)
    axes[0].set_ylabel("best λ")
    words = "dashed: slopes −1 (clock),\n0 (ceiling) and 1 (stretch)"
    note(axes[0], 0.35, 0.04, words, transform=axes[0].transAxes)
    return fig


@figure(id="optimisers-judged-alike", data=exponents.matched)
def optimisers_judged_alike(table: pd.DataFrame) -> Figure:
    """One row an optimiser: how far the exponent is from the prediction, by both labels."""
    return matched.draw_matched(table)


@figure(id="carried-by-optimiser", data=regret)
def carried_by_optimiser(table: pd.DataFrame) -> Figure:
    """One row an arm, one point a reading; left by error, right by loss."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 5.4), sharey=True)
    names = list(table["optimiser"].unique())
    for ax, metric in zip(axes, METRICS, strict=True):
        ax.axvline(0, color=style.colour("muted"), linewidth=1, zorder=1)
        rows = table[table["metric"] == metric]
        for _, row in rows.iterrows():
            marker, aside, words = CARRIED[row["reading"]]
            y, none = names.index(row["optimiser"]) + aside, (0.006, f"{words}: {row['note']}")
            interval_row(ax, y, row, "excess", marker, none)
        percent_axis(ax, rows)
        ax.grid(visible=False, axis="y")
        ax.set_ylim(len(names) - 0.45, -0.55)
        ax.set(xlabel=f"excess test {metric} (%)", title=f"λ chosen by {metric}")
    said = [name.replace(" with ", "\nwith ").replace(", ", ",\n") for name in names]
    axes[0].set_yticks(range(len(names)), said, fontsize=8.5)
    ink, power = style.colour("ink"), r" by $m^{1/2}$, with three layers $m^{2/3}$ (AdamW)"
    for (marker, _, words), more in zip(CARRIED.values(), ("", power), strict=True):
        axes[0].plot([], [], marker, color=ink, label=words + more)
    fig.legend(loc="outside lower center", ncols=2)
    return fig


def percent_axis(ax: Axes, table: pd.DataFrame) -> None:
    """Linear near 0 and logarithmic beyond, as far as the intervals reach; ticks in percent."""
    ax.set_xscale("symlog", linthresh=LINTHRESH, linscale=1.2)
    low, high = min(table["low"].min(), 0), max(table["high"].max(), LINTHRESH)
    ticks = [-50, -10, -5, 0, 5, 10, 30, 100, 300, 1000]
    inside = [tick for tick in ticks if 130 * low <= tick <= 160 * high]
    ax.set_xticks([tick / 100 for tick in inside], [f"{t}".replace("-", "−") for t in inside])
    ax.set_xticks([], [], minor=True)
    ax.set_xlim(min(1.3 * low, -0.025), 1.6 * high)
