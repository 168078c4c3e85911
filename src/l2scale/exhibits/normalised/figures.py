"""The chapter's figures. Their words are in `text.toml`."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from l2scale.catalogue.figures import figure
from l2scale.exhibits.drawing import DASHED, legend_below, reference
from l2scale.exhibits.normalised.angles import NAMES, NORMS, angles
from l2scale.exhibits.normalised.late import WHEN, course
from l2scale.exhibits.normalised.late import WORDS as WAYS
from l2scale.exhibits.normalised.rates import curves
from l2scale.exhibits.normalised.widths import best, carried
from l2scale.looks import style

ARMS = {
    "sum": ("sum", "o"),
    "fan": ("fan", "D"),
    "tensor_mean": ("tensor_mean", "^"),
    "mean": ("mean", "s"),
    "last": ("muted", "v"),
    "all": ("ink", "P"),
}
"""Colour and marker of each penalty on the normalised matrices, and of the sum elsewhere."""
LOOKS = {
    "always": ("data", "-"),
    "late": ("tensor_mean", (0, (4, 2))),
    "early": ("penalty", (0, (4, 2))),
    "never": ("ink", "-"),
}
KINDS = {"layer_norm": ("data", "o"), "batch_norm": ("penalty", "s"), "residual": ("ink", "D")}


@figure(id="carried-normalised", data=carried, penalties=("sum", "mean", "tensor_mean", "fan"))
def carried_normalised(table: pd.DataFrame) -> Figure:
    """One row an arm: what the narrow network's lambda reaches in the wide one, and its own."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.9))
    rows = table[table["criterion"] == "error"].set_index("arm")
    for y, (arm, (hue, marker)) in enumerate(ARMS.items()):
        row, colour = rows.loc[arm], style.colour(hue)
        at = row["level"] + np.array([row["low"], row["high"]])
        ax.plot([row["level"]] * 2, [y - 0.3, y + 0.3], color=style.colour("ink"), linewidth=1.4)
        if pd.notna(row["excess"]):
            ax.plot(at, [y, y], color=colour, linewidth=1.6)
            ax.plot(row["reached"], y, marker, color=colour, markersize=6.5)
    ax.set_yticks(range(len(ARMS)), [rows.loc[arm, "words"] for arm in ARMS])
    ax.set_ylim(len(ARMS) - 0.5, -0.6)
    ax.grid(visible=False, axis="y")
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlim(left=0)
    ax.set_xlabel("test error of the widest network")
    bar = {"marker": "|", "linestyle": "", "markersize": 14, "markeredgewidth": 1.4}
    kept = {"marker": "o"}
    legend_below(
        fig, ("its own best λ", "ink", bar), ("λ of the narrowest, unchanged", "sum", kept)
    )
    return fig


@figure(id="angle-of-a-step", data=angles, penalties=("sum",))
def angle_of_a_step(table: pd.DataFrame) -> Figure:
    """Measured over predicted, against the angle predicted, a panel an optimiser."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.7), sharey=True)
    for ax, optimiser in zip(axes, NAMES, strict=True):
        ax.axhspan(0.95, 1.05, color=style.colour("grid"), zorder=0)
        ax.axhline(1, color=style.colour("ink"), zorder=1, **DASHED)
        for aside, (name, (hue, marker)) in zip((0.94, 1.0, 1.06), KINDS.items(), strict=True):
            rows = table[(table["optimiser"] == optimiser) & (table["architecture"] == name)]
            colour, narrow = style.colour(hue), rows["width"].min()
            for _, row in rows.iterrows():
                x = row["predicted"] * aside * (1.02 if row["part"] == "second" else 0.99)
                ax.plot([x, x], [row["low"], row["high"]], color=colour, linewidth=1)
                face = style.colour("paper") if row["width"] == narrow else colour
                ax.plot(x, row["ratio"], marker, color=colour, markerfacecolor=face, markersize=5.5,
                        markeredgecolor=colour)  # fmt: skip
        said = table.loc[table["optimiser"] == optimiser, "predicted"]
        ticks = {f"{value:.2g}": value for value in sorted(said)}  # some differ by rounding
        ax.set_xscale("log")
        ax.set_xticks([*ticks.values()], [*ticks])
        ax.set_xticks([], [], minor=True)
        ax.set_title(NAMES[optimiser])
        ax.set_xlabel("angle of a step, predicted, radians")
    axes[0].set_ylabel("measured over predicted")
    looks = KINDS.items()
    legend_below(
        fig, *((NORMS[name], hue, {"marker": mark, "linestyle": ""}) for name, (hue, mark) in looks)
    )
    return fig


@figure(id="rate-times-strength", data=curves, penalties=("sum",))
def rate_times_strength(table: pd.DataFrame) -> Figure:
    """Test error against the strength, and against its product with the rate."""
    fig, axes = plt.subplots(2, 2, figsize=(style.WIDTH, 5.6), sharey=True)
    table = table[table["decayed"] == "normalised"]
    for (left, right), optimiser in zip(axes, NAMES, strict=True):
        rows = table[table["optimiser"] == optimiser]
        rates = sorted(rows["lr"].unique())
        for hue, rate in zip(style.shades(len(rates)), rates, strict=True):
            some = rows[rows["lr"] == rate].sort_values("lam")
            for ax, x in ((left, "lam"), (right, "product")):
                ax.plot(some[x], some["test_error"], color=hue, marker="o", label=f"η = {rate:g}")
                ax.fill_between(some[x], some["low"], some["high"], color=hue, alpha=0.15, lw=0)
        left.legend(fontsize=8)
        for ax, words in ((left, "λ"), (right, "η λ")):
            ax.set_xscale("log")
            ax.set_xlabel(words)
            ax.yaxis.set_major_formatter(PercentFormatter(1))
        left.set_ylabel(f"{NAMES[optimiser]}: test error")
    return fig


@figure(id="decay-late", data=course, penalties=("sum",))
def decay_late(table: pd.DataFrame) -> Figure:
    """Angle of a step, training and test error against steps, one line a way."""
    fig, axes = plt.subplots(1, 3, figsize=(style.WIDTH, 3.5))
    panels = {"angle": "angle of a step, radians", "train_error": "training error",
              "test_error": "test error"}  # fmt: skip
    half = table["step"].max() / 2
    for ax, (name, words) in zip(axes, panels.items(), strict=True):
        for when in WHEN:
            rows = table[table["when"] == when].sort_values("step")
            hue, line = LOOKS[when]
            low, high = ("low", "high") if name == "test_error" else (f"{name}_low", f"{name}_high")
            colour = style.colour(hue)
            ax.plot(rows["step"], rows[name], color=colour, linestyle=line)
            ax.fill_between(rows["step"], rows[low], rows[high], color=colour, alpha=0.15, lw=0)
        ax.axvline(half, color=style.colour("muted"), linewidth=0.8)
        ax.set_title(words, fontsize=9.5)
        ax.set_xlabel("steps")
        ax.set_ylim(bottom=0)
        if name != "angle":
            ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    steps = table["step"]
    reference(axes[0], [steps.min(), steps.max()], [table["predicted"].iloc[0]] * 2)
    legend_below(
        fig, *((WAYS[when], LOOKS[when][0], {"linestyle": LOOKS[when][1]}) for when in WHEN)
    )
    return fig


@figure(id="best-lambda-normalised", data=best, penalties=("sum", "tensor_mean", "fan"))
def best_lambda_normalised(table: pd.DataFrame) -> Figure:
    """Best typed lambda over the narrowest network's, by loss and by error, one line an arm."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 4.0), sharey=True)
    for ax, criterion in zip(axes, ("loss", "error"), strict=True):
        rows = table[table["criterion"] == criterion]
        widths = np.array(sorted(rows["width"].unique()), float)
        for power in (0, 1):
            reference(ax, widths, (widths / widths[0]) ** power)
        for i, (arm, some) in enumerate(rows.groupby("arm", sort=False)):
            draw_growth(ax, some.sort_values("width"), arm, 0.94 * 1.03**i)
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_xticks(widths, [f"{width:g}" for width in widths])
        ax.set_xticks([], [], minor=True)
        ax.set_xlabel("units in each hidden layer")
        ax.set_title(f"by {criterion}")
    starts = table[table["width"] == table["width"].min()].set_index(["arm", "criterion"])
    keys = pd.MultiIndex.from_frame(table[["arm", "criterion"]])
    growth = table["estimate"].to_numpy() / starts["estimate"].reindex(keys).to_numpy()
    axes[0].set_ylim(growth.min() / 20, growth.max() * 20)  # intervals that go on are cut
    axes[0].set_ylabel("best λ over the narrowest’s")
    shown = [arm for arm in ARMS if arm != "mean"]
    words = {"sum": "sum", "fan": "fan", "tensor_mean": "tensor mean", "last": "last layer alone",
             "all": "sum, all matrices"}  # fmt: skip
    legend_below(fig, *((words[arm], ARMS[arm][0], {"marker": ARMS[arm][1]}) for arm in shown))
    return fig


def draw_growth(ax: Axes, rows: pd.DataFrame, arm: str, aside: float) -> None:
    """One arm's best lambdas over its first; triangles where one lies at its grid's edge."""
    hue, marker = ARMS[arm]
    colour, start = style.colour(hue), rows["estimate"].iloc[0]
    x, y = rows["width"] * aside, rows["estimate"] / start
    low, high = (rows[end].fillna(rows["estimate"]) / start for end in ("low", "high"))
    ax.plot(x, y, color=colour, linewidth=1, alpha=0.6)
    ax.errorbar(x, y, yerr=[(y - low).clip(lower=0), (high - y).clip(lower=0)], fmt="none",
                color=colour)  # fmt: skip
    for at, value, edge in zip(x, y, rows["edge"], strict=True):
        ax.plot(at, value, {"low": "v", "high": "^"}.get(edge, marker), color=colour)
