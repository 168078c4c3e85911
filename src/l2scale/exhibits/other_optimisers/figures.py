"""The chapter's figures. Their words are in `text.toml`."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.catalogue.figures import figure
from l2scale.exhibits.drawing import (
    best_lambdas,
    label_ends,
    leave_room,
    log_ticks,
    note,
)
from l2scale.exhibits.matched import draw_matched
from l2scale.exhibits.other_optimisers import exponents
from l2scale.exhibits.other_optimisers.arms import CONSTANT, RATES
from l2scale.exhibits.other_optimisers.exponents import METRICS
from l2scale.exhibits.other_optimisers.regret import regret
from l2scale.exhibits.shared import at_end
from l2scale.looks import style

LINES = {"constant": "-", "inverse_width": ":", "maximal_update": "-."}
MARKERS = {"constant": "o", "inverse_width": "s", "maximal_update": "D"}
SHIFT = {"constant": 1.0, "inverse_width": 0.93, "maximal_update": 1.07}  # intervals side by side
CARRIED = {
    "hold": ("o", -0.17, "λ unchanged"),
    "root": ("s", 0.17, "AdamW: λ times $m^{1/2}$, three layers $m^{2/3}$"),
}
FRAME = -1.45, 1.75  # of powers; an arrow marks an interval that goes on
LAMS = ["lam", "lam_low", "lam_high"]
RATE_POWERS = {1: "+1: size kept", 0: "0: ceiling", -1: "−1: time kept"}


def draw_power(ax: Axes, x: tuple[float, float], start: float, power: float) -> float:
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
        draw_panel(ax, table[table["optimiser"] == arm.label])
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


def draw_panel(ax: Axes, table: pd.DataFrame) -> None:
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
            words, (high, draw_power(ax, (low, high), first["lam"], power)), xytext=(10, 0),
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
    """One row an arm, in groups of like training; the exponent by error left, by loss right."""
    table = at_end(table)
    groups = {
        "Constant rate, wrong labels": table.query("rule == 'constant' and labels == 'wrong'"),
        "Constant rate, no wrong labels": table.query("labels == 'clean'"),
        "Rate lowered, wrong labels": table.query("rule != 'constant'"),
    }
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 6.6), sharey=True)
    places, y = {}, 0.0
    behind = {"facecolor": style.colour("paper"), "edgecolor": "none", "pad": 0.8}
    for words, rows in groups.items():
        how = {"transform": axes[0].get_yaxis_transform(), "va": "center", "bbox": behind}
        note(axes[0], 0.02, y, words, **how)
        for arm in rows.drop_duplicates(["optimiser", "rate"]).itertuples():
            y += 1
            places[arm.optimiser, arm.rate] = y
        y += 1.3
    for ax, metric in zip(axes, METRICS, strict=True):
        ax.set(xlim=FRAME, title=f"λ chosen by {metric}", xlabel="power of the width")
        ax.axvline(0, color=style.colour("muted"), linewidth=0.8, zorder=1)
        for _, row in table[table["metric"] == metric].iterrows():
            draw_arm(ax, places[row["optimiser"], row["rate"]], row)
        ax.set_xticks([-1, 0, 1])
        ax.grid(visible=False, axis="y")
    names = [row_name(*arm) for arm in places]
    axes[0].set_yticks(list(places.values()), names, fontsize=8.5)
    axes[0].set_ylim(y - 0.7, -0.7)
    ink = style.colour("ink")
    predicted, beyond = "predicted 0, or the ceiling’s power", "the interval goes on"
    axes[0].plot([], [], "|", color=style.colour("muted"), markersize=11, mew=3, label=predicted)
    axes[0].plot([], [], ">", color=ink, markersize=5, label=beyond)
    fig.legend(loc="outside lower center", ncols=2)
    return fig


def row_name(optimiser: str, rate: str) -> str:
    """An arm as its row is called, where the group says the rest."""
    optimiser = optimiser.replace(", no wrong labels", "").replace("SGD with m", "M")
    return optimiser if rate == RATES["constant"] else f"{optimiser}, {rate}"


def draw_arm(ax: Axes, y: float, row: pd.Series) -> None:
    """An arm's exponent beside the one predicted; an arrow where its interval leaves the frame."""
    at, colour = row["predicted"], style.colour(row["cell"])
    ax.plot([at, at], [y - 0.4, y + 0.4], color=style.colour("muted"), linewidth=3, zorder=1)
    if pd.isna(row["exponent"]):
        behind = {"facecolor": style.colour("paper"), "edgecolor": "none", "pad": 0.8}
        words = f"no power: λ at the\nedge, {row['edges']} units"
        note(ax, 0.1, y, words, va="center", fontsize=7.5, color=colour, bbox=behind)
        return
    ax.plot([row["low"], row["high"]], [y, y], color=colour, linewidth=1.6)
    ax.plot(row["exponent"], y, style.marker(row["cell"]), color=colour, markersize=6)
    for end, arrow, goes_on in (
        (FRAME[0], "<", row["low"] < FRAME[0]),
        (FRAME[1], ">", row["high"] > FRAME[1]),
    ):
        if goes_on:
            ax.plot(end, y, arrow, color=colour, markersize=6, clip_on=False)


@figure(id="optimum-by-rate", data=exponents.rates)
def optimum_by_rate(table: pd.DataFrame) -> Figure:
    """A line a metric and width, each over its lambda at the lowest rate; the slopes predicted."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 4.2))
    colour, low, high = style.colour("adamw"), table["lr"].min(), table["lr"].max()
    ax.set_yscale("log")
    log_ticks(ax, table["lr"])
    lines = table.sort_values("lr").groupby(["metric", "width"])
    ends = {}
    for place, ((metric, width), line) in enumerate(lines):
        relative = line.copy()
        relative[LAMS] = line[LAMS] / line["lam"].iloc[0]
        at = relative["lr"] * 1.03 ** (place - 1.5)  # intervals side by side
        ax.plot(
            at,
            relative["lam"],
            LINES["constant" if metric == "error" else "inverse_width"],
            color=colour,
        )
        best_lambdas(ax, at, relative, "os"[place % 2], colour)
        ends[f"by {metric}, {width} units"] = (relative["lam"].iloc[-1], colour)
    ax.set_ylim(0.09, 11)
    for power, words in RATE_POWERS.items():
        ends[words] = (draw_power(ax, (low, high), 1.0, power), style.colour("muted"))
    ax.set(xlabel="learning rate", ylabel="best λ, over that at the lowest rate")
    ax.set_yticks([0.1, 0.3, 1, 3, 10], ["0.1", "0.3", "1", "3", "10"])
    ax.set_xlim(low / 1.15, high * 1.15)
    leave_room(ax, 0.42)
    label_ends(ax, ends, high * 1.2)
    return fig


@figure(id="optimisers-judged-alike", data=exponents.matched)
def optimisers_judged_alike(table: pd.DataFrame) -> Figure:
    """One row an optimiser: the exponent by both kinds of labels, and the one predicted."""
    return draw_matched(table)


@figure(id="carried-by-optimiser", data=regret)
def carried_by_optimiser(table: pd.DataFrame) -> Figure:
    """One row an arm: what the widest network reaches with a lambda carried and with its own."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 5.4), sharey=True)
    names = list(table["optimiser"].unique())
    for ax, metric in zip(axes, METRICS, strict=True):
        rows, unit = table[table["metric"] == metric], 100 if metric == "error" else 1
        for _, row in rows.iterrows():
            y = names.index(row["optimiser"]) + CARRIED[row["reading"]][1]
            draw_reached(ax, y, row, unit)
        of = "test error (%)" if metric == "error" else "test loss (nats)"
        ax.set(xlabel=of, title=f"λ chosen by {metric}", xlim=(0, None))
        ax.grid(visible=False, axis="y")
    axes[0].set_ylim(len(names) - 0.45, -0.55)
    said = [name.replace(" with ", "\nwith ").replace(", ", ",\n") for name in names]
    axes[0].set_yticks(range(len(names)), said, fontsize=8.5)
    ink = style.colour("ink")
    axes[0].plot([], [], "|", color=ink, markersize=11, mew=2, label="λ tuned at that width")
    for marker, _, words in CARRIED.values():
        axes[0].plot([], [], marker, color=ink, label=words)
    fig.legend(loc="outside lower center", ncols=3)
    return fig


def draw_reached(ax: Axes, y: float, row: pd.Series, unit: float) -> None:
    """From what the network's own lambda reaches, a tick, to what the carried one does, a point."""
    own, colour = unit * row["level"], style.colour(row["cell"])
    ends = [own * (1 + row[side]) for side in ("low", "high")]
    ax.plot([own, unit * row["reached"]], [y, y], color=colour, linewidth=3, alpha=0.35)
    ax.plot(ends, [y, y], color=colour, linewidth=1.2)
    ax.plot([own, own], [y - 0.13, y + 0.13], color=style.colour("ink"), linewidth=1.8, zorder=3)
    marker = CARRIED[row["reading"]][0]
    ax.plot(unit * row["reached"], y, marker, color=colour, markersize=6, zorder=2)
