"""The exponent of the sum's best lambda by task, depth, horizon and criterion."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.results import Result
from l2scale.exhibits.drawing import span
from l2scale.exhibits.which_penalty.meeting import MINIMUM
from l2scale.exhibits.which_penalty.typed import CRITERIA
from l2scale.lab.estimates import Interval
from l2scale.lab.transfer import exponents

XLIM = (-2.15, 1.6)
NAMES = {"digits": "digits", "teacher": "teacher", "breast_cancer": "breast cancer"}


def sums_table(result: Result) -> pd.DataFrame:
    """Per task, depth, horizon and criterion: the sum's exponent, and what dividing by P asks.

    `when` is a number of steps, or "minimum"; `edges` is "none" where the optima are in the grid.
    """
    digits = result["penalties"].table
    cells = pd.concat(
        [
            digits[digits["penalty"] == "sum"],
            result["minima"].table.assign(step=0),
            result["depths"].table,
            result["tasks"].table,
        ]
    )
    rows = []
    for key, cell in cells.groupby(["data", "depth", "step"], sort=False):
        data, depth, step = key
        sizes = cell.drop_duplicates("width")
        growth = np.polyfit(np.log(sizes["width"]), np.log(sizes["weights"]), 1)[0]
        for criterion, (select, _) in CRITERIA.items():
            (found,) = exponents(cell, ["data"], select=select).to_dict("records")
            rows.append(
                {"data": data, "depth": depth, "when": f"{step:,}" if step else MINIMUM}
                | {"criterion": criterion, "edges": found["edges"] or "none"}
                | {name: found[name] for name in ("exponent", "low", "high")}
                | {"dividing": -growth, "narrow": sizes["width"].min()}
                | {"wide": sizes["width"].max(), "seeds": cell["seed"].nunique()}
            )
    return pd.DataFrame(rows)


def some(table: pd.DataFrame, data: str, depth: int, when: str, criterion: str) -> pd.Series:
    """One row."""
    rows = table[
        (table["data"] == data)
        & (table["depth"] == depth)
        & (table["when"] == when)
        & (table["criterion"] == criterion)
    ]
    return rows.iloc[0]


def exponent_of(row: pd.Series) -> Interval:
    """The exponent of a row, nan where an optimum is at an edge."""
    return Interval(row["exponent"], row["low"], row["high"], n=int(row["seeds"]))


def words(row: pd.Series) -> str:
    """The exponent of a row, or the edges that forbid one."""
    found = exponent_of(row)
    return f"none (edge: {row['edges']})" if np.isnan(found.estimate) else span(found)


def last_sgd(table: pd.DataFrame) -> str:
    """The longest horizon under SGD."""
    steps = [int(when.replace(",", "")) for when in table["when"].unique() if when != MINIMUM]
    return f"{max(steps):,}"


def trained(table: pd.DataFrame) -> pd.DataFrame:
    """The rows with an exponent, at the longest horizon or at minima."""
    rows = table[table["when"].isin((last_sgd(table), MINIMUM))]
    return rows.dropna(subset="exponent")


def count(table: pd.DataFrame, criterion: str) -> tuple[int, int, int]:
    """Cells whose interval holds 0, whose interval holds what dividing by P asks, and all."""
    rows = trained(table)
    rows = rows[rows["criterion"] == criterion]
    found = [(exponent_of(row), row["dividing"]) for _, row in rows.iterrows()]
    return sum(0.0 in i for i, _ in found), sum(d in i for i, d in found), len(found)


def title(table: pd.DataFrame) -> str:
    """In how many cells 0, or dividing by the number of weights, is inside the interval."""
    loss, error = (count(table, criterion) for criterion in CRITERIA)
    return (
        f"Under the sum the exponent's interval holds 0 in {loss[0]} of {loss[2]} cells by loss "
        f"and {error[0]} of {error[2]} by error, and a division by P in {loss[1] + error[1]}"
    )


def named(row: pd.Series) -> str:
    """A row's label."""
    when = "minima" if row["when"] == MINIMUM else f"{row['when']} steps"
    return f"{NAMES[row['data']]}, {row['depth']} layers, {when}"


@figure(
    id="sum-exponents",
    source=("penalties", "minima", "tasks", "depths"),
    data=sums_table,
    title=title,
    claim=lambda t: (
        "Exponent in width of the sum's best λ, chosen by validation loss (left) and validation "
        "error (right), with 95% intervals over seeds, cut at the frame. Line: 0, λ stays. "
        "Bars: what dividing λ by the number of weights would need. A cell with a best λ at the "
        "edge of its grid has no exponent. The title counts cells at the longest training and at "
        "minima. For regression the error is the share of the targets' variance."
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
    for ax, criterion in zip(axes, CRITERIA, strict=True):
        name = "sum" if criterion == "loss" else "tensor_mean"
        colour = style.colour(name)
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
            ax.plot(row["exponent"], y, style.marker(name), color=colour, markeredgewidth=0)
        ax.axvline(0, color=style.colour("ink"), lw=1, linestyle=(0, (4, 2)), zorder=1)
        ax.set(title=f"Chosen by validation {criterion}", xlabel="exponent in width", xlim=XLIM)
    first = [some(table, *cell, "loss") for cell in cells]
    axes[0].set_yticks(range(len(cells)), [named(row) for row in first])
    axes[0].set_ylim(len(cells) - 0.4, -0.6)
    return fig


def sum_numbers(table: pd.DataFrame) -> dict[str, str]:
    """What the prose quotes of this figure."""
    last, found = last_sgd(table), {"steps": last_sgd(table)}
    for criterion in CRITERIA:
        for data in ("teacher", "breast_cancer"):
            found[f"{data}_{criterion}"] = words(some(table, data, 2, last, criterion))
        for depth in (3, 5):
            found[f"deep_{depth}_{criterion}"] = words(
                some(table, "digits", depth, last, criterion)
            )
        found[f"minima_{criterion}"] = words(some(table, "digits", 2, MINIMUM, criterion))
        zero, divide, cells = count(table, criterion)
        found |= {f"zero_{criterion}": f"{zero} of {cells}", f"divide_{criterion}": f"{divide}"}
    for depth in (2, 3, 5):
        row = some(table, "digits", depth, last, "loss")
        found[f"dividing_{depth}"] = f"{row['dividing']:z.2f}"
    return found
