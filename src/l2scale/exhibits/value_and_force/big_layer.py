"""64-1024-16-10: whether a big layer silences the penalty's terms of the small ones."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import percent, percent_span
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.drawing import mean_line
from l2scale.exhibits.value_and_force.sweeps import ARMS, LAM
from l2scale.lab.estimates import Interval, mean_interval


def layers_table(result: Result) -> pd.DataFrame:
    """Sum of squares of each layer over time, by which layers are penalised."""
    table = result["layers"].table
    names = {str(coefficients): name for name, coefficients in ARMS.items()}
    long = table.melt(
        id_vars=["penalty", "seed", "step"],
        value_vars=[f"sq_norm_{layer}" for layer in (1, 2, 3)],
        var_name="layer",
        value_name="sq_norm",
    )
    layer = long["layer"].str.removeprefix("sq_norm_").astype(int)
    return long.assign(layer=layer, penalised=long["penalty"].map(names)).drop(columns="penalty")


def last(table: pd.DataFrame, penalised: str, layer: int) -> pd.Series:
    """Final sums of squares by seed."""
    chosen = (table["penalised"] == penalised) & (table["layer"] == layer)
    end = table[chosen & (table["step"] == table["step"].max())]
    return end.set_index("seed")["sq_norm"].sort_index()


def lost_use(table: pd.DataFrame, layer: int) -> Interval:
    """How much larger a small layer ends when its own term is dropped, as a share."""
    full, dropped = last(table, "all layers", layer), last(table, "only the big one", layer)
    return mean_interval(dropped / full - 1)


def start_share(table: pd.DataFrame) -> float:
    """The big layer's share of the penalty's value at the start."""
    start = table[(table["step"] == 0) & (table["penalised"] == "all layers")]
    sums = start.groupby("layer")["sq_norm"].sum()
    return sums[1] / sums.sum()


def made_up(table: pd.DataFrame, layer: int) -> Interval:
    """How much larger a small layer ends with only the big one penalised than with none."""
    return mean_interval(last(table, "only the big one", layer) / last(table, "none", layer) - 1)


@figure(
    id="big-layer",
    source="layers",
    penalties=("sum",),
    data=layers_table,
    title=lambda t: (
        f"A layer with {percent(start_share(t))} of the value does not make the other layers' "
        "terms useless"
    ),
    claim=lambda t: (
        f"64-1024-16-10 networks with the sum penalty at λ = {LAM:g} on all layers, on the big "
        "first layer alone, or on none. Were the small layers' terms useless, the first two lines "
        "would coincide in the second and third panel. Without its own term, layer 2 ends "
        f"{percent_span(lost_use(t, 2))} larger and layer 3 {percent_span(lost_use(t, 3))}, "
        f"even {percent_span(made_up(t, 2))} and {percent_span(made_up(t, 3))} more than without "
        "any penalty."
    ),
    alt="Three panels, one for each layer, of the sum of squared weights against steps. In the "
    "panel of the big layer, the network without penalty stays flat and both others fall together. "
    "In the panels of the two small layers, the network with all layers penalised falls, the one "
    "without penalty rises a little, and the one whose big layer alone is penalised rises most.",
)
def big_layer(table: pd.DataFrame) -> Figure:
    """Sum of squares of each layer over time, with and without the small layers' terms."""
    fig, axes = plt.subplots(1, 3, figsize=(style.WIDTH, 3.2))
    colours = dict(zip(ARMS, (*style.shades(2)[::-1], style.colour("muted")), strict=True))
    shapes = ("64 → 1024", "1024 → 16", "16 → 10")
    for layer, (ax, shape) in enumerate(zip(axes, shapes, strict=True), start=1):
        for arm, colour in colours.items():
            rows = table[(table["penalised"] == arm) & (table["layer"] == layer)]
            mean_line(ax, rows, "step", "sq_norm", colour)
        ax.set(title=f"Layer {layer}: {shape}", xlabel="steps", ylabel="")
        ax.set_ylim(bottom=0)
        ax.xaxis.set_major_locator(plt.MaxNLocator(3))
    axes[0].set_ylabel("sum of squared weights")
    handles = [plt.Line2D([], [], color=colour, label=arm) for arm, colour in colours.items()]
    fig.legend(handles=handles, loc="outside lower center", ncols=3, title="penalised")
    return fig


@settles("C10", figure="big-layer", derivation="prop-local")
def useless_second_term(result: Result) -> Verdict:
    """Without its own term the second layer ends larger."""
    table = layers_table(result)
    grown = lost_use(table, 2)
    return Verdict(
        "FALSE" if grown.low > 0 else "OPEN",
        f"In 64-1024-16-10 the first layer holds {percent(start_share(table))} of the value, yet "
        f"dropping the second layer's term leaves that layer {percent_span(grown)} larger: the "
        "term does what a penalty does. Whether that serves the held-out error is another "
        "question.",
        {
            "first layer’s share of the value": start_share(table),
            "second layer larger by": grown.estimate,
        },
    )
