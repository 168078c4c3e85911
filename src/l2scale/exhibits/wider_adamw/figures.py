"""The chapter's figures. Their words are in `text.toml`."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue.figures import figure
from l2scale.exhibits.drawing import DASHED, best_lines, legend_below, log_ticks, reference
from l2scale.exhibits.wider_adamw.few import RULES, few_best
from l2scale.exhibits.wider_adamw.tables import ARMS, best, deeper, readings, weights
from l2scale.looks import style

FEW_LOOKS = (("muted", "^"), ("data", "o"), ("penalty", "s"), ("ink", "D"))
"""Colour and marker of each rate, the slowest first."""
RATES = {0.25: ("data", "o"), 1.0: ("penalty", "s"), 4.0: ("ink", "D")}


@figure(id="readings-of-adamw", data=readings, penalties=("sum",))
def readings_of_adamw(table: pd.DataFrame) -> Figure:
    """One panel an arm: the power measured, and those that the readings ask for."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.2), sharey=True, sharex=True)
    for ax, arm in zip(axes, ARMS, strict=True):
        rows = table[table["arm"] == arm]
        row = rows.iloc[0]
        low, high = row["measured_low"], row["measured_high"]
        if not np.isnan(low):
            ax.axvspan(low, high, color=style.colour("adamw"), alpha=0.2, lw=0)
            ax.axvline(row["measured"], color=style.colour("adamw"))
        ax.plot(rows["power"], range(len(rows)), "o", color=style.colour("ink"))
        ax.set_yticks(range(len(rows)), list(rows["words"]))
        ax.set_ylim(len(rows) - 0.5, -0.5)
        ax.set_xlim(-4, 5)
        ax.grid(visible=False, axis="y")
        ax.set_title(f"{arm}: {ARMS[arm]}")
        ax.set_xlabel("power of the width")
    band = {"linewidth": 9, "alpha": 0.2, "solid_capstyle": "butt"}
    dot = {"marker": "o", "linestyle": ""}
    legend_below(fig, ("measured, 95%", "adamw", band), ("asked for", "ink", dot))
    return fig


@figure(id="best-product-by-width", data=best, penalties=("sum",))
def best_product_by_width(table: pd.DataFrame) -> Figure:
    """Best product of rate and strength against width, a panel an arm, a line a rate."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.6), sharey=True)
    for ax, (arm, power) in zip(axes, (("A", 0.0), ("B", -2.0)), strict=True):
        rows = table[table["arm"] == arm]
        widths = np.array(sorted(rows["width"].unique()), float)
        top = rows[rows["width"] == widths[-1]]["estimate"].median()
        reference(ax, widths, top * (widths / widths[-1]) ** power)
        best_lines(ax, rows, "width", "c", RATES)
        log_ticks(ax, widths)
        ax.set_yscale("log")
        ax.set_ylim(1e-5, 1)
        ax.set_title(f"{arm}: {ARMS[arm]}")
        ax.set_xlabel("width d")
    axes[0].set_ylabel("best η λ")
    lines = ((f"η = {c:g}/d", hue, {"marker": mark}) for c, (hue, mark) in RATES.items())
    legend_below(fig, *lines)
    return fig


@figure(id="best-product-by-depth", data=deeper, penalties=("sum",))
def best_product_by_depth(table: pd.DataFrame) -> Figure:
    """Best product of rate and strength against the number of blocks, a line a rate."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.2))
    blocks = np.array(sorted(table["blocks"].unique()), float)
    shallow = table[(table["blocks"] == blocks[0]) & (table["chosen"] == "yes")]
    reference(ax, blocks, np.full(len(blocks), shallow["estimate"].iloc[0]))
    best_lines(ax, table, "blocks", "c", RATES)
    log_ticks(ax, blocks)
    ax.set(yscale="log", ylim=(1e-4, 1), xlabel="blocks", ylabel="best η λ")
    lines = ((f"η = {c:g}/d", hue, {"marker": mark}) for c, (hue, mark) in RATES.items())
    legend_below(fig, *lines, ("predicted", "ink", DASHED))
    return fig


@figure(id="best-lambda-few-data", data=few_best, penalties=("sum",))
def best_lambda_few_data(table: pd.DataFrame) -> Figure:
    """Best lambda against width, a panel a rule for the rate, a line a rate of the narrowest."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.6), sharey=True)
    rates = sorted(table["rate"].unique())
    lines = dict(zip(rates, FEW_LOOKS, strict=False))
    for ax, (rule, words) in zip(axes, RULES.items(), strict=True):
        best_lines(ax, table[table["rule"] == rule], "width", "rate", lines)
        log_ticks(ax, sorted(table["width"].unique()))
        ax.set(yscale="log", ylim=(0.01, 100), title=words, xlabel="width d")
    axes[0].set_ylabel("best λ")
    legend_below(
        fig, *((f"η = {rate:g}", hue, {"marker": mark}) for rate, (hue, mark) in lines.items())
    )
    return fig


@figure(id="weights-by-width", data=weights, penalties=("sum",))
def weights_by_width(table: pd.DataFrame) -> Figure:
    """Powers of the width of angle and size, a row a matrix and measure."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 2.6))
    words = {"angle": "angle of a step", "rms": "size over √(η/λ)"}
    ax.axvspan(-0.1, 0.1, color=style.colour("grid"), zorder=0)
    ax.axvline(0, color=style.colour("ink"), **DASHED)
    labels = []
    rows = table.sort_values(["measure", "matrix"], ascending=[True, False])
    for y, row in enumerate(rows.itertuples()):
        colour = style.colour("data" if row.measure == "angle" else "penalty")
        ax.plot([row.low, row.high], [y, y], color=colour)
        ax.plot(row.power, y, "o" if row.measure == "angle" else "s", color=colour)
        labels.append(f"{words[row.measure]}, {row.matrix}")
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("power of the width")
    return fig
