"""The chapter's figures. Their words are in `text.toml`."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from l2scale.catalogue.figures import figure
from l2scale.exhibits.drawing import label_end, leave_room, log_ticks, mean_line, note
from l2scale.exhibits.samples.costs import costs
from l2scale.exhibits.samples.exact import best_lambda_of, mean_risks, missed
from l2scale.exhibits.samples.powers import best, shares
from l2scale.exhibits.samples.ridge import BAR, RULES
from l2scale.exhibits.samples.sweeps import NOISY
from l2scale.exhibits.samples.tasks import TASKS
from l2scale.looks import style
from l2scale.looks.numerals import plain

RULE_LOOKS = {"kept": ("penalty", "s"), "over sqrt n": ("data", "o"), "over n": ("ink", "D")}
TASK_LOOKS = {"digits": ("data", "o"), "teacher": ("penalty", "s"), "line": ("ink", "D")}
LINES = {"kept": "λ kept", "over sqrt n": "over √n", "over n": "over n, the best"}
SHIFTS = dict(zip(RULES, (-0.24, 0.0, 0.24), strict=True))
PANELS = (
    ("excess test loss, times that of the best λ", "loss", ("ridge", "teacher", "line")),
    ("whole test loss, times that of the best λ", "loss", ("logistic", "digits", "sgd")),
    ("test error, points above that of the best λ (%)", "error", ("logistic", "digits", "sgd")),
)  # the axis's words, the metric, the tasks
DASHED, DOTTED = (0, (4, 2)), (0, (1, 1.5))


@figure(id="carried-to-more-data", data=costs)
def carried_to_more_data(table: pd.DataFrame) -> Figure:
    """One row a task, one point a rule: excess losses, whole losses and errors."""
    heights = [len(tasks) for *_, tasks in PANELS]
    fig, axes = plt.subplots(3, 1, figsize=(style.WIDTH, 7.4), height_ratios=heights)
    for ax, (axis, metric, tasks) in zip(axes, PANELS, strict=True):
        rows = table[(table["metric"] == metric) & table["task"].isin(tasks)]
        ax.axvline(1 if metric == "loss" else 0, color=style.colour("muted"), linewidth=1, zorder=1)
        for _, row in rows.iterrows():
            draw_regret(ax, tasks.index(row["task"]) + SHIFTS[row["rule"]], row)
        ends = rows.drop_duplicates("task").set_index("task").loc[list(tasks)]
        places = [f"{row.place}\n{row.n_low:,} → {row.n_high:,}" for row in ends.itertuples()]
        ax.set_yticks(range(len(tasks)), places)
        ax.set(ylim=(len(tasks) - 0.45, -0.55), xlabel=axis)
        ax.grid(visible=False, axis="y")
        if metric == "loss":
            ratio_axis(ax, rows)
    words = {
        "kept": "λ kept (a fixed weight beside a mean loss)",
        "over sqrt n": f"λ/{times(table, 0.5)}, over the root of n’s factor",
        "over n": f"λ/{times(table, 1.0)}, over the factor (scikit-learn’s fixed C)",
    }
    handles = [
        Line2D([], [], color=style.colour(colour), marker=marker, label=words[rule])
        for rule, (colour, marker) in RULE_LOOKS.items()
    ]
    fig.legend(handles=handles, loc="outside lower center")
    return fig


def times(table: pd.DataFrame, power: float) -> str:
    """A power of the factors by which the samples grow."""
    found = (table["n_high"] // table["n_low"]) ** power
    return " to ".join(f"{value:.3g}" for value in sorted({found.min(), found.max()}))


def ratio_axis(ax: Axes, table: pd.DataFrame) -> None:
    """A logarithmic axis of ratios, ticked where the points are."""
    ax.set_xscale("log")
    low, high = min(table["ratio_low"].min(), 1) / 1.03, table["ratio_high"].max() * 1.04
    ax.set_xlim(low, high)
    marks = (0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.5, 1.7, 2, 3, 4, 6, 10)
    if high / low >= 2:  # those below 2 that are no halves would touch
        marks = (0.5, 0.7, 1, 1.5, 2, 3, 4, 6, 10)
    ticks = [tick for tick in marks if low < tick < high]
    ax.set_xticks(ticks, [plain(tick) for tick in ticks])
    ax.set_xticks([], [], minor=True)


def draw_regret(ax: Axes, y: float, row: pd.Series) -> None:
    """One cost with its interval; a triangle where the best strength is at its grid's edge."""
    colour, marker = RULE_LOOKS[row["rule"]]
    names = ["ratio", "ratio_low", "ratio_high"]
    if row["metric"] == "error":
        names = ["excess", "low", "high"]
    at, low, high = row[names].to_numpy(float) * (100 if row["metric"] == "error" else 1)
    hue = style.colour(colour)
    ax.plot([low, high], [y, y], color=hue, linewidth=1.6)
    ax.plot(at, y, marker if pd.isna(row["edge"]) else ">", color=hue, markersize=6)


@figure(id="best-lambda-by-samples", data=best)
def best_lambda_by_samples(table: pd.DataFrame) -> Figure:
    """Best strength against n in four panels with one scale of exponents."""
    fig, axes = plt.subplots(2, 2, figsize=(style.WIDTH, 5.6))
    for ax, name in zip(axes.flat, ("logistic", "digits", "teacher", "line"), strict=True):
        for (task, metric), rows in table.groupby(["task", "metric"], sort=False):
            if task == name or (task, name) == ("sgd", "digits"):
                look, aside = (("penalty", "s"), 1.07) if task == "sgd" else (("data", "o"), 1.0)
                face = style.colour(look[0] if metric == "loss" else "paper")
                moved = rows.assign(n=aside * rows["n"])
                draw_points(ax, moved, "n", "lam", look, markerfacecolor=face)
        first = table[(table["task"] == name) & (table["metric"] == "loss")].sort_values("n")
        sizes = first["n"].to_numpy()
        log_ticks(ax, sizes)
        ax.set_yscale("log")
        for power, dashes, words in ((-0.5, DASHED, "−½"), (-1.0, DOTTED, "−1")):
            y = first["lam"].iloc[0] * (sizes / sizes[0]) ** power
            ax.plot(sizes, y, linestyle=dashes, color=style.colour("ink"), linewidth=1.2, zorder=1)
            beside(ax, sizes[-1], y[-1], words, (9, 0), fontsize=8.5)
        row = first.iloc[0]
        found = f"{row['exponent']:z.2f} [{row['low']:z.2f}, {row['high']:z.2f}]".replace("-", "−")
        # An empty text is read back from CSV as nan.
        edges = row["edges"] if isinstance(row["edges"], str) else ""
        words = f"at the grid’s edge\n({edges})" if edges else found
        ax.set_title(f"{TASKS[name].words}\n{words}")
    for ax in axes[:, 0]:
        ax.set_ylabel("best λ")
    for ax in axes[1]:
        ax.set_xlabel("training samples n")
    data, penalty = (style.colour(name) for name in ("data", "penalty"))
    handles = [
        Line2D([], [], color=data, marker="o", label="by loss"),
        Line2D([], [], color=data, marker="o", markerfacecolor="none", label="by error"),
        Line2D([], [], color=penalty, marker="s", label="the same under SGD"),
    ]
    fig.legend(handles=handles, loc="outside lower center", ncols=3)
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


def beside(
    ax: Axes, x: float, y: float, words: str, by: tuple[float, float], **how: object
) -> None:
    """Words so many points beside a point."""
    how = {"va": "center", "annotation_clip": False} | how
    ax.annotate(words, (x, y), xytext=by, textcoords="offset points", **how)


@figure(id="noise-yardstick", data=shares)
def noise_yardstick(table: pd.DataFrame) -> Figure:
    """Shares of the yardstick against n, and lambda* against sigma."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(style.WIDTH, 3.7))
    ratios, noise = (table[table["part"] == part] for part in ("samples", "noise"))
    log_ticks(left, sorted(ratios["x"].unique())[:: 2 if ratios["x"].nunique() > 4 else 1])
    for task, look in TASK_LOOKS.items():
        rows = ratios[ratios["task"] == task].sort_values("x")
        draw_points(left, rows, "x", "value", look)
        end, hue = rows.iloc[-1], style.colour(look[0])
        beside(left, end["x"], end["value"], task, (6, 0), color=hue, fontsize=9)
    leave_room(left, 0.28)
    left.set(ylim=(0, 1.15 * ratios["value_high"].clip(upper=1).max()))
    left.set(xlabel="training samples n", ylabel="best λ / yardstick")
    log_ticks(right, noise["x"].unique())
    right.set_yscale("log")
    for task, by, va in zip(NOISY, ((9, -7), (-4, 7)), ("top", "bottom"), strict=True):
        rows, look = noise[noise["task"] == task].sort_values("x"), TASK_LOOKS[task]
        draw_points(right, rows, "x", "value", look)
        at, hue = rows.iloc[0], style.colour(look[0])
        beside(right, at["x"], at["value"], task, by, va=va, color=hue, fontsize=9)
    start = noise[noise["task"] == "teacher"].sort_values("x").iloc[0]
    for slope, dashes, words in ((1, DASHED, "σ"), (2, DOTTED, "σ²")):
        y = start["value"] * (rows["x"] / start["x"]) ** slope
        right.plot(rows["x"], y, linestyle=dashes, color=style.colour("ink"), lw=1.2, zorder=1)
        beside(right, rows["x"].iloc[-1], y.iloc[-1], words, (4, 0))
    right.set(xlabel="noise σ (target units)", ylabel="best λ")
    return fig


@figure(id="ridge-pairs", source="ridge_pairs", penalties=("sum",))
def ridge_pairs(table: pd.DataFrame) -> Figure:
    """Share by which each measured strength misses its prediction, and the bar."""
    found = missed(table)
    fig, ax = plt.subplots(figsize=(style.WIDTH, 0.34 * len(found) + 1.2))
    ax.axvspan(-BAR, BAR, color=style.colour("grid"), alpha=0.6, linewidth=0)
    ax.axvline(0, color=style.colour("ink"), linewidth=0.8)
    hue = style.colour("data")
    ax.hlines(found.index, found["low"], found["high"], color=hue)
    ax.plot(found["estimate"], found.index, style.marker("data"), color=hue)
    rows = found.itertuples()
    ax.set_yticks(found.index, [f"n = {row.n}, p = {row.p}: λ = {row.predicted:g}" for row in rows])
    reach = 1.15 * max(BAR, -found["low"].min(), found["high"].max())
    ax.set(
        xlim=(-reach, reach), ylim=(len(found) - 0.4, -0.6),
        xlabel="measured best λ less the predicted one (%), the bar in grey",
    )  # fmt: skip
    ax.xaxis.set_major_formatter(PercentFormatter(1, symbol=""))
    ax.grid(visible=False, axis="y")
    return fig


@figure(id="ridge-by-samples", source="ridge_risk", penalties=("sum",))
def ridge_by_samples(table: pd.DataFrame) -> Figure:
    """Risk by rule against n, with the floor of the strength that is kept."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 4.2))
    # Those n that double from the fewest; the others only draw the peak.
    doubled = np.log2(table["n"] / table["n"].min())
    log_ticks(ax, table.loc[doubled % 1 == 0, "n"])
    ax.set_yscale("log")
    for rule, (colour, marker) in RULE_LOOKS.items():
        rows, hue = table[table["rule"] == rule], style.colour(colour)
        mean_line(ax, rows, "n", "risk", hue, marker)
        label_end(ax, rows, "n", "risk", LINES[rule], hue)
    means = mean_risks(table)
    none = means[means["rule"] == "none"].set_index("n")["median"]
    ax.plot(none.index, none, ":", color=style.colour("muted"))
    # Beside where it leaves the frame; at its end it would cover the label of the best one.
    note(ax, none.idxmax() * 1.75, 3.4, f"λ = 0 (median; mean infinite at n = {none.idxmax()})")
    least_n, floor = table["n"].min(), means.loc[means["rule"] == "kept", "floor"].iloc[0]
    ends = [least_n, table["n"].max()]
    ax.plot(ends, [floor] * 2, linestyle=DASHED, lw=1.2, color=style.colour("ink"))
    note(ax, least_n, floor * 0.93, "floor of the λ kept", va="top")
    ax.set_ylim(0.6 * means["estimate"].min(), 5)
    leave_room(ax, 0.28)
    ax.set(xlabel="training samples n", ylabel="excess risk (squared target units)")
    return fig


@figure(id="negative-ridge", source="ridge_spike", penalties=("sum",))
def negative_ridge(table: pd.DataFrame) -> Figure:
    """Risk against strength, with lines at 0 and at the best."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.3))
    mean_line(ax, table, "lam", "risk", style.colour("data"))
    ax.axvline(0, color=style.colour("ink"), linewidth=0.8)
    lam, means = best_lambda_of(table), table.groupby("lam")["risk"].mean()
    ax.plot(lam, means[lam], style.marker("data"), color=style.colour("data"), markersize=7)
    top, words = 1.4 * means.iloc[-1], f"best: λ = {lam:.2g}".replace("-", "−")
    ax.set_ylim(0, top)
    note(ax, lam, 0.5 * means[lam], words, ha="left", va="center")
    note(ax, 0, 0.96 * top, " λ = 0", va="top")
    ax.set(xlabel="λ (ridge penalty)", ylabel="excess risk (squared target units)")
    return fig
