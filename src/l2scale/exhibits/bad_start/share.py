"""Which part of the first epochs is decay, of a step and of the net movement; C41."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import listing, percent
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.bad_start.tables import (
    EARLY,
    LAYERS,
    decay_table,
    learned,
    part,
    ratios,
    strength,
)
from l2scale.exhibits.drawing import mean_line, note
from l2scale.lab.estimates import Interval, mean_interval

MEASURES = {
    "net": ("data", "o", "net movement of epoch 1"),
    "peak": ("penalty", "s", "a step, peak of epoch 1"),
    "mean": ("muted", "D", f"a step, mean of {EARLY} epochs"),
}  # column -> (colour, marker, words)


def share_table(result: Result) -> pd.DataFrame:
    """Shares of decay from N(0, 1), by ratio, layer and seed; final errors, and who learns.

    `peak`: of a step, at the checkpoint of epoch 1 with the largest mean over seeds; `mean`: of a
    step, over the first `EARLY` epochs, by the trapezoidal rule; `net`: of epoch 1's net movement.
    """
    table, moved = decay_table(result), result["first_epoch"].table
    found = [
        shares(part(table, ratio), layer).assign(
            ratio=ratio, layer=layer, learns=ratio in learned(table)
        )
        for ratio in ratios(table)
        for layer in LAYERS
    ]
    keys = ["ratio", "layer", "seed"]
    nets = moved.set_index(keys)["net"].to_numpy()
    ordered = pd.concat(found).set_index(keys).reindex(pd.MultiIndex.from_frame(moved[keys]))
    return ordered.assign(net=nets).reset_index()


def shares(rows: pd.DataFrame, layer: int) -> pd.DataFrame:
    """The shares of steps in one layer at one strength, by seed."""
    rows = rows[rows["epoch"] <= EARLY]
    by_epoch = rows.pivot(index="seed", columns="epoch", values=f"share_{layer}")
    first = by_epoch.loc[:, by_epoch.columns <= 1]
    area = np.trapezoid(by_epoch.to_numpy(), by_epoch.columns.to_numpy(), axis=1)
    return pd.DataFrame(
        {"peak": first[first.mean().idxmax()], "mean": area / by_epoch.columns.max()}
    ).reset_index()


def share(table: pd.DataFrame, ratio: float, measure: str, layer: int = 1) -> Interval:
    """One measure at one strength, over seeds."""
    rows = table[np.isclose(table["ratio"], ratio) & (table["layer"] == layer)]
    return mean_interval(rows[measure])


def learning(table: pd.DataFrame) -> list[float]:
    """The strengths at which a network learns."""
    return ratios(table[table["learns"]])


def ruled(table: pd.DataFrame, measure: str) -> list[float]:
    """The strengths at which decay surely is more than half of the first layer's movement."""
    return [ratio for ratio in ratios(table) if share(table, ratio, measure).low > 0.5]


def since(table: pd.DataFrame, measure: str) -> str:
    """From which strength on decay is more than half, in words."""
    found = ruled(table, measure)
    return f"from {strength(found[0])} on" if found else "at no strength"


def title(table: pd.DataFrame) -> str:
    """The largest shares where a network learns, by both measures."""
    learns = learning(table)
    if not learns:
        return "Which part of the first epochs is decay"
    peak, net = (share(table, learns[-1], measure).estimate for measure in ("peak", "net"))
    return (
        f"Where a network learns, decay is up to {peak:.0%} of a step of the first layer, and "
        f"{net:.0%} of an epoch's net movement"
    )


def row(table: pd.DataFrame, measure: str, layer: int) -> str:
    """A measure at every strength, in words."""
    return listing(
        [f"{percent(share(table, r, measure, layer).estimate)} at {strength(r)}"
         for r in ratios(table)]
    )  # fmt: skip


def alt(table: pd.DataFrame) -> str:
    """Every mean in numbers."""
    rows = "; ".join(
        f"layer {layer}, {words}: {row(table, measure, layer)}"
        for layer in LAYERS
        for measure, (_, _, words) in MEASURES.items()
    )
    return f"Two panels, one a layer, of the share of decay against 2λ. Rising lines. {rows}."


@figure(
    id="share-of-decay",
    source=("decay", "first_epoch"),
    data=share_table,
    title=title,
    claim=lambda t: (
        "From N(0, 1) weights. Share of decay in the length of a step, the largest of four times "
        f"in epoch 1 and the mean over {EARLY} epochs, and in the net movement of the whole of "
        "epoch 1; 95% intervals over seeds. Shaded: strengths at which nothing is learned. First "
        f"layer, of a step at its peak: {row(t, 'peak', 1)}. Of the net movement: "
        f"{row(t, 'net', 1)}."
    ),
    alt=alt,
)
def share_of_decay(table: pd.DataFrame) -> Figure:
    """Shares against strength, the two layers side by side."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 4.2), sharey=True)
    listed, learns = ratios(table), learning(table)
    for ax, layer, name in zip(axes, LAYERS, ("first layer", "output layer"), strict=True):
        rows = table[table["layer"] == layer]
        for measure, (look, marker, _) in MEASURES.items():
            drawn = rows.assign(percent=100 * rows[measure])
            mean_line(ax, drawn, "ratio", "percent", style.colour(look), marker)
        ax.set_xscale("log")
        if learns and learns[-1] < listed[-1]:
            ax.axvspan(
                (learns[-1] * listed[listed.index(learns[-1]) + 1]) ** 0.5, 1.5 * listed[-1],
                color=style.colour("muted"), alpha=0.15, linewidth=0,
            )  # fmt: skip
            if layer == LAYERS[0]:
                note(ax, listed[-1], 4, "nothing is learned", rotation=90, ha="center")
        ax.set(title=name, xlabel="2λ", ylabel="", ylim=(0, 100))
        ax.set_xlim(listed[0] / 1.5, 1.5 * listed[-1])
    axes[0].set_ylabel("share of decay (%)")
    handles = [
        plt.Line2D([], [], color=style.colour(look), marker=marker, label=words)
        for look, marker, words in MEASURES.values()
    ]
    fig.legend(handles=handles, loc="outside lower center", ncols=3)
    return fig


@settles("C41", figure="share-of-decay", derivation="eq-bs-net")
def first_epochs_are_decay(result: Result) -> Verdict:
    """From some strength on most of the movement is; nearly all of it where nothing is learned."""
    table = share_table(result)
    learns = learning(table)
    numbers = {
        f"decay’s share of {words} at 2λ = {strength(r)}": share(table, r, measure).estimate
        for measure, words in (("peak", "a step at its peak"), ("net", "the net movement"))
        for r in ratios(table)
    }
    words = (
        f"In the first layer decay is, of a step at its peak in epoch 1, {row(table, 'peak', 1)}; "
        f"of the epoch's net movement, in which noise cancels and decay adds up, "
        f"{row(table, 'net', 1)}."
    )
    if not learns or not ruled(table, "net"):
        return Verdict(
            "OPEN",
            f"{words} No strength was found at which a network learns, or none at which decay is "
            "surely more than half. A wider grid would settle it.",
            numbers,
        )
    words_for = {
        "net": "the net movement",
        "peak": "a step at its peak",
        "mean": f"a step on the mean of {EARLY} epochs",
    }
    halves = listing([f"of {each} {since(table, name)}" for name, each in words_for.items()])
    return Verdict(
        "CONDITIONAL",
        f"{words} It is surely more than half {halves}; a network learns up to "
        f"{strength(learns[-1])}. In the output layer, which is not held back, it is at most "
        f"{percent(share(table, learns[-1], 'peak', 2).estimate)} of a step there, and "
        f"{percent(share(table, learns[-1], 'net', 2).estimate)} of the net movement.",
        numbers,
    )
