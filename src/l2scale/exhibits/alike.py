"""Exponents by loss, judged by labels that are right or as often wrong as those in training."""

import math
from collections import Counter

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.numerals import percent_span, span
from l2scale.exhibits.drawing import note
from l2scale.exhibits.outcomes import excludes, interval, outcome, tallied
from l2scale.lab.estimates import Interval, optima
from l2scale.lab.transfer import carried, exponents

LABELS = {"right": "", "alike": "_noisy"}
"""Held-out labels that judge, and how the lab's column of their loss ends."""
NARROW = "By labels as wrong, intervals are too narrow: the notation page says by how much."
LOOKS = {"right": ("muted", "o", "right"), "alike": ("sum", "s", "as wrong as in training")}


def alike_table(cells: dict[str, tuple[pd.DataFrame, float]]) -> pd.DataFrame:
    """Per cell and labels: exponent in width of the typed lambda* by loss, less the one predicted.

    Args:
        cells: name -> networks, one row per width, lambda and seed, and the exponent predicted.

    Returns:
        Columns cell, labels, predicted; exponent, low, high (less `predicted`), edges, seeds;
        narrow and wide, lambda* at the ends; kept and own, the grid's lambda best at the ends, and
        edge of the latter; and cost, cost_low, cost_high: of keeping the narrowest's at the widest,
        as a share of what tuning again reaches.
    """
    rows = []
    for cell, (table, predicted) in cells.items():
        for labels, suffix in LABELS.items():
            select, report = f"val_loss{suffix}", f"test_loss{suffix}"
            found = exponents(table.assign(cell=cell), ["cell"], select=select).iloc[0]
            kept = carried(table, select=select, report=report).iloc[-1]
            best = optima(table, ["width"], select=select)["lam"]
            rows.append(
                {"cell": cell, "labels": labels, "predicted": predicted}
                | {name: found[name] - predicted for name in ("exponent", "low", "high")}
                | {"edges": found["edges"] or "none", "seeds": table["seed"].nunique()}
                | {"narrow": best.iloc[0], "wide": best.iloc[-1]}
                | {name: kept[name] for name in ("kept", "own", "edge")}
                | relative(kept)
            )
    return pd.DataFrame(rows)


def relative(kept: pd.Series) -> dict[str, float]:
    """The excess of a row of `carried` and its bounds, as shares of what tuning again reaches."""
    names = {"cost": "excess", "cost_low": "low", "cost_high": "high"}
    return {name: kept[column] / kept["level"] for name, column in names.items()}


def row_of(table: pd.DataFrame, cell: str, labels: str) -> pd.Series:
    """One row."""
    return table[(table["cell"] == cell) & (table["labels"] == labels)].iloc[0]


def charged(row: pd.Series) -> str:
    """What keeping lambda costs, with its interval, or why it costs nothing or is not known."""
    if pd.isna(row["cost"]):
        return "not on the grid"
    if row["kept"] == row["own"]:
        return "0% (the same λ)"
    found = Interval(row["cost"], row["cost_low"], row["cost_high"], int(row["seeds"]))
    return ("" if pd.isna(row["edge"]) else "at least ") + percent_span(found)


def off(table: pd.DataFrame, cell: str, labels: str) -> Interval:
    """The exponent less the one predicted."""
    return interval(row_of(table, cell, labels))


def power(table: pd.DataFrame, cell: str, labels: str = "alike") -> Interval:
    """The exponent itself."""
    found, more = off(table, cell, labels), row_of(table, cell, labels)["predicted"]
    return Interval(found.estimate + more, found.low + more, found.high + more, found.n)


def count(table: pd.DataFrame, labels: str) -> Counter[str]:
    """What became of the prediction, by cell that has an exponent."""
    found = [off(table, cell, labels) for cell in table["cell"].unique()]
    return Counter(outcome(each) for each in found if not math.isnan(each.estimate))


def counted(table: pd.DataFrame) -> str:
    """The counts in words."""
    return ", and ".join(
        f"with labels {words} " + tallied(count(table, labels))
        for labels, (_, _, words) in LOOKS.items()
    )


def farthest(table: pd.DataFrame, labels: str) -> str:
    """How far the estimate of an exponent is from the one predicted, at most."""
    found = [off(table, cell, labels) for cell in table["cell"].unique()]
    distances = [abs(each.estimate) for each in found if not math.isnan(each.estimate)]
    return f"{max(distances):.2f}" if distances else "an unknown number"


def missed(table: pd.DataFrame) -> str:
    """The cells whose interval excludes the prediction by labels as wrong, and by what."""
    found = {cell: off(table, cell, "alike") for cell in table["cell"].unique()}
    told = [f"{cell} by {span(far, '.3f')}" for cell, far in found.items() if excludes(far)]
    return "; ".join(told) or "none"


def listed(table: pd.DataFrame) -> str:
    """Every cell's distance from the prediction, by right labels and by labels as wrong."""
    return "; ".join(
        f"{cell} {span(off(table, cell, 'right'))} and {span(off(table, cell, 'alike'))}"
        for cell in table["cell"].unique()
    )


def draw(table: pd.DataFrame) -> Figure:
    """One row a cell: the exponent's distance from the prediction, by both kinds of labels."""
    names = list(table["cell"].unique())
    fig, ax = plt.subplots(figsize=(style.WIDTH, 0.9 + 0.42 * len(names)))
    for labels, (colour, marker, words) in LOOKS.items():
        hue = style.colour(colour)
        shift = 0.14 if labels == "alike" else -0.14
        for y, cell in enumerate(names):
            found = off(table, cell, labels)
            ax.plot([found.low, found.high], [y + shift] * 2, color=hue, lw=1.4)
            ax.plot(found.estimate, y + shift, marker, color=hue, markeredgewidth=0)
        first = off(table, names[0], labels)
        note(ax, first.high, shift - 0.22, words, color=hue, ha="right", va="bottom")
    ax.axvline(0, color=style.colour("ink"), lw=1, linestyle=(0, (4, 2)), zorder=1)
    ax.set_yticks(range(len(names)), names)
    ax.set(ylim=(len(names) - 0.5, -1.1), xlabel="exponent in width, less the one predicted")
    return fig
