"""The best lambda by loss, judged by labels that are right or as often wrong as in training."""

import pandas as pd
from matplotlib.figure import Figure

from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import plain, span
from l2scale.catalogue.results import Result, once
from l2scale.exhibits import alike
from l2scale.exhibits.outcomes import tallied
from l2scale.exhibits.which_penalty.sweeps import RANGES
from l2scale.exhibits.which_penalty.typed import asked, at_end


@once
def alike_table(result: Result) -> pd.DataFrame:
    """`l2scale.exhibits.alike.alike_table` of the chapter's networks."""
    return alike.alike_table(cells(result))


def cells(result: Result) -> dict[str, tuple[pd.DataFrame, float]]:
    """Networks with wrong labels in training, by cell, and the exponent predicted for them."""
    last = at_end(result["penalties"].table)
    found = {}
    for penalty in RANGES:
        rows = last[last["penalty"] == penalty]
        found[f"{penalty}, SGD"] = rows, asked(penalty, sorted(rows["width"].unique()))
    found["sum, minima"] = result["minima"].table, 0.0
    for depth, rows in at_end(result["depths"].table).groupby("depth"):
        found[f"sum, {depth} layers"] = rows, 0.0
    tasks = at_end(result["tasks"].table)
    found["sum, breast cancer"] = tasks[tasks["data"] == "breast_cancer"], 0.0
    return found


@figure(
    id="judged-alike",
    source=("penalties", "minima", "depths", "tasks"),
    penalties=("sum", "tensor_mean", "fan", "prior"),
    data=alike_table,
    title=lambda t: (
        "The exponent of the best λ by loss is off what was predicted by up to "
        f"{alike.farthest(t, 'alike')} if judged by labels as wrong as in training, and by up to "
        f"{alike.farthest(t, 'right')} if by right ones"
    ),
    claim=lambda t: (
        "Exponent in width of the typed λ with the least validation loss, less the one predicted, "
        "with 95% intervals over seeds. The networks are the same; only the held-out labels that "
        "judge them differ. Labels as wrong as in training are not drawn: the loss is the "
        f"expectation over them. The prediction, {alike.counted(t)}. {alike.NARROW}"
    ),
    alt=lambda t: (
        "Exponent in width less the one predicted, judged by right labels and by labels as wrong "
        f"as in training: {alike.listed(t)}."
    ),
)
def judged_alike(table: pd.DataFrame) -> Figure:
    """One row a cell: the exponent's distance from the prediction, by both kinds of labels."""
    return alike.draw(table)


def alike_numbers(table: pd.DataFrame) -> dict[str, str]:
    """What the prose quotes."""
    keys = {"sum, SGD": "sum", "sum, minima": "minima", "sum, 5 layers": "deep_5"}
    found: dict[str, str] = {}
    for labels in alike.LABELS:
        found[f"outcomes_{labels}"] = tallied(alike.count(table, labels))
        found[f"farthest_{labels}"] = alike.farthest(table, labels)
    for cell, key in keys.items():
        if cell not in set(table["cell"]):
            continue
        row = alike.row_of(table, cell, "alike")
        found[f"far_{key}_alike"] = alike.charged(row)
        if key != "deep_5":
            found |= {
                f"{key}_alike": span(alike.power(table, cell)),
                f"narrow_{key}_alike": plain(row["narrow"]),
                f"wide_{key}_alike": plain(row["wide"]),
            }
    return found | {"alike_off": alike.missed(table)}
