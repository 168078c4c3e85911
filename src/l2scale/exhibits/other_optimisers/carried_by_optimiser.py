"""What it costs to tune lambda on a narrow network and to carry it to a wide one."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.results import Result
from l2scale.exhibits.drawing import plain, span
from l2scale.exhibits.other_optimisers.cells import arm, end, labelled, named
from l2scale.lab.estimates import Interval, optima
from l2scale.lab.transfer import carried, on_grid

ARMS = ((2, "sgd"), (2, "momentum"), (2, "adam"), (2, "adamw"), (3, "adamw"))
METRICS = ("error", "loss")
# reading -> (words for two layers, for three, marker); the powers are those of `power`
READINGS = {
    "hold": ("λ held", "λ held", "o"),
    "root": ("λ√m", "λ∛m²", "s"),
    "clock": ("λm", "λm", "D"),
}
LINTHRESH = 2.0  # up to this excess the axis is linear, beyond it logarithmic


def power(reading: str, layers: int) -> float:
    """The power of the width by which a reading carries lambda."""
    return {"hold": 0.0, "root": (layers - 1) / layers, "clock": 1.0}[reading]


def carried_table(result: Result) -> pd.DataFrame:
    """Per arm, reading and metric: what carrying from the least to the largest width costs.

    `excess` is in percentage points of test error, or in percent of the test loss, over that of the
    strength tuned at the largest width; nan where the strength wanted is not on the grid.
    """
    table = end(labelled(result))
    rows = []
    for layers, cell in ARMS:
        some = arm(table, cell, layers=layers)
        ends = some[some["width"].isin((some["width"].min(), some["width"].max()))]
        for metric in METRICS:
            for reading in READINGS:
                rows.append(
                    {"layers": layers, "cell": cell, "rule": "constant", "metric": metric}
                    | {"reading": reading} | cost(ends, metric, power(reading, layers))
                )  # fmt: skip
    return pd.DataFrame(rows)


def cost(ends: pd.DataFrame, metric: str, by: float) -> dict[str, float]:
    """Excess at the larger of two widths of the strength carried there from the smaller."""
    select, report = f"val_{metric}", f"test_{metric}"
    best = optima(ends, ["width"], select=select, report=report)
    factor = float(best["width"].iloc[1] / best["width"].iloc[0])
    wanted = float(best["at"].iloc[0]) * factor**by
    known = {"factor": factor, "wanted": wanted, "largest": ends["lam"].max()}
    known |= {
        "own": best["at"].iloc[1],
        "own_edge": best["edge"].iloc[1],
        "seeds": best["seeds"].min(),
    }
    if on_grid(ends["lam"].unique(), wanted) is None:
        return known | dict.fromkeys(("excess", "low", "high"), np.nan)
    row = carried(ends, select=select, report=report, power=by).iloc[1]
    names = ("excess", "low", "high") if metric == "error" else ("ratio", "ratio_low", "ratio_high")
    shift = 0 if metric == "error" else 1
    return known | {
        name: 100 * (row[column] - shift)
        for name, column in zip(("excess", "low", "high"), names, strict=True)
    }


def one(table: pd.DataFrame, cell: str, reading: str, metric: str, layers: int = 2) -> pd.Series:
    """The row of one arm, reading and metric."""
    rows = arm(table, cell, layers=layers)
    return rows[(rows["reading"] == reading) & (rows["metric"] == metric)].iloc[0]


def said(row: pd.Series) -> str:
    """An excess with its interval and unit, or that the strength was not tried."""
    if pd.isna(row["excess"]):
        return f"not tried (λ = {plain(row['wanted'])})"
    if row["excess"] == row["low"] == row["high"] == 0:
        return "0 (the same λ)"
    unit = " points" if row["metric"] == "error" else "%"
    found = Interval(row["excess"], row["low"], row["high"], int(row["seeds"]), 0.95)
    return span(found, ".1f") + unit


def title(table: pd.DataFrame) -> str:
    """What holding lambda costs AdamW, and what the root does."""
    hold, root = (one(table, "adamw", name, "error") for name in ("hold", "root"))
    if pd.isna(root["excess"]):
        return "What it costs to tune λ on a narrow network and to carry it to a wide one"
    return (
        f"AdamW, {hold['factor']:.0f} times as wide: λ held costs {short(hold)} of test error over "
        f"λ tuned anew, λ times the root of the width {short(root)}"
    )


def short(row: pd.Series) -> str:
    """An excess error without its interval, or that there is none."""
    same = row["excess"] == row["low"] == row["high"] == 0
    return "nothing" if same else f"{row['excess']:z.1f} points"


def alt(table: pd.DataFrame) -> str:
    """Every excess."""
    words = []
    for layers, cell in ARMS:
        for metric in METRICS:
            found = ", ".join(
                f"{reading} {said(one(table, cell, reading, metric, layers))}"
                for reading in READINGS
            )
            words.append(f"{named(layers, cell)}, {metric}: {found}")
    return f"Two panels of points with intervals, beside a line at 0. {'; '.join(words)}."


def factors(table: pd.DataFrame) -> str:
    """By which factors the width grows."""
    return ", with three layers ".join(
        f"{table.loc[table['layers'] == layers, 'factor'].iloc[0]:.0f}" for layers in (2, 3)
    )


@figure(
    id="carried-by-optimiser",
    source=("rules", "hidden"),
    data=carried_table,
    title=title,
    claim=lambda t: (
        f"λ tuned at the least width and carried to one m = {factors(t)} times as large, at a "
        "constant rate: what it costs on test data over λ tuned there, paired over seeds, with 95% "
        "intervals. λ chosen by validation error on the left, by validation loss on the right. A "
        "strength outside the grid was not tried, and words say so. Axes are linear to "
        f"{LINTHRESH:.0f} and logarithmic beyond."
    ),
    alt=alt,
)
def carried_by_optimiser(table: pd.DataFrame) -> Figure:
    """One row an arm, one point a reading; left by error, right by loss."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 5.2), sharey=True)
    for ax, metric in zip(axes, METRICS, strict=True):
        ax.axvline(0, color=style.colour("muted"), linewidth=1, zorder=1)
        for place, (layers, cell) in enumerate(ARMS):
            for offset, reading in zip((-0.26, 0, 0.26), READINGS, strict=True):
                point(ax, place + offset, one(table, cell, reading, metric, layers))
        scale(ax, table[table["metric"] == metric])
        ax.grid(visible=False, axis="y")
        ax.set_ylim(len(ARMS) - 0.45, -0.55)
    axes[0].set_yticks(
        range(len(ARMS)),
        [named(*pair).replace(" with ", "\nwith ").replace(", ", ",\n") for pair in ARMS],
    )
    axes[0].set(xlabel="excess test error (points)", title="λ chosen by error")
    axes[1].set(xlabel="excess test loss (%)", title="λ chosen by loss")
    ink = style.colour("ink")
    handles = [
        Line2D([], [], color=ink, linestyle="", marker=marker, label=words)
        for words, marker in (("λ held", "o"), ("λ√m, with three layers λ∛m²", "s"), ("λm", "D"))
    ]
    fig.legend(handles=handles, loc="outside lower center", ncols=3)
    return fig


def scale(ax: Axes, table: pd.DataFrame) -> None:
    """Linear near 0 and logarithmic beyond, as far as the intervals reach."""
    ax.set_xscale("symlog", linthresh=LINTHRESH, linscale=1.2)
    ticks = [-20, -5, 0, 1, 2, 5, 20, 50, 200, 1000]
    low, high = min(table["low"].min(), 0), max(table["high"].max(), LINTHRESH)
    inside = [tick for tick in ticks if 1.3 * low <= tick <= high]
    ax.set_xticks(inside, [f"{tick}".replace("-", "−") for tick in inside])
    ax.set_xticks([], [], minor=True)
    ax.set_xlim(min(1.3 * low, -0.5), 1.6 * high)


def point(ax: Axes, y: float, row: pd.Series) -> None:
    """One excess with its interval, or that it was not tried."""
    colour = style.colour(row["cell"])
    if pd.isna(row["excess"]):
        words = f"{READINGS[row['reading']][row['layers'] - 2]}: not tried"
        ax.text(0.12, y, words, va="center", fontsize=7.5, color=colour)
        return
    ax.plot([row["low"], row["high"]], [y, y], color=colour, linewidth=1.6)
    ax.plot(row["excess"], y, READINGS[row["reading"]][2], color=colour, markersize=6)
