"""The exponent of the best lambda in width for every optimiser and rule, by error and by loss."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import portion
from l2scale.exhibits.other_optimisers.cells import ARMS, METRICS, WORDS, Arm, end, one
from l2scale.exhibits.other_optimisers.powers import (
    FAMILIES,
    cells,
    edge_words,
    powers_table,
    said,
)

REACH = (-1.45, 1.75)  # exponents drawn; a longer interval is cut there


def title(table: pd.DataFrame) -> str:
    """How many intervals exclude 0, or for AdamW the ceiling's power."""
    words = [
        f"{excluding(table, arms)} intervals exclude {power}"
        for arms, power in ((FAMILIES["zero"], "0"), (FAMILIES["ceiling"], "the ceiling’s power"))
    ]
    return f"SGD, momentum and Adam: {words[0]}; AdamW: {words[1]}"


def excluding(table: pd.DataFrame, arms: tuple[Arm, ...]) -> str:
    """How many of the arms' intervals exclude the power that is drawn."""
    rows = cells(table, arms)
    return portion(int((rows["outcome"] == "failed").sum()), len(rows))


def alt(table: pd.DataFrame) -> str:
    """All exponents at the end."""
    last = end(table)
    words = [
        f"{arm.words}, {WORDS[arm.rule]}: "
        + ", ".join(f"by {metric} {said(one(last, arm, metric=metric))}" for metric in METRICS)
        for arm in ARMS
    ]
    return (
        "Exponents by error (filled) and by loss (hollow), with intervals, and a grey tick at 0 or "
        f"the ceiling's power. {'; '.join(words)}."
    )


@figure(
    id="optimiser-exponents",
    source=("rules", "hidden", "clean"),
    data=powers_table,
    title=title,
    claim=lambda t: (
        "Power of the width that the best λ follows at the end of training, with 95% intervals "
        "over seeds, cut at the frame. Tick: 0, as predicted for SGD, momentum and Adam; for AdamW "
        "the ceiling's power, 1/2 with two layers and 2/3 with three, which was derived after the "
        "first of these powers had been measured. Where an optimum is at the end of its grid there "
        "is no power, and words say at which width."
    ),
    alt=alt,
)
def optimiser_exponents(table: pd.DataFrame) -> Figure:
    """One row an arm: the exponent by error, filled, and by loss, hollow."""
    last = end(table)
    fig, ax = plt.subplots(figsize=(style.WIDTH, 0.42 * len(ARMS) + 1.1))
    ax.set(xlim=REACH, ylim=(len(ARMS) - 0.4, -0.6), xlabel="power of the width")
    muted = style.colour("muted")
    ax.axvline(0, color=muted, linewidth=0.8, zorder=1)
    for place, arm in enumerate(ARMS):
        at = arm.predicted
        ax.plot([at, at], [place - 0.4, place + 0.4], color=muted, linewidth=3, zorder=1)
        for metric, offset in zip(METRICS, (-0.17, 0.17), strict=True):
            point(ax, place + offset, one(last, arm, metric=metric))
    ax.set_yticks(range(len(ARMS)), [f"{a.words}\n{WORDS[a.rule]}" for a in ARMS], fontsize=8)
    ax.set_xticks([-1, -0.5, 0, 0.5, 1, 1.5], ["−1", "−½", "0", "½", "1", "1½"])
    ax.grid(visible=False, axis="y")
    ink = style.colour("ink")
    ax.legend(
        handles=[
            Line2D([], [], color=ink, marker="o", label="by error"),
            Line2D([], [], color=ink, marker="o", markerfacecolor="none", label="by loss"),
            Line2D(
                [], [], color=muted, linestyle="", marker="|", markersize=11, markeredgewidth=3,
                label="0, or the ceiling’s power",
            ),
        ],
        loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0,
    )  # fmt: skip
    return fig


def point(ax: Axes, y: float, row: pd.Series) -> None:
    """One exponent with its interval, or words in its place."""
    colour = style.colour(row["cell"])
    face = colour if row["metric"] == "error" else style.colour("paper")
    if pd.isna(row["exponent"]):
        behind = {"facecolor": style.colour("paper"), "edgecolor": "none", "pad": 0.8}
        words = f"{row['metric']}: {edge_words(row['edges'])}"
        ax.text(0.08, y, words, va="center", fontsize=7.5, color=colour, bbox=behind)
        return
    ends = [float(np.clip(row[name], *REACH)) for name in ("low", "high")]
    ax.plot(ends, [y, y], color=colour, linewidth=1.6)
    if REACH[0] <= row["exponent"] <= REACH[1]:
        ax.plot(
            row["exponent"], y, style.marker(row["cell"]), color=colour, markerfacecolor=face,
            markersize=6,
        )  # fmt: skip
