"""Training loss of a small and of a wide network at the same lambda, a panel for each arm."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.exhibits.drawing import mean_line, plain, seed_interval, span
from l2scale.exhibits.underfit.tables import ARMS, excess, factor, labelled, near_best, wider_table
from l2scale.lab.estimates import Interval

SAME = 0.02  # nats: a loss that is higher by less counts as the same
HASTE = ("slower",)  # arms whose wide network has had too few steps
ENOUGH = tuple(arm for arm in ARMS if arm not in HASTE)


def part(table: pd.DataFrame, arm: str, size: str, stage: str = "end") -> pd.DataFrame:
    """The rows of one arm's small or large networks."""
    chosen = (table["arm"] == arm) & (table["size"] == size) & (table["stage"] == stage)
    return table[chosen]


def gap(table: pd.DataFrame, arm: str, lam: float, stage: str = "end") -> Interval:
    """Training loss of the large network less that of the small one at one strength."""
    return excess(part(table, arm, "large", stage), part(table, arm, "small", stage), lam)


def surely_above(table: pd.DataFrame, arm: str) -> dict[float, Interval]:
    """The strengths above 0 at which the large network's loss is beyond doubt the higher one."""
    lams = sorted(table.loc[(table["arm"] == arm) & (table["lam"] > 0), "lam"].unique())
    found = {float(lam): gap(table, arm, lam) for lam in lams}
    return {lam: interval for lam, interval in found.items() if interval.low > 0}


def most_above(table: pd.DataFrame, names: tuple[str, ...] = ENOUGH) -> float:
    """The largest excess that is beyond doubt, over the arms; 0 where there is none."""
    found = [i.estimate for arm in names for i in surely_above(table, arm).values()]
    return max(found, default=0.0)


def tuned_gap(table: pd.DataFrame, arm: str, stage: str = "end") -> Interval:
    """The excess at the strength that the small network's validation error chose."""
    return gap(table, arm, near_best(part(table, arm, "small", stage))[1], stage)


def in_haste(table: pd.DataFrame) -> str:
    """At which strengths the slower wide network is above the small one, and without a penalty."""
    without, lams = gap(table, "slower", 0.0), list(surely_above(table, "slower"))
    reach = f" and up to λ = {plain(max(lams))}" if lams else ""
    word = "above" if without.low > 0 else "not surely above"
    return f"it is {word} the small one without a penalty, by {span(without)} nats{reach}"


def title(table: pd.DataFrame) -> str:
    """Whether width alone ever raises the training loss."""
    if most_above(table) >= SAME:
        return f"At the same λ a network {factor(table)} times as wide can fit less closely"
    words = f"At the same λ, {factor(table)} times the width fits no less closely"
    return words + (", given the steps" if gap(table, "slower", 0.0).low > 0 else "")


def alt(table: pd.DataFrame) -> str:
    """Both ends of every panel's gap, in numbers."""
    gaps = "; ".join(
        f"{labelled(arm, table)}: {gap(table, arm, 0.0).estimate:z.2f} without a penalty, "
        f"{tuned_gap(table, arm).estimate:z.2f} at the small network's best λ"
        for arm in ARMS
    )
    return (
        "Six panels of training loss against λ, each with a line for a small and one for a wide "
        f"network, and dots at λ = 0. The wide network's loss less the small one's, in nats: {gaps}"
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
        f"1/{factor(t)} of the learning rate. With T steps {in_haste(t)}; {factor(t)}T steps make "
        f"the gap there {span(gap(t, 'slower, longer', 0.0))}. In the five other panels the wide "
        f"network is nowhere above by more than {plain(most_above(t))} nats beyond doubt."
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
