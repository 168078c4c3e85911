"""What this chapter trains: networks 64-H-H-10 with a normalisation after each hidden matrix."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from l2scale.exhibits.shared import INPUTS, tidy
from l2scale.lab.sweeps.sweep import Sweep
from l2scale.lab.training.runs import Run, grid

NORMALISED, LAST, ALL = (1.0, 1.0, 0.0), (0.0, 0.0, 1.0), (1.0, 1.0, 1.0)
"""Coefficients of the layers: decay on the normalised matrices, on the last layer, on all."""

ARCHITECTURES: dict[str, tuple[int, tuple[float, ...]]] = {
    "layer_norm": (2, NORMALISED),
    "batch_norm": (2, NORMALISED),
    "residual": (1, (1.0, 1.0, 1.0, 0.0)),
}
"""Hidden layers, or residual blocks, and coefficients: decay on all matrices but the last."""

SETTINGS: dict[str, dict[str, Any]] = {
    "smoke": {
        "widths": (8, 64), "seeds": 3, "steps": 160, "rates": 2, "points": 4, "map_width": 8,
        "skipped": 1,
        "angle_widths": (8, 16), "angle_steps": 600, "angle_seeds": 3, "products": (-8, -6),
    },
    "book": {
        "widths": (16, 48, 128), "seeds": 5, "steps": 1000, "rates": 4, "points": 8,
        "map_width": 32, "skipped": 2,
        "angle_widths": (16, 48), "angle_steps": 1600, "angle_seeds": 3,
        "products": (-10, -8, -6),
    },
    "full": {
        "widths": (16, 32, 64, 128, 256, 512), "seeds": 24, "steps": 4000, "rates": 6,
        "points": 12, "map_width": 64, "skipped": 4,
        "angle_widths": (64, 256), "angle_steps": 8000, "angle_seeds": 8,
        "products": (-12, -10, -8, -6),
    },
}  # fmt: skip

BASE = Run(
    n_train=1000, label_noise=0.2, hidden=(32, 32), norm="layer", bias=False, lr=0.25,
    schedule="cosine",
)  # fmt: skip
SLOW = {"sgd": 0.0625, "adamw": 0.002}
"""The least rates of the map; each next one is four times as high."""
LEAST = {"sum": -10.0, "last": -12.5, "all": -12.5, "tensor_mean": 0.0, "fan": -6.0}
"""Powers of 2 from which eta times typed lambda is tried at the least width."""
POINTS = {"sum": 7, "last": 7, "all": 9, "tensor_mean": 6, "fan": 7}
ENDS = ("tensor_mean", "fan")
"""Penalties at the least and the largest width alone; there strengths begin some steps higher."""


def sweeps(scale: str) -> tuple[Sweep, ...]:
    """What this chapter trains at a scale."""
    at = SETTINGS[scale]
    return (
        Sweep("angles", angle_runs(at)),
        Sweep("map", map_runs(at)),
        Sweep("widths", width_runs(at)),
    )


def penalised(width: int, penalty: str) -> tuple[float, float, float]:
    """Coefficients of the layers of 64-H-H-10: of a penalty on the normalised matrices, or where.

    The mean is the sum with lambda over `weights`.
    """
    match penalty:
        case "last":
            return LAST
        case "all":
            return ALL
        case "tensor_mean":
            return (1 / (INPUTS * width), 1 / width**2, 0.0)
        case "fan":
            return (1 / INPUTS + 1 / width, 2 / width, 0.0)
    return NORMALISED


def weights(width: int) -> int:
    """How many weights the normalised matrices of 64-H-H-10 have."""
    return INPUTS * width + width**2


def factor(widths: Sequence[int]) -> float:
    """From one strength to the next: the mean's lambda, kept, is three of them less."""
    return (weights(widths[-1]) / weights(widths[0])) ** (1 / 3)


def angle_runs(at: dict[str, Any]) -> tuple[Run, ...]:
    """Narrow networks at a low rate and wide ones at a high rate, with the same products."""
    steps = at["angle_steps"]
    looks = tuple(range(steps // 2, steps + 1, steps // 20))
    base = Run(n_train=1000, label_noise=0.2, bias=False, steps=steps, checkpoints=looks)
    runs: tuple[Run, ...] = ()
    for optimiser, least in SLOW.items():
        for width, rate in zip(at["angle_widths"], (least, 8 * least), strict=True):
            for name, (layers, penalty) in ARCHITECTURES.items():
                runs += grid(
                    replace(
                        base, architecture=name, hidden=(width,) * layers, penalty=penalty,
                        optimiser=optimiser, lr=rate,
                    ),
                    lam=[tidy(2.0**power / rate) for power in at["products"]],
                    seed=range(at["angle_seeds"]),
                )  # fmt: skip
    return runs


def map_runs(at: dict[str, Any]) -> tuple[Run, ...]:
    """Rates and strengths, with the same products at every rate."""
    width, points = at["map_width"], at["points"]
    products = [2.0 ** (-9 + 8 * i / (points - 1)) for i in range(points)]
    lower = [product / 8 for product in products]
    runs: tuple[Run, ...] = ()
    for optimiser, least in SLOW.items():
        for rate in (least * 4**i for i in range(at["rates"])):
            for penalty, tried in ((NORMALISED, products), (ALL, lower)):
                base = replace(BASE, optimiser=optimiser, lr=rate, penalty=penalty)
                runs += grid(
                    replace(base, hidden=(width, width), steps=at["steps"]),
                    lam=[tidy(product / rate) for product in tried],
                    seed=range(at["seeds"]),
                )
    return runs


def width_runs(at: dict[str, Any]) -> tuple[Run, ...]:
    """Each penalty's typed lambdas, at all widths or, where only carrying is asked, at the ends."""
    widths = at["widths"]
    step = factor(widths)
    runs: tuple[Run, ...] = ()
    for penalty, least in LEAST.items():
        asked = (widths[0], widths[-1]) if penalty in ENDS else widths
        for width in asked:
            first = at["skipped"] * (penalty in ENDS and width == widths[-1])
            powers = range(first, first + POINTS[penalty])
            runs += grid(
                replace(BASE, hidden=(width, width), steps=at["steps"]),
                penalty=[penalised(width, penalty)],
                lam=[tidy(2.0**least * step**power / BASE.lr) for power in powers],
                seed=range(at["seeds"]),
            )
    return runs
