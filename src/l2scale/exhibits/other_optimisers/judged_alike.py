"""The same powers by loss, judged by labels that are as often wrong as those in training."""

import pandas as pd
from matplotlib.figure import Figure

from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import span
from l2scale.catalogue.results import Result, once
from l2scale.exhibits import alike
from l2scale.exhibits.other_optimisers.carrying import readings
from l2scale.exhibits.other_optimisers.cells import CONSTANT, Arm, end, labelled
from l2scale.exhibits.outcomes import excludes
from l2scale.lab.transfer import carried


@once
def alike_table(result: Result) -> pd.DataFrame:
    """`l2scale.exhibits.alike.alike_table` of the networks at constant rates."""
    table = end(labelled(result))
    return alike.alike_table({arm.words: (arm.of(table), arm.predicted) for arm in CONSTANT})


def adamw_far(table: pd.DataFrame, labels: str) -> str:
    """How far AdamW's powers are from the ceiling's, at most."""
    return alike.farthest(table[table["cell"].str.startswith("AdamW")], labels)


@figure(
    id="optimisers-judged-alike",
    source=("rules", "hidden"),
    data=alike_table,
    title=lambda t: (
        "Judged by labels as wrong as in training, AdamW’s power of width by loss is off the "
        f"ceiling’s by up to {adamw_far(t, 'alike')}, and all others off 0 by up to "
        f"{alike.farthest(t[~t['cell'].str.startswith('AdamW')], 'alike')}"
    ),
    claim=lambda t: (
        "Exponent in width of the λ with the least validation loss, less the one predicted (0, and "
        "(L − 1)/L for AdamW with L layers), at constant rates, with 95% intervals over seeds. The "
        "networks are the same; only the held-out labels that judge them differ. The prediction, "
        f"{alike.counted(t)}. {alike.NARROW}"
    ),
    alt=lambda t: (
        "Exponent in width less the one predicted, judged by right labels and by labels as wrong "
        f"as in training: {alike.listed(t)}."
    ),
)
def optimisers_judged_alike(table: pd.DataFrame) -> Figure:
    """One row an optimiser: how far the exponent is from the prediction, by both labels."""
    return alike.draw(table)


def alike_numbers(result: Result) -> dict[str, str]:
    """Powers by such labels, and what the readings of a carried lambda cost by them."""
    table, networks = alike_table(result), end(labelled(result))
    found = {f"{arm.key}_alike": span(alike.power(table, arm.words)) for arm in CONSTANT}
    found["alike_off"] = alike.missed(table)
    three = alike.power(table, Arm("adamw", layers=3).words)
    for key, value in (("half", 1 / 2), ("ceiling", 2 / 3)):
        said = "excludes" if excludes(three, value) else "does not exclude"
        found[f"three_{key}_alike"] = said
    for arm in CONSTANT:
        for reading, power in readings(arm).items():
            found[f"{reading}_{arm.key}_alike"] = cost(arm.of(networks), power)
    return found


def cost(rows: pd.DataFrame, power: float) -> str:
    """What the narrowest's lambda, times a power of the width, costs at the widest."""
    ends = rows["width"].isin((rows["width"].min(), rows["width"].max()))
    last = carried(rows[ends], select="val_loss_noisy", report="test_loss_noisy", power=power).iloc[
        -1
    ]
    shares = alike.relative(last) | {"seeds": rows["seed"].nunique()}
    return alike.charged(pd.concat([last, pd.Series(shares)]))
