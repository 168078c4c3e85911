"""Forces and sizes over all of training, from both starts, with a penalty and without."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.exhibits.bad_start.sweeps import STARTS
from l2scale.exhibits.bad_start.tables import (
    LAYERS,
    at_end,
    at_epoch,
    decay_table,
    learned,
    mean,
    part,
)
from l2scale.lab.estimates import Interval, paired_interval
from l2scale.lab.training import schedule_factor

SAME = 0.05  # two ends this near to each other are the same end
INPUTS = 64
NAMES = {"normal": "N(0, 1)", "lecun": "N(0, 1/nᵢₙ)"}


def long_table(result: Result) -> pd.DataFrame:
    """Both starts at every strength, and at 0."""
    return pd.concat([decay_table(result), decay_table(result, "unpenalised")], ignore_index=True)


def end(table: pd.DataFrame, ratio: float, init: str, column: str) -> Interval:
    """A column's mean after the last step."""
    return mean(at_end(part(table, ratio, init)), column)


def balance(table: pd.DataFrame, ratio: float) -> dict[str, Interval]:
    """Force of the penalty over that of the data after the last step, by start and layer."""
    return {
        f"layer {layer} from {NAMES[init]}": end(table, ratio, init, f"force_ratio_{layer}")
        for init in STARTS
        for layer in LAYERS
    }


def balanced(table: pd.DataFrame, ratio: float) -> bool:
    """Whether the two forces end within 5 % of each other in both layers, from both starts."""
    return all(abs(found.estimate - 1) < SAME for found in balance(table, ratio).values())


def noisy(table: pd.DataFrame, ratio: float) -> tuple[float, float]:
    """Least and largest gradient over penalty force before the rate falls, layers and starts."""
    found = [
        mean(at_half(part(table, ratio, init)), f"force_ratio_{layer}").estimate
        for init in STARTS
        for layer in LAYERS
    ]
    return 1 / max(found), 1 / min(found)


def at_half(rows: pd.DataFrame, eighths: int = 4) -> pd.DataFrame:
    """The rows after half of the steps, the last at the full rate; or after some eighths."""
    return rows[rows["step"] == eighths * rows["steps"] // 8].set_index("seed").sort_index()


def drift(table: pd.DataFrame, ratio: float) -> float:
    """The larger relative change of the first layer's size in the full rate's last quarter."""

    def change(init: str) -> float:
        rows = part(table, ratio, init)
        return abs(float((at_half(rows)["rms_1"] / at_half(rows, 3)["rms_1"]).mean()) - 1)

    return max(change(init) for init in STARTS)


def ends_ratio(table: pd.DataFrame, ratio: float) -> Interval:
    """The first layer's size from N(0, 1) over that from N(0, 1/nᵢₙ), at the end."""
    one, other = (at_end(part(table, ratio, init))["rms_1"] for init in STARTS)
    return paired_interval(one, other, ratio=True)


def same(table: pd.DataFrame, ratio: float) -> bool:
    """Whether both starts surely end at the same size, within `SAME`."""
    found = ends_ratio(table, ratio)
    return found.low > 1 - SAME and found.high < 1 + SAME


def kept(table: pd.DataFrame, ratio: float) -> float:
    """What is left at the end of a weight that has no gradient: the memory of the start."""
    rows = part(table, ratio)
    return float((at_end(rows)["unused_1"] / at_epoch(rows, 0)["unused_1"]).mean())


def memory(table: pd.DataFrame, ratio: float) -> float:
    """Sum over all steps of 2 lr_t lambda: minus the log of what is `kept`, for small steps."""
    row = part(table, ratio).iloc[0]
    steps = int(row["steps"])
    rates = row["lr"] * np.array([schedule_factor("step", step, steps) for step in range(steps)])
    return float(2 * row["lam"] * rates.sum())


def change(table: pd.DataFrame, ratio: float, init: str) -> float:
    """The penalty's force on the first layer at the end, over that at the start."""
    rows = part(table, ratio, init)
    return float((at_end(rows)["penalty_force_1"] / at_epoch(rows, 0)["penalty_force_1"]).mean())


def alike(table: pd.DataFrame) -> list[float]:
    """The strengths at which a network learns and both starts end at the same size."""
    return [ratio for ratio in learned(table) if same(table, ratio)]


def balances(table: pd.DataFrame, listed: list[float]) -> tuple[float, float]:
    """Least and largest final force of the penalty over that of the data, at some strengths."""
    found = [each.estimate for ratio in listed for each in balance(table, ratio).values()]
    return min(found), max(found)
