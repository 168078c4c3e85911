"""The chapter's figures. Their words are in `text.toml`."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from l2scale.catalogue.figures import figure
from l2scale.exhibits.drawing import (
    DASHED,
    label_ends,
    leave_room,
    legend_below,
    log_ticks,
    note,
)
from l2scale.exhibits.samples.costs import costs
from l2scale.exhibits.samples.powers import best, shares
from l2scale.exhibits.samples.ridge import RULES
from l2scale.exhibits.samples.sweeps import NOISY
from l2scale.exhibits.samples.tasks import TASKS
from l2scale.looks import style
from l2scale.looks.numerals import plain

RULE_LOOKS = {"kept": ("penalty", "s"), "over sqrt n": ("data", "o"), "over n": ("ink", "D")}
TASK_LOOKS = {"digits": ("data", "o"), "teacher": ("penalty", "s"), "line": ("ink", "D")}
SHIFTS = dict(zip(RULES, (-0.24, 0.0, 0.24), strict=True))
GROUPS = (
    ("excess test loss", "loss", ("ridge", "teacher", "line")),
    ("test loss", "loss", ("logistic", "digits", "sgd")),
    ("test errors", "error", ("logistic", "digits", "sgd")),
)  # what is compared, the metric, the tasks
LAMS = ["lam", "lam_low", "lam_high"]
VALUES = ["value", "value_low", "value_high"]
RATIOS = ["ratio", "ratio_low", "ratio_high"]
DOTTED = DASHED | {"linestyle": (0, (1, 1.5))}


@figure(id="carried-to-more-data", data=costs)
def carried_to_more_data(table: pd.DataFrame) -> Figure:
    """One row a task and measure, one point a rule, all as multiples on one axis."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 6.4))
    ax.axvline(1, color=style.colour("muted"), linewidth=1, zorder=1)
    behind = {"facecolor": style.colour("paper"), "edgecolor": "none", "pad": 0.8}
    places, y = {}, -0.3
    for words, metric, tasks in GROUPS:
        how = {"transform": ax.get_yaxis_transform(), "va": "center", "bbox": behind}
        note(ax, 0.02, y, words, **how)
        for task in tasks:
            y += 1
            rows = table[(table["metric"] == metric) & (table["task"] == task)]
            for _, row in rows.iterrows():
                draw_regret(ax, y + SHIFTS[row["rule"]], row)
            first = rows.iloc[0]
            places[y] = f"{first['place']}\n{first['n_low']:,} → {first['n_high']:,}"
        y += 1.05
    ax.set_yticks(list(places), list(places.values()), fontsize=8.5)
    ax.set_ylim(y - 0.5, -0.7)
    ax.grid(visible=False, axis="y")
    ratio_axis(ax, table)
    ax.set_xlabel("times what the best λ reaches")
    legend = {
        "kept": "λ unchanged",
        "over sqrt n": f"λ/{times(table, 0.5)}, by the root of the growth",
        "over n": f"λ/{times(table, 1.0)}, by the growth",
    }
    looks = RULE_LOOKS.items()
    legend_below(fig, *((legend[rule], hue, {"marker": mark}) for rule, (hue, mark) in looks))
    return fig


def times(table: pd.DataFrame, power: float) -> str:
    """A power of the factors by which the samples grow."""
    found = (table["n_high"] // table["n_low"]) ** power
    return " to ".join(f"{value:.3g}" for value in sorted({found.min(), found.max()}))


def ratio_axis(ax: Axes, table: pd.DataFrame) -> None:
    """A logarithmic axis of ratios, ticked where the points are."""
    ax.set_xscale("log")
    found = table[RATIOS].where(table[RATIOS] > 0)
    low, high = min(found["ratio_low"].min(), 1) / 1.05, found["ratio_high"].max() * 1.05
    ax.set_xlim(low, high)
    ticks = [tick for tick in (0.5, 0.7, 1, 1.5, 2, 3, 4, 6, 10) if low < tick < high]
    ax.set_xticks(ticks, [plain(tick) for tick in ticks])
    ax.set_xticks([], [], minor=True)


def draw_regret(ax: Axes, y: float, row: pd.Series) -> None:
    """One cost with its interval; a triangle where the best strength is at its grid's edge."""
    colour, marker = RULE_LOOKS[row["rule"]]
    at, low, high = row[RATIOS].to_numpy(float)
    hue = style.colour(colour)
    ax.plot([low, high], [y, y], color=hue, linewidth=1.6)
    ax.plot(at, y, marker if pd.isna(row["edge"]) else ">", color=hue, markersize=6)


@figure(id="best-lambda-by-samples", data=best)
def best_lambda_by_samples(table: pd.DataFrame) -> Figure:
    """Best strength over that at the fewest samples, a panel a task, all on the same axes."""
    fig, axes = plt.subplots(2, 3, figsize=(style.WIDTH, 5.4), sharey=True)
    ends = table.groupby("task")["n"].agg(["min", "max"])
    reach = (ends["max"] / ends["min"]).max()
    for ax, name in zip(axes.flat, TASKS, strict=False):
        rows = table[table["task"] == name]
        first = rows[rows["metric"] == "loss"].sort_values("n")
        sizes, start = first["n"].to_numpy(), first["lam"].iloc[0]
        for metric, found in rows.groupby("metric"):
            data = metric == "loss"
            aside = found.assign(n=found["n"] * (1 if data else 1.1))
            aside[LAMS] = aside[LAMS] / start
            look = ("data", "o") if data else ("penalty", "s")
            draw_points(ax, aside, "n", "lam", look)
        log_ticks(ax, sizes if len(sizes) <= 3 else sizes[::2])
        ax.set_yscale("log")
        ax.set_xlim(sizes[0] / 1.3, sizes[0] * reach * 2.6)
        for power, line, words in ((-0.5, DASHED, "−½"), (-1.0, DOTTED, "−1")):
            y = (sizes / sizes[0]) ** power
            ax.plot(sizes, y, color=style.colour("ink"), zorder=1, **line)
            label_beside(ax, sizes[-1] * 1.25, y[-1], words, (3, 0), fontsize=8.5)
        row = first.iloc[0]
        found = f"{row['exponent']:z.2f} [{row['low']:z.2f}, {row['high']:z.2f}]".replace("-", "−")
        # An empty text is read back from CSV as nan.
        edges = row["edges"] if isinstance(row["edges"], str) else ""
        words = f"at the grid’s edge\n({edges})" if edges else found
        ax.set_title(f"{TASKS[name].words}\n{words}".replace("regression", "regr."), fontsize=9.5)
    axes[0, 0].set_yticks([0.1, 0.3, 1, 2], ["0.1", "0.3", "1", "2"])
    axes[0, 0].set_yticks([], [], minor=True)
    for ax in axes[:, 0]:
        ax.set_ylabel("best λ, relative")
    for ax in (*axes[1, :2], axes[0, 2]):
        ax.set_xlabel("training samples n")
    axes[1, 2].axis("off")
    handles = [
        Line2D([], [], color=style.colour("data"), marker="o", label="chosen by loss"),
        Line2D([], [], color=style.colour("penalty"), marker="s", label="chosen by error"),
        Line2D([], [], color=style.colour("ink"), label="over √n: power −½", **DASHED),
        Line2D([], [], color=style.colour("ink"), label="over n: power −1", **DOTTED),
    ]
    axes[1, 2].legend(handles=handles, loc="center")
    return fig


def draw_points(
    ax: Axes, rows: pd.DataFrame, x: str, y: str, look: tuple[str, str], **how: Any
) -> None:
    """Estimates along x with intervals; those at their grid's edge are triangles."""
    rows, hue, marker = rows.sort_values(x), style.colour(look[0]), look[1]
    ax.plot(rows[x], rows[y], color=hue, linewidth=0.8, alpha=0.5)
    ax.vlines(rows[x], rows[f"{y}_low"], rows[f"{y}_high"], color=hue, linewidth=1.4)
    edge = rows["edge"]
    for at, shape in ((edge == "low", "v"), (edge == "high", "^"), (edge.isna(), marker)):
        ax.plot(rows[x][at], rows[y][at], shape, color=hue, markersize=6, **how)


def label_beside(
    ax: Axes, x: float, y: float, words: str, by: tuple[float, float], **how: Any
) -> None:
    """Words so many points beside a point."""
    look: dict[str, Any] = {"va": "center", "annotation_clip": False}
    ax.annotate(words, (x, y), xytext=by, textcoords="offset points", **look | how)


@figure(id="noise-yardstick", data=shares)
def noise_yardstick(table: pd.DataFrame) -> Figure:
    """Shares of the yardstick against n, and lambda* against sigma, over that at the least."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(style.WIDTH, 3.9))
    ratios, noise = (table[table["part"] == part] for part in ("samples", "noise"))
    log_ticks(left, sorted(ratios["x"].unique())[:: 2 if ratios["x"].nunique() > 4 else 1])
    for aside, (task, look) in zip((1.0, 0.94, 1.06), TASK_LOOKS.items(), strict=True):
        rows = ratios[ratios["task"] == task].sort_values("x")
        draw_points(left, rows.assign(x=aside * rows["x"]), "x", "value", look)
        end, hue = rows.iloc[-1], style.colour(look[0])
        label_beside(left, 1.06 * end["x"], end["value"], task, (6, 0), color=hue, fontsize=9)
    left.set(ylim=(0, 1.15 * ratios["value_high"].clip(upper=1).max()))
    left.set(xlabel="training samples n", ylabel="best λ, share of the yardstick")
    leave_room(left, 0.3)
    sigmas = np.sort(noise["x"].unique())
    log_ticks(right, sigmas)
    right.set_yscale("log")
    right.set_yticks([1, 3, 10, 30], ["1", "3", "10", "30"])
    ends = {}
    for aside, task in zip((0.98, 1.02), NOISY, strict=True):
        rows, look = noise[noise["task"] == task].sort_values("x"), TASK_LOOKS[task]
        rows[VALUES] = rows[VALUES] / rows["value"].iloc[0]
        draw_points(right, rows.assign(x=aside * rows["x"]), "x", "value", look)
        ends[task] = (rows["value"].iloc[-1], style.colour(look[0]))
    for power, line, words in ((1, DASHED, "as σ"), (2, DOTTED, "as σ²")):
        y = (sigmas / sigmas[0]) ** power
        right.plot(sigmas, y, color=style.colour("ink"), zorder=1, **line)
        ends[words] = (y[-1], style.colour("ink"))
    right.set(xlabel="noise σ (target units)", ylabel="best λ, over that at the least σ")
    leave_room(right, 0.28)
    label_ends(right, ends, 1.12 * sigmas[-1])
    return fig
