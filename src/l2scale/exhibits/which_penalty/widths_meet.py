"""Validation loss against lambda, a line a width: where widths have met and where not yet."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.exhibits.drawing import percent, plain
from l2scale.exhibits.which_penalty.meeting import (
    MET,
    MINIMUM,
    all_met,
    at,
    best,
    carrying,
    gap,
    meeting_table,
    met,
    met_at_best,
    near,
)
from l2scale.exhibits.which_penalty.sweeps import DIGITS
from l2scale.exhibits.which_penalty.typed import CRITERIA


def title(table: pd.DataFrame) -> str:
    """At which width the costs have met, at either optimum."""
    by = {criterion: met_at_best(table, criterion) for criterion in CRITERIA}
    return (
        "At minima the widths have met from "
        f"{by['loss']} units on at the best λ by loss, from {by['error']} on at the best by error"
    )


def alt(table: pd.DataFrame) -> str:
    """Where the optima lie, and how far the narrowest and the widest are apart there."""
    parts = "; ".join(
        f"{when}: best by loss {plain(best(table, when, 'loss', low))} to "
        f"{plain(best(table, when, 'loss'))}, by error {plain(best(table, when, 'error', low))} to "
        f"{plain(best(table, when, 'error'))}"
        for when in table["when"].unique()
        for low in [at(table, when)["width"].min()]
    )
    apart = ", ".join(
        f"{percent(gap(table, MINIMUM, best(table, MINIMUM, criterion)))} at the best by "
        f"{criterion}"
        for criterion in CRITERIA
    )
    return (
        "Four panels of validation loss against λ, a line for each width. From the narrowest to "
        f"the widest network, {parts}. At minima the narrowest network's loss is above the "
        f"widest's by {apart} of the widest."
    )


@figure(
    id="widths-meet",
    source=("penalties", "minima"),
    data=meeting_table,
    title=title,
    claim=lambda t: (
        "Validation loss of 64-H-10 networks under the sum against λ, 300 digits, one label in "
        "five wrong, after three numbers of SGD steps and at minima (L-BFGS). Bands are 95% over "
        "seeds. Filled: best λ by validation loss; open: by validation error; triangles lie at "
        f"the edge of the grid. Widths have met where the least cost is within {percent(MET)} of "
        "the widest's."
    ),
    alt=alt,
)
def widths_meet(table: pd.DataFrame) -> Figure:
    """Validation loss against lambda by width, after three horizons and at minima."""
    fig, axes = plt.subplots(2, 2, figsize=(style.WIDTH, 5.6), sharex=True, sharey=True)
    widths = sorted(table["width"].unique())
    shade = dict(zip(widths, style.shades(len(widths)), strict=True))
    for ax, when in zip(axes.flat, table["when"].unique(), strict=True):
        ax.set(xscale="log", yscale="log", title=when if when != MINIMUM else "Minima")
        for width, rows in at(table, when).groupby("width"):
            rows, colour = rows.sort_values("lam"), shade[width]
            ax.plot(rows["lam"], rows["estimate"], color=colour, label=f"{width}", lw=1.4)
            if width in (widths[0], widths[-1]):
                ax.fill_between(
                    rows["lam"], rows["low"], rows["high"], color=colour, alpha=0.15, linewidth=0
                )
            for criterion in CRITERIA:
                lam, edge = (rows[f"{n}_{criterion}"].iloc[0] for n in ("best", "edge"))
                height = np.interp(np.log(lam), np.log(rows["lam"]), rows["estimate"])
                ax.plot(
                    lam, height, {"low": "v", "high": "^"}.get(edge, "o"), markeredgecolor=colour,
                    color=colour if criterion == "loss" else style.colour("paper"), zorder=4,
                )  # fmt: skip
    for ax in axes[1]:
        ax.set_xlabel("λ (sum)")
    for ax in axes[:, 0]:
        ax.set_ylabel("validation loss (nats)")
        ax.yaxis.set_major_formatter("{x:.2g}")
        ax.yaxis.set_minor_formatter("{x:.1g}")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    fig.legend(handles, labels, title="hidden units", loc="outside lower center", ncols=len(widths))
    return fig


def horizon_numbers(table: pd.DataFrame) -> dict[str, str]:
    """Where the clock of each horizon puts lambda, and what the shortest horizon chose."""
    horizons = list(table["when"].unique())[:-1]
    found = {}
    for key, when in zip(("short", "middle", "long"), horizons, strict=True):
        steps = int(when.removesuffix(" steps").replace(",", ""))
        found |= {f"steps_{key}": f"{steps:,}", f"clock_{key}": plain(1 / (2 * DIGITS.lr * steps))}
    first = at(table, horizons[0]).drop_duplicates("width")
    edges = (first["edge_loss"] == "low").sum()
    ends = plain(first["best_error"].min()), plain(first["best_error"].max())
    carried = {f"fall_{k}": f"{x:.3f}" for k, x in carrying(table, horizons[-1]).items()}
    return found | carried | {
        "short_edges": f"{edges} of {len(first)}", "short_error": f"{ends[0]} to {ends[1]}"
    }  # fmt: skip


def meeting_numbers(table: pd.DataFrame) -> dict[str, str]:
    """What the prose quotes of this figure."""
    from_on, weakest = all_met(table), at(table, MINIMUM)["lam"].min()
    found = {
        "met_share": percent(MET),
        "all_met": plain(from_on) if from_on else "no strength tried",
        "weak": plain(weakest),
        "weak_met": f"{met(table, weakest)}",
    }
    for criterion in CRITERIA:
        lam = best(table, MINIMUM, criterion)
        found |= {
            f"minimum_{criterion}": plain(lam),
            f"met_{criterion}": f"{met_at_best(table, criterion)}",
            f"met_strict_{criterion}": f"{met(table, lam, MET / 2)}",
            f"met_loose_{criterion}": f"{met(table, lam, 2 * MET)}",
            f"gap_{criterion}": percent(gap(table, MINIMUM, lam)),
            f"loss_by_{criterion}": f"{near(table, lam, 'test_loss'):.2f}",
            f"error_by_{criterion}": percent(near(table, lam, "test_error")),
        }
    return found | horizon_numbers(table)
