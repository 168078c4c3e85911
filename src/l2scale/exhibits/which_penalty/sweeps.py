"""What this chapter trains."""

from dataclasses import replace
from typing import Any

from l2scale.exhibits.shared import DIGITS, doublings
from l2scale.lab.sweeps.sweep import Sweep
from l2scale.lab.training.runs import Run, grid

# Exponents of 2 between which each penalty's typed lambda is tried. A doubled width halves some
# coefficients, and halved strengths are on the grid.
RANGES = {
    "sum": (-12, -3),
    "tensor_mean": (1, 9),
    "fan": (-5, 1),
    "prior": (-18, -7),
}

SETTINGS: dict[str, dict[str, Any]] = {
    "smoke": {
        "widths": (8, 16, 32), "other_widths": (8, 32), "seeds": 3, "steps": 160, "per_doubling": 1,
        "other_per_doubling": 1,
        "minima_widths": (8, 16), "minima_seeds": 3, "iterations": 40,
        "minima_per_doubling": 1,
        "task_widths": (8, 32), "task_seeds": 3,
        "depth_widths": (8, 16), "depth_seeds": 3,
    },
    "book": {
        "widths": (16, 32, 64, 128, 256, 512), "other_widths": (16, 64, 256, 512),
        "seeds": 8, "steps": 1200, "per_doubling": 3, "other_per_doubling": 2,
        "minima_widths": (16, 32, 64, 128, 256, 512), "minima_seeds": 8, "iterations": 100,
        "minima_per_doubling": 2,
        "task_widths": (16, 64, 256), "task_seeds": 10,
        "depth_widths": (16, 32, 64, 128), "depth_seeds": 6,
    },
    "full": {
        "widths": tuple(2**i for i in range(4, 13)),
        "other_widths": tuple(2**i for i in range(4, 13)),
        "seeds": 128, "steps": 6400, "per_doubling": 4, "other_per_doubling": 4,
        "minima_widths": tuple(2**i for i in range(4, 11)), "minima_seeds": 24, "iterations": 600,
        "minima_per_doubling": 4,
        "task_widths": tuple(2**i for i in range(4, 13)), "task_seeds": 128,
        "depth_widths": tuple(2**i for i in range(4, 11)), "depth_seeds": 128,
    },
}  # fmt: skip

MINIMUM = replace(DIGITS, optimiser="lbfgs", batch_size=None, dtype="float64")
TASKS = {
    "teacher": replace(DIGITS, data="teacher", n_train=256, label_noise=0.5, lr=0.02),
    "breast_cancer": replace(DIGITS, data="breast_cancer"),
}
DEPTHS = (3, 5)
DEEP = replace(DIGITS, lr=0.05)


def sweeps(scale: str) -> tuple[Sweep, ...]:
    """What this chapter trains at a scale."""
    at = SETTINGS[scale]
    steps = at["steps"]
    look: dict[str, Any] = {"steps": steps, "checkpoints": (steps // 16, steps // 4, steps)}
    return (
        Sweep("penalties", penalty_runs(at, replace(DIGITS, **look))),
        Sweep("minima", minimum_runs(at)),
        Sweep("tasks", task_runs(at, look)),
        Sweep("depths", depth_runs(at, look)),
    )


def penalty_runs(at: dict[str, Any], base: Run) -> tuple[Run, ...]:
    """Each penalty's typed lambdas at every width. The mean is the sum with lambda over P."""
    runs: tuple[Run, ...] = ()
    for penalty, (low, high) in RANGES.items():
        widths, per = at["widths"], at["per_doubling"]
        if penalty != "sum":
            widths, per = at["other_widths"], at["other_per_doubling"]
        runs += grid(
            replace(base, penalty=penalty),
            hidden=[(width,) for width in widths],
            lam=doublings(low, high, per),
            seed=range(at["seeds"]),
        )
    return runs


def minimum_runs(at: dict[str, Any]) -> tuple[Run, ...]:
    """The sum to convergence: L-BFGS on the whole training part."""
    return grid(
        replace(MINIMUM, steps=at["iterations"]),
        hidden=[(width,) for width in at["minima_widths"]],
        lam=doublings(-9, -4, at["minima_per_doubling"]),
        seed=range(at["minima_seeds"]),
    )


def task_runs(at: dict[str, Any], look: dict[str, Any]) -> tuple[Run, ...]:
    """The sum on a second and a third task."""
    runs: tuple[Run, ...] = ()
    for base in TASKS.values():
        runs += grid(
            replace(base, **look),
            hidden=[(width,) for width in at["task_widths"]],
            lam=doublings(-9, -2, at["per_doubling"]),
            seed=range(at["task_seeds"]),
        )
    return runs


def depth_runs(at: dict[str, Any], look: dict[str, Any]) -> tuple[Run, ...]:
    """The sum with more layers."""
    return grid(
        replace(DEEP, **look),
        hidden=[(width,) * (depth - 1) for depth in DEPTHS for width in at["depth_widths"]],
        lam=doublings(-9, -4, at["per_doubling"]),
        seed=range(at["depth_seeds"]),
    )
