"""The chapter's figures. Their words are in `text.toml`."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.catalogue.figures import figure
from l2scale.exhibits.drawing import (
    DASHED,
    EDGES,
    label_ends,
    leave_room,
    legend_below,
    log_ticks,
    reference,
)
from l2scale.exhibits.dropout.fading import fading
from l2scale.exhibits.dropout.rates import best_rates, carried
from l2scale.exhibits.dropout.reached import errors
from l2scale.exhibits.shared import CRITERIA
from l2scale.looks import style
from l2scale.theory.dropout import rate_of

ARM_LOOKS = {
    "neither": ("muted", "v"),
    "penalty": ("penalty", "s"),
    "dropout": ("data", "o"),
    "both": ("ink", "D"),
}
CARRIED_LOOKS = {
    "rate kept": ("data", "o"),
    "odds by width": ("penalty", "s"),
    "λ kept": ("ink", "D"),
}
ADDED_LOOKS = {
    "squared": ("data", "o", "added to squared loss"),
    "entropy": ("penalty", "s", "added to cross-entropy"),
    "squares": ("ink", "D", "sum of squares"),
}
TITLES = {"right": "Labels right", "wrong": "One label in five wrong"}


@figure(id="dropout-or-penalty", data=errors, penalties=("sum",))
def dropout_or_penalty(table: pd.DataFrame) -> Figure:
    """Test error against width: neither, each alone, and both, tuned at each width."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.8))
    log_ticks(ax, table["width"])
    places = {}
    for name, rows in table.groupby("arm", sort=False):
        hue, mark = ARM_LOOKS[name]
        bars(ax, rows, "value", hue, mark)
        places[name] = (rows["value"].iloc[-1], style.colour(hue))
    ax.set(xlabel="hidden units", ylabel="test error", ylim=(0, 1.1 * table["high"].max()))
    ax.yaxis.set_major_formatter("{x:.0%}")
    ax.locator_params(axis="y", steps=[1, 2, 5, 10])
    leave_room(ax, 0.14)
    label_ends(ax, places, 1.15 * table["width"].max(), gap=0.075)
    return fig


def bars(ax: Axes, rows: pd.DataFrame, y: str, hue: str, mark: str, shift: float = 1.0) -> None:
    """A line over widths with intervals; `shift` moves it aside, so that bars stay apart."""
    reach = [rows[y] - rows["low"], rows["high"] - rows[y]]
    ax.errorbar(
        rows["width"] * shift, rows[y], yerr=reach, color=style.colour(hue), marker=mark,
        elinewidth=1, markeredgewidth=0,
    )  # fmt: skip


@figure(id="best-rate-by-width", data=best_rates, penalties=())
def best_rate_by_width(table: pd.DataFrame) -> Figure:
    """The best rate without a penalty against width, on an axis of its odds, by labels."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 4.0), sharey=True)
    for ax, (labels, title) in zip(axes, TITLES.items(), strict=True):
        log_ticks(ax, table["width"])
        ax.set_yscale("log")
        for place, (criterion, hue) in enumerate(zip(CRITERIA, ("data", "penalty"), strict=True)):
            rows = table[(table["labels"] == labels) & (table["criterion"] == criterion)]
            colour, x = style.colour(hue), rows["width"] * 1.06 ** (place - 0.5)
            reference_from_first(ax, rows, colour)
            ax.plot(x, rows["odds"], color=colour)
            ends = [(rows["odds"] - rows["low"]).fillna(0), (rows["high"] - rows["odds"]).fillna(0)]
            ax.errorbar(x, rows["odds"], yerr=np.maximum(ends, 0), fmt="none", color=colour)
            for at, odds, edge in zip(x, rows["odds"], rows["edge"], strict=True):
                ax.plot(at, odds, EDGES.get(edge, "os"[place]), color=colour, markersize=6)
        ax.set(xlabel="hidden units", title=title)
    powers = range(-4, 9, 2)
    axes[0].set_yticks([2.0**power for power in powers], [rate_words(power) for power in powers])
    axes[0].set_yticks([], [], minor=True)
    axes[0].set_ylim(2.0**-4.3, 4 * table["odds"].max())
    axes[0].set_ylabel("best rate p, on an axis of p/(1−p)")
    legend_below(
        fig,
        ("chosen by loss", "data", {"marker": "o"}),
        ("chosen by error", "penalty", {"marker": "s"}),
        ("predicted: p/(1−p) as the width", "ink", DASHED),
    )
    return fig


def rate_words(power: int) -> str:
    """The rate whose odds are a power of 2, with as many digits as tell it from 1."""
    return f"{rate_of(2.0**power):.{3 if power > 6 else 2}f}"


def reference_from_first(ax: Axes, rows: pd.DataFrame, colour: str) -> None:
    """A dashed line from the narrowest network's odds, in proportion to the width."""
    first = rows.iloc[0]
    grown = first["odds"] * rows["width"] / first["width"]
    ax.plot(rows["width"], grown, color=colour, **DASHED)


@figure(id="dropout-fades", data=fading)
def dropout_fades(table: pd.DataFrame) -> Figure:
    """What dropout would add, and the sum of squares, over the narrowest network's, by width."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.8), sharey=True)
    for ax, (labels, title) in zip(axes, TITLES.items(), strict=True):
        rows = table[table["labels"] == labels]
        log_ticks(ax, rows["width"])
        ax.set_yscale("log")
        for name, (hue, mark, _) in ADDED_LOOKS.items():
            main = name == "squared"
            low, high = (rows[end if main else f"{name}_{end}"] for end in ("low", "high"))
            relative = rows.assign(low=low, high=high)[["width", name, "low", "high"]]
            relative[[name, "low", "high"]] /= rows[name].iloc[0]
            bars(ax, relative, name, hue, mark)
        first = rows["width"].iloc[0]
        reference(ax, rows["width"], first / rows["width"])
        reference(ax, rows["width"], np.ones(len(rows)))
        ax.set(xlabel="hidden units", title=title)
        ax.yaxis.set_major_formatter("{x:.3g}")
    axes[0].set_ylabel("over the narrowest network’s")
    looks = [(words, hue, {"marker": mark}) for hue, mark, words in ADDED_LOOKS.values()]
    legend_below(fig, *looks, ("predicted", "ink", DASHED))
    return fig


@figure(id="rate-kept", data=carried, penalties=("sum",))
def rate_kept(table: pd.DataFrame) -> Figure:
    """What a rate costs that is kept or carried, and a lambda that is kept, in test error."""
    chosen = table[table["criterion"] == "error"]
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.8), sharey=True)
    for ax, (labels, title) in zip(axes, TITLES.items(), strict=True):
        log_ticks(ax, chosen["width"])
        ax.axhline(0, color=style.colour("muted"), linewidth=1, zorder=1)
        for place, (how, (hue, mark)) in enumerate(CARRIED_LOOKS.items()):
            rows = chosen[(chosen["labels"] == labels) & (chosen["how"] == how)]
            bars(ax, rows.dropna(subset="excess"), "excess", hue, mark, 1.07 ** (place - 1))
        ax.set(xlabel="hidden units", title=title)
        ax.yaxis.set_major_formatter("{x:.1%}")
    axes[0].set_ylabel("excess test error")
    words = {"rate kept": "p kept", "odds by width": "p/(1−p) as the width", "λ kept": "λ kept"}
    looks = [(words[how], hue, {"marker": mark}) for how, (hue, mark) in CARRIED_LOOKS.items()]
    legend_below(fig, *looks)
    return fig
