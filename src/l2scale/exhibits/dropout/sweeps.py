"""What this chapter trains."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from l2scale.exhibits.shared import DIGITS, tidy
from l2scale.lab.sweeps.measurement import Measurement, gathered, observe
from l2scale.lab.sweeps.sweep import Sweep
from l2scale.lab.training.batches import split_of
from l2scale.lab.training.runs import Run, grid
from l2scale.lab.training.trainer import trained_weights
from l2scale.theory.dropout import added_loss, least_added_loss, rate_of

# Odds p/(1-p) of the rates, and strengths, as powers of 2; and those that are tried together. The
# ranges were set after a pilot with two widths, two seeds of its own, and no exponent in it.
SETTINGS: dict[str, dict[str, Any]] = {
    "smoke": {
        "widths": (8, 16, 32), "mapped": (8, 16), "seeds": 3, "steps": 120,
        "odds": range(-3, 3), "lams": range(-8, -3), "both": ((-1, 1), (-7, -6, -5)),
        "fading": (8, 32), "masks": 16,
    },
    "book": {
        "widths": (16, 32, 64, 128, 512), "mapped": (16, 32), "seeds": 8, "steps": 1200,
        "odds": range(-3, 6), "lams": range(-10, -3), "both": ((0, 2, 4), range(-9, -4)),
        "fading": (16, 32, 64, 128, 256, 512), "masks": 64,
    },
    "full": {
        "widths": (16, 32, 64, 128, 256, 512, 1024, 2048), "mapped": (16, 32, 64, 128, 256, 512),
        "seeds": 32, "steps": 6400,
        "odds": range(-3, 8), "lams": range(-12, -3), "both": ((0, 2, 4, 6), range(-10, -4)),
        "fading": (16, 32, 64, 128, 256, 512, 1024, 2048), "masks": 256,
    },
}  # fmt: skip

LABELS = (0.0, 0.2)
FIXED = 2.0**-7
"""The strength at which networks without dropout are asked what it would add."""


def sweeps(scale: str) -> tuple[Sweep, ...]:
    """What this chapter trains at a scale."""
    at = SETTINGS[scale]
    base = replace(DIGITS, steps=at["steps"])
    rates = [0.0, *(rate_of(2.0**power) for power in at["odds"])]
    lams = [0.0, *(tidy(2.0**power) for power in at["lams"])]
    some_rates = [rate_of(2.0**power) for power in at["both"][0]]
    some_lams = [tidy(2.0**power) for power in at["both"][1]]
    runs: list[Run] = []
    for width in at["widths"]:
        here = {"hidden": [(width,)], "label_noise": LABELS, "seed": range(at["seeds"])}
        if width in at["mapped"]:
            runs += grid(base, **here, dropout=rates, lam=lams)
            continue
        runs += grid(base, **here, dropout=rates, lam=[0.0])
        runs += grid(base, **here, dropout=[0.0], lam=lams[1:])
        runs += grid(base, **here, dropout=some_rates, lam=some_lams)
    return (Sweep("grid", tuple(runs)),)


def observations(scale: str) -> tuple[Measurement, ...]:
    """What dropout would add to the loss of networks that were trained without it."""
    at = SETTINGS[scale]
    base = replace(DIGITS, steps=at["steps"], lam=FIXED)
    arguments = [
        (replace(base, hidden=(width,), label_noise=noise, seed=seed), at["masks"])
        for width in at["fading"]
        for noise in LABELS
        for seed in range(at["seeds"])
    ]

    def look() -> pd.DataFrame:
        return gathered(_added, arguments)

    settings = {"lam": FIXED, "steps": at["steps"], "masks": at["masks"]}
    return (observe("added", look, networks=len(arguments), **settings),)


def _added(run: Run, masks: int) -> list[dict[str, Any]]:
    """One network trained without dropout: what it would add at the rate 1/2, of odds 1."""
    ((first, second),) = trained_weights([run])
    split = split_of(run)
    x = np.concatenate([split.x_train, np.ones((len(split.x_train), 1))], axis=1)
    h, out = np.maximum(x @ first.T, 0.0), second[:, :-1]
    rng = np.random.default_rng([run.seed, masks])
    outputs = h @ out.T + second[:, -1]
    rise = [
        _log_sum_exp((h * (2 * rng.integers(0, 2, h.shape))) @ out.T + second[:, -1])
        for _ in range(masks)
    ]
    return [
        {"width": run.hidden[0], "label_noise": run.label_noise, "seed": run.seed}
        | {"squared": added_loss(h, out, 0.5), "entropy": np.mean(rise) - _log_sum_exp(outputs)}
        | {"even": least_added_loss(h, out, 0.5)}
        | {"squares": float(np.square(first[:, :-1]).sum() + np.square(out).sum())}
    ]


def _log_sum_exp(outputs: np.ndarray) -> float:
    """Mean over the samples: cross-entropy is this less the right outputs, which are unbiased."""
    top = outputs.max(axis=1, keepdims=True)
    return float(np.mean(top[:, 0] + np.log(np.exp(outputs - top).sum(axis=1))))
