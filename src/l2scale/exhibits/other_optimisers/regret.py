"""What a lambda costs that is tuned on the narrowest network and carried to the widest."""

from itertools import product
from typing import Any

import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits import regrets, shared
from l2scale.exhibits.optimisers import BASE
from l2scale.exhibits.other_optimisers.arms import CLEAN, CONSTANT, Arm, labelled
from l2scale.exhibits.other_optimisers.exponents import METRICS, TRAINED
from l2scale.exhibits.shared import at_end

COLUMNS = ["kept", "own", "edge", "excess", "low", "high", "level", "reached", "note"]


def readings(arm: Arm) -> dict[str, float]:
    """How lambda may be carried, by its exponent in width: held, or with the ceiling."""
    return {"hold": 0.0} | ({"root": arm.predicted} if arm.cell == "adamw" else {})


def regret_at_widest(
    rows: pd.DataFrame, arm: Arm, metric: str, reading: str, exponent: float
) -> pd.DataFrame:
    """The cost of one reading at the largest width: one row."""
    ends = arm.of(rows)
    low, high = ends["width"].min(), ends["width"].max()
    ends = ends[ends["width"].isin((low, high))]
    choice: dict[str, Any] = {
        "select": f"val_{metric}",
        "report": f"test_{metric}",
        "exponent": exponent,
    }
    last = regrets.relative_regret(ends, **choice).iloc[1:][COLUMNS]
    wanted = "nothing" if reading == list(readings(arm))[-1] else "something"
    about = vars(arm) | arm.columns() | {"metric": metric, "reading": reading, "expected": wanted}
    return last.assign(factor=high / low, seeds=ends["seed"].nunique(), **about)


@table(source=TRAINED, main="val_loss_noisy")
def valleys(result: Result) -> pd.DataFrame:
    """Of SGD and AdamW, two layers, one rate, wrong labels: per width and lambda the mean losses.

    `val_loss_noisy` is judged by labels as often wrong as in training, `val_loss` by right ones.
    """
    rows = at_end(labelled(result))
    parts = [
        shared.valleys(arm.of(rows), ["width"], "val_loss_noisy", "val_loss").assign(name=name)
        for arm, name in ((Arm("sgd"), "SGD"), (Arm("adamw"), "AdamW"))
    ]
    return pd.concat(parts, ignore_index=True)


@table(source=TRAINED, main="excess")
def transfer(result: Result) -> pd.DataFrame:
    """Per arm, metric and reading: the cost of carrying, as a share of what tuning anew reaches.

    Readings are "hold", "root" and, where labels are wrong, "times": AdamW's lambda times the
    width. `level` is what tuning anew reaches and `reached` what the carried lambda does, as test
    error or loss. `expected` is what was predicted to be paid, "nothing" or "something".
    """
    rows, found = at_end(labelled(result)), []
    for arm in (*CONSTANT, *CLEAN):
        times = {"times": 1.0} if arm.cell == "adamw" and arm.labels == "wrong" else {}
        for metric, (reading, exponent) in product(METRICS, (readings(arm) | times).items()):
            found.append(regret_at_widest(rows, arm, metric, reading, exponent))
    return pd.concat(found, ignore_index=True)


@table(source=TRAINED, main="excess")
def regret(result: Result) -> pd.DataFrame:
    """The rows of `transfer` whose lambda is held, or multiplied as the ceiling asks."""
    return transfer(result).query("reading != 'times'")


@table(source=("rules", "hidden"), main="excess")
def matched_transfer(result: Result) -> pd.DataFrame:
    """The same by loss on labels that are as often wrong as those in training."""
    rows = at_end(labelled(result))
    found = [
        regret_at_widest(rows, arm, "loss_noisy", reading, exponent)
        for arm in CONSTANT
        for reading, exponent in readings(arm).items()
    ]
    return pd.concat(found, ignore_index=True)


@table(source=())
def settings(result: Result) -> pd.DataFrame:
    """What was chosen: one row."""
    rows, rates = labelled(result), result["rates"].table["lr"]
    arms = {"": Arm("adamw"), "_three": Arm("adamw", layers=3)}
    grids = {"coupled": Arm("sgd").of(rows)["lam"], "adamw": Arm("adamw").of(rows)["lam"]}
    seeds = rows.groupby("labels")["seed"].nunique()
    row = {"first_look": rows["step"].min(), "steps": rows["step"].max(), "seeds": seeds["wrong"]}
    row |= {"more_seeds": seeds["clean"], "rate_low": rates.min(), "rate_high": rates.max()}
    row |= {"samples": rows["n_train"].iloc[0], "noise": BASE.label_noise}
    row |= {"grid_step": regrets.grid_step(grids["coupled"])}
    for key, arm in arms.items():
        low, high = arm.of(rows)["width"].min(), arm.of(rows)["width"].max()
        row |= {f"narrow{key}": low, f"wide{key}": high, f"factor{key}": high / low}
    for key, lams in grids.items():
        row |= {f"{key}_low": lams.min(), f"{key}_high": lams.max()}
    return pd.DataFrame([row])
