"""What this chapter trains."""

from dataclasses import replace
from typing import Any

from l2scale.exhibits.shared import effective
from l2scale.lab.sweeps.sweep import Sweep
from l2scale.lab.training.runs import Run, grid
from l2scale.theory.penalties import PENALTIES

LAM = 0.01
TYPED = 0.05  # what the five penalties are worth at the smallest width

SETTINGS: dict[str, dict[str, Any]] = {
    "smoke": {
        "chains": {2: (4, 8, 16, 32), 3: (4, 8, 16)}, "chain_seeds": 3, "chain_steps": 60,
        "others": {2: (8, 32), 3: (8, 32)}, "other_seeds": 2, "other_steps": 60,
        "line_widths": (1, 4, 16), "line_seeds": 2, "line_starts": 3, "line_steps": 150,
    },
    "book": {
        "chains": {
            2: (4, 8, 16, 32, 64, 128, 256, 512, 1024), 3: (4, 8, 16, 32, 64, 128, 256),
        },
        "chain_seeds": 4, "chain_steps": 120,
        "others": {2: (8, 16, 32, 64, 128), 3: (8, 16, 32, 64)},
        "other_seeds": 3, "other_steps": 120,
        "line_widths": (1, 2, 4, 8, 16, 64), "line_seeds": 4, "line_starts": 8,
        "line_steps": 300,
    },
    "full": {
        "chains": {
            2: (4, 8, 16, 32, 64, 128, 256, 512, 1024), 3: (4, 8, 16, 32, 64, 128, 256, 512, 1024),
        },
        "chain_seeds": 8, "chain_steps": 2000,
        "others": {2: tuple(2**i for i in range(3, 10)), 3: tuple(2**i for i in range(3, 9))},
        "other_seeds": 8, "other_steps": 1000,
        "line_widths": (1, 2, 4, 8, 16, 64, 256, 1024), "line_seeds": 16, "line_starts": 64,
        "line_steps": 2000,
    },
}  # fmt: skip

BASE = Run(
    data="digits",
    n_train=200,
    label_noise=0.2,
    lam=LAM,
    optimiser="lbfgs",
    batch_size=None,
    dtype="float64",
)
LINE = replace(BASE, data="zigzag", n_train=None, label_noise=0.0, lam=0.01)


def sweeps(scale: str) -> tuple[Sweep, ...]:
    """The five penalties from width to width, and the sums that each should be worth."""
    at = SETTINGS[scale]
    return (Sweep("others", penalty_runs(at, False)), Sweep("twins", penalty_runs(at, True)))


def penalty_runs(at: dict[str, Any], as_sum: bool) -> tuple[Run, ...]:
    """Every penalty with lambda typed once, so that all are worth TYPED at the smallest width.

    With `as_sum`, the sums of the same effective strength instead.
    """
    runs: tuple[Run, ...] = ()
    for depth, widths in at["others"].items():
        for penalty in PENALTIES:
            typed = TYPED / effective(penalty, min(widths), depth)
            for width in widths:
                run = replace(BASE, steps=at["other_steps"], hidden=(width,) * (depth - 1))
                worth = typed * effective(penalty, width, depth)
                named = {"penalty": penalty, "lam": typed}
                run = replace(run, **({"lam": worth} if as_sum else named))
                runs += grid(run, seed=range(at["other_seeds"]))
    return tuple(dict.fromkeys(runs)) if as_sum else runs
