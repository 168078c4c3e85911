"""The sum's exponent from each width to the next, and before and after costs have met."""

import pandas as pd

from l2scale.catalogue.numerals import listing, portion, span
from l2scale.catalogue.results import Result, once
from l2scale.exhibits.outcomes import excludes, interval, moves, outcome
from l2scale.exhibits.which_penalty.meeting import MINIMUM, meeting_table, met_at_best, sums
from l2scale.exhibits.which_penalty.typed import CRITERIA
from l2scale.lab import transfer
from l2scale.lab.estimates import Interval
from l2scale.lab.slopes import bend


@once
def local_table(result: Result) -> pd.DataFrame:
    """Per horizon, criterion and pair of neighbouring widths: the local exponent of lambda*.

    Besides, as rows of the `part` "before" and "after", the exponent over all widths up to the one
    at which costs have met at lambda* (`met`), and from it on; and "change", the second less the
    first. The first horizon, at which the penalty has hardly acted, is left out. `edges` is "none"
    where every optimum is in its grid.
    """
    meeting, parts = meeting_table(result), []
    for when, rows in list(sums(result).items())[1:]:
        for criterion, (select, _) in CRITERIA.items():
            at = met_at_best(meeting, criterion)
            found = transfer.local_exponents(rows, select=select).assign(part="local")
            table = pd.concat([found, *sides(rows, at, select)], ignore_index=True)
            parts.append(table.assign(when=when, criterion=criterion, met=at))
    table = pd.concat(parts, ignore_index=True)
    return table.assign(edges=table["edges"].replace("", "none"))


def sides(rows: pd.DataFrame, at: int, select: str) -> list[pd.DataFrame]:
    """The exponents up to a width and from it on, and their difference, as far as they exist."""
    found = []
    for part, side in (("before", rows["width"] <= at), ("after", rows["width"] >= at)):
        widths = rows.loc[side, "width"]
        if widths.nunique() > 1:
            one = transfer.exponents(rows[side].assign(part=part), ["part"], select=select)
            found.append(one.assign(x_low=widths.min(), x_high=widths.max()))
    if len(found) == 2 and not any(one["exponent"].isna().any() for one in found):
        change = bend(rows, at, select=select)
        row = {"part": "change", "exponent": change.estimate, "edges": ""}
        row |= {"low": change.low, "high": change.high}
        found.append(pd.DataFrame([row | {"x_low": rows["width"].min()}]))
    return found


def horizons(table: pd.DataFrame) -> list[str]:
    """The horizons, shortest first."""
    return list(table["when"].unique())


def pooled(table: pd.DataFrame, when: str, criterion: str, part: str) -> Interval | None:
    """An exponent before or after the meeting of costs, or the change; None where there is none."""
    rows = table[
        (table["when"] == when) & (table["criterion"] == criterion) & (table["part"] == part)
    ]
    return None if rows.empty or rows["exponent"].isna().any() else interval(rows.iloc[0])


def in_words(found: Interval | None) -> str:
    """An exponent with its interval, or that there is none."""
    return "none (fewer than two widths, or an edge)" if found is None else span(found)


def about_zero(change: Interval) -> str:
    """Whether a difference could be 0."""
    return "does not exclude 0" if 0.0 in change else "excludes 0"


def met(table: pd.DataFrame, criterion: str) -> int:
    """The width at which costs have met at lambda*."""
    return int(table.loc[table["criterion"] == criterion, "met"].iloc[0])


def steps(table: pd.DataFrame, inside: bool, criterion: str) -> pd.DataFrame:
    """The local exponents by a criterion at widths that have met, or before."""
    rows = table[(table["part"] == "local") & ((table["x_low"] >= table["met"]) == inside)]
    return rows[rows["criterion"] == criterion].dropna(subset="exponent")


def apart(table: pd.DataFrame, inside: bool, criterion: str) -> tuple[int, int]:
    """How many of these exclude 0, and how many there are."""
    rows = steps(table, inside, criterion)
    return sum(excludes(interval(row)) for _, row in rows.iterrows()), len(rows)


def exceptions(table: pd.DataFrame) -> str:
    """Local exponents at widths that have met which exclude 0."""
    found = (
        f"by {criterion} from {row['x_low']:.0f} to {row['x_high']:.0f} units, "
        f"{'at minima' if row['when'] == MINIMUM else 'after ' + row['when']}, "
        f"{span(interval(row))}"
        for criterion in CRITERIA
        for _, row in steps(table, True, criterion).iterrows()
        if excludes(interval(row))
    )
    return "; ".join(found) or "none"


def agreeing(table: pd.DataFrame, when: str, criterion: str) -> str:
    """Neighbouring widths whose lambda* agree: no bound excludes an exponent of 0."""
    rows = table[
        (table["part"] == "local") & (table["when"] == when) & (table["criterion"] == criterion)
    ].dropna(subset="exponent")
    pairs = (
        f"{row['x_low']:.0f} and {row['x_high']:.0f}"
        for _, row in rows.iterrows()
        if 0.0 in interval(row)
    )
    return "; ".join(pairs) or "none"


def local_numbers(table: pd.DataFrame) -> dict[str, str]:
    """What the prose quotes of these exponents."""
    found = {"exceptions": exceptions(table)}
    for when, key in zip(horizons(table), ("middle", "sgd", "minima"), strict=True):
        for part in ("before", "after", "change"):
            found[f"{key}_loss_{part}"] = in_words(pooled(table, when, "loss", part))
        found[f"{key}_error_after"] = in_words(pooled(table, when, "error", "after"))
    for criterion in CRITERIA:
        found[f"agree_{criterion}"] = agreeing(table, horizons(table)[1], criterion)
    drift = pooled(table, horizons(table)[0], "loss", "before")
    found["middle_drift"] = moves(drift) if drift else "is left open"
    change = pooled(table, MINIMUM, "loss", "change")
    found["minima_change_zero"] = about_zero(change) if change else "cannot be had"
    after = pooled(table, MINIMUM, "loss", "after")
    found["minima_after_zero"] = outcome(after) if after else "cannot be judged"
    for criterion, name, inside in (
        ("loss", "before", False),
        ("loss", "after", True),
        ("error", "after", True),
    ):
        found[f"local_{criterion}_{name}"] = portion(*apart(table, inside, criterion))
    by_error = apart(table, True, "error")[1]
    found["by_chance"] = f"{by_error * (1 - 0.95):.1f}"
    firsts = steps(table, True, "error").groupby("when", sort=False)["exponent"].first()
    return found | {"first_steps": listing([f"{step:z.2f}" for step in firsts])}
