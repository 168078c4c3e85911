"""The least cost found under every penalty, at one effective strength and at one typed."""

from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import percent
from l2scale.exhibits.one_lambda.least_costs import (
    minima_table,
    restarted,
    same,
    spread,
    typed_span,
)
from l2scale.exhibits.one_lambda.sweeps import COMPARED, FELT, SHAPES


def ends(table: pd.DataFrame) -> str:
    """The least and the largest cost at one effective strength, over the sum's."""
    found = table.loc[table["arm"] == "effective", "relative"]
    return f"{found.min():.4f} and {found.max():.4f}"


@figure(
    id="matched-minima",
    source=("minima", "unmatched"),
    data=minima_table,
    title=lambda t: (
        f"At one λ·c̄ all layer coefficients end at one cost, to {percent(spread(t))}"
        if same(t)
        else "The least cost that L-BFGS finds, at one λ·c̄ and at one λ"
    ),
    claim=lambda t: (
        "The cost at which L-BFGS ends from one start on three shapes, relative to the sum's. "
        f"Left: λ chosen so that λ times the geometric mean of the coefficients is {FELT:g}; "
        "crosses: the coefficients 1/10, 1 and 10 in all six orders. All lie within "
        f"{percent(spread(t))}; the plain sum from starts of other scales, on the square: within "
        f"{percent(restarted(t))}. Right: with λ = {FELT:g} as typed, and half the iterations "
        "of both, the cost is "
        + ", ".join(
            f"{typed_span(t, penalty)} times the sum's under {penalty}" for penalty in COMPARED[1:]
        )
        + "."
    ),
    alt=lambda t: (
        "Two panels by shape of network, of cost relative to the sum's. Left, at one λ·c̄, the "
        f"markers of four penalties and the crosses lie between {ends(t)}. Right, at one λ, on a "
        "logarithmic axis: "
        + ", ".join(f"{penalty} at {typed_span(t, penalty)}" for penalty in COMPARED[1:])
        + "."
    ),
)
def matched_minima(table: pd.DataFrame) -> Figure:
    """Relative cost at the end by shape: matched by effective strength, and by typed strength."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.6))
    for ax, arm in zip(axes, ("effective", "typed"), strict=True):
        rows = table[table["arm"] == arm]
        for place, shape in enumerate(SHAPES):
            some = rows[rows["shape"] == shape]
            for shift, penalty in zip((-0.27, -0.16, -0.05, 0.06), COMPARED, strict=True):
                one = some[some["penalty"] == penalty]
                x = np.full(len(one), place + shift)
                look = {"color": style.colour(penalty), "markersize": 5, "alpha": 0.85}
                ax.plot(x, one["relative"], style.marker(penalty), **look)
            orders = some[~some["penalty"].isin(COMPARED)]
            wide = zip(orders["relative"], cycle(np.linspace(0.17, 0.33, 6)), strict=False)
            for relative, shift in wide:
                ax.plot(place + shift, relative, "x", color=style.colour("ink"), markersize=4.5)
        ax.axhline(1, color=style.colour("muted"), linewidth=0.8, zorder=1)
        ax.set_xticks(range(len(SHAPES)), SHAPES)
        ax.set_xlim(-0.5, len(SHAPES) - 0.5)
        ax.grid(axis="x", visible=False)
    axes[0].set(title="Same λ·c̄", ylabel="cost, relative to the sum's")
    # Room for a spread of 1 in 100, so that the eye does not take thousandths for a difference.
    low, high = (f(table.loc[table["arm"] == "effective", "relative"]) for f in (min, max))
    axes[0].set_ylim(min(low, 0.99) - 0.001, max(high, 1.01) + 0.001)
    axes[1].set(title="Same λ", yscale="log")
    handles = [
        plt.Line2D([], [], linestyle="", marker=style.marker(p), color=style.colour(p), label=p)
        for p in COMPARED
    ]
    ink = style.colour("ink")
    handles.append(
        plt.Line2D([], [], linestyle="", marker="x", color=ink, label="1/10, 1, 10 in any order")
    )
    fig.legend(handles=handles, loc="outside lower center", ncols=len(handles))
    return fig
