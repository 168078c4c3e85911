"""Weights that no data pull at, and how many clocks a training lasts."""

import numpy as np

from l2scale.catalogue.numerals import percent, plain
from l2scale.catalogue.results import Result
from l2scale.exhibits.other_optimisers.cells import Arm, end, labelled
from l2scale.lab.estimates import Interval, optima, paired_interval

COUPLED = ("sgd", "momentum", "adamw")  # those whose unopposed weights decay exponentially
INVERSE = tuple(Arm(cell, "inverse_width") for cell in ("sgd", "adam", "adamw"))


def unused_left(result: Result, cell: str) -> Interval:
    """Share of an unopposed weight left between the two looks, measured over predicted.

    At the least strength and width. Predicted is exp of -2 eta lambda steps, over 1 - mu.
    """
    table = Arm(cell).of(labelled(result))
    least = (table["width"] == table["width"].min()) & (table["lam"] == table["lam"].min())
    by_step = table[least].pivot(index="seed", columns="step", values="unused_1")
    first, last = sorted(by_step.columns)
    row = table[least].iloc[0]
    rate = 2 * row["lr"] * row["lam"] / (1 - row["momentum"])
    expected = by_step[first] * np.exp(-rate * (last - first))
    return paired_interval(by_step[last], expected, ratio=True)


def left(result: Result, cell: str, strength: str) -> float:
    """Share of their start that unopposed weights keep at the first look: a mean over seeds.

    At the least width, and the least ("weak") or the largest ("strong") lambda of the grid.
    """
    table = Arm(cell).of(labelled(result))
    lam = table["lam"].min() if strength == "weak" else table["lam"].max()
    first = (table["step"] == table["step"].min()) & (table["width"] == table["width"].min())
    rows = table[first & (table["lam"] == lam)]
    inputs = rows["sq_norm_1"] / (rows["mean_square_1"] * rows["width"])
    return float((rows["unused_1"] / np.sqrt(2 / inputs)).mean())  # He's start: variance 2/n_in


def clocks(result: Result, arm: Arm) -> str:
    """2 eta lambda t at the end, at the largest width and the lambda of least validation error.

    Where the rate is divided by the width.
    """
    rows = arm.of(end(labelled(result)))
    best = optima(rows, ["width"], select="val_error", report="test_error")
    last, narrow = best.iloc[-1], best["width"].iloc[0]
    rate = rows["lr"].iloc[0] * narrow / last["width"]
    bound = {"low": "at most ", "high": "at least "}.get(last["edge"], "")
    return bound + plain(float(f"{2 * rate * last['lam'] * rows['step'].iloc[0]:.2g}"))


def clock_numbers(result: Result) -> dict[str, str]:
    """What the prose quotes."""
    off = max(abs(unused_left(result, cell).estimate - 1) for cell in COUPLED)
    return {
        "unused_off": percent(off),
        "left_adam_weak": percent(left(result, "adam", "weak")),
        "left_adam_strong": percent(left(result, "adam", "strong")),
    } | {f"clocks_{arm.cell}": clocks(result, arm) for arm in INVERSE}
