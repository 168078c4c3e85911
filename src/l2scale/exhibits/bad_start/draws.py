"""Draws of two layers from N(0, 1), and how far from normal the second layer's inputs are."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import expit

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.bad_start.sweeps import SIGMOIDS
from l2scale.exhibits.shared import bounded, means
from l2scale.lab.data.datasets import load
from l2scale.lab.estimates.exponents import loglog_slope
from l2scale.lab.sweeps.measurement import gathered
from l2scale.theory.saturation import mean_square_slope, normal_mean, preactivation_kurtosis

SETTINGS: dict[str, dict[str, Any]] = {
    "smoke": {"seeds": 4, "draws": 20_000, "widths": (1, 4, 16)},
    "book": {"seeds": 12, "draws": 200_000, "widths": (1, 2, 4, 8, 16, 32)},
    "full": {"seeds": 32, "draws": 400_000, "widths": (1, 2, 4, 8, 16, 32, 64)},
}
CHUNK = 20_000  # networks drawn at once
ACTIVATIONS = {"linear": lambda z: z, "sigmoid": expit}
OUTSIDE = 3  # standard deviations
NORMAL_TAIL = float(2 * stats.norm.sf(OUTSIDE))


def observe_draws(seeds: int, draws: int, widths: tuple[int, ...]) -> pd.DataFrame:
    """What enters a unit of the second layer for one image, over networks from N(0, 1).

    Given an image x, a first-layer pre-activation is drawn from its law N(0, ||x||^2 + 1), the 1
    being its bias's. The second layer's sums have no bias: that would be one more normal term. The
    first H units of a draw serve for width H.
    """
    return gathered(draw_seed, [(seed, draws, widths) for seed in range(seeds)])


def draw_seed(seed: int, draws: int, widths: tuple[int, ...]) -> list[dict[str, Any]]:
    """The rows of one seed, see `observe_draws`."""
    rows, s = [], spread_of(seed)
    sums = second_layer(np.random.default_rng([seed, 46]), s, draws, widths)
    for activation, drawn in sums.items():
        for width, z in zip(widths, drawn.T, strict=True):
            deviation = float(z.std())
            slope = np.mean((expit(z) * expit(-z)) ** 2)
            rows.append({
                "activation": activation, "width": width, "seed": seed,
                "kurtosis": float(stats.kurtosis(z)),
                "outside": float(np.mean(np.abs(z) > OUTSIDE * deviation)),
                "slope": float(slope / mean_square_slope(deviation)),
                "predicted": predicted_kurtosis(activation, s, width),
            })  # fmt: skip
    return rows


def spread_of(seed: int) -> float:
    """Standard deviation of a first-layer pre-activation for a seed's first image."""
    image = load(SIGMOIDS.data, seed=seed, n_train=200).x_train[0]
    return float(np.sqrt(image @ image + SIGMOIDS.bias_init**2))


def second_layer(
    rng: np.random.Generator, s: float, draws: int, widths: tuple[int, ...]
) -> dict[str, np.ndarray]:
    """Sums of v_j a_j over the first H units, ``(draws, widths)``, for each activation."""
    found: dict[str, list[np.ndarray]] = {name: [] for name in ACTIVATIONS}
    for start in range(0, draws, CHUNK):
        shape = (min(CHUNK, draws - start), max(widths))
        z, v = s * rng.standard_normal(shape), rng.standard_normal(shape)
        for name, activation in ACTIVATIONS.items():
            found[name].append(np.cumsum(v * activation(z), axis=1)[:, np.array(widths) - 1])
    return {name: np.concatenate(parts) for name, parts in found.items()}


def predicted_kurtosis(activation: str, s: float, width: int) -> float:
    """The excess kurtosis of a mixture of normals."""
    function = ACTIVATIONS[activation]
    square = float(normal_mean(lambda z: function(z) ** 2, s))
    fourth = float(normal_mean(lambda z: function(z) ** 4, s))
    return preactivation_kurtosis(square, fourth, width)


@table(source="preactivations", main="kurtosis")
def kurtosis(result: Result) -> pd.DataFrame:
    """Per activation and width: means over seeds of excess kurtosis, tails and mean square slope.

    The slope is over that for a normal variable; `of_product` is the kurtosis times H over the 6 of
    normal activations.
    """
    columns = ["kurtosis", "outside", "slope", "predicted"]
    found = means(result["preactivations"].table, ["activation", "width"], *columns)
    scaled = found[["kurtosis", "low", "high"]].mul(found["width"] / 6, axis=0)
    names = ["of_product", "of_product_low", "of_product_high"]
    return found.join(scaled.set_axis(names, axis=1)).assign(tail=NORMAL_TAIL, beyond=OUTSIDE)


@table(source="preactivations", main="exponent")
def kurtosis_exponents(result: Result) -> pd.DataFrame:
    """Per activation: the exponent of the excess kurtosis in the width."""
    return pd.DataFrame(
        {"activation": activation}
        | bounded(loglog_slope(rows, "width", "kurtosis"), main="exponent")
        for activation, rows in result["preactivations"].table.groupby("activation")
    )
