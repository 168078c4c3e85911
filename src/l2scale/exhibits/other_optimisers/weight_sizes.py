"""How large weights are after training: of AdamW against its ceiling, and where nothing pulls."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.exhibits.drawing import percent, span
from l2scale.exhibits.other_optimisers.cells import arm, end, labelled
from l2scale.lab.estimates import Interval, mean_interval, optima, paired_interval

COUPLED_CLOCKS = ("sgd", "momentum", "adamw")  # those whose unopposed weights decay exponentially


def sizes_table(result: Result) -> pd.DataFrame:
    """AdamW at a constant rate and at the lambda of least validation error, per layers and width.

    One row per seed and layer: `ceiling`, the RMS of the layer's weights over 1/(2 lambda), and
    `random`, over what independent updates of size eta would leave, sqrt(eta/(4 lambda)).
    """
    table = end(labelled(result))
    rows = []
    for layers in (2, 3):
        some = arm(table, "adamw", layers=layers)
        best = optima(some, ["width"], select="val_error", report="test_error").set_index("width")
        at = some[some["lam"] == some["width"].map(best["at"])]
        for layer in range(1, layers + 1):
            rms = np.sqrt(at[f"mean_square_{layer}"])
            rows.append(
                at[["layers", "width", "seed", "lam"]].assign(
                    layer=layer,
                    ceiling=2 * at["lam"] * rms,
                    random=rms / np.sqrt(at["lr"] / (4 * at["lam"])),
                )
            )
    return pd.concat(rows, ignore_index=True)


def size(table: pd.DataFrame, layers: int, layer: int, place: int, quantity: str) -> Interval:
    """Mean over seeds of `ceiling` or `random` in one layer at the `place`-th width."""
    rows = table[(table["layers"] == layers) & (table["layer"] == layer)]
    rows = rows[rows["width"] == sorted(rows["width"].unique())[place]]
    return mean_interval(rows[quantity])


def unused_left(result: Result, cell: str, place: int = 0) -> Interval:
    """Share of an unopposed weight left between the two looks, measured over predicted.

    At the least strength and the `place`-th width. Predicted is exp of -2 eta lambda steps, over
    1 - mu.
    """
    table = arm(labelled(result), cell)
    width = sorted(table["width"].unique())[place]
    table = table[(table["width"] == width) & (table["lam"] == table["lam"].min())]
    by_step = table.pivot(index="seed", columns="step", values="unused_1")
    first, last = sorted(by_step.columns)
    row = table.iloc[0]
    rate = 2 * row["lr"] * row["lam"] / (1 - row["momentum"])
    expected = by_step[first] * np.exp(-rate * (last - first))
    return paired_interval(by_step[last], expected, ratio=True)


def left(result: Result, cell: str, strength: str) -> float:
    """Share of their start that unopposed weights keep at the first look: a mean over seeds.

    At the least width, and the least ("weak") or the largest ("strong") lambda of the grid.
    """
    table = arm(labelled(result), cell)
    lam = table["lam"].min() if strength == "weak" else table["lam"].max()
    first = (table["step"] == table["step"].min()) & (table["width"] == table["width"].min())
    rows = table[first & (table["lam"] == lam)]
    inputs = rows["sq_norm_1"] / (rows["mean_square_1"] * rows["width"])
    return float((rows["unused_1"] / np.sqrt(2 / inputs)).mean())  # He's start: variance 2/n_in


def size_numbers(result: Result) -> dict[str, str]:
    """What the prose quotes."""
    table = sizes_table(result)
    ends = {"narrow": 0, "wide": -1}
    numbers = {
        f"ceiling_{layers}_{layer}_{name}": span(size(table, layers, layer, place, "ceiling"))
        for layers in (2, 3)
        for layer in range(1, layers + 1)
        for name, place in ends.items()
    }
    numbers |= {
        f"random_{name}": span(size(table, 2, 2, place, "random"), ".1f")
        for name, place in ends.items()
    }
    numbers |= {f"unused_{cell}": span(unused_left(result, cell)) for cell in COUPLED_CLOCKS}
    return numbers | {
        f"left_{cell}_{strength}": percent(left(result, cell, strength))
        for cell in ("sgd", "adam")
        for strength in ("weak", "strong")
    }
