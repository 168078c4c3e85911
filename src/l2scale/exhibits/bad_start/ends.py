"""Size of the weights at the minimum against their number; C43."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import listing, plain, span
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.bad_start.labels import label_ends
from l2scale.exhibits.bad_start.minima import (
    apart,
    ends_table,
    exponent,
    imbalance,
    listed,
    local,
    of,
    settling,
    times,
    widest,
)
from l2scale.exhibits.bad_start.tables import strength
from l2scale.exhibits.drawing import leave_room, log_ticks, mean_line, reference
from l2scale.exhibits.outcomes import excludes, outcome

NEARER = -0.75  # above it an exponent is nearer to -1/2 than to -1
ORDER = 3.0  # a size within this factor of another is of its order


def title(table: pd.DataFrame) -> str:
    """The last exponents at all strengths, and the prefactors."""
    found = [local(table, ratio)[-1].estimate for ratio in listed(table)]
    norms = [widest(table, ratio, "norm").estimate for ratio in listed(table)]
    return (
        f"Weights end at {plain(max(norms))} to {plain(min(norms))} times 1/√P; in the last "
        f"doubling the exponents are {min(found):z.3f} to {max(found):z.3f}"
    )


def alt(table: pd.DataFrame) -> str:
    """Ends of every line in numbers."""

    def both(ratio: float) -> str:
        means = of(table, ratio).groupby("weights")["rms"].mean()
        return f"{plain(means.iloc[0])} to {plain(means.iloc[-1])}"

    rows = "; ".join(f"2λ = {strength(r)}: from {both(r)}" for r in listed(table))
    return (
        "One panel of root mean square weight against number of weights, both logarithmic. A line "
        f"for each strength, {rows}. Dashed: 1/√P and 1/P, which end at "
        f"{plain(table['weights'].max() ** -0.5)} and {plain(1 / table['weights'].max())}."
    )


@figure(
    id="weights-at-the-end",
    source="ends",
    data=ends_table,
    title=title,
    claim=lambda t: (
        "Minima of the cost that L-BFGS found, at several widths; both starts, which end at most "
        f"{100 * apart(t):.1f}% apart. 95% intervals over seeds. Exponents over all widths: "
        + "; ".join(f"{span(exponent(t, r))} at 2λ = {strength(r)}" for r in listed(t))
        + "; in the last doubling "
        + "; ".join(span(local(t, r)[-1], ".3f") for r in listed(t))
        + f". In each run and layer both forces are equal within {100 * imbalance(t):.1f}%. "
        "Dashed: 1/√P, the book's size, and 1/P, the thread's."
    ),
    alt=alt,
)
def weights_at_the_end(table: pd.DataFrame) -> Figure:
    """Size against number of weights, a line a strength, with the two sizes of the sources."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 4.0))
    sizes = np.array(sorted(table["weights"].unique()), dtype=float)
    ends = {}
    for ratio, colour in zip(listed(table), style.shades(len(listed(table))), strict=True):
        rows = of(table, ratio)
        mean_line(ax, rows, "weights", "rms", colour, "o")
        ends[f"2λ = {strength(ratio)}"] = (widest(table, ratio, "rms").estimate, colour)
    for power, words in ((0.5, "1/√P"), (1.0, "1/P")):
        reference(ax, sizes, sizes**-power)
        ends[words] = (sizes[-1] ** -power, style.colour("ink"))
    ax.set_yscale("log")
    log_ticks(ax, sizes)
    leave_room(ax, 0.26)
    label_ends(ax, ends, 1.05 * sizes[-1])
    ax.set(xlabel="weights P", ylabel="root mean square weight")
    return fig


@settles("C43", figure="weights-at-the-end", derivation="prop-bs-limit")
def weights_end_at_one_over_their_number(result: Result) -> Verdict:
    """The norm of all weights settles, at a value that lambda sets: the exponent is the book's."""
    table = ends_table(result)
    found = {ratio: exponent(table, ratio) for ratio in listed(table)}
    numbers = {
        f"power of P at 2λ = {strength(r)}": interval.estimate for r, interval in found.items()
    }
    numbers |= {f"size over 1/√P at 2λ = {strength(r)}": times(table, r, 0.5) for r in found}
    threads, books = ([times(table, r, power) for r in found] for power in (1.0, 0.5))
    words = listing([f"{span(interval)} at 2λ = {strength(r)}" for r, interval in found.items()])
    if all(outcome(each, -1.0) == "held" for each in found.values()) and all(
        1 / ORDER < each < ORDER for each in threads
    ):
        return Verdict(
            "TRUE",
            f"The size goes as the number of weights to the power {words}, and is "
            f"{min(threads):.1f} to {max(threads):.1f} times 1/n_w.",
            numbers,
        )
    if not all(excludes(found[r], -1.0) and found[r].low > NEARER for r in found):
        return Verdict(
            "OPEN",
            "At one strength at least the exponent is not surely nearer to −1/2 than to −1. More "
            "widths and seeds would settle it.",
            numbers,
        )
    return Verdict(
        "FALSE",
        f"Of both sizes: at {table['weights'].max():,} weights 1/n_w is {plain(min(threads))} to "
        f"{plain(max(threads))} times too small, and 1/√n_w {plain(min(books))} to "
        f"{plain(max(books))} times. As hidden units are added the norm of all weights settles, "
        f"within {100 * settling(table):.1f}% in the last doubling, so the size falls as "
        f"n_w^(−1/2): the book's exponent, not the thread's (over all widths {words}). λ sets the "
        "norm, and has to be below the strength at which all weights vanish. In each run and layer "
        f"decay equals the gradient there within {100 * imbalance(table):.1f}%.",
        numbers,
    )
