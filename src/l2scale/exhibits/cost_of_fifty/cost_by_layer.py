"""Value and force of the large network apart, layer by layer, before and after training."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import percent
from l2scale.catalogue.results import Result
from l2scale.exhibits.cost_of_fifty.sweeps import LAM, shapes_of
from l2scale.lab.estimates import Interval, mean_interval

LAYERS = (1, 2, 3)


def layer_table(result: Result) -> pd.DataFrame:
    """Per layer at the first and last step: share of the value, RMS forces on one weight."""
    table = result["training"].table
    table = table[(table["lam"] == LAM) & table["step"].isin([0, table["step"].max()])]
    frames = []
    for layer in LAYERS:
        n_out, n_in = shapes_of(table["hidden"].iloc[0])[layer - 1]
        root = np.sqrt(n_in * n_out)
        frames.append(
            table[["seed", "step"]].assign(
                layer=layer,
                shape=f"{n_in} → {n_out}",
                value_share=LAM * table[f"sq_norm_{layer}"] / table["penalty_value"],
                penalty_force=table[f"penalty_force_{layer}"] / root,
                data_force=table[f"data_force_{layer}"] / root,
            )
        )
    return pd.concat(frames, ignore_index=True)


def at_start(table: pd.DataFrame) -> pd.DataFrame:
    """Means over seeds before training, by layer."""
    return table[table["step"] == 0].groupby("layer").mean(numeric_only=True)


def force_ratio(table: pd.DataFrame, layer: int) -> Interval:
    """Penalty force over data force on the RMS weight of a layer, before training."""
    start = table[(table["step"] == 0) & (table["layer"] == layer)]
    return mean_interval(start["penalty_force"] / start["data_force"])


def heavy_ratio(table: pd.DataFrame) -> float:
    """The force ratio of the layer that holds most of the value."""
    return force_ratio(table, int(at_start(table)["value_share"].idxmax())).estimate


@figure(
    id="cost-by-layer",
    source="training",
    data=layer_table,
    title=lambda t: (
        f"{percent(at_start(t)['value_share'].max())} of the value sits in one layer, where the "
        f"penalty pulls {heavy_ratio(t):.1f} times as hard as the data at the start"
    ),
    claim=lambda t: (
        f"The large network at λ = {LAM:g}. Left: each layer's share of the penalty's value. "
        "Right: root mean square over a layer's weights of the penalty's force and of the data's "
        f"gradient, before training (filled) and after {t['step'].max()} steps (open). The value "
        "is a share of 50; the forces decide which way a weight moves."
    ),
    alt="Left, bars of each layer's share of the penalty's value: nearly all of it lies in the "
    "second layer. Right, on a logarithmic scale, the force of the penalty and of the data on the "
    "root mean square weight of each layer, before and after training.",
)
def cost_by_layer(table: pd.DataFrame) -> Figure:
    """Shares of the value, and forces on one weight, by layer."""
    fig, (left, right) = plt.subplots(
        1, 2, figsize=(style.WIDTH, 3.2), sharey=True, width_ratios=(1, 1.5)
    )
    start, end = (
        table[table["step"] == step].groupby("layer").mean(numeric_only=True)
        for step in (0, table["step"].max())
    )
    names = table.drop_duplicates("layer").set_index("layer")["shape"]
    left.barh(names.index, start["value_share"], color=style.colour("penalty"), height=0.5)
    for layer, share in start["value_share"].items():
        left.annotate(
            percent(share), (share, layer), xytext=(4, 0), textcoords="offset points", va="center"
        )
    left.set(xlim=(0, 1.3), xlabel="share of the value at the start", title="Value")
    left.set_xticks([0, 0.5, 1])
    for side, (term, label) in zip(
        (-0.1, 0.1), (("data", "data"), ("penalty", "penalty")), strict=True
    ):
        colour = style.colour(term)
        y = start.index + side
        before, after = start[f"{term}_force"], end[f"{term}_force"]
        right.hlines(y, before, after, color=colour, linewidth=1)
        right.plot(before, y, style.marker(term), color=colour, label=f"{label}, start")
        right.plot(
            after, y, style.marker(term), color=colour, markerfacecolor=style.colour("paper"),
            label=f"{label}, end",
        )  # fmt: skip
    right.set(xscale="log", xlabel="force on one weight (nats per unit, RMS)", title="Force")
    left.set_yticks(list(names.index), [f"{i}: {name}" for i, name in names.items()])
    left.set_ylim(3.5, 0.5)
    for ax in (left, right):
        ax.grid(axis="y", visible=False)
    fig.legend(loc="outside lower center", ncols=4)
    return fig
