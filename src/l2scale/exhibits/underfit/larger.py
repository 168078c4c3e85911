"""Training loss of a small and of a wide network at the same lambda, a panel for each arm."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import listing, plain, span
from l2scale.exhibits.drawing import mean_line, seed_interval
from l2scale.exhibits.underfit.tables import (
    ARMS,
    differences,
    excess,
    factor,
    labelled,
    near_best,
    wider_table,
)
from l2scale.lab.estimates import Interval

HASTE = ("slower",)  # arms whose wide network has had too few steps
ENOUGH = tuple(arm for arm in ARMS if arm not in HASTE)


def part(table: pd.DataFrame, arm: str, size: str, stage: str = "end") -> pd.DataFrame:
    """The rows of one arm's small or large networks."""
    chosen = (table["arm"] == arm) & (table["size"] == size) & (table["stage"] == stage)
    return table[chosen]


def gaps(table: pd.DataFrame, arm: str, stage: str = "end") -> pd.DataFrame:
    """The losses of the large networks less those of the small ones of an arm."""
    return differences(*(part(table, arm, size, stage) for size in ("large", "small")))


def tuned(table: pd.DataFrame, arm: str) -> float:
    """The strength that the small network's validation error chose."""
    return near_best(part(table, arm, "small"))[1]


def by_lam(table: pd.DataFrame, arm: str) -> dict[float, Interval]:
    """The excess training loss at every strength above 0."""
    found = gaps(table, arm)
    return {lam: excess(found, lam) for lam in sorted(found["lam"].unique()) if lam > 0}


def surely_above(table: pd.DataFrame, arm: str) -> dict[float, Interval]:
    """The strengths at which the interval of the excess is above 0."""
    return {lam: found for lam, found in by_lam(table, arm).items() if found.low > 0}


def most_above(table: pd.DataFrame) -> float:
    """The highest upper limit of the excess, over strengths and the arms with enough steps."""
    return max(found.high for arm in ENOUGH for found in by_lam(table, arm).values())


def above_words(table: pd.DataFrame) -> str:
    """Where a wide network with enough steps is above the small one, by its interval."""
    found = {arm: surely_above(table, arm) for arm in ENOUGH}
    words = [
        f"{labelled(arm, table)} at λ = {listing([plain(lam) for lam in lams])}"
        for arm, lams in found.items()
        if lams
    ]
    return "; ".join(words) if words else "nowhere"


def title(table: pd.DataFrame) -> str:
    """The most that width alone can have added."""
    return (
        f"At the same λ, {factor(table)} times the width adds at most {plain(most_above(table))} "
        "nats to the training loss, given the steps"
    )


def alt(table: pd.DataFrame) -> str:
    """Both ends of every panel's gap, in numbers."""
    rows = "; ".join(
        f"{labelled(arm, table)}: {excess(gaps(table, arm), 0.0).estimate:z.2f} without a penalty, "
        f"{excess(gaps(table, arm), tuned(table, arm)).estimate:z.2f} at the small network's best λ"
        for arm in ARMS
    )
    return (
        "Six panels of training loss against λ, each with a line for a small and one for a wide "
        f"network, and dots at λ = 0. The wide network's loss less the small one's, in nats: {rows}"
        "."
    )


@figure(
    id="larger-at-same-lambda",
    source="wider",
    data=wider_table,
    title=title,
    claim=lambda t: (
        f"64-H-10 networks without biases, {t['n_train'].iloc[0]} digits, one label in five wrong, "
        "the sum. Dots at the left: λ = 0. Dotted: guessing. Bands are 95% over seeds. η is the "
        "learning rate and T the steps of the small network. "
        "The slower panels have the small network of the first; there the wide one has "
        f"1/{factor(t)} of the learning rate: at λ = 0 its excess is "
        f"{span(excess(gaps(t, 'slower'), 0.0))} nats after T steps and "
        f"{span(excess(gaps(t, 'slower, longer'), 0.0))} after {factor(t)}T. In the five other "
        f"panels no interval of the excess reaches above {plain(most_above(t))} nats. It is wholly "
        f"above 0: {above_words(t)}."
    ),
    alt=alt,
)
def larger_at_same_lambda(table: pd.DataFrame) -> Figure:
    """Training loss against strength, small and large, in six panels with one scale of loss."""
    fig, axes = plt.subplots(2, 3, figsize=(style.WIDTH, 4.9), sharey=True)
    looks = dict(zip(("small", "large"), style.shades(2), strict=True))
    for ax, arm in zip(axes.flat, ARMS, strict=True):
        for size, colour in looks.items():
            draw_with_control(ax, part(table, arm, size), "train_loss", colour)
        ax.axhline(np.log(10), linestyle=":", color=style.colour("muted"), linewidth=1)
        ax.set(title=labelled(arm, table), xlabel="", ylabel="")
    for ax in axes[:, 0]:
        ax.set_ylabel("training loss (nats)")
    for ax in axes[1]:
        ax.set_xlabel("λ (sum penalty)")
    axes.flat[list(ARMS).index("adamw")].set_xlabel("λ (decoupled)")
    widths = {size: part(table, "sgd", size)["width"].iloc[0] for size in looks}
    handles = [
        plt.Line2D([], [], color=colour, label=f"H = {widths[size]}")
        for size, colour in looks.items()
    ]
    fig.legend(handles=handles, loc="outside lower center", ncols=2)
    return fig


def draw_with_control(ax: Axes, rows: pd.DataFrame, metric: str, colour: str) -> None:
    """A line over the strengths above 0 and, left of them, a dot with its interval for none."""
    ax.set_xscale("log")
    penalised, control = rows[rows["lam"] > 0], rows.loc[rows["lam"] == 0, metric]
    mean_line(ax, penalised, "lam", metric, colour)
    least, most = penalised["lam"].min(), penalised["lam"].max()
    at = least / 3
    low, high = seed_interval(control)
    ax.plot([at, at], [low, high], color=colour, linewidth=1.4)
    ax.plot(at, control.mean(), "o", color=colour, markersize=5)
    powers = [p for p in (0.01, 0.1, 1.0) if 1.5 * at < p < most]
    ax.set_xticks([at, *powers], ["0", *(f"{p:g}" for p in powers)])
    ax.set_xticks([], minor=True)
