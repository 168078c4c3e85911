"""What the chapter predicted. Its words are in `text.toml`."""

import math
from collections.abc import Mapping
from typing import Any

from l2scale.catalogue.predictions import Prediction, declare, outcome
from l2scale.catalogue.tables import Table
from l2scale.exhibits.shared import outcome_of

Tables = Mapping[str, Table]
CLOSE = (0.95, 1.05)
POINT = 0.01
ANGLE: dict[str, Any] = {"derivation": "eq-no-angle"}
ADAMW: dict[str, Any] = {"derivation": "eq-no-adamw"}
LEAST = math.ulp(0.0)


def between(arm: str, criterion: str) -> Prediction:
    """That the power of an arm lies between those that its coefficients ask."""

    def rule(tables: Tables) -> str:
        row = tables["exponents"].row(arm=arm, criterion=criterion)
        if math.isnan(row["exponent"]):
            return "undecided"
        return outcome(row, row["asked"], row["at_most"], column="exponent")

    return Prediction(rule=rule)


def late_is_enough(tables: Tables) -> str:
    """Decay from half way on ends within a point of decay throughout."""
    row = tables["ends"].row(when="late")
    return outcome(row, -POINT, POINT, column="more")


def early_is_not(tables: Tables) -> str:
    """Decay up to half way does not end there, turns less and fits more of the wrong labels."""
    row = tables["ends"].row(when="early")
    away = row["low"] > 0 or row["high"] < 0
    return outcome_of(away and row["turned_high"] < 1 and row["fitted_high"] < 0)


declare(
    __name__,
    "pilot",
    angle_sgd=Prediction("angles[optimiser=sgd, residual=no]", *CLOSE, **ANGLE),
    angle_adamw=Prediction(
        "angles[optimiser=adamw, residual=no]", *CLOSE, derivation="eq-no-adamw"
    ),
    stream=Prediction("angles[optimiser=sgd, residual=yes]", *CLOSE, **ANGLE),
    size_adamw=Prediction("sizes", *CLOSE, **ADAMW),
    ridge_loss=Prediction(
        "ridges[decayed=normalised, criterion=loss]", -1.0, derivation="prop-no-symmetry"
    ),
    ridge_error=Prediction(
        "ridges[decayed=normalised, criterion=error]", -1.0, derivation="prop-no-symmetry"
    ),
    ridge_all=Prediction("ridges[decayed=all]", -1.0, 0.0),
    sum_stays=Prediction("exponents[arm=sum]", 0.0, derivation="eq-no-angle"),
    last_grows=Prediction("exponents[arm=last]", 1.0, derivation="prop-no-last"),
    all_between=Prediction("exponents[arm=all]", 0.0, 1.0),
    tensor_mean_loss=between("tensor_mean", "loss"),
    tensor_mean_error=between("tensor_mean", "error"),
    fan_loss=between("fan", "loss"),
    fan_error=between("fan", "error"),
    free=Prediction("carried[arm=sum, criterion=error]", -math.inf, 0.0),
    mean_costs=Prediction("carried[arm=mean, criterion=error]", LEAST, math.inf),
    tensor_mean_costs=Prediction("carried[arm=tensor_mean, criterion=error]", LEAST, math.inf),
    fan_less=Prediction("apart[criterion=error]", LEAST, math.inf),
    late=Prediction(rule=late_is_enough, derivation="prop-no-clock"),
    early=Prediction(rule=early_is_not, derivation="prop-no-clock"),
)
