"""The sum's exponent from each width to the next, and the width at which costs have met."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import percent, span
from l2scale.exhibits.drawing import log_ticks, reference
from l2scale.exhibits.which_penalty.before_after import (
    about_zero,
    horizons,
    in_words,
    local_table,
    met,
    pooled,
)
from l2scale.exhibits.which_penalty.meeting import MET, MINIMUM
from l2scale.exhibits.which_penalty.typed import CRITERIA

MARKERS = ("<", "X", "P")  # of the horizons, shortest first; all lines are the sum's


def title(table: pd.DataFrame) -> str:
    """At minima, the exponent by loss before and after the widths have met, and the difference."""
    before, after, change = (
        pooled(table, MINIMUM, "loss", part) for part in ("before", "after", "change")
    )
    if before is None or after is None or change is None:
        return "The exponent of the sum's best λ from each width to the next"
    return (
        f"At minima the exponent by loss is {before.estimate:z.2f} until costs have met at "
        f"{met(table, 'loss')} units and {after.estimate:z.2f} from there on; the change, "
        f"{span(change)}, {about_zero(change)}"
    )


def alt(table: pd.DataFrame) -> str:
    """The first and the last local exponent of each line."""
    local = table[table["part"] == "local"]
    parts = []
    for (criterion, when), rows in local.groupby(["criterion", "when"], sort=False):
        known = rows.dropna(subset="exponent")
        if len(known):
            ends = known["exponent"].iloc[0], known["exponent"].iloc[-1]
            parts.append(f"by {criterion}, {when}: {ends[0]:z.2f} to {ends[1]:z.2f}")
    found = "; ".join(parts) or "none could be estimated"
    return (
        "Two panels of local exponents against hidden units, with a dashed line at 0 and the "
        f"widths at which costs have met shaded. From the narrowest to the widest pair, {found}."
    )


@figure(
    id="local-exponents",
    source=("penalties", "minima"),
    penalties=("sum",),
    data=local_table,
    title=title,
    claim=lambda t: (
        "Exponent of the sum's best λ between neighbouring widths, at their geometric mean, "
        "chosen by validation loss (left) and error (right); bars are 95% over seeds, cut at the "
        "frame. Dashed: the limit, 0. Shaded: widths at which the least cost at the best λ is "
        f"within {percent(MET)} of the widest's, by loss from "
        f"{met(t, 'loss')} units on, by error from {met(t, 'error')}. Over all widths up to and "
        "from there on, and the difference, by loss: "
        + "; ".join(
            f"{when} "
            + ", ".join(
                in_words(pooled(t, when, "loss", part)) for part in ("before", "after", "change")
            )
            for when in horizons(t)
        )
        + "."
    ),
    alt=alt,
)
def local_exponents(table: pd.DataFrame) -> Figure:
    """Local exponents of the sum against width, by criterion, for three horizons."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.8), sharey=True)
    local = table[table["part"] == "local"]
    widest, shades = local["x_high"].max(), style.shades(len(horizons(table)))
    for ax, criterion in zip(axes, CRITERIA, strict=True):
        log_ticks(ax, [*local["x_low"].unique(), widest])
        ax.axvspan(met(table, criterion), widest, color=style.colour("grid"), zorder=0, lw=0)
        for place, when in enumerate(horizons(table)):
            rows = local[(local["criterion"] == criterion) & (local["when"] == when)]
            rows = rows.dropna(subset="exponent")
            x = rows["width"] * 1.06 ** (place - 1)
            errors = [rows["exponent"] - rows["low"], rows["high"] - rows["exponent"]]
            ax.errorbar(
                x, rows["exponent"], yerr=errors, color=shades[place],
                marker=MARKERS[place], markersize=7, elinewidth=1, markeredgewidth=0,
                label="minima" if when == MINIMUM else when,
            )  # fmt: skip
        reference(ax, [local["x_low"].min(), widest], [0, 0])
        ax.set(xlabel="hidden units", title=f"Chosen by validation {criterion}", ylim=(-1.6, 1.2))
    axes[0].set_ylabel("local exponent of the best λ")
    handles, labels = axes[0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    return fig
