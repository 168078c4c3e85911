"""The angle of a step and the size of the weights, measured over predicted."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.shared import bounded, yes
from l2scale.lab.estimates.intervals import exponential, mean_interval
from l2scale.theory import equilibrium

NAMES = {"sgd": "SGD", "adamw": "AdamW"}
NORMS = {"layer_norm": "layer norm", "batch_norm": "batch norm", "residual": "residual stream"}
FREE: dict[str, dict[str, tuple[int, ...]]] = {
    "layer_norm": {"first": (1,), "second": (2,)},
    "batch_norm": {"first": (1,), "second": (2,)},
    "residual": {"stream": (1, 3)},
}
"""Of each architecture, the matrices whose size, together, the loss does not see."""
KEYS = ["optimiser", "architecture", "width", "lr", "lam"]


def said_angle(optimiser: str, lr: float, lam: float) -> float:
    """The root mean square angle of a step, in radians."""
    if optimiser == "adamw":
        return equilibrium.angle(equilibrium.adamw_cosine(lr, lam))
    # Exact: the mean of log cos, which is -angle^2/2 to leading order.
    return math.sqrt(-2 * math.log(equilibrium.sgd_cosine(lr, lam)))


def cells(result: Result) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """The networks of each setting, with what tells it apart."""
    for key, rows in result["angles"].table.groupby(KEYS, sort=False):
        said = dict(zip(KEYS, key, strict=True))
        product = math.log2(said["lr"] * said["lam"])
        yield said | {"product": round(product), "name": NAMES[said["optimiser"]]}, rows


def square_angle(rows: pd.DataFrame, layers: tuple[int, ...]) -> pd.Series:
    """The squared angle of a step of some matrices as one vector; of several, to leading order."""
    weights = [rows[f"sq_norm_{layer}"] for layer in layers]
    squares = [rows[f"angle_{layer}"] ** 2 for layer in layers]
    turned: pd.Series = sum(w * s for w, s in zip(weights, squares, strict=True))
    return turned / sum(weights)


@table(source="angles", main="ratio")
def angles(result: Result) -> pd.DataFrame:
    """Per setting and scale-free part: root mean square angle of a step over the one predicted.

    Over the looks of the second half of training; intervals over seeds. `product` is the power of 2
    that eta lambda is; `angle` and `predicted` are in radians. `drift` is the growth of log ||W||^2
    a step in that half, over the square of the angle predicted: what a size that has not settled
    adds to the square of SGD's ratio.
    """
    found = []
    for said, rows in cells(result):
        predicted = said_angle(said["optimiser"], said["lr"], said["lam"])
        for part, layers in FREE[said["architecture"]].items():
            square = square_angle(rows, layers)
            norm = sum(rows[f"sq_norm_{layer}"] for layer in layers)
            rows = rows.assign(square=square, norm=norm)
            each = np.sqrt(rows.groupby("seed")["square"].mean())
            norms = rows.pivot(index="seed", columns="step", values="norm")
            first, last = norms.columns[0], norms.columns[-1]
            growth = np.log(norms[last] / norms[first]).mean() / (last - first)
            ratio = exponential(mean_interval(np.log(each / predicted)))
            row = said | {"part": part, "angle": each.mean(), "predicted": predicted}
            row |= {"drift": growth / predicted**2, "seeds": ratio.n}
            found.append(row | bounded(ratio, main="ratio"))
    table = pd.DataFrame(found)
    return table.assign(residual=yes(table["architecture"] == "residual"))


@table(source="angles", main="off")
def farthest(result: Result) -> pd.DataFrame:
    """Per optimiser, architecture and product: the largest distance of a ratio from 1.

    `within` counts those of `of` that are within 5 % of 1.
    """
    rows = angles(result)
    distance = (rows["ratio"] - 1).abs()
    rows = rows.assign(distance=distance, near=distance < 0.05)
    by = rows.groupby(["optimiser", "name", "architecture", "product"], sort=False)
    return by.agg(
        off=("distance", "max"), within=("near", "sum"), of=("near", "size")
    ).reset_index()


@table(source="angles", main="ratio")
def sizes(result: Result) -> pd.DataFrame:
    """Per setting of AdamW and normalised matrix: root mean square weight over that predicted."""
    found = []
    for said, rows in cells(result):
        if said["optimiser"] != "adamw" or said["architecture"] == "residual":
            continue
        predicted = equilibrium.adamw_rms(said["lr"], said["lam"])
        for part, (layer,) in FREE[said["architecture"]].items():
            each = np.sqrt(rows.groupby("seed")[f"mean_square_{layer}"].mean())
            ratio = exponential(mean_interval(np.log(each / predicted)))
            row = said | {"part": part, "predicted": predicted, "seeds": ratio.n}
            found.append(row | bounded(ratio, main="ratio"))
    return pd.DataFrame(found)
