"""The best lambda beside the strength that would crush the noise alone, and against the noise."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import span
from l2scale.catalogue.results import Result, once
from l2scale.exhibits.drawing import leave_room, log_ticks
from l2scale.exhibits.samples.sweeps import NOISY
from l2scale.exhibits.samples.tasks import best_table, exponent_of, rows_of
from l2scale.exhibits.samples.yardstick import TASKS
from l2scale.lab.estimates import Interval, mean_interval, optima
from l2scale.lab.intervals import exponential
from l2scale.lab.slopes import loglog_slope
from l2scale.lab.transfer import exponents

LOOKS = {"digits": ("data", "o"), "teacher": ("penalty", "s"), "line": ("ink", "D")}


@once
def yardstick_table(result: Result) -> pd.DataFrame:
    """Two parts: lambda* over the yardstick by task and n, and lambda* by task and sigma.

    Columns: part ("samples" or "noise"), task, x (n or sigma), value, value_low, value_high, edge,
    and exponent, low, high, edges (of lambda* in sigma, by task).
    """
    found = []
    for task in TASKS:
        best = optima(rows_of(result, task), ["n_train"]).set_index("n_train")
        sticks = result["yardstick"].table.query("task == @task").groupby("n_train")["crush"]
        for n, crush in sticks:
            share = over(interval(best.loc[n]), exponential(mean_interval(np.log(crush))))
            found.append(
                {"part": "samples", "task": task, "x": float(n), "edge": best.loc[n, "edge"]}
                | {"value": share.estimate, "value_low": share.low, "value_high": share.high}
            )
    noise = result["noise"].table
    best = optima(noise, ["data", "label_noise"])
    names = {
        "data": "task", "label_noise": "x",
        "lam": "value", "lam_low": "value_low", "lam_high": "value_high",
    }  # fmt: skip
    kept = best.rename(columns=names)[[*names.values(), "edge", "seeds"]].assign(part="noise")
    fits = exponents(noise, ["data"], "label_noise").rename(columns={"data": "task"})
    return pd.concat([pd.DataFrame(found), kept.merge(fits, on="task")], ignore_index=True)


def interval(row: pd.Series) -> Interval:
    """The interval of a row of `optima`."""
    return Interval(row["lam"], row["lam_low"], row["lam_high"], int(row["seeds"]))


def over(a: Interval, b: Interval) -> Interval:
    """A quotient of two that share no networks: their logarithms' half-widths add as squares."""
    middle = a.estimate / b.estimate
    widths = [math.log(i.high / i.low) / 2 for i in (a, b)]
    half = math.exp(math.hypot(*widths))
    return replace(a, estimate=middle, low=middle / half, high=middle * half)


def share(table: pd.DataFrame, task: str, end: str) -> Interval:
    """Lambda* over the yardstick at the `least` or the `most` samples of a task."""
    rows = table[(table["part"] == "samples") & (table["task"] == task)].sort_values("x")
    row = rows.iloc[0 if end == "least" else -1]
    return Interval(row["value"], row["value_low"], row["value_high"], 0)


def drift(result: Result, task: str) -> Interval:
    """The exponent of the share in n: that of lambda* less that of the yardstick.

    Half-widths add as squares. The two have data seeds in common, so this is approximate.
    """
    return less(exponent_of(best_table(result), task), stick_power(result, task))


def less(a: Interval, b: Interval) -> Interval:
    """A difference of two exponents: their half-widths add as squares."""
    middle = a.estimate - b.estimate
    half = math.hypot((a.high - a.low) / 2, (b.high - b.low) / 2)
    return Interval(middle, middle - half, middle + half, min(a.n, b.n))


def power(table: pd.DataFrame, task: str) -> Interval:
    """The exponent of lambda* in the noise's sigma, nan where an optimum is at an edge."""
    row = table[(table["part"] == "noise") & (table["task"] == task)].iloc[0]
    return Interval(row["exponent"], row["low"], row["high"], int(row["seeds"]))


def stick_power(result: Result, task: str) -> Interval:
    """The exponent of the yardstick itself in n."""
    return loglog_slope(result["yardstick"].table.query("task == @task"), "n_train", "crush")


def title(table: pd.DataFrame) -> str:
    """How far the share moves, and the power of sigma."""
    ends = {task: [share(table, task, end).estimate for end in ("least", "most")] for task in LOOKS}
    words = ", ".join(f"{task} {least:.2f} to {most:.2f}" for task, (least, most) in ends.items())
    powers = " and ".join(f"{power(table, task).estimate:.2f}" for task in NOISY)
    return f"Best λ over the noise’s yardstick: {words}; power of σ: {powers}"


@figure(
    id="noise-yardstick",
    source=("digits", "teacher", "line", "noise", "yardstick"),
    data=yardstick_table,
    title=title,
    claim=lambda t: (
        "Left: best λ by validation loss over the crush threshold of the noise alone, found from "
        "random directions, so a lower bound of it. Right: best λ against the noise’s σ at one n, "
        + ", ".join(f"power {span(power(t, task))} on the {task}" for task in NOISY)
        + ", beside σ (dashed) and σ² (dotted), which ridge would follow. 95% intervals over "
        "seeds. From the fewest to the most samples: "
        + "; ".join(
            f"{task} {span(share(t, task, 'least'))} to {span(share(t, task, 'most'))}"
            for task in LOOKS
        )
        + "."
    ),
    alt=lambda t: (
        "Left, the best λ over the yardstick against samples, a line a task: "
        + "; ".join(
            f"{task} from {share(t, task, 'least').estimate:.2f} to "
            f"{share(t, task, 'most').estimate:.2f}"
            for task in LOOKS
        )
        + ". Right, the best λ against σ beside lines of slope 1 and 2, rising with power "
        + " and ".join(f"{span(power(t, task))} on the {task}" for task in NOISY)
        + "."
    ),
)
def noise_yardstick(table: pd.DataFrame) -> Figure:
    """Shares of the yardstick against n, and lambda* against sigma."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(style.WIDTH, 3.7))
    shares = table[table["part"] == "samples"]
    log_ticks(left, sorted(shares["x"].unique())[:: 2 if shares["x"].nunique() > 4 else 1])
    for task, (colour, marker) in LOOKS.items():
        rows = shares[shares["task"] == task].sort_values("x")
        points(left, rows, colour, marker)
        left.annotate(
            task, (rows["x"].iloc[-1], rows["value"].iloc[-1]), xytext=(6, 0), va="center",
            textcoords="offset points", color=style.colour(colour), fontsize=9,
        )  # fmt: skip
    leave_room(left, 0.28)
    left.set(ylim=(0, 1.15 * shares["value_high"].clip(upper=1).max()))
    left.set(xlabel="training samples n", ylabel="best λ / yardstick")
    noise = table[table["part"] == "noise"].sort_values("x")
    log_ticks(right, noise["x"].unique())
    right.set_yscale("log")
    for task in NOISY:
        rows = noise[noise["task"] == task]
        points(right, rows, *LOOKS[task])
        beside = (-4, 7) if task == "line" else (9, -7)
        va = "bottom" if task == "line" else "top"
        right.annotate(
            task, (rows["x"].iloc[0], rows["value"].iloc[0]), xytext=beside, va=va,
            textcoords="offset points", color=style.colour(LOOKS[task][0]), fontsize=9,
        )  # fmt: skip
    start = noise[noise["task"] == "teacher"].iloc[0]
    for slope, dashes, words in ((1, (0, (4, 2)), "σ"), (2, (0, (1, 1.5)), "σ²")):
        y = start["value"] * (rows["x"] / start["x"]) ** slope
        right.plot(rows["x"], y, linestyle=dashes, color=style.colour("ink"), lw=1.2, zorder=1)
        right.annotate(words, (rows["x"].iloc[-1], y.iloc[-1]), xytext=(4, 0), va="center",
                       textcoords="offset points", annotation_clip=False)  # fmt: skip
    right.set(xlabel="noise σ (target units)", ylabel="best λ")
    return fig


def points(ax: Axes, rows: pd.DataFrame, colour: str, marker: str) -> None:
    """A line with intervals; triangles where the optimum is at its grid's edge."""
    hue = style.colour(colour)
    ax.plot(rows["x"], rows["value"], color=hue, marker=marker)
    ax.vlines(rows["x"], rows["value_low"], rows["value_high"], color=hue, linewidth=1.4)
    for edge, shape in (("low", "v"), ("high", "^")):
        at = rows[rows["edge"] == edge]
        ax.plot(at["x"], at["value"], shape, color=hue, markersize=7)
