"""What the chapter predicted, and the claims that it settles. Their words are in `text.toml`."""

import math
from collections.abc import Mapping

from l2scale.catalogue.predictions import Prediction, Rule, declare
from l2scale.catalogue.tables import Table
from l2scale.catalogue.verdicts import settles
from l2scale.exhibits.shared import outcome_of

Tables = Mapping[str, Table]
EXACT = 1e-6
"""How near a law without scatter, whose interval is rounding, must come to the value predicted."""
ONE_CURVE = 1e-3
"""How near, of itself, the test loss of twins must come for their curves to be one."""
TWO = 0.01
"""How near to 2 the factor of a claim's verdict must come. The text states none of the three."""


def exactly(value: float, table: str, **keys: str) -> Rule:
    """The rule that a row's estimate is a value to rounding."""

    def rule(tables: Tables) -> str:
        found = tables[table].row(**keys)[tables[table].main]
        return outcome_of(abs(found - value) < EXACT)

    return rule


def same_networks(tables: Tables) -> str:
    """Each network of the mean ends as its twin of the sum."""
    return outcome_of(tables["twins"].row()["gap"] < ONE_CURVE)


declare(
    __name__,
    "together",
    sum_value=Prediction("start_values[penalty=sum]", 1.0, derivation="force-derived"),
    mean_value=Prediction("start_values[penalty=mean]", 1.0, derivation="force-derived"),
    sum_force=Prediction(
        rule=exactly(0, "growth", penalty="sum", quantity="force"), derivation="prop-local"
    ),
    mean_force=Prediction(
        rule=exactly(-1, "growth", penalty="mean", quantity="force"), derivation="prop-local"
    ),
    decay=Prediction(rule=exactly(2, "decay_factor"), derivation="eq-decay"),
    small_layers=Prediction(
        "small_layers[than=all layers]", 0.0, math.inf, derivation="prop-local"
    ),
    one_curve=Prediction(rule=same_networks, derivation="prop-names"),
    drift=Prediction("drift", 0.0, stated=None),
    summed_loss=Prediction("sample_growth[term=summed]", 1.0, derivation="eq-terms"),
    mean_loss=Prediction("sample_growth[term=mean]", 0.0, derivation="eq-terms"),
    penalty_term=Prediction(
        rule=exactly(0, "sample_growth", term="penalty"), derivation="eq-terms"
    ),
)


@settles("C05", figure="unused-weight", derivation="eq-one-weight")
@settles("C06", figure="unused-weight", derivation="eq-decay")
@settles("C33", figure="unused-weight", derivation="eq-decay")
def factor_two(tables: Tables) -> str:
    """A step takes 2 lr lam of an unused weight: not lam, not lr lam, and no fixed amount."""
    return "FALSE" if abs(tables["decay_factor"].row()["factor"] - 2) < TWO else "OPEN"


@settles("C29", figure="unused-weight", derivation="prop-local")
def only_the_error(tables: Tables) -> str:
    """The penalty sends nothing through the layers and enters every update."""
    return "CONDITIONAL" if tables["decay"].row(lr="max")["high"] < 1 else "TRUE"


@settles("C10", figure="big-layer", derivation="prop-local")
def useless_second_term(tables: Tables) -> str:
    """Without its own term the second layer ends larger."""
    grown = tables["small_layers"].row(layer=2, than="all layers")
    return "FALSE" if grown["low"] > 0 else "OPEN"


@settles("C31", figure="sum-is-mean", derivation="prop-names")
def equivalent_at_one_size(tables: Tables) -> str:
    """A mean network at lam P is the sum network at lam."""
    return "TRUE" if same_networks(tables) == "held" else "FALSE"
