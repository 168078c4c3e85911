"""The best typed lambda of five penalties against width, beside what theory asks."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import plain, span
from l2scale.catalogue.results import Result, once
from l2scale.exhibits.drawing import log_ticks
from l2scale.exhibits.outcomes import interval, moves
from l2scale.exhibits.which_penalty.typed import CRITERIA, asked, column_of_labels, five
from l2scale.exhibits.width_limit.sweeps import effective
from l2scale.lab.estimates import Interval, optima
from l2scale.lab.transfer import exponents
from l2scale.theory.penalties import PENALTIES

EDGES = {"low": r"$\downarrow$", "high": r"$\uparrow$"}
"""Marks of an optimum at its grid's edge: triangles are penalties' own here."""


@once
def optimum_table(result: Result) -> pd.DataFrame:
    """Per criterion, penalty and width: lambda*, relative to the smallest width's, and `predicted`.

    `exponent`, `low` and `high` belong to the penalty's whole line, and so does `asked`, what
    theory predicts for it. `edge` is "none" where the optimum is inside its grid.
    """
    rows = []
    for criterion, (select, _) in CRITERIA.items():
        for penalty, cells in five(result).groupby("penalty", sort=False):
            best = optima(cells, ["width"], select=select)
            widths = [int(width) for width in best["width"]]
            (line,) = exponents(cells, ["penalty"], select=select).to_dict("records")
            strengths = [effective(penalty, width, 2) for width in widths]
            rows.append(
                best[["width", "lam", "lam_low", "lam_high"]].assign(
                    edge=best["edge"].fillna("none"),
                    criterion=criterion,
                    penalty=penalty,
                    relative=best["lam"] / best["lam"].iloc[0],
                    predicted=[strengths[0] / strength for strength in strengths],
                    exponent=line["exponent"],
                    low=line["low"],
                    high=line["high"],
                    asked=asked(penalty, widths),
                )
            )
    return pd.concat(rows, ignore_index=True)


def line(table: pd.DataFrame, penalty: str, criterion: str) -> pd.DataFrame:
    """The rows of one line, by width."""
    rows = table[(table["penalty"] == penalty) & (table["criterion"] == criterion)]
    return rows.sort_values("width")


def power(table: pd.DataFrame, penalty: str, criterion: str) -> Interval:
    """Exponent of a penalty's lambda* in width; nan where an optimum is at its grid's edge."""
    return interval(line(table, penalty, criterion).iloc[0])


def words(table: pd.DataFrame, penalty: str, criterion: str) -> str:
    """The exponent with its interval, or which optima forbid one."""
    found = power(table, penalty, criterion)
    if found.estimate == found.estimate:
        return span(found)
    rows = line(table, penalty, criterion)
    places = ", ".join(f"{r.edge} at {r.width}" for r in rows.itertuples() if r.edge != "none")
    return f"none (edge of the grid: {places})"


def asked_of(table: pd.DataFrame, penalty: str) -> float:
    """What theory asks of a penalty between the widths it was trained at."""
    return float(line(table, penalty, "loss")["asked"].iloc[0])


def apart(table: pd.DataFrame, criterion: str) -> float:
    """Largest difference of a trained penalty's exponent from the sum's plus what theory asks."""
    own = power(table, "sum", criterion).estimate
    gaps = [
        abs(power(table, p, criterion).estimate - own - asked_of(table, p))
        for p in ("tensor_mean", "fan", "prior")
    ]
    return max((gap for gap in gaps if gap == gap), default=float("nan"))


def title(table: pd.DataFrame) -> str:
    """The sum's and the mean's exponents by both criteria."""
    loss, error = (
        [words(table, p, criterion).split(" ")[0] for p in ("sum", "mean")]
        for criterion in CRITERIA
    )
    return (
        f"Chosen by error, the best λ goes as width to the power {error[0]} under the sum and "
        f"{error[1]} under the mean; chosen by loss, {loss[0]} and {loss[1]}"
    )


def listed(table: pd.DataFrame) -> str:
    """All exponents in words."""
    return "; ".join(
        f"by {criterion}: " + ", ".join(f"{p} {words(table, p, criterion)}" for p in PENALTIES)
        for criterion in CRITERIA
    )


@figure(
    id="optimum-by-width",
    source="penalties",
    data=optimum_table,
    title=title,
    claim=lambda t: (
        "Best typed λ over that at the narrowest width, 64-H-10 networks on noisy digits after "
        "SGD, with λ chosen by validation loss (left) and error (right). Dashed: what the "
        "geometric mean of the coefficients asks if the sum's best λ stays. Bars are the 95% "
        "intervals of each λ; an arrow stands for an optimum at the edge of its grid, which is "
        f"there or beyond. The mean is the sum under λP. Exponents in width, {listed(t)}."
    ),
    alt=lambda t: (
        "Two panels of the best λ against hidden units, on logarithmic axes, with dashed "
        f"predictions. Exponents in width, {listed(t)}; predicted: "
        + ", ".join(f"{p} {asked_of(t, p):z.2f}" for p in PENALTIES)
        + "."
    ),
)
def optimum_by_width(table: pd.DataFrame) -> Figure:
    """Relative best lambda of five penalties against width, measured and predicted."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 4.2), sharey=True)
    for ax, criterion in zip(axes, CRITERIA, strict=True):
        ax.set_yscale("log")
        log_ticks(ax, table["width"])
        for place, penalty in enumerate(PENALTIES):
            rows = line(table, penalty, criterion)
            colour, at = style.colour(penalty), rows["lam"].iloc[0]
            ax.plot(rows["width"], rows["predicted"], linestyle=(0, (4, 2)), color=colour, lw=1.2)
            # A little aside, so that the bars of one width can be told apart.
            x = rows["width"] * 1.035 ** (place - 2)
            ax.plot(x, rows["relative"], color=colour)
            low, high = rows["lam_low"] / at, rows["lam_high"] / at
            below = (rows["relative"] - low).clip(lower=0).fillna(0)
            above = (high - rows["relative"]).clip(lower=0).fillna(0)
            ax.errorbar(x, rows["relative"], yerr=[below, above], fmt="none", color=colour, lw=1)
            for px, py, edge in zip(x, rows["relative"], rows["edge"], strict=True):
                mark = EDGES.get(edge, style.marker(penalty))
                size = None if edge == "none" else 9
                ax.plot(px, py, marker=mark, color=colour, markersize=size, markeredgewidth=0)
        ax.set(xlabel="hidden units", title=f"Chosen by validation {criterion}")
        ax.yaxis.set_major_formatter("{x:.4g}")
    axes[0].set_ylabel("best λ, over that of the narrowest")
    for ax, criterion in zip(axes, CRITERIA, strict=True):  # the limits are common by now
        column_of_labels(ax, {p: line(table, p, criterion)["relative"].iloc[-1] for p in PENALTIES})
    return fig


def optimum_numbers(table: pd.DataFrame) -> dict[str, str]:
    """What the prose quotes of this figure."""
    found = {f"{p}_asked": f"{asked_of(table, p):z.2f}" for p in PENALTIES}
    for criterion in CRITERIA:
        best, plain_sum = line(table, "sum", criterion), power(table, "sum", criterion)
        found |= {f"{p}_{criterion}": words(table, p, criterion) for p in PENALTIES}
        found |= {
            f"apart_{criterion}": f"{apart(table, criterion):.2f}",
            f"narrow_{criterion}": plain(best["lam"].iloc[0]),
            f"wide_{criterion}": plain(best["lam"].iloc[-1]),
            f"half_{criterion}": f"{(plain_sum.high - plain_sum.low) / 2:.2f}",
            f"moves_{criterion}": moves(plain_sum),
        }
    return found
