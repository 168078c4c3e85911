"""How far signal and gradient of an untrained network are from the size they set out with."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import percent
from l2scale.catalogue.results import Result
from l2scale.exhibits.drawing import mean_line, reference
from l2scale.exhibits.fan_scale.sweeps import SIGNAL_INITS, SIGNAL_SHAPES
from l2scale.lab.estimates import Interval, mean_interval
from l2scale.theory.signal import backward_moments, forward_moments

LABELS = {"he": "He", "glorot": "Glorot", "lecun": "LeCun", "pytorch": "PyTorch Linear"}
LOOKS = {"he": "o", "glorot": "D", "lecun": "^", "pytorch": "s"}
DIRECTIONS = {"forward": forward_moments, "backward": backward_moments}


def signal_table(result: Result) -> pd.DataFrame:
    """Measured and predicted second moments by initialisation, seed and layer."""
    table = result["signals"].table
    for direction, moments in DIRECTIONS.items():
        known = {init: moments(init, SIGNAL_SHAPES) for init in SIGNAL_INITS}
        table = table.assign(
            **{
                f"predicted_{direction}": [
                    known[init][layer - 1]
                    for init, layer in zip(table["init"], table["layer"], strict=True)
                ]
            }
        )
    return table


def ratio(table: pd.DataFrame, init: str, direction: str, layer: int) -> Interval:
    """Measured over predicted second moment, mean over seeds."""
    rows = table[(table["init"] == init) & (table["layer"] == layer)]
    return mean_interval(rows[direction] / rows[f"predicted_{direction}"])


def misses(table: pd.DataFrame) -> pd.Series:
    """|measured/predicted - 1| of the mean over seeds, for every scale, direction and layer."""
    means = table.groupby(["init", "layer"])[
        [*DIRECTIONS, *(f"predicted_{direction}" for direction in DIRECTIONS)]
    ].mean()
    gaps = [(means[d] / means[f"predicted_{d}"] - 1).abs() for d in DIRECTIONS]
    return pd.concat(gaps, ignore_index=True)


def reach(table: pd.DataFrame, init: str, direction: str) -> float:
    """Mean second moment at the far end of the network, in units of where it set out."""
    layer = table["layer"].max() if direction == "forward" else 1
    return float(table[(table["init"] == init) & (table["layer"] == layer)][direction].mean())


def kept(table: pd.DataFrame, direction: str) -> tuple[str, ...]:
    """Scales that keep a second moment within a factor 2 from one end of the layers to the other.

    Forward from the first layer, since the inputs are not cut; backward from the outputs.
    """
    first = table[table["layer"] == 1].groupby("init")["forward"].mean()
    scale = first if direction == "forward" else first * 0 + 1
    return tuple(
        init for init in SIGNAL_INITS if 0.5 < reach(table, init, direction) / scale[init] < 2
    )


def title(table: pd.DataFrame) -> str:
    """Which of the four scales keep what, within a factor 2."""
    words = {way: [LABELS[init] for init in kept(table, way)] for way in DIRECTIONS}
    both = set(words["forward"]) & set(words["backward"])
    names = ", ".join(f"{name}’s" for name in words["forward"]) or "none"
    if both:
        return f"Of four scales, these keep signal and gradient: {', '.join(sorted(both))}"
    return f"Of four scales, {names} keeps a funnel’s signal, and none its gradient as well"


@figure(
    id="signal-by-layer",
    source="signals",
    data=signal_table,
    title=title,
    claim=lambda t: (
        "Untrained ReLU networks 256-256-128-64-32-16-10. Left: mean square of the "
        "pre-activations, that of the inputs being 1. Right: mean square of the gradient, that at "
        "the outputs being 1. Dashed: the products of the layers’ factors. The largest miss of a "
        f"mean over {t['seed'].nunique()} seeds is {percent(misses(t).max())}."
    ),
    alt=lambda t: (
        "Two panels against the layer, logarithmic, one line for each of four initial scales with "
        "its dashed prediction. Where they end, forward at the last layer and backward at the "
        "first: "
        + "; ".join(
            f"{LABELS[i]} {reach(t, i, 'forward'):.2g} and {reach(t, i, 'backward'):.2g}"
            for i in SIGNAL_INITS
        )
        + "."
    ),
)
def signal_by_layer(table: pd.DataFrame) -> Figure:
    """Second moments forward and backward by layer, with the closed forms."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.7), sharey=True)
    colours = dict(zip(SIGNAL_INITS, ("sum", "fan", "tensor_mean", "mean"), strict=True))
    layers = np.arange(1, table["layer"].max() + 1)
    for ax, (direction, moments) in zip(axes, DIRECTIONS.items(), strict=True):
        for init in SIGNAL_INITS:
            rows = table[table["init"] == init]
            colour = style.colour(colours[init])
            mean_line(ax, rows, "layer", direction, colour, LOOKS[init], "none")
            reference(ax, layers, moments(init, SIGNAL_SHAPES))
        # Only now: on a logarithmic axis the mean over seeds would be a geometric one.
        ax.set(yscale="log", xticks=layers, xlabel="layer", ylabel="mean square")
    axes[0].set_title("Forward: pre-activations")
    axes[1].set_title("Backward: gradient")
    handles = [
        plt.Line2D([], [], color=style.colour(colours[i]), marker=LOOKS[i], ls="", label=LABELS[i])
        for i in SIGNAL_INITS
    ]
    fig.legend(handles=handles, loc="outside lower center", ncols=4)
    return fig
