"""The exponent of the best lambda in width for every optimiser and rule, by error and by loss."""

import re

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.drawing import span
from l2scale.exhibits.other_optimisers.cells import KEYS, WORDS, arm, arms, end, labelled, named
from l2scale.exhibits.other_optimisers.weight_sizes import unused_left
from l2scale.lab.estimates import Interval
from l2scale.lab.transfer import exponents

METRICS = {"val_error": "error", "val_loss": "loss"}
REACH = (-1.45, 1.75)  # exponents drawn; a longer interval is cut there


def exponents_table(result: Result) -> pd.DataFrame:
    """Per layers, optimiser, rule and step: the exponent by validation error and by loss."""
    table = labelled(result)
    found = [
        exponents(table, [*KEYS, "step"], select=select).assign(metric=metric, seeds=seeds(table))
        for select, metric in METRICS.items()
    ]
    # The edges of an exponent that has none are "", which a CSV does not tell from missing.
    return pd.concat(found, ignore_index=True).replace({"edges": {"": None}})


def seeds(table: pd.DataFrame) -> int:
    """How many seeds an exponent rests on."""
    return table["seed"].nunique()


def one(
    table: pd.DataFrame, cell: str, metric: str, rule: str = "constant", layers: int = 2
) -> Interval:
    """One exponent at the end; nan where an optimum is at an edge."""
    rows = end(arm(table, cell, rule, layers))
    row = rows[rows["metric"] == metric].iloc[0]
    return Interval(row["exponent"], row["low"], row["high"], int(row["seeds"]), 0.95)


def edge_words(edges: str) -> str:
    """Where optima are bounds: "low at 64, low at 256" becomes "low end of the grid at 64, 256"."""
    found = re.findall(r"(low|high) at (\d+)", edges)
    return "; ".join(
        f"{end} end of the grid at {', '.join(width for side, width in found if side == end)}"
        for end in dict.fromkeys(side for side, _ in found)
    )


def said(row: pd.Series) -> str:
    """An exponent with its interval, or why there is none."""
    if pd.isna(row["exponent"]):
        return f"none, {edge_words(row['edges'])}"
    return span(Interval(row["exponent"], row["low"], row["high"], int(row["seeds"]), 0.95))


def title(table: pd.DataFrame) -> str:
    """The exponents of AdamW and of the three others, by error at a constant rate."""
    others = [one(table, cell, "error") for cell in ("sgd", "momentum", "adam")]
    adamw = one(table, "adamw", "error")
    if not np.isfinite([adamw.estimate, *(other.estimate for other in others)]).all():
        return "How the best λ goes with width depends on the optimiser, its rate and the metric"
    low, high = (f"{find(o.estimate for o in others):z.2f}" for find in (min, max))
    return (
        "At a constant rate, the best λ by error goes as width to the power "
        f"{adamw.estimate:z.2f} under AdamW; under the other three, {low} to {high}"
    )


def alt(table: pd.DataFrame) -> str:
    """All exponents at the end."""
    rows = end(table)
    words = []
    for layers, cell, rule in arms(rows):
        some = arm(rows, cell, rule, layers)
        found = ", ".join(f"by {row['metric']} {said(row)}" for _, row in some.iterrows())
        words.append(f"{named(layers, cell)}, {WORDS[rule]}: {found}")
    return f"Exponents as points with intervals beside lines at 0, ½ and 1. {'; '.join(words)}."


@figure(
    id="optimiser-exponents",
    source=("rules", "hidden"),
    data=exponents_table,
    title=title,
    claim="Power of the width that the best λ follows, at the end of training, with 95% intervals "
    "over seeds, cut at the frame; where an optimum is at the end of its grid there is no "
    "exponent, and words say at which width. Predicted: 0 for SGD, momentum and Adam near a "
    "minimum, whatever the rate; for AdamW at a rate that falls as 1/width between 0 and 1, where "
    "three arguments disagree.",
    alt=alt,
)
def optimiser_exponents(table: pd.DataFrame) -> Figure:
    """One row an arm: the exponent by error, filled, and by loss, hollow."""
    rows = end(table)
    listed = arms(rows)
    fig, ax = plt.subplots(figsize=(style.WIDTH, 0.44 * len(listed) + 1.1))
    ax.set(xlim=REACH, ylim=(len(listed) - 0.4, -0.6), xlabel="d log λ* / d log width")
    for power, look in ((0.0, "-"), (0.5, (0, (4, 2))), (1.0, (0, (4, 2)))):
        ax.axvline(power, linestyle=look, color=style.colour("muted"), linewidth=1, zorder=1)
    for place, (layers, cell, rule) in enumerate(listed):
        some = arm(rows, cell, rule, layers)
        for _, row in some.iterrows():
            point(ax, place + (-0.17 if row["metric"] == "error" else 0.17), row)
    labels = [f"{named(layers, cell)}\n{WORDS[rule]}" for layers, cell, rule in listed]
    ax.set_yticks(range(len(listed)), labels, fontsize=8)
    ax.set_xticks([-1, -0.5, 0, 0.5, 1, 1.5], ["−1", "−½", "0", "½", "1", "1½"])
    ax.grid(visible=False, axis="y")
    ink = style.colour("ink")
    ax.legend(
        handles=[
            Line2D([], [], color=ink, marker="o", label="by validation error"),
            Line2D([], [], color=ink, marker="o", markerfacecolor="none", label="by loss"),
        ],
        loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0,
    )  # fmt: skip
    return fig


def point(ax: Axes, y: float, row: pd.Series) -> None:
    """One exponent with its interval, or words in its place."""
    colour = style.colour(row["cell"])
    face = colour if row["metric"] == "error" else "none"
    if pd.isna(row["exponent"]):
        behind = {"facecolor": style.colour("paper"), "edgecolor": "none", "pad": 0.8}
        words = f"{row['metric']}: {edge_words(row['edges'])}"
        ax.text(0.08, y, words, va="center", fontsize=7.5, color=colour, bbox=behind)
        return
    ends = [float(np.clip(row[name], *REACH)) for name in ("low", "high")]
    ax.plot(ends, [y, y], color=colour, linewidth=1.6)
    ax.plot(
        row["exponent"], y, style.marker(row["cell"]), color=colour, markerfacecolor=face,
        markersize=6,
    )  # fmt: skip


@settles("C07", figure="optimiser-exponents")
def one_weight(result: Result) -> Verdict:
    """The explicit force knows no neighbours; the wanted strength may."""
    table = exponents_table(result)
    found = {cell: one(table, cell, "error") for cell in ("sgd", "momentum", "adam", "adamw")}
    numbers = {f"{cell}_exponent": value.estimate for cell, value in found.items()}
    kept = " and ".join(f"{unused_left(result, 'sgd', place).estimate:.2f}" for place in (0, -1))
    force = (
        "TRUE of the explicit force: 2λ times the weight under the sum, whatever surrounds it. In "
        "the narrowest and the widest network, weights that no data pull at keep "
        f"{kept} times what this predicts under SGD. "
    )
    if any(np.isnan(value.estimate) for value in found.values()):
        return Verdict(
            "OPEN",
            force + "Not settled here of the strength one wants: some best strengths are at the "
            "edge of their grid.",
            numbers,
        )
    moves = [cell for cell, value in found.items() if not value.low <= 0 <= value.high]
    powers = "In networks of two layers at a constant rate, the λ of least error goes as width to "
    powers += "the power " + ", ".join(
        f"{span(value)} under {WORDS[cell]}" for cell, value in found.items()
    )
    if not moves:
        words = f"Open of the strength one wants. {powers}: more seeds would narrow the intervals."
        return Verdict("OPEN", force + words, numbers)
    words = (
        "Not of the strength one wants, which depends on the optimiser, the rule for its rate and "
        f"the metric. {powers}."
    )
    return Verdict("CONDITIONAL", force + words, numbers)
