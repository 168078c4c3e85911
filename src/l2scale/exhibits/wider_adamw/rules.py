"""What the chapter predicted, or others do. Its words are in `text.toml`."""

import math
from collections.abc import Mapping

from l2scale.catalogue.predictions import Prediction, declare
from l2scale.catalogue.tables import Table
from l2scale.exhibits.wider_adamw.sweeps import FITTED
from l2scale.exhibits.wider_adamw.tables import READINGS

NEAR = 0.02
ALIKE = 0.1


def reading(arm: str, name: str) -> Prediction:
    """What became of a reading of others in an arm."""

    def rule(tables: Mapping[str, Table]) -> str:
        return str(tables["readings"].row(arm=arm, reading=name)["outcome"])

    return Prediction(rule=rule)


declare(
    __name__,
    "before",
    **{f"{name}_{arm.lower()}": reading(arm, name) for arm in "AB" for name in READINGS},
    product_a=Prediction("exponents[arm=A, rate=tuned]", 0.0),
    product_b=Prediction("exponents[arm=B, rate=tuned]", -2.0),
    angle=Prediction("weights[measure=angle]", -ALIKE, ALIKE),
    size=Prediction("weights[measure=rms]", -ALIKE, ALIKE),
    carried=Prediction("ahead", -math.inf, NEAR),
    deeper=Prediction("depth_exponents[rate=tuned]", 0.0),
    deeper_cost=Prediction("deeper_cost[blocks=max]", -math.inf, NEAR),
    few_kept=Prediction("few_exponents[rule=kept]", 0.0, math.inf, stated="pilot"),
    few_falling=Prediction("few_exponents[rule=falling]", -math.inf, 0.5, stated="pilot"),
    ahead_loss=Prediction(
        "ahead.reached", FITTED["test_loss"] - NEAR, FITTED["test_loss"] + NEAR, stated="after"
    ),
)
