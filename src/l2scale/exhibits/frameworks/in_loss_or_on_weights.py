"""A penalty in the loss, and a share of every weight at each step: when are they one thing?"""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas.api.typing import DataFrameGroupBy

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import percent, percent_point_span, plain
from l2scale.exhibits.drawing import label_end, leave_room, mean_line
from l2scale.exhibits.frameworks.kinds import ADAM_RATE, MOMENTUM, SPREAD
from l2scale.exhibits.frameworks.sweeps import BASE, LEFT, STRONG
from l2scale.lab.estimates import Interval, mean_interval

DRAWN = (1, 4, 64, 256)  # of the shares under Adam, with the nearest
NAMES = {"sgd": "SGD", "momentum": f"Momentum {MOMENTUM:g}", "adam": "Adam"}


def rows_of(table: pd.DataFrame, optimiser: str, where: str) -> pd.DataFrame:
    """The rows of one arm; of several where the shares differ."""
    return table[(table["optimiser"] == optimiser) & (table["where"] == where)]


def at_end(table: pd.DataFrame, optimiser: str, where: str) -> pd.DataFrame:
    """The same after the last step."""
    rows = rows_of(table, optimiser, where)
    return rows[rows["step"] == table["step"].max()]


def apart(table: pd.DataFrame, optimiser: str, where: str) -> float:
    """Mean distance over seeds from the arm with the penalty in the loss, at the end."""
    return float(at_end(table, optimiser, where)["distance"].mean())


def rounding(table: pd.DataFrame) -> float:
    """The largest distance of the two under SGD, at any look."""
    return float(rows_of(table, "sgd", "weights")["distance"].max())


def furthest(table: pd.DataFrame) -> float:
    """The largest mean distance over seeds under momentum with the share 2 eta lambda/(1 - mu)."""
    return float(rows_of(table, "momentum", "late").groupby("step")["distance"].mean().max())


def nearest(table: pd.DataFrame) -> tuple[float, Interval]:
    """Over 2 eta lambda, the share whose decay ends nearest to Adam with a penalty; how near."""
    off = by_factor(table)["distance"].mean()
    best = float(off.idxmin())
    return best, mean_interval(by_factor(table).get_group((best,))["distance"])


def by_factor(table: pd.DataFrame) -> DataFrameGroupBy:
    """The ends of Adam's decays of the weights, by share over 2 eta lambda."""
    ends = at_end(table, "adam", "weights")
    return ends.assign(factor=(ends["share"] / ends["share"].min()).round(6)).groupby(["factor"])


def title(table: pd.DataFrame) -> str:
    """Rounding, a little, and not at all."""
    _, off = nearest(table)
    return (
        f"×{LEFT:g} a step is a penalty under SGD, to {rounding(table):.0e}; under momentum it is "
        f"{percent(apart(table, 'momentum', 'late'))} of the weights off, and from Adam "
        f"the nearest of {len(by_factor(table))} shares is {percent(off.estimate)} off"
    )


def claim(table: pd.DataFrame) -> str:
    """What is drawn, and the distances."""
    factor, off = nearest(table)
    return (
        "Sum of squares of all weights over that of the start; bands are 95% over "
        f"{table['seed'].nunique()} seeds. Lines: λ = {plain(STRONG)} in the loss. Marks: a share "
        f"of every weight taken beside each step, {percent(1 - LEFT)} on the left and in the "
        "middle, where momentum's rate is (1 − μ) times SGD's; dotted there, the share 2ηλ. "
        f"Right, at η = {plain(ADAM_RATE)}: some of {len(SPREAD)} shares from 2ηλ to "
        f"{SPREAD[-1]:,} times that. The one that ends nearest, {plain(factor)} times 2ηλ, is off "
        f"by {percent_point_span(off)} of the length of all weights."
    )


def alt(table: pd.DataFrame) -> str:
    """Where the lines end."""
    words = []
    for optimiser, name in NAMES.items():
        inside = at_end(table, optimiser, "loss")["sq_norm"].mean()
        outside = at_end(table, optimiser, "weights").groupby("share")["sq_norm"].mean()
        words.append(
            f"{name}: {inside:.2f} with the penalty in the loss, "
            + " and ".join(f"{value:.2f}" for value in outside)
            + " with shares of the weights"
        )
    return f"Three panels against steps. At the end, of the start's sum, {'; '.join(words)}."


@figure(
    id="in-loss-or-on-weights",
    source="kinds",
    penalties=("sum",),
    title=title,
    claim=claim,
    alt=alt,
)
def in_loss_or_on_weights(table: pd.DataFrame) -> Figure:
    """Sums of squares over the steps, by optimiser."""
    fig, axes = plt.subplots(1, 3, figsize=(style.WIDTH, 3.5), sharey=True)
    for ax, (optimiser, name) in zip(axes, NAMES.items(), strict=True):
        hue = style.colour(optimiser)
        if optimiser == "adam":
            draw_shares(ax, table)
        mean_line(ax, rows_of(table, optimiser, "loss"), "step", "sq_norm", hue)
        ax.set(title=name, xlabel="step", ylabel="‖w‖² over that of the start", ylim=(-0.03, 1.1))
    mark(axes[0], rows_of(table, "sgd", "weights"), "sgd")
    mark(axes[1], rows_of(table, "momentum", "late"), "momentum")
    weak = rows_of(table, "momentum", "weights").groupby("step")["sq_norm"].mean()
    axes[1].plot(weak, ":", color=style.colour("ink"))
    axes[1].text(
        0.5, 0.9, "share 2ηλ", transform=axes[1].transAxes, color=style.colour("ink"), fontsize=9
    )
    axes[1].text(
        0.3, 0.68, "share 2ηλ/(1 − μ)", transform=axes[1].transAxes,
        color=style.colour("momentum"), fontsize=9,
    )  # fmt: skip
    axes[0].text(
        0.4, 0.68, f"×{LEFT:g} a step\n(η = {BASE.lr:g})", transform=axes[0].transAxes,
        color=style.colour("sgd"), fontsize=9,
    )  # fmt: skip
    return fig


def mark(ax: Axes, rows: pd.DataFrame, name: str) -> None:
    """Means over seeds as marks."""
    means = rows.groupby("step")["sq_norm"].mean()
    ax.plot(means.index, means, style.marker(name), color=style.colour(name), markersize=6)


def draw_shares(ax: Axes, table: pd.DataFrame) -> None:
    """Decays of the weights under Adam, by share: some of them and the nearest."""
    shares = rows_of(table, "adam", "weights")
    least = shares["share"].min()
    best, _ = nearest(table)
    for share, rows in shares.groupby("share"):
        if not np.isclose(share / least, (*DRAWN, best)).any():
            continue
        means = rows.groupby("step")["sq_norm"].mean()
        ax.plot(means, linewidth=1, marker=".", color=style.colour("adamw"))
        text = f"×{share / least:,.0f}" if share > least else "2ηλ"
        label_end(ax, rows, "step", "sq_norm", text, style.colour("adamw"))
    leave_room(ax, 0.25)
