"""What the least cost tends to under each of the five penalties, with lambda typed once."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import percent, percent_point_span, span
from l2scale.catalogue.results import Result
from l2scale.exhibits.drawing import label_end, leave_room, log_ticks, mean_line, reference
from l2scale.exhibits.shared import effective
from l2scale.lab.estimates import Interval, mean_interval, paired_interval
from l2scale.lab.slopes import loglog_slope
from l2scale.theory.penalties import PENALTIES

NOISE = 0.2  # share of wrong training labels


def others_table(result: Result) -> pd.DataFrame:
    """Cost and errors by penalty, depth, width and seed; `twin_cost` is the sum's at `worth`."""
    table = result["others"].table
    worth = [
        lam * effective(penalty, width, depth)
        for lam, penalty, width, depth in zip(
            table["lam"], table["penalty"], table["width"], table["depth"], strict=True
        )
    ]
    keys = ["depth", "width", "seed", "worth"]
    twins = result["twins"].table
    columns = ["penalty", "depth", "width", "seed", "n_train", "lam", "weights", "cost"]
    table = table[[*columns, "train_error", "test_error"]].assign(worth=np.round(worth, 12))
    twins = twins[["depth", "width", "seed"]].assign(
        worth=twins["lam"].round(12), twin_cost=twins["cost"], twin_error=twins["train_error"]
    )
    return table.merge(twins.drop_duplicates(keys), on=keys, how="left", validate="many_to_one")


def some(table: pd.DataFrame, penalty: str, depth: int) -> pd.DataFrame:
    """Rows of one penalty and depth, by width and seed."""
    rows = table[(table["penalty"] == penalty) & (table["depth"] == depth)]
    return rows.sort_values(["width", "seed"])


def across(table: pd.DataFrame, penalty: str, depth: int, column: str = "cost") -> Interval:
    """A column at the widest over that at the narrowest width, paired over seeds."""
    rows = some(table, penalty, depth)
    ends = (rows[rows["width"] == w][column] for w in (rows["width"].max(), rows["width"].min()))
    return paired_interval(*ends, ratio=True)


def strength_growth(table: pd.DataFrame, penalty: str, depth: int) -> float:
    """Exponent of the effective strength in width, over the widths of the table."""
    return loglog_slope(some(table, penalty, depth), "width", "worth").estimate


def error_at_widest(table: pd.DataFrame, penalty: str, depth: int, which: str) -> Interval:
    """Mean error at the widest network."""
    rows = some(table, penalty, depth)
    return mean_interval(rows.loc[rows["width"] == rows["width"].max(), which])


def twin_gap(table: pd.DataFrame) -> float:
    """Largest relative difference, of means over seeds, between a penalty and its twin sum."""
    means = table.groupby(["penalty", "depth", "width"])[["cost", "twin_cost"]].mean()
    return float((means["cost"] / means["twin_cost"] - 1).abs().max())


def title(table: pd.DataFrame) -> str:
    """Which penalties fade, and where the prior ends at guessing."""
    if not across(table, "mean", 2).high < 1 < across(table, "prior", 2).low:
        return "At one typed λ the five penalties part as the network widens"
    crushed = error_at_widest(table, "prior", 3, "train_error").low > 0.5
    return "At one typed λ the mean's penalty fades as the network widens, and the prior's " + (
        "grows until it crushes the network of three layers" if crushed else "grows"
    )


def alt(table: pd.DataFrame) -> str:
    """What the four panels show, in numbers."""
    costs = "; ".join(
        f"{penalty} {across(table, penalty, 2).estimate:.2f} and "
        f"{across(table, penalty, 3).estimate:.2f}"
        for penalty in PENALTIES
    )
    errors = "; ".join(
        f"{penalty} {percent(error_at_widest(table, penalty, 2, 'train_error').estimate)} and "
        f"{percent(error_at_widest(table, penalty, 3, 'train_error').estimate)}"
        for penalty in PENALTIES
    )
    return (
        "Four panels against hidden units, for five penalties. Least cost at the widest over that "
        f"at the narrowest, with two and three layers: {costs}. Training error at the widest: "
        f"{errors}; {percent(NOISE)} of the labels are wrong. Dashed predictions lie within "
        f"{percent(twin_gap(table))} of the lines of cost."
    )


@figure(
    id="what-others-tend-to",
    source=("others", "twins"),
    data=others_table,
    title=title,
    claim=lambda t: (
        "64-H-10 (left) and 64-H-H-10 networks (right), "
        f"{t['n_train'].iloc[0]} digits, one label in five wrong, λ typed once for each penalty "
        "so that all are worth the sum's λ = "
        f"{some(t, 'sum', 2)['lam'].iloc[0]:g} at the smallest width. Top: the least cost found. "
        "Bottom: training error, beside the share of wrong labels. Dashed: the plain "
        "sum with strength λ times the geometric mean of the coefficients. Means over seeds of a "
        f"penalty and of its dashed twin differ by {percent(twin_gap(t))} at most."
    ),
    alt=alt,
)
def what_others_tend_to(table: pd.DataFrame) -> Figure:
    """Least cost and training error of five penalties by width, each with its twin sum dashed."""
    fig, axes = plt.subplots(2, 2, figsize=(style.WIDTH, 5.6), sharex="col")
    for column, depth in enumerate((2, 3)):
        top, bottom = axes[:, column]
        top.set_yscale("log")
        for ax, measured, twin in (
            (top, "cost", "twin_cost"),
            (bottom, "train_error", "twin_error"),
        ):
            log_ticks(ax, table.loc[table["depth"] == depth, "width"])
            for penalty in PENALTIES:
                rows = some(table, penalty, depth)
                mean_line(ax, rows, "width", measured, style.colour(penalty), style.marker(penalty))
                dashed = rows.groupby("width")[twin].mean()
                reference(ax, dashed.index, dashed)
                if ax is top:
                    apart = {"tensor_mean": -6, "mean": 5, "prior": -8}.get(penalty, 0)
                    label_end(ax, rows, "width", measured, penalty, style.colour(penalty), apart)
            leave_room(ax, 0.34)
            if column:
                ax.set_ylabel("")
        top.set_title("Two layers" if depth == 2 else "Three layers")
        bottom.axhline(NOISE, linestyle=":", color=style.colour("muted"), linewidth=1)
        bottom.set_xlabel("hidden units")
        bottom.set_ylim(bottom=-0.01)
    for ax in axes[0]:
        ax.axhline(np.log(10), linestyle=":", color=style.colour("muted"), linewidth=1)
    axes[0, 0].annotate(
        "guessing", (1, np.log(10)), xycoords=("axes fraction", "data"), xytext=(-2, -4),
        textcoords="offset points", ha="right", va="top", fontsize=8.5, color=style.colour("muted"),
    )  # fmt: skip
    axes[1, 0].annotate(
        "wrong labels", (1, NOISE), xycoords=("axes fraction", "data"), xytext=(-2, 3),
        textcoords="offset points", ha="right", fontsize=8.5, color=style.colour("muted"),
    )  # fmt: skip
    axes[0, 0].set_ylabel("least cost (nats)")
    axes[1, 0].set_ylabel("training error")
    for ax in axes[0]:
        ax.yaxis.set_major_formatter("{x:.2g}")
    return fig


def others_numbers(table: pd.DataFrame) -> dict[str, str]:
    """What the prose quotes of this figure."""
    widths = {
        depth: sorted(table.loc[table["depth"] == depth, "width"].unique()) for depth in (2, 3)
    }
    numbers = {"twin_gap": percent(twin_gap(table))}
    for depth in (2, 3):
        numbers |= {
            f"others_low_{depth}": f"{widths[depth][0]}",
            f"others_high_{depth}": f"{widths[depth][-1]}",
        }
        for penalty in PENALTIES:
            numbers[f"{penalty}_cost_{depth}"] = span(across(table, penalty, depth))
        for penalty in ("mean", "fan", "prior"):
            numbers[f"{penalty}_strength_{depth}"] = f"{strength_growth(table, penalty, depth):.2f}"
    for penalty in ("sum", "mean", "prior"):
        numbers |= {
            f"{penalty}_train": percent_point_span(
                error_at_widest(table, penalty, 2, "train_error")
            ),
            f"{penalty}_test": percent_point_span(error_at_widest(table, penalty, 2, "test_error")),
        }
    return numbers
