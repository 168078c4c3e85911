"""Whether training brings a layer's mean square to 1/(fan_in + fan_out), from three starts."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import listing, span
from l2scale.catalogue.results import Result
from l2scale.catalogue.typeset import typeset
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.drawing import mean_line, reference
from l2scale.exhibits.fan_scale.mean_squares import (
    ONE,
    final,
    level,
    memory,
    own_clocks,
    pattern,
    pick,
    spread,
    strength_of,
    trained_table,
)
from l2scale.exhibits.fan_scale.on_the_scale import (
    by_start,
    forgotten,
    holds_for,
    listed,
    on_scale,
    shapes_below,
)
from l2scale.exhibits.fan_scale.sweeps import PENALISED, SHORT, clocks


def ends_of(
    table: pd.DataFrame, penalised: str, step: int, init_scale: float | None = None
) -> tuple[float, float]:
    """Least and largest layer of the funnel: mean over networks of the scaled mean square."""
    rows = pick(table, penalised, step)
    if init_scale is not None:
        rows = rows[rows["init_scale"] == init_scale]
    means = rows.groupby("layer")["fan_scaled"].mean()
    return float(means.min()), float(means.max())


def title(table: pd.DataFrame) -> str:
    """Under which penalties a long training ends at the scale, in the shape drawn."""
    names = on_scale(table)
    if names == ("fan",):
        return "Only its own penalty brings a funnel to the fan-based scale"
    return f"Trained long, a funnel ends on the fan-based scale under: {listed(names)}"


def seen(table: pd.DataFrame) -> str:
    """What the figure shows, start by start and penalty by penalty."""
    met = forgotten(table)
    apart = tuple(name for name in PENALISED if name not in met and name != "none")
    return (
        "Two rows of five panels, one for each penalty, of the scaled mean square by layer with "
        "three lines for three initial scales. Top row, short training: the lines are far apart. "
        f"Bottom row, long training: they have met under {listed(met)}"
        + (f", and not yet under {listed(apart)}" if apart else "")
        + ". Largest over least layer: "
        + ", ".join(
            f"{name} {spread(table, name, final(table)).estimate:.1f}" for name in PENALISED
        )
        + "."
    )


def caption(table: pd.DataFrame) -> str:
    """What is drawn, and how far the layers are apart at the end."""
    end, strength = final(table), strength_of(table)
    slowest = own_clocks("tensor_mean", end, strength).min()
    return (
        "Mean square of each layer times n_in + n_out in networks 64-128-32-16-10 on digits, from "
        "0.5, 1 and 2 times Glorot’s initial weights; 1 at every layer is what the thread says "
        f"(dotted). Top: after {SHORT} steps, {clocks(SHORT, strength):.1f} clocks 1/(4ηλ) of the "
        f"sum. Bottom: after {clocks(end, strength):.0f} clocks; the slowest layer under the "
        f"per-tensor mean has had {slowest:.1f} of its own. Dashed: the pattern predicted at a "
        "stationary point, up to a factor. At the end the largest layer is "
        f"{span(spread(table, 'sum', end))} times the least under the sum and "
        f"{span(spread(table, 'fan', end))} under the fan penalty."
    )


@figure(
    id="trained-mean-squares",
    source="scales",
    data=trained_table,
    title=title,
    claim=caption,
    alt=seen,
)
def trained_mean_squares(table: pd.DataFrame) -> Figure:
    """Scaled mean squares by layer, short and long, for every penalty and initial scale."""
    fig, axes = plt.subplots(
        2, len(PENALISED), figsize=(style.WIDTH, 5.0), sharex=True, sharey=True
    )
    scales = sorted(table["init_scale"].unique())
    colours = dict(zip(scales, style.shades(len(scales)), strict=True))
    layers = np.arange(1, 5)
    for row, step in zip(axes, (SHORT, final(table)), strict=True):
        for ax, name in zip(row, PENALISED, strict=True):
            rows = pick(table, name, step)
            for scale, marker in zip(scales, "v^o", strict=True):
                one = rows[rows["init_scale"] == scale]
                mean_line(ax, one, "layer", "fan_scaled", colours[scale], marker)
            if name != "none" and step > SHORT:
                height = np.exp(np.log(rows["fan_scaled"]).mean())
                reference(ax, layers, height * pattern(name))
            ax.axhline(1, color=style.colour("ink"), linewidth=1.0, linestyle=":")
            ax.set(yscale="log", xlabel="", ylabel="", xticks=layers)
    levels = [0.1, 0.3, 1, 3, 10]
    axes[0, 0].set_yticks(levels, [f"{value:g}" for value in levels])
    axes[0, 0].set_yticks([], minor=True)
    for ax, name in zip(axes[0], PENALISED, strict=True):
        ax.set_title("no penalty" if name == "none" else typeset(name))
    for ax in axes[1]:
        ax.set_xlabel("layer")
    axes[0, 0].set_ylabel(f"{SHORT:,} steps")
    axes[1, 0].set_ylabel(f"{final(table):,} steps")
    fig.supylabel("mean square × (nᵢₙ + nₒᵤₜ)", fontsize=9.5)
    handles = [
        plt.Line2D([], [], color=colours[scale], marker=marker, label=f"{scale:g} × Glorot")
        for scale, marker in zip(scales, "v^o", strict=True)
    ]
    fig.legend(handles=handles, loc="outside lower center", ncols=3, title="initial weights")
    return fig


@settles("C17", figure="trained-mean-squares", derivation="eq-fan-ends")
def fan_based_scale(result: Result) -> Verdict:
    """The fan-based scale is where the fan penalty ends, and the sum does not."""
    table = trained_table(result)
    step, names = final(table), holds_for(table)
    of_sum, starts = spread(table, "sum", step), by_start(table, "fan")
    of_fan = listing([span(found) for found in starts.values()])
    apart = all(found.low >= ONE for found in starts.values())
    word = "TRUE" if "fan" in names else "FALSE" if apart else "Not settled"
    low, high = ends_of(table, "sum", step)
    product = spread(table, "sum", step, quantity="sum_of_squares")
    return Verdict(
        "TRUE"
        if "sum" in names and "fan" in names
        else "CONDITIONAL"
        if "fan" in names
        else "FALSE"
        if apart
        else "OPEN",
        f"{word} under the fan penalty: after a long training "
        f"mean square × (n_in + n_out) is {span(level(table, 'fan', step))} and its largest "
        f"layer {of_fan} times its least, from {listing([f'{start:g}' for start in starts])} times "
        f"Glorot’s weights. {'TRUE' if 'sum' in names else 'FALSE'} under the "
        f"sum: in one funnel it runs from {low:.2f} to {high:.2f} over the layers"
        f"{', whatever the start' if 'sum' in forgotten(table) else ''}, and n_in n_out × mean "
        f"square is the one number ({span(product)} largest over least). "
        f"Largest over least is below {ONE:g} from every start, what counts as one number here, "
        f"{shapes_below(table)}. Without penalty a layer from twice Glorot’s weights and "
        f"the same from half of them are still {span(memory(table, 'none', step))} apart in mean "
        "square. λ sets the constant.",
        {"largest over least, sum": of_sum.estimate}
        | {
            f"largest over least, fan, start × {s:g}": found.estimate for s, found in starts.items()
        },
    )
