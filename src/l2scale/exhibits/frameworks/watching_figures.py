"""The figures of what watches a training and what chooses lambda. Words are in `text.toml`."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.catalogue.figures import figure
from l2scale.exhibits.drawing import legend_below, mean_line, note
from l2scale.exhibits.frameworks.sweeps import LEFT, STRONG
from l2scale.exhibits.frameworks.trainings import (
    CHOICES,
    METRICS,
    best_lambda_by,
    first_falls,
    trainings,
    tried,
)
from l2scale.exhibits.frameworks.watching import WATCHED
from l2scale.lab.estimates.intervals import Interval, mean_interval
from l2scale.looks import style
from l2scale.looks.numerals import plain

HUES = {"loss": "data", "cost": "penalty", "constant": "ink"}
PLACES = {"loss": ("λ in the loss", "penalty"), "decay": ("λ as weight_decay", "adamw")}
CHOOSE = {"cost": "fan", "val_cost": "penalty", "val_loss": "data", "val_error": "tensor_mean"}
CURVES = ("cost", "val_cost", "val_loss")  # that are drawn against lambda


@figure(id="watched-cost", data=trainings, penalties=("sum",))
def watched_cost(table: pd.DataFrame) -> Figure:
    """When the rate first falls by what is watched, and sums of squares by bound."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.4))
    draw_falls(axes[0], table[table["part"] == "watched"])
    draw_clips(axes[1], table[table["part"] == "clipped"])
    return fig


def draw_falls(ax: Axes, table: pd.DataFrame) -> None:
    """The step of the first fall in every seed, and the mean with its interval."""
    first = first_falls(table)
    for place, (name, hue) in enumerate(HUES.items()):
        falls, colour = first[name], style.colour(hue)
        ax.plot(falls, np.full(len(falls), place + 0.2), "o", color=colour, markersize=4, alpha=0.6)
        found = mean_interval(falls)
        ax.errorbar(
            found.estimate, place, xerr=np.array([error_lengths(found)]).T, marker="o",
            markersize=8, color=colour, capsize=2,
        )  # fmt: skip
    ax.set_yticks(range(len(HUES)), [WATCHED[name] for name in HUES])
    ax.set(xlabel="step at which the rate first falls", ylim=(len(HUES) - 0.5, -0.5))
    ax.set_xlim(left=0)
    ax.set_title("A scheduler that watches")
    ax.grid(axis="y", visible=False)


def draw_clips(ax: Axes, table: pd.DataFrame) -> None:
    """Sums of squares with intervals, the places side by side."""
    limits = sorted(table["clip"].unique())
    for shift, (where, (words, hue)) in zip((-0.06, 0.06), PLACES.items(), strict=True):
        ends = table[table["where"] == where].groupby("clip")["sq_norm"]
        found = [mean_interval(values) for _, values in ends]
        ax.errorbar(
            np.arange(len(limits)) + shift, [one.estimate for one in found],
            np.array([error_lengths(one) for one in found]).T, marker=style.marker(hue),
            color=style.colour(hue), capsize=2, label=words,
        )  # fmt: skip
    ax.set_xticks(range(len(limits)), [*(plain(bound) for bound in limits[:-1]), "none"])
    ax.set(xlabel="bound on the gradient’s length", ylabel="‖w‖² at the end", title="A clip")
    ax.legend(loc="lower right", fontsize=8.5)


def error_lengths(found: Interval) -> tuple[float, float]:
    """How far the bounds are from the estimate."""
    return found.estimate - found.low, found.high - found.estimate


@figure(id="chosen-by-cost", data=tried)
def chosen_by_cost(table: pd.DataFrame) -> Figure:
    """Criteria against lambda, and test loss by criterion."""
    ratios = {"width_ratios": (1.9, 1, 1)}
    fig, (left, *others) = plt.subplots(1, 3, figsize=(style.WIDTH, 4.0), gridspec_kw=ratios)
    left.set(xscale="log", yscale="log")
    key = []
    for choice in CURVES:
        hue, lam = style.colour(CHOOSE[choice]), best_lambda_by(table, choice)
        mean_line(left, table, "lam", choice, hue)
        best, mark = table.loc[table["lam"] == lam, choice].mean(), style.marker(CHOOSE[choice])
        left.plot(lam, best, mark, color=hue, markersize=9)
        key.append((CHOICES[choice], CHOOSE[choice], {"marker": mark}))
    left.set(xlabel="λ", ylabel="loss or cost, nats", title="What chooses")
    left.axvline(STRONG, color=style.colour("muted"), linewidth=1, linestyle=":")
    note(left, STRONG, left.get_ylim()[0] * 1.06, f"×{LEFT:g} a step ", ha="right")
    legend_below(fig, *key)
    for ax, metric in zip(others, METRICS, strict=True):
        draw_ends(ax, table, metric)
    words = [words.replace(" ", "\n", 1) for words in CHOICES.values()]
    others[0].set_yticks(range(len(CHOICES)), words)
    others[0].set_ylabel("chosen by")
    return fig


def draw_ends(ax: Axes, table: pd.DataFrame, metric: str) -> None:
    """A test metric at each choice, with its interval."""
    for place, (choice, name) in enumerate(CHOOSE.items()):
        found = mean_interval(
            table.loc[table["lam"] == best_lambda_by(table, choice), f"test_{metric}"]
        )
        ax.errorbar(
            found.estimate, place, xerr=np.array([error_lengths(found)]).T,
            marker=style.marker(name), color=style.colour(name), capsize=2,
        )  # fmt: skip
    ax.set_yticks(range(len(CHOICES)), [])
    ax.set(xlabel=f"test {metric}", ylim=(len(CHOICES) - 0.5, -0.5))
    ax.grid(axis="y", visible=False)
