"""What the chapter predicted, and the claims that it settles. Their words are in `text.toml`."""

import math
from collections.abc import Mapping

import pandas as pd

from l2scale.catalogue.predictions import Prediction, declare, outcome
from l2scale.catalogue.tables import Table
from l2scale.catalogue.verdicts import settles
from l2scale.exhibits.shared import CRITERIA, outcome_of

Tables = Mapping[str, Table]


def no_best_below_the_clock(tables: Tables) -> str:
    """Stopped early, a best lambda is near the clock's or above, or none is in the grid."""
    return "failed" if (tables["early"].frame["place"] == "below").any() else "held"


def falls_and_never_rises(tables: Tables) -> str:
    """The width at which costs meet falls as lambda grows."""
    steps = set(tables["meetings"].frame["step"])
    return outcome_of("falls" in steps and "rises" not in steps)


def far_up_by_loss(tables: Tables) -> str:
    """Widths meet further up at the best lambda by loss than at the best by error."""
    loss, error = (tables["meetings"].row(**{f"near_{c}": "yes"})["width"] for c in CRITERIA)
    return outcome_of(loss > error)


DRIFTS = "trained[criterion={}]"

declare(
    __name__,
    "pilot",
    sum_stays=Prediction("exponents[penalty=sum]", derivation="prop-wp-limit"),
    others_follow=Prediction("exponents[other=yes]", "asked", derivation="eq-wp-typed"),
    clock=Prediction(rule=no_best_below_the_clock, derivation="eq-wp-clock"),
    meets_sooner=Prediction(rule=falls_and_never_rises, stated="after"),
    meets_far_up=Prediction(rule=far_up_by_loss, stated="after"),
    stays_after=Prediction("parts[when=minimum, criterion=loss, part=after]", stated="after"),
    no_drift_by_error=Prediction("local[part=local, side=after, criterion=error]"),
    no_drift_by_loss=Prediction("local[part=local, side=after, criterion=loss]"),
    drift_by_loss=Prediction("local[part=local, side=before, criterion=loss]", stated="after"),
    alike=Prediction("matched[labels=alike]", derivation="eq-wp-alike"),
    right=Prediction("matched[labels=right]", stated=None),
    **{
        f"elsewhere_{c}": Prediction(DRIFTS.format(c), derivation="prop-wp-limit") for c in CRITERIA
    },
    **{f"dividing_{c}": Prediction(DRIFTS.format(c), "dividing", stated=None) for c in CRITERIA},
    dividing=Prediction("trained", "dividing", stated=None),
    falls=Prediction("trained", -math.inf, 0.0, stated=None),
)


def regret_row(tables: Tables, penalty: str, criterion: str, width: object = "max") -> pd.Series:
    """What keeping lambda costs at a width, by default the penalty's widest."""
    return tables["regret"].row(penalty=penalty, criterion=criterion, width=width)


def costs_more(tables: Tables, one: str, other: str) -> bool:
    """Whether keeping lambda costs more under one penalty than another, by both criteria."""
    frame = tables["regret"].frame
    width = min(frame.loc[frame["penalty"] == p, "width"].max() for p in (one, other))
    return all(
        regret_row(tables, one, criterion, width)["low"]
        > regret_row(tables, other, criterion, width)["high"]
        for criterion in CRITERIA
    )


@settles("C36", figure="carried-over", derivation="prop-wp-limit")
def sum_or_mean(tables: Tables) -> str:
    """The sum keeps it better; whether it keeps it altogether depends on the criterion."""
    rows = [tables["exponents"].row(penalty="sum", criterion=criterion) for criterion in CRITERIA]
    outcomes = {outcome(row, 0.0, column="exponent") for row in rows}
    if not costs_more(tables, "mean", "sum") or "undecided" in outcomes:
        return "OPEN"
    return "CONDITIONAL" if "failed" in outcomes else "TRUE"


@settles("C34", figure="carried-over", derivation="prop-names")
def one_value_under_the_mean(tables: Tables) -> str:
    """Kept, the mean's lambda fades with the network."""
    costly = all(regret_row(tables, "mean", criterion)["low"] > 0 for criterion in CRITERIA)
    return "FALSE" if costly else "OPEN"


@settles("C02", figure="carried-over", derivation="thm-wl-others")
def divide_by_weights(tables: Tables) -> str:
    """Dividing by P is the mean; it transfers worse than not dividing."""
    return "FALSE" if costs_more(tables, "mean", "sum") else "OPEN"


@settles("C23", figure="sum-exponents", derivation="prop-wp-limit")
def inverse_proportion(tables: Tables) -> str:
    """Whether the sum's best lambda falls as 1/P anywhere."""
    trained = tables["trained"].frame
    divided = (trained["divided"] != "failed").any()
    return "OPEN" if divided or trained.empty else "FALSE"


@settles("C11", figure="optimum-by-width", derivation="cor-minima")
def tensor_means(tables: Tables) -> str:
    """The per-tensor mean is the sum with a lambda that fades with the nodes."""
    tied = all(
        tables["exponents"].row(penalty="tensor_mean", criterion=criterion)["low"] > 0
        and regret_row(tables, "tensor_mean", criterion)["low"] > 0
        for criterion in CRITERIA
    )
    return "FALSE" if tied else "OPEN"
