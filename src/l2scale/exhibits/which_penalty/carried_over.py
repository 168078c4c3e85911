"""Lambda tuned at the smallest width and kept: what that costs under each of five penalties."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.exhibits.drawing import log_ticks
from l2scale.exhibits.which_penalty.keeping import carried_table, cost, in_words, row_of
from l2scale.exhibits.which_penalty.typed import CRITERIA, column_of_labels
from l2scale.theory.penalties import PENALTIES


def whole(value: float) -> str:
    """A share as a whole percentage."""
    return f"{100 * value:z.0f}%".replace("-", "−")


def short(table: pd.DataFrame, penalty: str, criterion: str) -> str:
    """The excess at the widest network in a word; a bound where its best lambda is at the edge."""
    row = row_of(table, penalty, criterion)
    if row["kept"] == row["own"]:
        return "0 (same λ)"
    return ("" if pd.isna(row["edge"]) else "at least ") + whole(row["excess"])


def title(table: pd.DataFrame) -> str:
    """What keeping lambda costs under the sum and the mean, by both criteria."""
    loss = {p: short(table, p, "loss") for p in ("sum", "mean")}
    error = {p: in_words(row_of(table, p, "error")) for p in ("sum", "mean")}
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
        f"by {criterion}, " + ", ".join(f"{p} {short(table, p, criterion)}" for p in PENALTIES)
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
        "these are the same point of the grid it is 0. Numbers belong to the widest network, and "
        "a line that leaves the frame ends at its number. The mean's line is the sum's networks "
        f"under their other name, λP: at each width the two are one penalty. {edges(t)}"
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
        column_of_labels(ax, ends, {p: short(table, p, criterion) for p in ends}, gap=0.12)
        reported = CRITERIA[criterion][1].replace("_", " ")
        ax.set(xlabel="hidden units", ylabel=f"excess {reported}", title=f"Chosen by {criterion}")
        ax.yaxis.set_major_formatter(lambda share, _: whole(share))
    return fig
