"""What each layer adds to the penalty from Glorot's start to the end, under three penalties."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import span
from l2scale.catalogue.results import Result
from l2scale.catalogue.typeset import typeset
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.drawing import mean_line
from l2scale.exhibits.fan_scale.mean_squares import FUNNEL, ONE, layers_of
from l2scale.exhibits.fan_scale.sweeps import shapes_of
from l2scale.lab.estimates import Interval, mean_interval
from l2scale.lab.intervals import exponential
from l2scale.theory.penalties import coefficients

SHOWN = ("fan", "sum", "tensor_mean")


def value_table(result: Result) -> pd.DataFrame:
    """c_l ||W_l||^2 by layer and step, in the funnel from Glorot's start.

    `share` is that of the layer in the sum over layers, times their number: 1 where all are equal.
    """
    table = result["scales"].table
    chosen = (table["hidden"] == FUNNEL) & (table["init_scale"] == 1) & (table["lam"] > 0)
    long = layers_of(table[chosen])
    c = {name: coefficients(name, shapes_of(FUNNEL)) for name in long["penalised"].unique()}
    factor = [c[name][i - 1] for name, i in zip(long["penalised"], long["layer"], strict=True)]
    long = long.assign(value=long["sum_of_squares"] * factor)
    mean = long.groupby(["penalised", "seed", "step"])["value"].transform("mean")
    columns = ["penalised", "seed", "step", "layer", "fan_in", "fan_out", "value"]
    return long[columns].assign(share=long["value"] / mean).reset_index(drop=True)


def apart(table: pd.DataFrame, penalised: str, step: int) -> Interval:
    """Largest over least value of the layers at a step, geometric mean over seeds."""
    rows = table[(table["penalised"] == penalised) & (table["step"] == step)]
    layers = rows.groupby("seed")["value"]
    return exponential(mean_interval(np.log(layers.max() / layers.min())))


def furthest(table: pd.DataFrame, penalised: str) -> tuple[int, Interval]:
    """The step at which the layers' values are most apart, and how far."""
    steps = sorted(table["step"].unique())
    found = {step: apart(table, penalised, step) for step in steps}
    step = max(steps, key=lambda s: found[s].estimate)
    return int(step), found[step]


def over_layers(table: pd.DataFrame) -> Interval:
    """The fan penalty's term before training, mean over layers."""
    rows = table[(table["penalised"] == "fan") & (table["step"] == 0)]
    return mean_interval(rows.groupby("seed")["value"].mean())


def equal_at_end(table: pd.DataFrame) -> tuple[str, ...]:
    """The penalties shown whose layers' terms are about one number after the long training."""
    end = int(table["step"].max())
    return tuple(name for name in SHOWN if apart(table, name, end).high < ONE)


def title(table: pd.DataFrame) -> str:
    """What the factor does at the start, and what training does."""
    start = "The fan factor makes the layers’ terms equal at the start"
    if equal_at_end(table) == SHOWN:
        return f"{start}; training makes them equal with any factor"
    return f"{start}; after training they are equal under: {', '.join(equal_at_end(table))}"


@figure(
    id="fan-value-by-layer",
    source="scales",
    data=value_table,
    title=title,
    claim=lambda t: (
        "What each layer adds to the penalty, cₗ‖Wₗ‖², relative to the mean of the four, in "
        "64-128-32-16-10 from Glorot’s start. Largest over least layer at the start, at its "
        "furthest and at the end: "
        + "; ".join(
            f"{name} {apart(t, name, 0).estimate:.2f}, {furthest(t, name)[1].estimate:.2f}, "
            f"{apart(t, name, t['step'].max()).estimate:.2f}"
            for name in SHOWN
        )
        + "."
    ),
    alt=lambda t: (
        "Three panels, one for each penalty, of the share of each of four layers in the penalty "
        "against steps. Largest over least layer at the start and at the end: "
        + "; ".join(
            f"{name} {apart(t, name, 0).estimate:.1f} and "
            f"{apart(t, name, t['step'].max()).estimate:.1f}"
            for name in SHOWN
        )
        + f". Under fan it is in between at most {furthest(t, 'fan')[1].estimate:.1f}."
    ),
)
def fan_value_by_layer(table: pd.DataFrame) -> Figure:
    """Values by layer over training, for three penalties."""
    fig, axes = plt.subplots(1, 3, figsize=(style.WIDTH, 3.5), sharey=True)
    layers = sorted(table["layer"].unique())
    colours = dict(zip(layers, style.shades(len(layers)), strict=True))
    steps = sorted(table["step"].unique())
    start = steps[1] / 2.5  # where a logarithmic axis has room for step 0
    for ax, name in zip(axes, SHOWN, strict=True):
        rows = table[table["penalised"] == name]
        rows = rows.assign(at=rows["step"].where(rows["step"] > 0, start))
        for layer in layers:
            one = rows[rows["layer"] == layer]
            mean_line(ax, one, "at", "share", colours[layer], "o")
        ax.axhline(1, color=style.colour("ink"), linewidth=1.0, linestyle=":")
        ax.set(xscale="log", yscale="log", title=typeset(name), xlabel="steps", ylabel="")
        ticks = [start, *(t for t in (10, 100, 1000, 10000) if steps[1] <= t <= steps[-1])]
        ax.set_xticks(ticks, ["0", *(f"{t:,}" for t in ticks[1:])])
        ax.set_xticks([], minor=True)
    levels = [0.1, 0.2, 0.5, 1, 2]
    axes[0].set_yticks(levels, [f"{value:g}" for value in levels])
    axes[0].set_yticks([], minor=True)
    axes[0].set_ylabel("layer’s term, mean = 1")
    fans = table.drop_duplicates("layer").set_index("layer")
    handles = [
        plt.Line2D(
            [], [], color=colours[layer], marker="o",
            label=f"{layer}: {fans.loc[layer, 'fan_in']} → {fans.loc[layer, 'fan_out']}",
        )
        for layer in layers
    ]  # fmt: skip
    fig.legend(handles=handles, loc="outside lower center", ncols=4, title="layer")
    return fig


@settles("C18", figure="fan-value-by-layer", derivation="eq-fan-two")
def equal_terms(result: Result) -> Verdict:
    """The fan factor equalises at Glorot's start; at a stationary point every factor does."""
    table = value_table(result)
    end = int(table["step"].max())
    at = {name: apart(table, name, end) for name in SHOWN}
    step, most = furthest(table, "fan")
    start = apart(table, "fan", 0)
    equal = equal_at_end(table)
    fan = start.high < ONE and "fan" in equal
    any_factor = equal == SHOWN
    words = ", ".join(f"{span(at[name])} under {name}" for name in SHOWN)
    return Verdict(
        "FALSE" if not fan else "CONDITIONAL" if any_factor else "TRUE",
        f"TRUE at Glorot’s start, where each layer adds 2 (measured {span(over_layers(table))}, "
        f"largest over least {span(start)}). Not a property of trained weights: in between the "
        f"layers part (up to {span(most)} at step {step:,}), and after a long training largest "
        f"over least is {words}."
        + (
            " At a stationary point of a ReLU network any positive factors make the layers’ terms "
            "equal."
            if any_factor
            else ""
        ),
        {"largest over least at the start": start.estimate}
        | {f"at the end, {name}": at[name].estimate for name in SHOWN},
    )
