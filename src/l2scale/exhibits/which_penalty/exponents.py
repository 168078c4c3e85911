"""The exponents of the best lambda in width: of five penalties, tasks, depths and horizons."""

import numpy as np
import pandas as pd

from l2scale.catalogue.predictions import directions, outcomes
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.matched import farthest, matched_table
from l2scale.exhibits.regrets import edge_note
from l2scale.exhibits.shared import CRITERIA, at_end, dividing, effective, yes
from l2scale.exhibits.which_penalty.regret import five
from l2scale.exhibits.which_penalty.sweeps import RANGES
from l2scale.lab.estimates.optimal_lambda import optima
from l2scale.lab.estimates.transfer import exponents as exponents_of

MINIMUM = "minimum"
ALL = ("penalties", "minima", "tasks", "depths")
LINE = ["exponent", "low", "high", "asked", "edges"]


def asked(penalty: str, widths: list[int]) -> float:
    """Exponent of the typed lambda* between these widths if the sum's lambda* stayed.

    It is minus that of the geometric mean of the coefficients of 64-H-10, by least squares.
    """
    logs = [np.log(effective(penalty, width, 2)) for width in widths]
    return -float(np.polyfit(np.log(widths), logs, 1)[0])


@table(source="penalties", main="lam")
def best(result: Result) -> pd.DataFrame:
    """Per criterion, penalty and width: lambda*, relative to the smallest width's, and `predicted`.

    `exponent`, `low` and `high` belong to the penalty's whole line, and so does `asked`, what
    theory predicts for it. `edge` is "none" where the optimum is inside its grid.
    """
    parts = []
    for criterion, (select, _) in CRITERIA.items():
        for penalty, cells in five(result).groupby("penalty", sort=False):
            found = optima(cells, ["width"], select=select)
            widths = [int(width) for width in found["width"]]
            line = exponents_of(cells, ["penalty"], select=select).assign(
                criterion=criterion, asked=asked(penalty, widths)
            )
            strengths = np.array([effective(penalty, width, 2) for width in widths])
            found = found[["width", "lam", "lam_low", "lam_high", "edge"]].assign(
                edge=found["edge"].fillna("none"),
                relative=found["lam"] / found["lam"].iloc[0],
                predicted=strengths[0] / strengths,
            )
            parts.append(found.merge(line, how="cross"))
    return pd.concat(parts, ignore_index=True)


@table(source="penalties", main="exponent")
def exponents(result: Result) -> pd.DataFrame:
    """Per criterion and penalty: the exponent of lambda* in width, and what theory asks.

    `off` is how far the exponent is from the sum's plus `asked`; `other` is no for the sum.
    """
    rows = best(result).drop_duplicates(["criterion", "penalty"], ignore_index=True)
    rows = rows[["criterion", "penalty", *LINE]]
    own = rows[rows["penalty"] == "sum"].set_index("criterion")["exponent"]
    return rows.assign(
        other=yes(rows["penalty"] != "sum"),
        off=(rows["exponent"] - rows["criterion"].map(own) - rows["asked"]).abs(),
        half=(rows["high"] - rows["low"]) / 2,
        moves=directions(rows, "exponent"),
        note=edge_note(rows["edges"]),
    )


@table(source="penalties", main="off")
def exponents_off(result: Result) -> pd.DataFrame:
    """Per criterion: the largest `off` among the penalties that were trained for themselves."""
    rows = exponents(result).query("penalty in ('tensor_mean', 'fan', 'prior')")
    return rows.groupby("criterion")["off"].max().reset_index()


@table(source=ALL, main="exponent")
def sums(result: Result) -> pd.DataFrame:
    """Per task, depth, horizon and criterion: the sum's exponent, and what dividing by P asks.

    `when` is a number of steps, or "minimum"; `edges` is "none" where the optima are in the grid;
    `zero` and `divided` are what becomes of a prediction of 0 and of `dividing`.
    """
    digits, minima = result["penalties"].table.query("penalty == 'sum'"), result["minima"].table
    others = (result["depths"].table, result["tasks"].table)
    cells = pd.concat([digits, minima.assign(step=0), *others])
    names = {0: "minima", digits["step"].max(): "longest"}
    parts = []
    for (data, depth, step), cell in cells.groupby(["data", "depth", "step"], sort=False):
        about = {"data": data, "depth": depth, "when": f"{step:,}" if step else MINIMUM}
        about |= {"dividing": dividing(cell), "narrow": cell["width"].min()}
        about |= {"wide": cell["width"].max(), "seeds": cell["seed"].nunique()}
        about |= {"training": f"{step:,} steps" if step else "minima"}
        about |= {"task": data.replace("_", " "), "horizon": names.get(step, "shorter")}
        for criterion, (select, _) in CRITERIA.items():
            found = exponents_of(cell, ["data"], select=select).drop(columns="data")
            parts.append(found.assign(**about, criterion=criterion))
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(
        note=edge_note(rows["edges"]),
        edges=rows["edges"].replace("", "none"),
        zero=outcomes(rows, "exponent"),
        divided=outcomes(rows, "exponent", rows["dividing"]),
    )


@table(source=ALL, main="exponent")
def trained(result: Result) -> pd.DataFrame:
    """The rows of `sums` at the longest training and at minima that have an exponent."""
    rows = sums(result).query("horizon != 'shorter'").dropna(subset="exponent")
    return rows.assign(moves=directions(rows, "exponent"))


@table(source=ALL, main="exponent")
def matched(result: Result) -> pd.DataFrame:
    """`l2scale.exhibits.matched.matched_table` of the networks with wrong labels in training."""
    last, found = at_end(result["penalties"].table), {}
    for penalty in RANGES:
        rows = last[last["penalty"] == penalty]
        found[f"{penalty}, SGD"] = rows, asked(penalty, sorted(rows["width"].unique()))
    found["sum, minima"] = result["minima"].table, 0.0
    for depth, rows in at_end(result["depths"].table).groupby("depth"):
        found[f"sum, {depth} layers"] = rows, 0.0
    tasks = at_end(result["tasks"].table)
    found["sum, breast cancer"] = tasks[tasks["data"] == "breast_cancer"], 0.0
    return matched_table(found)


@table(source=ALL, main="off")
def matched_farthest(result: Result) -> pd.DataFrame:
    """Per kind of labels: how far an exponent is from the one predicted, at most."""
    return farthest(matched(result))
