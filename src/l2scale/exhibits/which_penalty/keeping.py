"""What a lambda costs that is tuned at one width and kept at a wider one: four tables of it."""

import pandas as pd

from l2scale.catalogue.numerals import grid_step, percent, percent_span
from l2scale.catalogue.results import Result, once
from l2scale.exhibits.outcomes import interval
from l2scale.exhibits.which_penalty.sweeps import DIGITS
from l2scale.exhibits.which_penalty.typed import CRITERIA, at_end, five
from l2scale.lab.estimates import Interval
from l2scale.lab.transfer import carried
from l2scale.theory.penalties import PENALTIES

STARTS = (32, 16, 8, 4, 2)  # by how much a network to tune at is narrower than the widest


@once
def carried_table(result: Result) -> pd.DataFrame:
    """Per criterion, penalty and width: the lambda kept, the one found anew, and the excess."""
    groups = five(result).groupby("penalty", sort=False)
    return pd.concat([kept(rows, penalty) for penalty, rows in groups], ignore_index=True)


@once
def other_table(result: Result) -> pd.DataFrame:
    """The same for the sum on the other tasks and depths; the column `penalty` holds which."""
    tasks, depths = (at_end(result[name].table) for name in ("tasks", "depths"))
    cells = [(data, rows) for data, rows in tasks.groupby("data")]
    cells += [(f"deep_{depth}", rows) for depth, rows in depths.groupby("depth")]
    return pd.concat([kept(rows, cell) for cell, rows in cells], ignore_index=True)


def start_table(result: Result) -> pd.DataFrame:
    """The same for the sum at its widest network alone, by the width at which it was tuned."""
    rows = at_end(result["penalties"].table)
    rows = rows[rows["penalty"] == "sum"]
    parts = [
        kept(rows[rows["width"] >= start], "sum").assign(start=start)
        for start in sorted(rows["width"].unique())[:-1]
    ]
    table = pd.concat(parts, ignore_index=True)
    return table[table["width"] == table["width"].max()]


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


def row_of(
    table: pd.DataFrame, penalty: str, criterion: str, width: int | None = None
) -> pd.Series:
    """The row at a width, the widest by default."""
    rows = table[(table["penalty"] == penalty) & (table["criterion"] == criterion)]
    return rows[rows["width"] == (width or rows["width"].max())].iloc[0]


def cost(
    table: pd.DataFrame, penalty: str, criterion: str, width: int | None = None
) -> Interval:  # fmt: skip
    """Excess at a width, the widest by default."""
    return interval(row_of(table, penalty, criterion, width), "excess")


def in_words(row: pd.Series) -> str:
    """An excess with its interval; a bound where a best lambda is at the edge of its grid."""
    if row["kept"] == row["own"]:
        return "0% (the same λ)"
    bound = "" if pd.isna(row["edge"]) else "at least "
    return bound + percent_span(interval(row, "excess"))


def carried_numbers(result: Result) -> dict[str, str]:
    """What the prose quotes of keeping lambda."""
    table, others = carried_table(result), other_table(result)
    tried = result["penalties"].table.groupby("penalty")["lam"]
    least, widest = int(table["width"].min()), int(table["width"].max())
    tasks = others[others["penalty"].isin(("teacher", "breast_cancer"))]
    deep = others.loc[others["penalty"].str.startswith("deep"), "width"]
    common = int(tasks["width"].max())
    found = {
        "least": f"{least}",
        "widest": f"{widest}",
        "common": f"{common}",
        "factor": f"{common / least:.0f}",
        "factor_deep": f"{deep.max() / deep.min():.0f}",
        "noise": percent(DIGITS.label_noise),
        "grid_step": grid_step(tried.get_group("sum")),
        "grid_step_others": grid_step(tried.get_group("fan")),
    }
    for criterion in CRITERIA:
        for p in PENALTIES:
            found[f"keep_{p}_{criterion}"] = in_words(row_of(table, p, criterion, common))
            found[f"far_{p}_{criterion}"] = in_words(row_of(table, p, criterion))
        for cell in others["penalty"].unique():
            found[f"keep_sum_{cell}_{criterion}"] = in_words(row_of(others, cell, criterion))
    return found


def start_numbers(table: pd.DataFrame) -> dict[str, str]:
    """What keeping the sum's lambda costs at the widest network, by where it was tuned."""
    widest, found = int(table["width"].max()), {}
    for factor in STARTS:
        start = widest // factor
        found[f"start_{factor}"] = f"{start}"
        for criterion in CRITERIA:
            rows = table[(table["start"] == start) & (table["criterion"] == criterion)]
            words = "not trained" if rows.empty else in_words(rows.iloc[0])
            found[f"start_{factor}_{criterion}"] = words
    return found
