"""The verdict of this chapter."""

import pandas as pd

from l2scale.catalogue.numerals import percent
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.other_optimisers.cells import CONSTANT, Arm, end, one
from l2scale.exhibits.other_optimisers.powers import powers_table, said
from l2scale.exhibits.other_optimisers.sweeps import BASE

FORCE = (
    "TRUE by construction of the explicit force: 2λ times the weight under the sum, whatever "
    "surrounds it. "
)
ASIDE = (
    (Arm("adamw"), "loss"),
    (Arm("adamw", labels="clean"), "error"),
    (Arm("adamw", labels="clean"), "loss"),
)  # fmt: skip


@settles("C07", figure="optimiser-exponents", derivation="prop-local")
def one_weight(result: Result) -> Verdict:
    """The explicit force knows no neighbours; the wanted strength may."""
    last = end(powers_table(result))
    found = {arm: one(last, arm, metric="error") for arm in CONSTANT}
    numbers = {f"power of width, {arm.words}": row["exponent"] for arm, row in found.items()}
    if any(pd.isna(row["exponent"]) for row in found.values()):
        words = (
            "Not settled here of the strength one wants: some best strengths are at the edge of "
            "their grid."
        )
        return Verdict("OPEN", FORCE + words, numbers)
    each = ", ".join(f"{said(row)} under {arm.words}" for arm, row in found.items())
    powers = (
        f"After {last['step'].max():,} steps at a constant rate, without biases and with "
        f"{percent(BASE.label_noise)} of the training labels wrong, the λ of least error goes as "
        f"width to the power {each}"
    )
    if all(row["low"] <= 0 <= row["high"] for row in found.values()):
        words = f"Open of the strength one wants: no interval excludes 0. {powers}."
        return Verdict("OPEN", FORCE + words, numbers)
    aside = ", ".join(
        f"{said(one(last, arm, metric=metric))} by {metric}"
        + (" without wrong labels" if arm.labels == "clean" else " with them")
        for arm, metric in ASIDE
    )
    words = (
        "Not of the best strength, which depends on the optimiser, the metric, the labels and the "
        f"number of steps. {powers}. Under AdamW with two layers it is {aside}."
    )
    return Verdict("CONDITIONAL", FORCE + words, numbers)
