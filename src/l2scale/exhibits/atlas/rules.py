"""What the chapter predicted, and the claim that it settles. Their words are in `text.toml`."""

import math
from collections.abc import Mapping

import pandas as pd

from l2scale.catalogue.predictions import Prediction, declare
from l2scale.catalogue.tables import Table
from l2scale.catalogue.verdicts import settles
from l2scale.exhibits.atlas.predictors import SIMPLE
from l2scale.exhibits.shared import outcome_of

Tables = Mapping[str, Table]


def rung(tables: Tables, name: str, optimiser: str = "sgd") -> pd.Series:
    """A rung's row, of all problems of an optimiser."""
    return tables["ladder"].row(optimiser=optimiser, labels="all", rung=name)


def best(tables: Tables, optimiser: str = "sgd") -> pd.Series:
    """The row of the simple rule that is suggested."""
    return tables["ladder"].row(optimiser=optimiser, labels="all", best="yes")


def rungs(tables: Tables) -> str:
    """The noise costs least, 1/sqrt(n) is the first beyond doubt, the crush threshold is not."""
    rows = {name: rung(tables, name) for name in SIMPLE}
    least = min(SIMPLE, key=lambda name: rows[name]["regret"])
    ahead = [name for name in SIMPLE if rows[name]["lead_low"] > 0]
    first = ahead[:1] == ["root_n"]
    return outcome_of(least == "noise" and first and "crush" not in ahead)


def search_of_five(tables: Tables) -> str:
    """The best simple rule does not cost less than a search of 5 beyond doubt."""
    return outcome_of(not best(tables)["lead_5_low"] > 0)


def how_near(tables: Tables) -> str:
    """A factor between 2 and 4, and below 1.7 between two halves of the seeds."""
    off, apart = best(tables)["factor"], rung(tables, "halves")["factor"]
    return outcome_of(2 <= off <= 4 and apart < 1.7)


def more_features(tables: Tables) -> str:
    """Not better than the best simple rule beyond doubt."""
    return outcome_of(not rung(tables, "features")["lead_best_low"] > 0)


def early_costs_more(tables: Tables) -> str:
    """As published, one training first costs more than the share of the noise."""
    return outcome_of(rung(tables, "published")["regret"] > rung(tables, "noise")["regret"])


def flat_against_constant(tables: Tables) -> str:
    """More than half are flat against one constant."""
    row = tables["flat"].row(optimiser="sgd", labels="all", against="constant", criterion="error")
    return outcome_of(row["share"] > 0.5)


def adamw_needs_none(tables: Tables) -> str:
    """No yardstick is ahead of one constant, which is nearer to the best lambda than under SGD."""
    ahead = any(rung(tables, name, "adamw")["lead_low"] > 0 for name in SIMPLE)
    nearer = rung(tables, "constant", "adamw")["factor"] < rung(tables, "constant")["factor"]
    return outcome_of(nearer and not ahead)


SGD = "optimiser=sgd, labels=all"
NO_PENALTY = "optimiser=sgd, against=none, criterion=error"

declare(
    __name__,
    "pilot",
    root=Prediction(f"ladder[{SGD}, rung=root_n].lead", 0.0, math.inf),
    rungs=Prediction(rule=rungs),
    three=Prediction(f"ladder[{SGD}, best=yes].lead_3", 0.0, math.inf),
    five=Prediction(rule=search_of_five),
    near=Prediction(rule=how_near),
    features=Prediction(rule=more_features),
    permuted=Prediction(f"ladder[{SGD}, rung=permuted].lead", margin=math.inf),
    early=Prediction("ratios[optimiser=sgd, rung=published]", 2.0, math.inf),
    early_costs=Prediction(rule=early_costs_more),
    flat=Prediction(f"flat[{NO_PENALTY}, labels=all]", 0.25, 0.5),
    flat_wrong=Prediction(f"flat[{NO_PENALTY}, labels=wrong]", 0.0, 0.25),
    flat_constant=Prediction(rule=flat_against_constant),
    adamw=Prediction(rule=adamw_needs_none),
)


@settles("C30", figure="lambda-atlas")
def the_atlas(tables: Tables) -> str:
    """Whether what others measured tells a stranger more than one constant would.

    TRUE: a simple rule costs less than a random search of 3 trainings, on families left out,
    beyond doubt. CONDITIONAL: it costs less than what is often typed. OPEN: not even that.
    """
    rule, typed = best(tables), rung(tables, "typed")
    if rule["lead_3_low"] > 0:
        return "TRUE"
    return "CONDITIONAL" if rule["high"] < typed["low"] else "OPEN"
