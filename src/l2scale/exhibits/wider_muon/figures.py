"""The chapter's figures. Their words are in `text.toml`."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from l2scale.catalogue.figures import figure
from l2scale.exhibits.drawing import (
    DASHED,
    best_lines,
    legend_below,
    log_ticks,
    reference,
)
from l2scale.exhibits.wider_muon.layers import AT_ENDS, best_beside, last_layer
from l2scale.exhibits.wider_muon.tables import POWERS, WORDS, best, costs, norms
from l2scale.looks import style

LINES = (("data", "o"), ("penalty", "s"), ("ink", "D"), ("muted", "^"))
"""Colour and marker of each rate, the slowest first, or width."""
WAYS = {
    "original": "original: kept as typed, to the widest",
    "match": "match_rms_adamw: moved by √d, to the widest",
    "last": "original: kept, last layer × √d, to the widest",
    "beside": "original, AdamW at both ends: kept, to the widest",
    "scaled": "the same, last layer lr / d and λ × d, to the widest",
    "adamw": "match_rms_adamw: the best pair of AdamW",
}


@figure(id="best-lambda-of-muon", data=best, penalties=("sum",))
def best_lambda_of_muon(table: pd.DataFrame) -> Figure:
    """Best lambda against width, a panel a setting, a line a rate, and the slope predicted."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.6), sharey=True)
    looks = dict(zip(sorted(table["c"].unique()), LINES, strict=False))
    for ax, (setting, words) in zip(axes, WORDS.items(), strict=True):
        some = table[table["setting"] == setting]
        best_lines(ax, some, "width", "c", looks)
        widths = np.array(sorted(some["width"].unique()), float)
        for first in some.loc[some["width"] == widths[0], "estimate"]:
            reference(ax, widths, first * (widths / widths[0]) ** POWERS[setting])
        log_ticks(ax, widths)
        ax.set_yscale("log")
        ax.set_title(words)
        ax.set_xlabel("width d")
    axes[0].set_ylabel("best λ")
    lines = (
        (f"steps of rate {c:g}", hue, {"marker": marker}) for c, (hue, marker) in looks.items()
    )
    legend_below(fig, *lines, ("predicted", "ink", DASHED))
    return fig


@figure(id="muon-pair-carried", data=costs, penalties=("sum",))
def muon_pair_carried(table: pd.DataFrame) -> Figure:
    """One row a way: what a pair that was tuned elsewhere costs."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 2.8))
    colour = style.colour("penalty")
    for y, row in enumerate(table.itertuples()):
        ax.plot([row.low, row.high], [y, y], color=colour, linewidth=1.6)
        ax.plot(row.excess, y, "s", color=colour)
    ax.axvline(0, color=style.colour("ink"), linewidth=1)
    ax.axvline(0.02, color=style.colour("ink"), **DASHED)
    ax.set_yticks(range(len(table)), [WAYS[way] for way in table["way"]])
    ax.set_ylim(len(table) - 0.5, -0.5)
    ax.grid(visible=False, axis="y")
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlabel("test loss above that of tuning there")
    dot = {"marker": "s", "linestyle": ""}
    legend_below(fig, ("mean, 95%", "penalty", dot), ("2%, predicted at most", "ink", DASHED))
    return fig


@figure(id="muon-last-layer", data=last_layer, penalties=("sum",))
def muon_last_layer(table: pd.DataFrame) -> Figure:
    """Powers of the width, two bars a row: one lambda, and one matrix decayed as root d."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.2))
    ways = (("plain", "muted", "o"), ("exponent", "data", "s"))
    ends = {"plain": ("plain_low", "plain_high"), "exponent": ("low", "high")}
    for y, row in table.iterrows():
        for (way, hue, marker), aside in zip(ways, (-0.14, 0.14), strict=True):
            low, high = (row[end] for end in ends[way])
            ax.plot([low, high], [y + aside] * 2, color=style.colour(hue), linewidth=1.6)
            ax.plot(row[way], y + aside, marker, color=style.colour(hue))
    ax.axvline(0, color=style.colour("ink"), **DASHED)
    rows = table[["matrix", "lr"]].itertuples(index=False)
    ax.set_yticks(range(len(table)), [f"{matrix},\nrate {rate:g}" for matrix, rate in rows])
    ax.set_ylim(len(table) - 0.5, -0.5)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("power of the width of the best λ")
    legend_below(
        fig,
        ("one λ for all", "muted", {"marker": "o"}),
        ("on this one λ × √d", "data", {"marker": "s"}),
        ("0, predicted for the last", "ink", DASHED),
    )
    return fig


@figure(id="muon-beside-adamw", data=best_beside, penalties=("sum",))
def muon_beside_adamw(table: pd.DataFrame) -> Figure:
    """Best lambda against width, a line for each way to step the first and the last matrix."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.8))
    looks = dict(zip(AT_ENDS, LINES, strict=False))
    best_lines(ax, table, "width", "way", looks)
    log_ticks(ax, np.array(sorted(table["width"].unique()), float))
    ax.set(yscale="log", xlabel="width d", ylabel="best λ, of all matrices")
    shown = np.log2(table[["low", "estimate", "high"]].to_numpy(float))
    ticks = 2.0 ** np.arange(np.floor(np.nanmin(shown)), np.floor(np.nanmax(shown)) + 1)
    ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    lines = ((AT_ENDS[way], hue, {"marker": marker}) for way, (hue, marker) in looks.items())
    legend_below(fig, *lines, columns=1)
    return fig


@figure(id="muon-ceiling", data=norms, penalties=("sum",))
def muon_ceiling(table: pd.DataFrame) -> Figure:
    """Largest singular value against lambda, a line a width, below the ceiling of all."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.6))
    widths = sorted(table["width"].unique())
    for width, (hue, marker) in zip(widths, LINES, strict=False):
        rows, colour = table[table["width"] == width], style.colour(hue)
        reach = [rows["largest"] - rows["low"], rows["high"] - rows["largest"]]
        ax.errorbar(rows["lam"], rows["largest"], reach, fmt=f"{marker}-", color=colour, lw=1.2)
    one = table[table["width"] == widths[0]]
    reference(ax, one["lam"], one["ceiling"])
    ax.set(xscale="log", yscale="log", xlabel="λ", ylabel="largest singular value")
    ax.set_ylim(top=4 * float(table["high"].max()))
    lines = ((f"d = {d:g}", hue, {"marker": m}) for d, (hue, m) in zip(widths, LINES, strict=False))
    legend_below(fig, *lines, ("ceiling κ s/(2λ)", "ink", DASHED))
    return fig
