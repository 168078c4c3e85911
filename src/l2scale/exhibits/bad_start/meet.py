"""The figure of forces and sizes over all of training."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import listing, plain, span
from l2scale.exhibits.bad_start.course import (
    INPUTS,
    NAMES,
    alike,
    balance,
    balances,
    end,
    ends_ratio,
    long_table,
)
from l2scale.exhibits.bad_start.labels import label_ends
from l2scale.exhibits.bad_start.sweeps import STARTS
from l2scale.exhibits.bad_start.tables import (
    learned,
    part,
    ratios,
    strength,
)
from l2scale.exhibits.drawing import leave_room, mean_line

LINES = {"normal": "-", "lecun": (0, (2, 1.2))}  # start -> line style


def title(table: pd.DataFrame) -> str:
    """How many strengths forget the start, and what the forces come to there."""
    listed, found = learned(table), alike(table)
    if not found:
        return f"Both starts end at one size at 0 of {len(listed)} strengths"
    low, high = balances(table, found)
    return (
        f"Both starts end at one size at {len(found)} of {len(listed)} strengths, decay at "
        f"{low:.2f} to {high:.2f} times the gradient"
    )


def alt(table: pd.DataFrame) -> str:
    """Ends in numbers."""
    sizes = "; ".join(
        f"2λ = {strength(r)}: "
        + listing(
            [
                f"{plain(end(table, r, init, 'rms_1').estimate)} from {NAMES[init]}"
                for init in STARTS
            ]
        )
        for r in (0.0, *learned(table))
    )
    forces = listing(
        [f"{found.estimate:.2f} in {name}" for name, found in balance(table, shown(table)).items()]
    )
    return (
        f"Two panels against epochs. Left, at 2λ = {strength(shown(table))}: norms of the "
        f"penalty's and the data's force on the first layer; their ratio ends at {forces}. Right: "
        f"size of the first layer's weights from both starts. Ends: {sizes}."
    )


def shown(table: pd.DataFrame) -> float:
    """The strength of the left panel: the strongest at which a network learns."""
    return max(learned(table), default=ratios(table)[0])


def middle(table: pd.DataFrame, ratio: float) -> float:
    """The geometric mean of both ends of the first layer's size, where its label goes."""
    one, other = (end(table, ratio, init, "rms_1").estimate for init in STARTS)
    return float(np.sqrt(one * other))


@figure(
    id="forces-meet",
    source=("decay", "unpenalised"),
    data=long_table,
    title=title,
    claim=lambda t: (
        f"Left, at 2λ = {strength(shown(t))}: norm of the penalty's force on the first layer and "
        "of the full gradient of the loss. The learning rate falls to a tenth after half of the "
        "steps, which stills the noise of the batches; at the end the ratio is "
        + listing([f"{span(found)} in {name}" for name, found in balance(t, shown(t)).items()])
        + ". Right: root mean square of the first layer's weights; solid from N(0, 1), broken from "
        "N(0, 1/nᵢₙ), dotted 1/√nᵢₙ; 0 is no penalty. At the end the first over the second is "
        + listing([f"{span(ends_ratio(t, r))} at {strength(r)}" for r in (0.0, *learned(t))])
        + ". 95% intervals over seeds."
    ),
    alt=alt,
)
def forces_meet(table: pd.DataFrame) -> Figure:
    """Forces at one strength, and sizes without a penalty and wherever a network learns."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(style.WIDTH, 4.2))
    moving = table[table["step"] > 0]
    for init, line in LINES.items():
        rows = part(moving, shown(table), init)
        for look, column in (("penalty", "penalty_force_1"), ("data", "data_force_1")):
            mean_line(left, rows, "epoch", column, style.colour(look), linestyle=line)
    listed = [0.0, *learned(table)]
    colours = (style.colour("muted"), *style.shades(len(listed) - 1))
    for ratio, colour in zip(listed, colours, strict=True):
        for init, line in LINES.items():
            mean_line(right, part(moving, ratio, init), "epoch", "rms_1", colour, linestyle=line)
    right.axhline(INPUTS**-0.5, linestyle=":", color=style.colour("ink"), linewidth=1.2)
    for ax in (left, right):
        ax.set_xscale("log")
        ax.set_yscale("log")
        powers = [power for power in (0.1, 1, 10, 100, 1000) if power <= moving["epoch"].max()]
        ax.set_xticks(powers, [f"{power:g}" for power in powers])
        ax.set_xticks([], minor=True)
        ax.set(xlabel="epoch", ylabel="")
    leave_room(right, 0.24)
    ends = {
        strength(ratio): (middle(table, ratio), colour)
        for ratio, colour in zip(listed, colours, strict=True)
    }
    label_ends(right, ends, 1.2 * moving["epoch"].max())
    left.set_title("force on the first layer")
    left.set_ylabel("norm (nats per unit of w)")
    right.set_title("size of its weights, by 2λ")
    right.set_ylabel("root mean square (units of w)")
    right.set_yticks([0.1, 0.2, 0.5, 1.0], ["0.1", "0.2", "0.5", "1"])
    right.set_yticks([], minor=True)
    handles = [
        *(plt.Line2D([], [], color=style.colour(look), label=name)
          for look, name in (("penalty", "penalty"), ("data", "data"))),
        *(plt.Line2D([], [], color=style.colour("ink"), linestyle=line, label=f"from {NAMES[init]}")
          for init, line in LINES.items()),
    ]  # fmt: skip
    fig.legend(handles=handles, loc="outside lower center", ncols=4)
    return fig
