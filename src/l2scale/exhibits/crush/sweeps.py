"""What this chapter trains and computes."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from l2scale.exhibits.crush.limits import biased_threshold, limit_of, linear_threshold
from l2scale.lab.data.datasets import load
from l2scale.lab.sweeps.measurement import Measurement, gathered, observe
from l2scale.lab.sweeps.sweep import Sweep
from l2scale.lab.training.runs import Run, grid
from l2scale.theory.certificate import brackets
from l2scale.theory.response import slopes
from l2scale.theory.threshold import maxima

RATIOS = (0.5, 0.8, 0.9, 0.95, 0.98, 1.02, 1.05, 1.2)  # of the predicted threshold
CLOCKS = (0.9, 1.0, 1.1, 1.5, 2.0)
WIDE = 128  # from here on one start is enough, and another is dear
SMALL = 0.03  # factor on the initial weights of the small start
STARTS = (SMALL, 0.7, 1.0)
TOLERANCE = 0.01  # at which the certificates' search stops

SETTINGS: dict[str, dict[str, Any]] = {
    "smoke": {
        "widths": (8, 32), "samples": {"digits": 100, "teacher": 128}, "seeds": 2,
        "iterations": 60, "starts": ("he",), "biased": (16,),
        "clock_steps": 1000, "clock_seeds": 2,
        "jump_ratios": (0.1, 0.2, 0.3, 0.4, 0.6, 0.9, 1.1), "jump_seeds": 2, "jump_steps": 600,
        "basin_lams": (0.02, 0.06, 0.15), "basin_scales": 12, "basin_seeds": 2,
        "basin_steps": 800,
        "dimensions": (2, 3), "cells": 20_000, "restarts": 16,
        "others": ("breast_cancer", "wine"),
    },
    "book": {
        "widths": (8, 32, 64, 128, 512), "samples": {"digits": 200, "teacher": 256}, "seeds": 3,
        "iterations": 80, "starts": ("he", "normal"), "biased": (8, 128),
        "clock_steps": 3000, "clock_seeds": 5,
        "jump_ratios": (
            0.1, 0.2, 0.225, 0.25, 0.275, 0.3, 0.325, 0.35, 0.375, 0.4, 0.425, 0.45, 0.5, 0.8,
            0.95, 1.05, 1.2,
        ), "jump_seeds": 3, "jump_steps": 1200,
        "basin_lams": tuple(0.008 * 1.6**i for i in range(7)), "basin_scales": 13,
        "basin_seeds": 3, "basin_steps": 1200,
        "dimensions": (2, 3, 4), "cells": 250_000, "restarts": 64,
        "others": ("breast_cancer", "wine", "digits_parity", "digits"),
    },
    "full": {
        "widths": (8, 32, 64, 128, 512, 2048), "samples": {"digits": 500, "teacher": 512},
        "seeds": 6, "iterations": 300, "starts": ("he", "normal", "pytorch"),
        "biased": (8, 32, 128, 512),
        "clock_steps": 20000, "clock_seeds": 8,
        "jump_ratios": tuple(round(0.05 + 0.0125 * i, 4) for i in range(80)), "jump_seeds": 8,
        "jump_steps": 6000,
        "basin_lams": tuple(0.004 * 1.25**i for i in range(20)), "basin_scales": 40,
        "basin_seeds": 8, "basin_steps": 6000,
        "dimensions": (2, 3, 4, 5), "cells": 4_000_000, "restarts": 512,
        "others": ("breast_cancer", "wine", "digits_parity", "digits", "mnist_test_parity"),
    },
}  # fmt: skip

BASE = Run(bias=False, batch_size=None)
DESCENT = replace(BASE, data="teacher", n_train=128, lr=0.05, momentum=0.9)
DEPTHS = (2, 3, 4)


def sweeps(scale: str) -> tuple[Sweep, ...]:
    """What this chapter trains at a scale."""
    at = SETTINGS[scale]
    return (
        Sweep("widths", width_runs(at)),
        Sweep("biased", bias_runs(at)),
        Sweep("clock", clock_runs(at)),
        Sweep("jump", jump_runs(at)),
        Sweep("basin", basin_runs(at)),
    )


def minimised(at: dict[str, Any], data: str) -> Run:
    """A run down to a minimum, on the chapter's share of a data set."""
    return replace(
        BASE, data=data, n_train=at["samples"][data], optimiser="lbfgs", dtype="float64",
        steps=at["iterations"],
    )  # fmt: skip


def width_runs(at: dict[str, Any]) -> tuple[Run, ...]:
    """Two layers of several widths around the threshold of their own training set."""
    runs: tuple[Run, ...] = ()
    for data in at["samples"]:
        for seed in range(at["seeds"]):
            base = replace(minimised(at, data), seed=seed)
            lams = [ratio * limit_of(data, base.n_train, seed).threshold for ratio in RATIOS]
            for width in at["widths"]:
                starts = at["starts"][:1] if width >= WIDE else at["starts"]
                runs += grid(base, hidden=[(width,)], lam=lams, init=starts)
    return runs


def bias_runs(at: dict[str, Any]) -> tuple[Run, ...]:
    """Two layers with free biases around the threshold of their own training set."""
    runs: tuple[Run, ...] = ()
    for seed in range(at["seeds"]):
        base = replace(minimised(at, "digits"), seed=seed, bias=True)
        lams = [ratio * biased_threshold("digits", base.n_train, seed) for ratio in RATIOS]
        runs += grid(base, hidden=[(width,) for width in at["biased"]], lam=lams)
    return runs


def clock_runs(at: dict[str, Any]) -> tuple[Run, ...]:
    """Two layers under gradient descent, above and below the threshold."""
    steps = at["clock_steps"]
    base = replace(
        BASE, data="teacher", n_train=128, hidden=(64,), lr=0.02, dtype="float64", steps=steps,
        checkpoints=tuple(round(steps * i / 20) for i in range(21)),
    )  # fmt: skip
    runs: tuple[Run, ...] = ()
    for seed in range(at["clock_seeds"]):
        top = limit_of("teacher", base.n_train, seed).threshold
        runs += grid(replace(base, seed=seed), lam=[ratio * top for ratio in CLOCKS])
    return runs


def jump_runs(at: dict[str, Any]) -> tuple[Run, ...]:
    """Two, three and four layers under gradient descent, from small and standard starts."""
    runs: tuple[Run, ...] = ()
    for seed in range(at["jump_seeds"]):
        base = replace(DESCENT, steps=at["jump_steps"], seed=seed)
        top = limit_of("teacher", base.n_train, seed).threshold
        runs += grid(
            base,
            hidden=[(16,) * (depth - 1) for depth in DEPTHS],
            lam=[ratio * top for ratio in at["jump_ratios"]],
            init_scale=STARTS,
        )
    return runs


def basin_runs(at: dict[str, Any]) -> tuple[Run, ...]:
    """Three and four layers under gradient descent, by strength and size of the start."""
    count = at["basin_scales"]
    return grid(
        replace(DESCENT, steps=at["basin_steps"]),
        hidden=[(16,) * (depth - 1) for depth in DEPTHS[1:]],
        lam=at["basin_lams"],
        init_scale=[SMALL * (1.1 / SMALL) ** (i / (count - 1)) for i in range(count)],
        seed=range(at["basin_seeds"]),
    )


def observations(scale: str) -> tuple[Measurement, ...]:
    """The ascents and the certificates at a scale."""
    at = SETTINGS[scale]
    digits = {"data": "digits", "n_train": at["samples"]["digits"]}
    seeds, inputs = at["seeds"], list(at["dimensions"])
    return (
        observe("certificates", lambda: certificates(at), **digits, dimensions=inputs, seeds=seeds),
        observe("ascents", lambda: ascents(at), **digits, restarts=at["restarts"], seeds=seeds),
        observe("datasets", lambda: datasets(at), data=list(at["others"]), seeds=seeds),
    )


def certificates(at: dict[str, Any]) -> pd.DataFrame:
    """Bounds on M against cells, on the first principal components of the digits."""
    rows = []
    for seed in range(at["seeds"]):
        inputs, g = inputs_and_slopes(at, seed)
        components = np.linalg.svd(inputs, full_matrices=False)[2]
        for d in at["dimensions"]:
            x = inputs @ components[:d].T
            found = float(maxima(x, g, restarts=at["restarts"])[1].max())
            for bracket in brackets(x, g, tolerance=TOLERANCE, most=at["cells"]):
                row = {"seed": seed, "inputs": d, "cells": bracket.cells, "found": found}
                rows.append(row | {"lower": bracket.lower, "upper": bracket.upper})
    return pd.DataFrame(rows)


def ascents(at: dict[str, Any]) -> pd.DataFrame:
    """Where ascents from random directions end, on all inputs of the digits."""
    rows = []
    for seed in range(at["seeds"]):
        found = np.sort(maxima(*inputs_and_slopes(at, seed), restarts=at["restarts"])[1])[::-1]
        rows += [{"seed": seed, "rank": rank, "found": v} for rank, v in enumerate(found, start=1)]
    return pd.DataFrame(rows)


def inputs_and_slopes(at: dict[str, Any], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs of the chapter's digits, and the slopes of their losses."""
    split = load("digits", seed=seed, n_train=at["samples"]["digits"])
    return split.x_train, slopes(split.y_train, split.task)


def datasets(at: dict[str, Any]) -> pd.DataFrame:
    """Thresholds of other data sets, whole."""
    seeds = range(at["seeds"])
    return gathered(thresholds_of, [(data, seed) for data in at["others"] for seed in seeds])


def thresholds_of(data: str, seed: int) -> list[dict[str, Any]]:
    """The row of one data set and seed, see `datasets`."""
    found = limit_of(data, None, seed)
    row = {"data": data, "seed": seed, "threshold": found.threshold, "binary": found.binary}
    row |= {f"jump_{depth}": found.path.jump(depth)[0] for depth in (3, 4)}
    row |= {"linear": linear_threshold(data, seed)}
    return [row | {"biased": biased_threshold(data, None, seed)}]
