"""What this chapter trains: the same networks with small and with large batches."""

from dataclasses import replace
from typing import Any

from l2scale.exhibits.shared import doublings
from l2scale.lab.sweeps.sweep import Sweep
from l2scale.lab.training.runs import Run, grid

# The comparison at equal steps takes those that `epochs` have in batches of REFERENCE; `walk_...`
# are of the trajectories that are compared step by step, in batches of WALKS.
SETTINGS: dict[str, dict[str, Any]] = {
    "smoke": {
        "batches": (8, 32), "seeds": 3, "epochs": 32, "per_doubling": 1,
        "walk_steps": 40, "walk_seeds": 2,
    },
    "book": {
        "batches": (8, 32, 128), "seeds": 10, "epochs": 64, "per_doubling": 2,
        "walk_steps": 80, "walk_seeds": 3,
    },
    "full": {
        "batches": (4, 8, 16, 32, 64, 128), "seeds": 128, "epochs": 1024, "per_doubling": 4,
        "walk_steps": 2000, "walk_seeds": 16,
    },
}  # fmt: skip

WALKS = (8, 32, 128)
REFERENCE = 32  # samples in the batch whose steps, or whose rate over B, the others take
BASE = Run(n_train=256, label_noise=0.2, hidden=(32,), bias=False, lr=0.1, batch_size=REFERENCE)
RANGE = (-11, -3)  # exponents of 2 between which lambda is tried


def sweeps(scale: str) -> tuple[Sweep, ...]:
    """What this chapter trains at a scale."""
    at = SETTINGS[scale]
    return (
        Sweep("kept", fixed_rate_runs(at)),
        Sweep("scaled", scaled_rate_runs(at)),
        Sweep("halved", halved_rate_runs(at)),
    )


def steps_of(epochs: int, batch: int) -> int:
    """Steps that so many epochs have."""
    return epochs * BASE.n_train // batch


def fixed_rate_runs(at: dict[str, Any]) -> tuple[Run, ...]:
    """One rate for all batches, up to as many epochs or as many steps, whichever is longer."""
    runs: tuple[Run, ...] = ()
    fewest = steps_of(at["epochs"], max(at["batches"]))
    for batch in at["batches"]:
        steps = steps_of(at["epochs"], min(batch, REFERENCE))
        looks = tuple(fewest * 2**i for i in range((steps // fewest).bit_length()))
        runs += task_runs(replace(BASE, batch_size=batch, steps=steps, checkpoints=looks), at)
    return runs


def scaled_rate_runs(at: dict[str, Any]) -> tuple[Run, ...]:
    """A rate proportional to the batch, for as many epochs; `fixed_rate_runs` has REFERENCE."""
    runs: tuple[Run, ...] = ()
    for batch in at["batches"]:
        if batch != REFERENCE:
            rate, steps = BASE.lr * batch / REFERENCE, steps_of(at["epochs"], batch)
            runs += task_runs(replace(BASE, batch_size=batch, lr=rate, steps=steps), at)
    return runs


def halved_rate_runs(at: dict[str, Any]) -> tuple[Run, ...]:
    """Half the rate and twice the steps of REFERENCE, in the smallest batches and the largest."""
    base = replace(BASE, lr=BASE.lr / 2, steps=2 * steps_of(at["epochs"], REFERENCE))
    ends = (at["batches"][0], at["batches"][-1])
    return tuple(run for batch in ends for run in task_runs(replace(base, batch_size=batch), at))


def task_runs(base: Run, at: dict[str, Any]) -> tuple[Run, ...]:
    """Every strength and seed."""
    return grid(base, lam=doublings(*RANGE, at["per_doubling"]), seed=range(at["seeds"]))
