"""With three layers and more, zero is reached by a jump, and held."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import span
from l2scale.exhibits.crush.ends import (
    ALIVE,
    best_start,
    fades,
    jump_table,
    last_alive,
    lowest_to,
    over_predicted,
)
from l2scale.exhibits.crush.sweeps import SMALL
from l2scale.theory.collapse import Path


def title(table: pd.DataFrame) -> str:
    """The finding, as far as the last weights before zero bear it out."""
    three, four = (f"{lowest_to(table, depth).estimate:.2f}" for depth in (3, 4))
    if fades(table):
        return (
            f"Two layers fade to zero; three jump at {three} and four at {four} of the two-layer "
            "threshold"
        )
    return (
        f"Zero is the lowest from {three} of the two-layer threshold with three layers, and from "
        f"{four} with four"
    )


def ends_in_words(table: pd.DataFrame, depth: int) -> str:
    """What the last networks before zero keep, and how many small starts end at zero."""
    last = last_alive(table, depth)
    strengths, squares = (
        " to ".join(f"{x:.2g}" for x in sorted({found.min(), found.max()}))
        for found in (last["ratio"], last["squares"])
    )
    small = table[(table["depth"] == depth) & (table["init_scale"] == SMALL)]
    zero = int((small["squares"] < ALIVE).sum())
    return f"{depth} layers: {squares} at {strengths}, and {zero} of {len(small)}"


@figure(
    id="deep-jump",
    source="jump",
    data=jump_table,
    title=title,
    claim=lambda t: (
        "Sum of squares after full-batch gradient descent, teacher data, 16 units a hidden layer; "
        "circles: the lowest non-zero end from two standard starts, filled where it beats zero "
        "weights; triangles: from a small start. Dashed: one unit a layer in closed form, dotted "
        "its unstable branch; vertical: where zero becomes its lowest point. Measured over "
        f"predicted: {span(over_predicted(t, 3))} with three layers, "
        f"{span(over_predicted(t, 4))} with four (middles of grid steps)."
    ),
    alt=lambda t: (
        "Three panels, for two, three and four layers, of sum of squares against strength over the "
        "two-layer threshold, with the closed form of one unit a layer, dashed where it is stable "
        "and dotted where not. What the standard starts keep at the last strength before zero, and "
        "how many of the small starts end at zero. "
        + "; ".join(ends_in_words(t, depth) for depth in (2, 3, 4))
        + "."
    ),
)
def deep_jump(table: pd.DataFrame) -> Figure:
    """Sum of squares against strength for three depths, with the closed form of one path."""
    depths = sorted(table["depth"].unique())
    fig, axes = plt.subplots(1, len(depths), figsize=(style.WIDTH, 3.6), sharey=True)
    first = table.groupby("seed")[["pull", "stiffness"]].first().mean()
    one = Path(float(first["pull"]), float(first["stiffness"]))
    best = best_start(table)
    for ax, depth in zip(axes, depths, strict=True):
        branch(ax, one, depth)
        rows = best[(best["depth"] == depth) & (best["squares"] > ALIVE)]
        for wins, face in ((True, style.colour("data")), (False, "none")):
            some = rows[(rows["gain"] > 0) == wins]
            ax.plot(
                some["ratio"], some["squares"], "o", markerfacecolor=face, markersize=5,
                color=style.colour("data"),
            )  # fmt: skip
        small = table[(table["depth"] == depth) & (table["init_scale"] == SMALL)]
        ax.plot(
            small["ratio"], small["squares"], "v", markersize=4.5, markerfacecolor="none",
            color=style.colour("penalty"),
        )  # fmt: skip
        ax.set(title=f"{depth} layers", xlim=(0, 1.25), xticks=(0, 0.5, 1))
    axes[0].set_ylabel("sum of squares at the end")
    axes[1].set_xlabel("λ over the threshold of two layers")
    marks = (("data", "o", "standard start"), ("penalty", "v", "small start"))
    handles = [
        plt.Line2D(
            [], [], marker=m, linestyle="", color=style.colour(c), label=text,
            markerfacecolor=style.colour(c) if m == "o" else "none",
        )
        for c, m, text in marks
    ]  # fmt: skip
    handles.append(
        plt.Line2D(
            [],
            [],
            color=style.colour("ink"),
            linestyle="--",
            linewidth=1.2,
            label="one unit a layer",
        )
    )
    fig.legend(handles=handles, loc="outside lower center", ncols=3)
    return fig


def branch(ax: plt.Axes, one: Path, depth: int) -> None:
    """The stable and the unstable part of the path's stationary points, and its jump."""
    top = one.pull / (2 * one.stiffness)
    turn = top * (depth - 2) / (2 * depth - 2)
    parts = ((np.linspace(turn, top, 200), (0, (4, 2))), (np.linspace(0, turn, 100), (0, (1, 1.5))))
    for product, dashes in parts:
        ax.plot(
            one.strength(product, depth) / (one.pull / 2), one.squares(product, depth),
            color=style.colour("ink"), linewidth=1.2, linestyle=dashes, zorder=3,
        )  # fmt: skip
    jump = one.jump(depth)[0] / (one.pull / 2)
    ax.axvline(jump, color=style.colour("muted"), linewidth=0.8)
