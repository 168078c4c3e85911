"""What this chapter trains."""

from dataclasses import replace
from typing import Any

from l2scale.exhibits.shared import funnel_layers, tidy
from l2scale.lab.sweeps.sweep import Sweep
from l2scale.lab.training.networks import layer_shapes
from l2scale.lab.training.runs import Run, grid
from l2scale.theory.initialisation import INITS
from l2scale.theory.penalties import Shape

LAM = 0.01  # the strength in the question
ADVISED = 1e-4  # the strength that a comment advised instead; the least of the grid

BASE = Run(data="digits_parity", n_train=400, label_noise=0.1, init="glorot", lam=LAM, lr=0.1)

SETTINGS: dict[str, dict[str, Any]] = {
    "smoke": {
        "big": 16, "big_seeds": 3, "big_steps": 40, "start_seeds": 2,
        "widths": (1, 4, 16), "width_seeds": 3, "width_steps": 1500,
        "grid": (1, 4), "grid_seeds": 3, "grid_steps": 600, "fine": 4,
    },
    "book": {
        "big": 1024, "big_seeds": 3, "big_steps": 60, "start_seeds": 2,
        "widths": (1, 3, 10, 30, 100), "width_seeds": 6, "width_steps": 3000,
        "grid": (1, 3, 10, 30), "grid_seeds": 6, "grid_steps": 1500, "fine": 8,
    },
    "full": {
        "big": 1024, "big_seeds": 16, "big_steps": 3000, "start_seeds": 8,
        "widths": (1, 4, 16, 64, 256, 1024), "width_seeds": 16, "width_steps": 6000,
        "grid": (1, 4, 16, 64, 256), "grid_seeds": 32, "grid_steps": 6000, "fine": 16,
    },
}  # fmt: skip


def shapes_of(shape: str) -> tuple[Shape, ...]:
    """Weight shapes of a network from its `hidden` column, such as "11-3"."""
    return layer_shapes(64, [int(units) for units in shape.split("-")], 1)


def lambda_grid(fine: int) -> list[float]:
    """Two strengths a decade from 1e-4 to 0.3, and `fine` a decade about the valley.

    The valley is steep on one side and flat on the other, so that a parabola through points far
    apart would put its lowest point too low.
    """
    coarse = [ADVISED * 10 ** (i / 2) for i in range(8)]
    around = [10 ** (-2.25 + i / fine) for i in range(fine + 1)]
    return sorted({tidy(lam) for lam in (*coarse, *around, 10**-0.75)})


def sweeps(scale: str) -> tuple[Sweep, ...]:
    """What this chapter trains at a scale."""
    at = SETTINGS[scale]
    steps, long = at["big_steps"], at["width_steps"]
    looks = tuple(sorted({round(steps * share) for share in (0, 0.25, 0.5, 1)}))
    big = replace(BASE, hidden=funnel_layers(at["big"]), steps=steps, checkpoints=looks)
    untrained = replace(big, steps=0, checkpoints=())
    halvings = tuple(sorted({0, *(round(long * 2**-i) for i in range(9))}))
    patient = replace(BASE, steps=long, checkpoints=halvings)
    short = replace(BASE, steps=at["grid_steps"])
    scan, lams = map(funnel_layers, at["grid"]), lambda_grid(at["fine"])
    shapes, seeds = map(funnel_layers, at["widths"]), range(at["width_seeds"])
    return (
        Sweep("start", grid(untrained, init=INITS, seed=range(at["start_seeds"]))),
        Sweep("training", grid(big, lam=(0.0, LAM), seed=range(at["big_seeds"]))),
        Sweep("widths", grid(patient, hidden=shapes, seed=seeds)),
        Sweep("strengths", grid(short, hidden=scan, lam=lams, seed=range(at["grid_seeds"]))),
    )
