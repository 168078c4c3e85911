"""Lambda tuned at the smallest width and kept: what that costs under each of five penalties."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.results import Result
from l2scale.exhibits.drawing import log_ticks, percent_span
from l2scale.exhibits.which_penalty.typed import (
    CRITERIA,
    at_end,
    column_of_labels,
    five,
)
from l2scale.lab.estimates import Interval
from l2scale.lab.transfer import carried
from l2scale.theory.penalties import PENALTIES


def carried_table(result: Result) -> pd.DataFrame:
    """Per criterion, penalty and width: the lambda kept, the one found anew, and the excess."""
    return pd.concat(
        [
            kept(rows, penalty)
            for penalty, rows in five(result).groupby("penalty", sort=False)
        ],
        ignore_index=True,
    )  # fmt: skip


def task_table(result: Result) -> pd.DataFrame:
    """The same for the sum on the other tasks; the column `penalty` holds the task."""
    return pd.concat(
        [kept(rows, task) for task, rows in at_end(result["tasks"].table).groupby("data")],
        ignore_index=True,
    )


def kept(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """`carried` by both criteria, with excess, low and high as shares of what re-tuning reaches."""
    found = [
        carried(rows, select=select, report=report).assign(criterion=criterion)
        for criterion, (select, report) in CRITERIA.items()
    ]
    table = pd.concat(found, ignore_index=True).assign(penalty=name)
    columns = ["excess", "low", "high"]
    table[columns] = table[columns].div(table["level"], axis=0)
    return table[["criterion", "penalty", "width", "kept", "own", "edge", *columns]]


def cost(
    table: pd.DataFrame, penalty: str, criterion: str, width: int | None = None
) -> Interval:  # fmt: skip
    """Excess at a width, the widest by default."""
    rows = table[(table["penalty"] == penalty) & (table["criterion"] == criterion)]
    row = rows[rows["width"] == (width or rows["width"].max())].iloc[0]
    return Interval(row["excess"], row["low"], row["high"], n=0)


def whole(value: float) -> str:
    """A share as a whole percentage."""
    return f"{100 * value:z.0f}%".replace("-", "−")


def title(table: pd.DataFrame) -> str:
    """What keeping lambda costs under the sum and the mean, by both criteria."""
    loss, error = (
        {p: whole(cost(table, p, criterion).estimate) for p in ("sum", "mean")}
        for criterion in CRITERIA
    )
    return (
        f"λ tuned at {table['width'].min()} units and kept at {table['width'].max()} costs "
        f"{loss['sum']} of test loss under the sum and {loss['mean']} under the mean; chosen by "
        f"error, {error['sum']} and {error['mean']}"
    )


def edges(table: pd.DataFrame) -> str:
    """Which re-tuned strengths lie at the edge of their grid, so that the cost is a lower bound."""
    found = table.dropna(subset="edge")
    if found.empty:
        return "No best λ lies at the edge of its grid."
    cells = "; ".join(f"{r.penalty} at {r.width} by {r.criterion}" for r in found.itertuples())
    return f"The best λ lies at the edge of its grid for {cells}: there the cost is a lower bound."


def alt(table: pd.DataFrame) -> str:
    """The ends of the lines of both panels."""
    ends = "; ".join(
        f"by {criterion}, "
        + ", ".join(f"{p} {whole(cost(table, p, criterion).estimate)}" for p in PENALTIES)
        for criterion in CRITERIA
    )
    return (
        "Two panels of held-out excess against hidden units, a line for each of five penalties, "
        f"all from 0% at {table['width'].min()} units. At the widest network of each: {ends}."
    )


@figure(
    id="carried-over",
    source="penalties",
    data=carried_table,
    title=title,
    claim=lambda t: (
        "64-H-10 networks, 300 digits, one label in five wrong, SGD. λ is chosen once, in the "
        "narrowest network, by validation loss (left) or validation error (right), and typed "
        "again in every wider one; the excess is over the λ of the same grid chosen anew there, "
        "as a share of the test loss or error. Bars are 95% over seeds, given the two λ; where "
        "these are the same the excess is 0. Numbers belong to the widest network, and a line "
        "that leaves the frame ends at its number. The mean's line is the sum's networks under "
        f"their other name, λP: at each width the two are one penalty. {edges(t)}"
    ),
    alt=alt,
)
def carried_over(table: pd.DataFrame) -> Figure:
    """Excess held-out loss and error of a carried lambda against width, for five penalties."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.9))
    for ax, criterion in zip(axes, CRITERIA, strict=True):
        log_ticks(ax, table["width"])
        rows = table[table["criterion"] == criterion]
        for penalty in PENALTIES:
            line = rows[rows["penalty"] == penalty].sort_values("width")
            ax.errorbar(
                line["width"], line["excess"],
                yerr=[line["excess"] - line["low"], line["high"] - line["excess"]],
                color=style.colour(penalty), marker=style.marker(penalty), elinewidth=1,
                markeredgewidth=0,
            )  # fmt: skip
        framed = rows[rows["penalty"] != "prior"]
        room = 0.15 * max(framed["high"].max(), 0.1)
        ax.set_ylim(min(framed["low"].min(), 0) - room, max(framed["high"].max(), 0.1) + room)
        ax.axhline(0, linestyle=(0, (4, 2)), lw=1.2, color=style.colour("ink"), zorder=1)
        ends = {p: cost(table, p, criterion).estimate for p in PENALTIES}
        column_of_labels(ax, ends, {p: whole(end) for p, end in ends.items()}, gap=0.12)
        reported = CRITERIA[criterion][1].replace("_", " ")
        ax.set(xlabel="hidden units", ylabel=f"excess {reported}", title=f"Chosen by {criterion}")
        ax.yaxis.set_major_formatter(lambda share, _: whole(share))
    return fig


def carried_numbers(table: pd.DataFrame, tasks: pd.DataFrame) -> dict[str, str]:
    """What the prose quotes of this figure."""
    least, widest = int(table["width"].min()), int(table["width"].max())
    common = int(tasks["width"].max())
    found = {
        "least": f"{least}",
        "widest": f"{widest}",
        "common": f"{common}",
        "factor": f"{common / least:.0f}",
    }
    for criterion in CRITERIA:
        for p in PENALTIES:
            found[f"keep_{p}_{criterion}"] = percent_span(cost(table, p, criterion, common))
            found[f"far_{p}_{criterion}"] = percent_span(cost(table, p, criterion))
        for task in ("teacher", "breast_cancer"):
            found[f"keep_sum_{task}_{criterion}"] = percent_span(cost(tasks, task, criterion))
    return found
