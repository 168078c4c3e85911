"""The chapter's figures. Their words are in `text.toml`."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.catalogue.figures import figure
from l2scale.exhibits.drawing import EDGES, log_ticks, mean_line, note, seed_interval
from l2scale.exhibits.shared import CRITERIA
from l2scale.exhibits.underfit.collapse import collapse, paths
from l2scale.exhibits.underfit.excess import CHOICES, GUESSING, causes
from l2scale.exhibits.underfit.networks import ARMS, deeper, near_best, wider
from l2scale.exhibits.underfit.starts import gradual
from l2scale.lab.estimates.intervals import mean_interval
from l2scale.lab.estimates.optimal_lambda import optima
from l2scale.looks import style

GUESS = {"train_loss": np.log(10), "test_error": GUESSING}
# choice of the strength -> colour, marker, words
STRENGTHS = {
    "none": ("muted", "x", "λ = 0"),
    "tuned": ("data", "o", "the small one’s best λ"),
    "strong": ("penalty", "s", "largest λ that suits it"),
}
KINDS = {"depth": "deeper", "width": "wider", "haste": "few steps"}
STARTS = {
    "he": ("data", "o", "He’s start"),
    "longer": ("muted", "v", "He’s start, as many steps as the raised ones"),
    "raised": ("penalty", "s", "λ raised in steps"),
}
BEST = {"loss": ("data", "o", "best by loss"), "error": ("penalty", "s", "by error")}
WIDE = 4.0  # an interval with more than this factor between its ends is drawn thin


def guessing(ax: Axes, metric: str) -> None:
    """A dotted line at what guessing has."""
    ax.axhline(GUESS[metric], linestyle=":", color=style.colour("muted"), linewidth=1)


def draw_with_control(ax: Axes, rows: pd.DataFrame, metric: str, colour: str) -> None:
    """A line over the strengths above 0 and, left of them, a dot with its interval for none."""
    ax.set_xscale("log")
    penalised, control = rows[rows["lam"] > 0], rows.loc[rows["lam"] == 0, metric]
    mean_line(ax, penalised, "lam", metric, colour)
    at, most = penalised["lam"].min() / 3, penalised["lam"].max()
    ax.plot([at, at], seed_interval(control), color=colour, linewidth=1.4)
    ax.plot(at, control.mean(), "o", color=colour, markersize=5)
    powers = [p for p in (0.01, 0.1, 1.0) if 1.5 * at < p < most]
    ax.set_xticks([at, *powers], ["0", *(f"{p:g}" for p in powers)])
    ax.set_xticks([], minor=True)


@figure(id="larger-at-same-lambda", data=wider)
def larger_at_same_lambda(table: pd.DataFrame) -> Figure:
    """Training loss against strength, small and large, in six panels with one scale of loss."""
    fig, axes = plt.subplots(2, 3, figsize=(style.WIDTH, 4.9), sharey=True)
    looks = dict(zip(("small", "large"), style.shades(2), strict=True))
    ends = table[table["stage"] == "end"]
    for ax, arm in zip(axes.flat, ARMS, strict=True):
        for size, colour in looks.items():
            rows = ends[(ends["arm"] == arm) & (ends["size"] == size)]
            draw_with_control(ax, rows, "train_loss", colour)
        guessing(ax, "train_loss")
        ax.set(title=rows["name"].iloc[0], xlabel="", ylabel="")
    plt.setp(axes[:, 0], ylabel="training loss (nats)")
    plt.setp(axes[1], xlabel="λ (sum penalty)")
    axes.flat[list(ARMS).index("adamw")].set_xlabel("λ (decoupled)")
    for size, rows in table.groupby("size", sort=False):
        ax.plot([], [], color=looks[size], label=f"H = {rows['width'].iloc[0]}")
    fig.legend(loc="outside lower center", ncols=2)
    return fig


@figure(id="deeper-at-same-lambda", data=deeper)
def deeper_at_same_lambda(table: pd.DataFrame) -> Figure:
    """Training loss and test error by strength, a line for each depth."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.8))
    depths = sorted(table["depth"].unique())
    shades = dict(zip(depths, style.shades(len(depths)), strict=True))
    low, best, high = near_best(table[table["depth"] == depths[0]])
    for ax, metric in zip(axes, GUESS, strict=True):
        ax.axvspan(low, high, color=style.colour("grid"), linewidth=0)
        ax.axvline(best, color=style.colour("ink"), linewidth=0.9)
        for depth, rows in table.groupby("depth"):
            draw_with_control(ax, rows, metric, shades[depth])
        guessing(ax, metric)
        ax.set_xlabel("λ (sum penalty)")
    axes[0].set(ylabel="training loss (nats)", title="Training loss")
    axes[1].set(ylabel="test error", title="Test error")
    for depth, colour in shades.items():
        ax.plot([], [], color=colour, label=f"{depth}")
    fig.legend(title="layers", loc="outside lower center", ncols=len(depths))
    return fig


@figure(id="what-makes-it-underfit", data=causes)
def what_makes_it_underfit(table: pd.DataFrame) -> Figure:
    """Excess training loss by cause, a panel for each strength; deeper above wider networks."""
    cells = table.groupby(["kind", "words", "choice"])["train_loss"]
    strong = cells.mean().unstack("choice")["strong"].reset_index()
    order = strong.assign(group=strong["kind"].map(list(KINDS).index)).sort_values(
        ["group", "strong"], ascending=[False, True]
    )
    found = cells.apply(mean_interval)
    fig, axes = plt.subplots(
        1, len(CHOICES), sharex=True, sharey=True, figsize=(style.WIDTH, 0.3 * len(order) + 1)
    )
    for ax, choice in zip(axes, CHOICES, strict=True):
        colour, marker, words = STRENGTHS[choice]
        for y, (kind, name) in enumerate(zip(order["kind"], order["words"], strict=True)):
            cell, hue = found[kind, name, choice], style.colour(colour)
            ax.plot([cell.low, cell.high], [y, y], color=hue, linewidth=1.4)
            ax.plot(cell.estimate, y, marker, color=hue, markersize=4.5)
        ax.axvline(0, color=style.colour("ink"), linewidth=0.8, zorder=1)
        for edge in np.cumsum(order["kind"].value_counts(sort=False))[:-1]:
            ax.axhline(edge - 0.5, color=style.colour("muted"), linewidth=0.6)
        ax.set_title(words, fontsize=9)
        ax.grid(visible=False, axis="y")
    for kind, words in KINDS.items():  # left, where λ is 0, the large ones are near the small
        top = np.flatnonzero(order["kind"] == kind).max()
        note(axes[0], axes[0].get_xlim()[1], top, words, ha="right", va="center")
    axes[0].set_yticks(range(len(order)), order["words"])
    axes[0].set_ylim(-0.5, len(order) - 0.5)
    axes[1].set_xlabel("training loss, large less small (nats)")
    return fig


@figure(id="fit-by-start", data=gradual)
def fit_by_start(table: pd.DataFrame) -> Figure:
    """Training loss against strength by way to start."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.6))
    for way, (name, marker, _) in STARTS.items():
        rows = table[table["way"] == way]
        mean_line(ax, rows, "lam", "train_loss", style.colour(name), marker)
    for name, marker, words in STARTS.values():  # last, or seaborn would draw a legend of its own
        ax.plot([], [], color=style.colour(name), marker=marker, label=words)
    guessing(ax, "train_loss")
    log_ticks(ax, list(table["lam"]))
    ax.set(xlabel="λ (sum penalty)", ylabel="training loss (nats)")
    fig.legend(loc="outside lower center", ncols=2)
    return fig


@figure(id="optimum-by-depth", data=paths)
def optimum_by_depth(table: pd.DataFrame) -> Figure:
    """Best strength by two measures, and the band of collapse, against the number of layers."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 4.2))
    ax.set_yscale("log")
    gone = collapse(table)
    band, depths = gone.dropna(), list(gone.index)
    ink, muted = style.colour("ink"), style.colour("muted")
    ax.fill_between(band.index, band["none"], band["all"], color=muted, alpha=0.3, linewidth=0)
    ends = {}
    for words, end, line in (("one path", "path_end", "--"), ("expanded", "expanded_end", ":")):
        ax.plot(depths, gone[end], linestyle=line, color=ink, linewidth=1.2)
        ends[words] = (gone[end].iloc[-1], ink)
    for (criterion, (name, usual, words)), shift in zip(BEST.items(), (-0.07, 0.07), strict=True):
        found, hue = optima(table, ["depth"], select=CRITERIA[criterion][0]), style.colour(name)
        ax.plot(found["depth"] + shift, found["lam"], color=hue, linewidth=0.9)
        for row in found.itertuples():
            low, high = (x if np.isfinite(x) else row.lam for x in (row.lam_low, row.lam_high))
            x, (thick, alpha) = row.depth + shift, (0.7, 0.5) if high > WIDE * low else (1.4, 1.0)
            ax.plot([x, x], [low, high], color=hue, linewidth=thick, alpha=alpha)
            ax.plot(x, row.lam, EDGES.get(row.edge, usual), color=hue)
        ends[words] = (found["lam"].iloc[-1], hue)
    reach, lams = depths[-1] - depths[0], table["lam"]
    ax.set_xticks(depths, [str(depth) for depth in depths])
    ax.set(xlabel="layers", ylabel="λ (sum penalty)", ylim=(lams.min() * 0.8, lams.max() * 1.8))
    ax.set_xlim(depths[0] - 0.3, depths[-1] + 0.2 * reach)
    ax.yaxis.set_major_formatter("{x:.3g}")
    below = 0.0
    for words, (y, colour) in sorted(ends.items(), key=lambda item: item[1][0]):
        below = max(y, below * 1.25)  # above a label that would be in the way
        ax.text(depths[-1] + 0.035 * reach, below, words, color=colour, va="center", fontsize=9)
    if len(band):
        aside: dict[str, Any] = {"xytext": (14, 6), "textcoords": "offset points", "fontsize": 9}
        ax.annotate("collapse", (band.index[0], band["all"].iloc[0]), color=muted, **aside)
    return fig
