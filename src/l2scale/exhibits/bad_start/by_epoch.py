"""What an epoch does to weights that the data never move, and to all others; C42."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import listing, percent, percent_span, plain
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.bad_start.tables import (
    EARLY,
    decay_table,
    ratios,
    strength,
)
from l2scale.exhibits.drawing import mean_line, reference
from l2scale.lab.estimates import Interval, mean_interval
from l2scale.theory.epochs import epoch_factor, exponential_factor, relative_error

CLOSE = 0.01  # an exponential this near to the factor of an epoch is the factor


def by_epoch_table(result: Result) -> pd.DataFrame:
    """From N(0, 1): sizes of the first layer's weights over those at the start, in whole epochs.

    `dead`: weights on inputs that are the same in every sample, root mean square; `live`: all.
    """
    table = decay_table(result)
    whole = (table["epoch"] == table["epoch"].round()) & (table["epoch"] <= EARLY)
    table = table[(table["init"] == "normal") & whole].sort_values(["ratio", "seed", "epoch"])
    start = table.groupby(["ratio", "seed"])[["unused_1", "rms_1"]].transform("first")
    return table[["ratio", "lam", "lr", "batches", "seed", "epoch"]].assign(
        dead=table["unused_1"] / start["unused_1"], live=table["rms_1"] / start["rms_1"]
    )


def of(table: pd.DataFrame, ratio: float) -> tuple[float, float, int]:
    """Learning rate, lambda and batches an epoch of a strength, as the theory takes them."""
    row = table[np.isclose(table["ratio"], ratio)].iloc[0]
    return float(row["lr"]), float(row["lam"]), int(row["batches"])


def after_one(table: pd.DataFrame, ratio: float, column: str) -> Interval:
    """A size after the first epoch over that at the start."""
    rows = table[np.isclose(table["ratio"], ratio) & (table["epoch"] == 1)]
    return mean_interval(rows[column])


def excess(table: pd.DataFrame, ratio: float) -> float:
    """By which share the exponential is above the measured factor of the first epoch."""
    return exponential_factor(*of(table, ratio)) / after_one(table, ratio, "dead").estimate - 1


def misses_exact(table: pd.DataFrame) -> float:
    """The largest relative difference between (1 - x)^N and what was measured."""
    return max(
        abs(epoch_factor(*of(table, r)) / after_one(table, r, "dead").estimate - 1)
        for r in ratios(table)
    )


def close(table: pd.DataFrame) -> list[float]:
    """The strengths at which the exponential is right within `CLOSE`."""
    return [ratio for ratio in ratios(table) if abs(excess(table, ratio)) < CLOSE]


def title(table: pd.DataFrame) -> str:
    """How good the exponential is, and where it fails most."""
    good, worst = close(table), max(ratios(table), key=lambda r: abs(excess(table, r)))
    words = f"An epoch's decay is the exponential within {CLOSE:.0%} at {len(good)} of "
    words += f"{len(ratios(table))} strengths"
    if worst in good:
        return words
    x = 2 * of(table, worst)[0] * of(table, worst)[1]
    return f"{words}; it is {percent(excess(table, worst))} too large where a step takes {x:.0%}"


def alt(table: pd.DataFrame) -> str:
    """The factors of one epoch in numbers."""
    rows = "; ".join(
        f"2λ = {strength(r)}: {plain(after_one(table, r, 'dead').estimate)} for dead weights, "
        f"{plain(exponential_factor(*of(table, r)))} by the exponential, "
        f"{plain(after_one(table, r, 'live').estimate)} for all weights"
        for r in ratios(table)
    )
    return (
        "A panel for each strength, of size relative to the start on a logarithmic axis, against "
        f"epochs. Dead weights lie along a dashed line. Factors of the first epoch: {rows}."
    )


@figure(
    id="decay-by-epoch",
    source="decay",
    data=by_epoch_table,
    title=title,
    claim=lambda t: (
        "First-layer weights from N(0, 1), size over that at the start, 95% intervals over seeds. "
        "Squares: weights on pixels that are always blank. Circles: all weights, root mean square. "
        "Dashed: exp(−2ηλN) an epoch of N batches. It is above the measured factor of "
        "the first epoch by "
        + listing([f"{100 * excess(t, r):z.2f}% at {strength(r)}" for r in ratios(t)])
        + f"; (1 − 2ηλ)ᴺ misses it by at most {100 * misses_exact(t):.4f}%. All weights keep "
        + listing([f"{percent_span(after_one(t, r, 'live'))} at {strength(r)}" for r in ratios(t)])
        + "."
    ),
    alt=alt,
)
def decay_by_epoch(table: pd.DataFrame) -> Figure:
    """Sizes against epochs, a panel a strength."""
    listed = ratios(table)
    fig, axes = plt.subplots(3, 2, figsize=(style.WIDTH, 7.0))
    for ax, ratio in zip(axes.flat, listed, strict=True):
        rows = table[np.isclose(table["ratio"], ratio)]
        epochs = np.arange(EARLY + 1)
        for column, look in (("live", "data"), ("dead", "penalty")):
            mean_line(ax, rows, "epoch", column, style.colour(look), style.marker(look))
        reference(ax, epochs, exponential_factor(*of(table, ratio)) ** epochs)
        ax.set_yscale("log")
        ax.set(title=f"2λ = {strength(ratio)}", xlabel="epoch", ylabel="")
        if min(rows["dead"].min(), rows["live"].min()) > 0.03:
            ax.set_yticks([1.0, 0.5, 0.2, 0.1, 0.05], ["1", "0.5", "0.2", "0.1", "0.05"])
            ax.set_yticks([], minor=True)
            low = min(rows["dead"].min(), rows["live"].min())
            ax.set_ylim(min(0.45, 0.8 * low), 1.3)
    for ax in axes[:, 0]:
        ax.set_ylabel("size / size at start")
    handles = [
        plt.Line2D([], [], color=style.colour(look), marker=style.marker(look), label=label)
        for look, label in (("penalty", "dead weights"), ("data", "all weights"))
    ]
    handles.append(
        plt.Line2D([], [], color=style.colour("ink"), linestyle=(0, (4, 2)), label="exponential")
    )
    fig.legend(handles=handles, loc="outside lower center", ncols=3)
    return fig


@settles("C42", figure="decay-by-epoch", derivation="eq-bs-epoch")
def an_epoch_is_an_exponential(result: Result) -> Verdict:
    """The rate is right of weights without a gradient; those with one leave it."""
    table = by_epoch_table(result)
    good = close(table)
    worst = max(ratios(table), key=lambda r: abs(excess(table, r)))
    numbers = {f"relative error at λ/n = {strength(r)}": excess(table, r) for r in ratios(table)}
    if not good or misses_exact(table) > CLOSE:
        return Verdict(
            "FALSE",
            f"The exponential is right within {CLOSE:.0%} at none of the strengths, or the "
            f"exact power misses the measured factor by {percent(misses_exact(table))}.",
            numbers,
        )
    live = listing([
        f"{after_one(table, r, 'live').estimate:.0%} ({after_one(table, r, 'dead').estimate:.0%}) "
        f"at {strength(r)}"
        for r in ratios(table)
    ])  # fmt: skip
    return Verdict(
        "CONDITIONAL",
        "TRUE of weights that have no gradient, such as those on blank pixels, and exact in the "
        "thread's limit of many samples at one λ. With ηλ small beside n the rate is right within "
        "a share ηλ/2n; the factor of an epoch is off by (ηλ)²/2nm, which matters where little is "
        f"left: within {CLOSE:.0%} at λ/n = {listing([strength(r) for r in good])}, "
        f"{percent(excess(table, worst))} at {strength(worst)} (predicted "
        f"{percent(relative_error(*of(table, worst)))}). FALSE of weights with a gradient, to a "
        "growing degree: of their size all first-layer weights together keep, and by decay alone "
        f"would keep, {live} after epoch 1.",
        numbers,
    )
