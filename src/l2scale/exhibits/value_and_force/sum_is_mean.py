"""Sum and mean at one size: the same networks under two names for lambda."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import percent, span
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.drawing import mean_line
from l2scale.lab.estimates import Interval, optima
from l2scale.lab.slopes import exponent


def pairs_table(result: Result) -> pd.DataFrame:
    """Held-out loss of sum and mean, by the strength as typed and as felt by one weight."""
    table = result["pairs"].table
    felt = table["lam"] / np.where(table["penalty"] == "mean", table["weights"], 1)
    columns = ["optimiser", "penalty", "width", "weights", "lam", "seed", "val_loss", "test_loss"]
    return table[columns].assign(felt=felt.round(12))


def disagreement(table: pd.DataFrame) -> pd.Series:
    """Relative difference in test loss between each mean network and its twin with the sum."""
    keys = ["optimiser", "width", "felt", "seed"]
    wide = table.pivot(index=keys, columns="penalty", values="test_loss")
    return (wide["mean"] / wide["sum"] - 1).abs()


def twins(table: pd.DataFrame) -> str:
    """How far the twins are apart, in words."""
    gap = disagreement(table)
    same = int((gap == 0).sum())
    return (
        f"{same:,} of {len(gap):,} pairs end with the same test loss to the last digit, and the "
        f"others within {percent(gap.max())}"
        if same < len(gap)
        else f"all {len(gap):,} pairs end with the same test loss to the last digit"
    )


def drift(table: pd.DataFrame, penalty: str) -> Interval | None:
    """The slope d log lambda* / d log width under SGD; None with an optimum at the grid's edge."""
    rows = table[(table["optimiser"] == "sgd") & (table["penalty"] == penalty)]
    if optima(rows, ["width"])["edge"].notna().any():
        return None
    return exponent(rows)


def valley(table: pd.DataFrame, penalty: str) -> str:
    """The drift in words."""
    found = drift(table, penalty)
    return span(found) if found else "not known (an optimum lies at the edge of its grid)"


def title(table: pd.DataFrame) -> str:
    """The finding at one size, and the one between sizes where there is one."""
    finding = "At one size sum and mean are one penalty under two names"
    drifts = [drift(table, penalty) for penalty in ("sum", "mean")]
    if all(found and 0 not in found for found in drifts):
        return f"{finding}; from size to size neither keeps the best λ"
    return finding


@figure(
    id="sum-is-mean",
    source="pairs",
    data=pairs_table,
    title=title,
    claim=lambda t: (
        "Validation loss of 64-H-10 networks trained by SGD on 500 digits, one label in five "
        "wrong, after training. Left: against λ as it is typed. Right: against λc, which is what "
        "one weight feels. Of the networks trained with the mean and their twins with the sum, "
        f"{twins(t)}, "
        "with SGD and with Adam. From width to width the best λ goes as "
        f"width to the power {valley(t, 'sum')} under the sum and {valley(t, 'mean')} under the "
        "mean."
    ),
    alt="Two panels of validation loss against strength, one curve for each penalty and width. "
    "Left, the sum's curves lie at small strengths, the mean's far to the right, the wider the "
    "further. Right, with strength divided by the number of weights for the mean, each width's "
    "two curves coincide, and wider networks have their lowest point further left.",
)
def sum_is_mean(table: pd.DataFrame) -> Figure:
    """Validation loss against the typed strength and against the strength one weight feels."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.7), sharey=True)
    rows = table[table["optimiser"] == "sgd"]
    widths = sorted(rows["width"].unique())
    lines = dict(zip(widths, (":", "--", "-.", "-")[-len(widths) :], strict=True))
    for ax, x in zip(axes, ("lam", "felt"), strict=True):
        ax.set(xscale="log", yscale="log")
        for penalty in ("mean", "sum"):
            for width, line in lines.items():
                some = rows[(rows["penalty"] == penalty) & (rows["width"] == width)]
                look = (style.colour(penalty), style.marker(penalty), line)
                mean_line(ax, some, x, "val_loss", *look)
                # Where the two coincide, the sum's small dots lie on the mean's large squares.
                ax.lines[-1].set_markersize(3.5 if penalty == "sum" else 7)
    axes[0].set(xlabel="λ as typed", ylabel="validation loss (nats)", title="As typed")
    axes[1].set(xlabel="λ · c, c = 1 (sum) or 1/P (mean)", title="As one weight feels it")
    for ax in axes:
        ax.yaxis.set_major_formatter("{x:.2g}")
        ax.yaxis.set_minor_formatter("{x:.2g}")
    handles = [
        plt.Line2D(
            [], [], color=style.colour(penalty), marker=style.marker(penalty), linestyle=line,
            label=f"{penalty}, H = {width}",
        )
        for width, line in lines.items()
        for penalty in ("sum", "mean")
    ]  # fmt: skip
    fig.legend(handles=handles, loc="outside lower center", ncols=len(widths))
    return fig


@settles("C31", figure="sum-is-mean", derivation="prop-names")
def equivalent_at_one_size(result: Result) -> Verdict:
    """A mean network at lam P is the sum network at lam."""
    table = pairs_table(result)
    gap = disagreement(table)
    return Verdict(
        "TRUE" if gap.max() < 1e-3 else "FALSE",
        f"With λ multiplied by P, the mean trains the same network: {twins(table)}, with SGD and "
        "with Adam. At one size the two are names for one penalty; they part when P changes.",
        {"largest relative difference": float(gap.max()), "pairs": len(gap)},
    )
