"""How much each larger network exceeds the small one, with and without a penalty."""

import pandas as pd

from l2scale.catalogue.results import Result, once
from l2scale.exhibits.underfit.larger import ENOUGH, gaps, part
from l2scale.exhibits.underfit.tables import (
    ARMS,
    deeper_table,
    differences,
    excess,
    factor,
    labelled,
    near_best,
    penalty_excess,
    wider_table,
)
from l2scale.lab.estimates import Interval

EARLY = ("sgd", "slower")  # arms that are shown as they were at an eighth of the steps, too
CHOICES = ("none", "tuned", "strong")  # no penalty; the small one's best; the largest that suits it


@once
def causes_table(result: Result) -> pd.DataFrame:
    """Per cause, strength and seed, by how much the large network's measures exceed the small's.

    Columns: cause and its `words`, `kind` ("width", "haste" or "depth"), lam, `choice` (one of
    CHOICES), seed, and the losses and errors as differences. Two choices may be one strength.
    """
    wide, deep = wider_table(result), deeper_table(result)
    times, found = factor(wide), []
    for arm, stage in [(arm, "end") for arm in ARMS] + [(arm, "early") for arm in EARLY]:
        kind = "width" if arm in ENOUGH and stage == "end" else "haste"
        cause, late = (arm, "") if stage == "end" else (f"{arm}, early", ", T/8")
        words = f"{times}× wide, {labelled(arm, wide)}{late}"
        rows = chosen(gaps(wide, arm, stage), part(wide, arm, "small", stage))
        found.append(rows.assign(cause=cause, words=words, kind=kind))
    first, *others = sorted(deep["depth"].unique())
    small = deep[deep["depth"] == first]
    for depth in others:
        rows = chosen(differences(deep[deep["depth"] == depth], small), small)
        words = f"{depth} layers, not {first}"
        found.append(rows.assign(cause=f"depth {depth}", words=words, kind="depth"))
    return pd.concat(found, ignore_index=True)


def chosen(table: pd.DataFrame, small: pd.DataFrame) -> pd.DataFrame:
    """The differences without a penalty and at two strengths that the small network chose."""
    _, best, most = near_best(small)
    found = zip(CHOICES, (0.0, best, most), strict=True)
    return pd.concat(table[table["lam"] == lam].assign(choice=choice) for choice, lam in found)


def effect(table: pd.DataFrame, cause: str, choice: str, metric: str = "train_loss") -> Interval:
    """The mean excess of one cause at one choice of strength."""
    rows = of(table, cause, choice)
    return excess(rows, rows["lam"].iloc[0], metric)


def by_penalty(table: pd.DataFrame, cause: str, choice: str) -> Interval:
    """The excess training loss at a choice less that without a penalty, paired by seed."""
    both = pd.concat(of(table, cause, each) for each in ("none", choice))
    return penalty_excess(both, both["lam"].max())


def of(table: pd.DataFrame, cause: str, choice: str) -> pd.DataFrame:
    """The rows of one cause at one choice."""
    return table[(table["cause"] == cause) & (table["choice"] == choice)]


def of_kind(table: pd.DataFrame, kind: str) -> list[str]:
    """The causes of one kind."""
    return list(table.loc[table["kind"] == kind, "cause"].unique())


def deepest(table: pd.DataFrame) -> str:
    """The cause with the most layers."""
    return of_kind(table, "depth")[-1]


def words_of(table: pd.DataFrame, cause: str) -> str:
    """A cause as its row is labelled."""
    return str(table.loc[table["cause"] == cause, "words"].iloc[0])


def short(table: pd.DataFrame, cause: str) -> str:
    """A depth in words."""
    return words_of(table, cause).split(",")[0]


def ordered(table: pd.DataFrame) -> list[str]:
    """The causes, the largest excess at the strong end first."""
    means = table[table["choice"] == "strong"].groupby("cause")["train_loss"].mean()
    return list(means.sort_values(ascending=False).index)


def penalty_does(table: pd.DataFrame, cause: str, choice: str) -> bool:
    """Whether a cause exceeds the small network at a choice, and by more than without a penalty."""
    return effect(table, cause, choice).low > 0 and by_penalty(table, cause, choice).low > 0


def underfit_depths(table: pd.DataFrame, choice: str) -> list[str]:
    """The depths that the penalty makes exceed two layers at a choice."""
    return [cause for cause in of_kind(table, "depth") if penalty_does(table, cause, choice)]


def width_ever(table: pd.DataFrame) -> list[str]:
    """The wider networks with steps enough that exceed the small one where that one is tuned."""
    wide = of_kind(table, "width")
    return [c for c in wide if any(effect(table, c, x).low > 0 for x in ("tuned", "strong"))]


def depth_does(table: pd.DataFrame) -> bool:
    """Whether the penalty makes the deepest network exceed two layers at the strong end."""
    return penalty_does(table, deepest(table), "strong")
