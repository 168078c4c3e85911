"""What this chapter trains: each network for long, at each strength, measured on the way."""

from dataclasses import replace
from typing import Any

from l2scale.exhibits.shared import DIGITS, doublings
from l2scale.lab.sweeps.sweep import Sweep
from l2scale.lab.training.runs import Run, grid

# `seeds` is by number of training samples. Looks are `steps` over the powers of 2 and over 1.5
# times those, from `first` on.
SETTINGS: dict[str, dict[str, Any]] = {
    "smoke": {"seeds": {400: 4, 100: 3}, "steps": 288, "first": 18, "per_doubling": 1},
    "book": {"seeds": {400: 24, 100: 16}, "steps": 4608, "first": 36, "per_doubling": 2},
    "full": {"seeds": {400: 128, 100: 128}, "steps": 36864, "first": 36, "per_doubling": 4},
}

HELD_OUT = (40, 90, 180)
ALL_HELD_OUT = 360
NOISES = (0.0, 0.2)
RANGE = (-12, -3)  # exponents of 2 between which lambda is tried, beside 0
ALIKE = 0.005  # a difference in test error, half a point, below which two protocols count as alike
BASE = replace(DIGITS, hidden=(32,), lr=0.2, held_out=HELD_OUT)


def sweeps(scale: str) -> tuple[Sweep, ...]:
    """What this chapter trains at a scale."""
    at = SETTINGS[scale]
    base = replace(BASE, steps=at["steps"], checkpoints=looks(at["steps"], at["first"]))
    lams = (0.0, *doublings(*RANGE, at["per_doubling"]))
    runs: tuple[Run, ...] = ()
    for samples, seeds in at["seeds"].items():
        some = replace(base, n_train=samples)
        runs += grid(some, label_noise=NOISES, lam=lams, seed=range(seeds))
    return (Sweep("trained", runs),)


def looks(steps: int, first: int) -> tuple[int, ...]:
    """The steps at which a training may be stopped."""
    found: list[int] = []
    step = steps
    while step >= first:
        found += [step, step * 2 // 3]
        step //= 2
    return tuple(sorted(look for look in found if look >= first))
