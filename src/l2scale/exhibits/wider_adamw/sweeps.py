"""What this chapter trains: pre-norm residual networks under AdamW, warm-up and cosine."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from l2scale.exhibits.shared import tidy
from l2scale.lab.sweeps.sweep import Sweep
from l2scale.lab.training.runs import Run, grid

SETTINGS: dict[str, dict[str, Any]] = {
    "smoke": {"widths": (8, 16), "ahead": 32, "seeds": 3, "samples": 256, "points": 4,
              "blocks": (1, 2), "deep_width": 8, "deep_samples": 256, "deep_seeds": 3,
              "few_widths": (8, 16), "few_samples": 128, "few_points": 4, "few_seeds": 3},
    "book": {"widths": (16, 32, 64), "ahead": 128, "seeds": 3, "samples": 1024, "points": 7,
             "blocks": (1, 2, 4), "deep_width": 32, "deep_samples": 512, "deep_seeds": 6,
             "few_widths": (12, 24, 48), "few_samples": 256, "few_points": 6, "few_seeds": 7},
    "full": {"widths": (64, 128, 256), "ahead": 512, "seeds": 12, "samples": 1024,
             "points": 13, "blocks": (1, 2, 4, 8), "deep_width": 128, "deep_samples": 1024,
             "deep_seeds": 12, "few_widths": (64, 128, 256), "few_samples": 1024,
             "few_points": 11, "few_seeds": 12},
}  # fmt: skip

BASE = Run(
    architecture="residual", label_noise=0.2, bias=False, optimiser="adamw",
    schedule="warmup_cosine", warmup=1, hidden=(16,),
)  # fmt: skip
RATES = (0.25, 1.0, 4.0)
"""Learning rates times the width."""
PRODUCTS = (-12.0, -3.0)
"""Powers of 2 between which the product of rate and strength is tried."""
AHEAD = (-9.0, -4.5)
"""The same at the width that is predicted."""
EPOCHS = 16
FEW_RATES = (0.004, 0.008, 0.016, 0.032)
"""Learning rates where data are few: twice the width has half the rate on the grid, too."""
FEW_STRENGTHS = (-4.0, 3.5)
"""Powers of 2 between which lambda is tried there."""
FEW_EPOCHS = 64
FITTED = {"c": 4.0, "product": 0.00124, "at": 32, "power": 1.32, "test_loss": 0.392}
"""What arm A gave at book scale up to 64 units: the rate times the width, the best product of rate
and strength at 32 units and its power of the width, and the test loss, which had no slope."""


def sweeps(scale: str) -> tuple[Sweep, ...]:
    """What this chapter trains: as many samples at every width, or as its square, and deeper."""
    at = SETTINGS[scale]
    widths, most = at["widths"], at["samples"]
    fixed = [run for width in widths for run in shape_runs(at, (width,), most, PRODUCTS)]
    grown = [
        run
        for width in widths[:-1]
        for run in shape_runs(at, (width,), most * width**2 // widths[-1] ** 2, PRODUCTS)
    ]
    ahead = shape_runs(at, (at["ahead"],), most, AHEAD)
    rate, lam = predicted_pair(at["ahead"])
    ahead += pairs(at, (at["ahead"],), most, rate, [lam])
    deep = at | {"seeds": at["deep_seeds"]}
    deeper = [
        run
        for blocks in at["blocks"]
        for run in shape_runs(deep, (at["deep_width"],) * blocks, at["deep_samples"], PRODUCTS)
    ]
    few = [
        run for width in at["few_widths"] for rate in FEW_RATES for run in few_runs(at, width, rate)
    ]
    trained = {"fixed": fixed, "grown": grown, "ahead": ahead, "deeper": deeper, "few": few}
    return tuple(Sweep(name, tuple(runs)) for name, runs in trained.items())


def predicted_pair(width: int) -> tuple[float, float]:
    """Rate and strength that the fit of arm A predicts at a width."""
    rate = FITTED["c"] / width
    product = FITTED["product"] * (width / FITTED["at"]) ** FITTED["power"]
    return tidy(rate), tidy(product / rate)


def few_runs(at: dict[str, Any], width: int, rate: float) -> tuple[Run, ...]:
    """Strengths at one width and rate on few data that are seen often."""
    low, high = FEW_STRENGTHS
    count = at["few_points"]
    lams = [tidy(2 ** (low + i * (high - low) / (count - 1))) for i in range(count)]
    steps = FEW_EPOCHS * at["few_samples"] // (BASE.batch_size or 1)
    run = replace(
        BASE, hidden=(width,), n_train=at["few_samples"], lr=rate, steps=steps, warmup=steps // 10
    )
    return grid(run, lam=lams, seed=range(at["few_seeds"]))


def shape_runs(
    at: dict[str, Any], hidden: tuple[int, ...], samples: int, powers: tuple[float, float]
) -> tuple[Run, ...]:
    """Rates and strengths for one shape."""
    low, high = powers
    step = (PRODUCTS[1] - PRODUCTS[0]) / (at["points"] - 1)
    count = round((high - low) / step) + 1
    runs: tuple[Run, ...] = ()
    for rate in (c / hidden[0] for c in RATES):
        lams = [tidy(2 ** (low + i * step) / rate) for i in range(count)]
        runs += pairs(at, hidden, samples, rate, lams)
    return runs


def pairs(
    at: dict[str, Any], hidden: tuple[int, ...], samples: int, rate: float, lams: Iterable[float]
) -> tuple[Run, ...]:
    """Networks of one shape and rate, looked at half way and at the end."""
    steps = EPOCHS * samples // (BASE.batch_size or 1)
    run = replace(
        BASE, hidden=hidden, n_train=samples, lr=tidy(rate), steps=steps,
        warmup=max(1, steps // 10), checkpoints=(steps // 2, steps),
    )  # fmt: skip
    return grid(run, lam=lams, seed=range(at["seeds"]))
