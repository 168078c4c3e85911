"""What the chapter predicted, and the claims that it settles. Their words are in `text.toml`."""

import math
from collections.abc import Callable, Mapping

import pandas as pd

from l2scale.catalogue.predictions import Prediction, declare
from l2scale.catalogue.tables import Table
from l2scale.catalogue.text import cell_value
from l2scale.catalogue.verdicts import settles
from l2scale.exhibits.frameworks.libraries import CLOSE
from l2scale.exhibits.frameworks.trainings import METRICS
from l2scale.exhibits.shared import outcome_of, rule_below

Tables = Mapping[str, Table]

ROUNDING = 1e-10  # relative; float64 gives 1e-16 a step
# The text states none of these bounds.
APART = 10  # times: strengths that one name cannot cover
HARDLY = 0.1  # of the settings: hardly ever
FAR_MORE = 2  # times as much is far more


def distance_rows(tables: Tables, **keys: str) -> pd.Series:
    """How far a way to decay is from the penalty in the loss."""
    return tables["distances"].row(**keys)


def many_strengths(tables: Tables) -> str:
    """One number is strengths that one name cannot cover."""
    return outcome_of(tables["spread"].row(where="objective")["times"] >= APART)


def nearly_with_momentum(tables: Tables) -> str:
    """Not to rounding, but nearer with the share over 1 - mu than without."""
    late, same = (distance_rows(tables, optimiser="momentum", where=w) for w in ("late", "weights"))
    return outcome_of(late["low"] > ROUNDING and late["high"] < same["low"])


def apart_under_adam(tables: Tables) -> str:
    """No share of Adam's comes as near as momentum's does."""
    late = distance_rows(tables, optimiser="momentum", where="late")["estimate"]
    return outcome_of(late < distance_rows(tables, nearest="yes")["low"])


def unused_decay_more_in_the_loss(tables: Tables) -> str:
    """Under Adam the penalty takes twice as much of unused weights as the share does, or more."""
    inside = distance_rows(tables, optimiser="adam", where="loss")["unused"]
    share = distance_rows(tables, optimiser="adam", where="weights", times="1")["unused"]
    return outcome_of(1 - inside > FAR_MORE * (1 - share))


def own_value_does_less(tables: Tables) -> str:
    """Watched with the penalty's value the rate falls less early than with the constant."""
    own, constant = (tables["schedules"].row(watched=name) for name in ("cost", "constant"))
    return outcome_of(own["earlier_high"] < constant["earlier_low"])


def chooses_the_least(choice: str) -> Callable[[Tables], str]:
    """The rule that a criterion has to choose the least of all strengths tried."""
    return lambda tables: outcome_of(tables["choices"].row(choice=choice)["least"] == "yes")


SGD = "distances[optimiser=sgd, where=weights].largest"
CONSTANT = "schedules[watched=constant]"

declare(
    __name__,
    "together",
    records=Prediction(
        rule=rule_below("applied[miss=max].miss", CLOSE), derivation="eq-fw-objective"
    ),
    over_two_n=Prediction(
        rule=rule_below("counts.claimed_share", HARDLY), derivation="eq-fw-objective"
    ),
    common_value=Prediction(rule=many_strengths, derivation="eq-fw-objective"),
    first_share=Prediction(rule=rule_below("unused.share_off", ROUNDING), derivation="prop-fw-sgd"),
    long_run=Prediction(rule=rule_below("unused.pace_off", CLOSE), derivation="prop-fw-momentum"),
    first_amount=Prediction(rule=rule_below("unused.amount_off", CLOSE), derivation="prop-oo-adam"),
    gone=Prediction(rule=rule_below("unused.gone_left", CLOSE), derivation="prop-oo-adam"),
    sgd=Prediction(rule=rule_below(SGD, ROUNDING), derivation="prop-fw-sgd"),
    momentum=Prediction(rule=nearly_with_momentum, derivation="prop-fw-momentum"),
    adam=Prediction(rule=apart_under_adam),
    adam_unused=Prediction(rule=unused_decay_more_in_the_loss, derivation="prop-oo-adam"),
    falls_earlier=Prediction(f"{CONSTANT}.earlier", 0.0, math.inf),
    # In the text with the others, but what was first measured could not show it.
    ends_sooner=Prediction(f"{CONSTANT}.sooner", 0.0, math.inf, stated="after"),
    higher_loss=Prediction(f"{CONSTANT}.train", 1.0, math.inf, stated="after"),
    own_value=Prediction(rule=own_value_does_less, stated="after"),
    clip=Prediction("clips[finite=yes]", -math.inf, 1.0),
    no_clip=Prediction(
        rule=rule_below("clips[bound=none].apart", ROUNDING), derivation="prop-fw-sgd"
    ),
    train_cost=Prediction(rule=chooses_the_least("cost"), derivation="prop-fw-cost"),
    val_cost=Prediction(rule=chooses_the_least("val_cost")),
)


@settles("C22", figure="same-number", derivation="eq-fw-objective")
def over_two_m(tables: Tables) -> str:
    """What libraries compute is not lambda/(2m) times the sum of squares."""
    row = tables["counts"].row()
    if row["claimed"] == row["networks"]:
        return "TRUE"
    return "OPEN" if row["claimed"] > 1 else "FALSE"


@settles("C25", figure="same-number")
def usual_values(tables: Tables) -> str:
    """A value says nothing without its convention."""
    return "CONDITIONAL" if many_strengths(tables) == "held" else "OPEN"


@settles("C13", figure="watched-cost", derivation="prop-local")
def value_matters(tables: Tables) -> str:
    """Not to a step, but to what watches the cost and takes it for a share."""
    row = tables["schedules"].row(watched="constant")
    return "CONDITIONAL" if row["train_low"] > 1 and row["earlier_low"] > 0 else "OPEN"


@settles("C14", figure="in-loss-or-on-weights", derivation="prop-fw-sgd")
def factor(tables: Tables) -> str:
    """The same under SGD, nearly with momentum, not under Adam; and 0.99 is one strength."""
    late = distance_rows(tables, optimiser="momentum", where="late")["estimate"]
    told = float(cell_value(tables, SGD)) < ROUNDING < late and apart_under_adam(tables) == "held"
    return "CONDITIONAL" if told else "OPEN"


@settles("C15", figure="chosen-by-cost", derivation="prop-fw-cost")
def compare(tables: Tables) -> str:
    """The cost chooses the least penalty, whatever it does to the network."""
    rows = [tables["costs"].row(choice="val_cost", metric=metric) for metric in METRICS]
    costly = min(row["low"] for row in rows) > 0
    return "TRUE" if chooses_the_least("val_cost")(tables) == "held" and costly else "OPEN"
