"""Which part of a step is decay, over the first epochs; C41."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.bad_start.by_epoch import after_one, by_epoch_table
from l2scale.exhibits.bad_start.labels import label_ends
from l2scale.exhibits.bad_start.start_forces import HIS
from l2scale.exhibits.bad_start.tables import (
    EARLY,
    LAYERS,
    NOTHING,
    at_end,
    at_epoch,
    decay_table,
    mean,
    part,
    ratios,
    strength,
)
from l2scale.exhibits.drawing import leave_room, listing, mean_line, percent, percent_span
from l2scale.lab.estimates import Interval


def peak(table: pd.DataFrame, ratio: float, layer: int = 1) -> Interval:
    """The share at the checkpoint of the first epoch with the largest mean share."""
    rows = part(table, ratio)
    first = rows[rows["epoch"] <= 1]
    at = first.groupby("epoch")[f"share_{layer}"].mean().idxmax()
    return mean(at_epoch(first, at), f"share_{layer}")


def end_error(table: pd.DataFrame, ratio: float, metric: str = "test_error") -> Interval:
    """Error after the last step."""
    return mean(at_end(part(table, ratio)), metric)


def strongest_learning(table: pd.DataFrame) -> float:
    """The strongest of the strengths at which a network learns something, by validation error."""
    return max(
        (r for r in ratios(table) if end_error(table, r, "val_error").estimate < NOTHING),
        default=float("nan"),
    )


def ruling(table: pd.DataFrame) -> list[float]:
    """The strengths at which decay is more than half of the first layer's step at some time."""
    return [ratio for ratio in ratios(table) if peak(table, ratio).low > 0.5]


def title(table: pd.DataFrame) -> str:
    """The largest share where the network learns, and what happens above."""
    learns = strongest_learning(table)
    if not np.isfinite(learns):
        return "Which part of a step is decay, over the first epochs"
    share = peak(table, learns).estimate
    words = f"Up to {share:.0%} of a step of the first layer is decay where a network learns"
    stronger = [ratio for ratio in ruling(table) if ratio > learns]
    if not stronger:
        return words
    share, error = peak(table, stronger[0]).estimate, end_error(table, stronger[0]).estimate
    return f"{words}; at {share:.0%} it ends with {error:.0%} errors"


def alt(table: pd.DataFrame) -> str:
    """The share at the start and the largest in epoch 1, in numbers."""
    rows = "; ".join(
        f"2λ = {strength(ratio)}: "
        + listing([
            f"{percent(mean(at_epoch(part(table, ratio), 0), f'share_{layer}').estimate)} at the "
            f"start, at most {percent(peak(table, ratio, layer).estimate)} in epoch 1, in layer "
            f"{layer}" for layer in LAYERS
        ])
        for ratio in ratios(table)
    )  # fmt: skip
    return f"Two panels, one a layer, of the share of decay in a step against epochs. {rows}."


@figure(
    id="share-of-decay",
    source="decay",
    data=decay_table,
    title=title,
    claim=lambda t: (
        "From N(0, 1) weights. Length of a step's decay over the sum of that length and of the "
        "root mean square length of its gradient part, for each layer; a line for each 2λ, "
        f"with 95% intervals over seeds. Nielsen's 2λ is {HIS:g}. Errors at the end of training: "
        + "; ".join(f"{percent_span(end_error(t, r))} at {strength(r)}" for r in ratios(t))
        + "."
    ),
    alt=alt,
)
def share_of_decay(table: pd.DataFrame) -> Figure:
    """Share against epochs, the two layers side by side."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.9), sharey=True)
    listed = ratios(table)
    for ax, layer, name in zip(axes, LAYERS, ("first layer", "output layer"), strict=True):
        heights = {}
        for ratio, colour in zip(listed, style.shades(len(listed)), strict=True):
            rows = part(table, ratio)
            rows = rows[rows["epoch"] <= EARLY].assign(percent=100 * rows[f"share_{layer}"])
            mean_line(ax, rows, "epoch", "percent", colour)
            last = rows.loc[rows["epoch"] == rows["epoch"].max(), "percent"].mean()
            heights[strength(ratio)] = (last, colour)
        ax.set(title=name, xlabel="epoch", ylabel="", ylim=(0, 100), xticks=range(EARLY + 1))
        leave_room(ax, 0.16)
        label_ends(ax, heights, EARLY * 1.03)
    axes[0].set_ylabel("share of decay in a step (%)")
    axes[1].text(
        0.98, 0.97, "numbers: 2λ", transform=axes[1].transAxes, ha="right", va="top",
        fontsize=9, color=style.colour("muted"),
    )  # fmt: skip
    return fig


@settles("C41", figure="share-of-decay")
def first_epochs_are_decay(result: Result) -> Verdict:
    """Of the movement only where nothing is learned; of the size, earlier."""
    table = decay_table(result)
    learns, strong = strongest_learning(table), ruling(table)
    numbers = {f"peak {strength(r)}": peak(table, r).estimate for r in ratios(table)}
    if not np.isfinite(learns) or not [r for r in strong if r > learns]:
        return Verdict(
            "OPEN",
            "No strength was found above which decay is more than half of a step of the first "
            "layer, and below which a network learns. A wider grid would settle it.",
            numbers,
        )
    top = min(r for r in strong if r > learns)
    at_his = f", up to {percent(peak(table, HIS).estimate)}" if len(part(table, HIS)) else ""
    live, dead = (after_one(by_epoch_table(result), learns, size) for size in ("live", "dead"))
    return Verdict(
        "CONDITIONAL",
        f"TRUE of the steps only at a strength at which nothing is learned: at 2λ = "
        f"{strength(top)} decay is up to {percent_span(peak(table, top))} of the first layer's "
        f"step in epoch 1, and the error ends at {percent_span(end_error(table, top))}. At "
        f"{strength(learns)}, where the network learns, it is up to "
        f"{percent_span(peak(table, learns))}, and up to {percent_span(peak(table, learns, 2))} "
        "in the output layer, which is not held back. FALSE at Nielsen's "
        f"{HIS:g}{at_his}. What decay does rule is the first layer's size: in epoch 1 its weights "
        f"shrink to {percent_span(live)} of it at {strength(learns)}, and by decay alone they "
        f"would to {percent_span(dead)}.",
        numbers,
    )
