"""The exponent of the sum's best lambda by task, depth, horizon and criterion."""

from collections import Counter

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import portion
from l2scale.exhibits.drawing import note
from l2scale.exhibits.outcomes import MARGIN, tallied
from l2scale.exhibits.which_penalty.cells import (
    count,
    last_sgd,
    named,
    seeds_in_words,
    some,
    sums_table,
    words,
)
from l2scale.exhibits.which_penalty.meeting import MINIMUM
from l2scale.exhibits.which_penalty.typed import CRITERIA

XLIM = (-2.15, 1.6)


def title(table: pd.DataFrame) -> str:
    """In how many cells 0, or dividing by the number of weights, failed."""
    loss, error = (count(table, criterion, "zero") for criterion in CRITERIA)
    asked = sum((count(table, criterion, "dividing") for criterion in CRITERIA), Counter())
    return (
        f"Trained longest, the interval excludes 0 in {portion(error['failed'], error.total())} "
        f"cells by error and {portion(loss['failed'], loss.total())} by loss, and dividing by P in "
        f"{portion(asked['failed'], asked.total())}"
    )


@figure(
    id="sum-exponents",
    source=("penalties", "minima", "tasks", "depths"),
    penalties=("sum",),
    data=sums_table,
    title=title,
    claim=lambda t: (
        "Exponent in width of the sum's best λ, chosen by validation loss (left) and validation "
        "error (right), with 95% intervals over seeds, cut at the frame: "
        f"{seeds_in_words(t)}. Line: 0, λ stays. "
        "Bars: what dividing λ by the number of weights would need. A cell with a best λ at the "
        "edge of its grid has no exponent. The title counts all others at the longest training and "
        "at minima. For regression the error is the share of the targets' variance."
    ),
    alt=lambda t: (
        "Exponents of the sum's best λ in width: "
        + "; ".join(f"{named(row)}, by {row['criterion']} {words(row)}" for _, row in t.iterrows())
        + "."
    ),
)
def sum_exponents(table: pd.DataFrame) -> Figure:
    """The sum's exponent for each task, depth and horizon, by both criteria."""
    keys = ["data", "depth", "when"]
    cells = [tuple(row) for row in table[keys].drop_duplicates().itertuples(index=False)]
    fig, axes = plt.subplots(
        1, 2, figsize=(style.WIDTH, 0.9 + 0.29 * len(cells)), sharey=True, sharex=True
    )
    first = some(table, *cells[0], "loss")
    for ax, criterion in zip(axes, CRITERIA, strict=True):
        colour = style.colour("sum")
        for y, cell in enumerate(cells):
            row = some(table, *cell, criterion)
            ax.plot(row["dividing"], y, "|", color=style.colour("mean"), markersize=12, mew=2)
            if np.isnan(row["exponent"]):
                ax.text(
                    0.05, y, "edge of the grid", va="center", fontsize=8.5,
                    color=style.colour("muted"),
                )  # fmt: skip
                continue
            ax.plot([row["low"], row["high"]], [y, y], color=colour, lw=1.4)
            ax.plot(row["exponent"], y, style.marker("sum"), color=colour, markeredgewidth=0)
        ax.axvline(0, color=style.colour("ink"), lw=1, linestyle=(0, (4, 2)), zorder=1)
        note(ax, first["dividing"], -0.8, "divided by P", ha="center", va="bottom")
        note(ax, 0.08, -0.8, "λ stays", va="bottom")
        ax.set(title=f"Chosen by validation {criterion}", xlabel="exponent in width", xlim=XLIM)
    rows = [some(table, *cell, "loss") for cell in cells]
    axes[0].set_yticks(range(len(cells)), [named(row) for row in rows])
    axes[0].set_ylim(len(cells) - 0.4, -1.7)
    return fig


def sum_numbers(table: pd.DataFrame) -> dict[str, str]:
    """What the prose quotes of this figure."""
    last = last_sgd(table)
    found = {"steps": last, "margin": f"{MARGIN}"}
    for criterion in CRITERIA:
        for data in ("teacher", "breast_cancer"):
            found[f"{data}_{criterion}"] = words(some(table, data, 2, last, criterion))
        for depth in (3, 5):
            found[f"deep_{depth}_{criterion}"] = words(
                some(table, "digits", depth, last, criterion)
            )
        found[f"minima_{criterion}"] = words(some(table, "digits", 2, MINIMUM, criterion))
        for asked in ("zero", "dividing"):
            tally = count(table, criterion, asked)
            found[f"{asked}_{criterion}"] = tallied(tally)
    for depth in (2, 3, 5):
        row = some(table, "digits", depth, last, "loss")
        found[f"dividing_{depth}"] = f"{row['dividing']:z.2f}"
    return found
