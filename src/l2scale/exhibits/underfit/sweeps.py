"""What this chapter trains: small and large networks at every strength, and at none."""

from dataclasses import replace
from itertools import chain
from typing import Any

from l2scale.exhibits.optimisers import BASE, OPTIMISERS, look, scaled_by_rule
from l2scale.exhibits.shared import doublings
from l2scale.lab.sweeps.sweep import Sweep
from l2scale.lab.training.runs import Run, grid

SETTINGS: dict[str, dict[str, Any]] = {
    "smoke": {
        "small": 8, "factor": 2, "depths": (2, 4), "depth_width": 8, "seeds": 3, "steps": 120,
        "per_doubling": 1,
    },
    "book": {
        "small": 16, "factor": 8, "depths": (2, 3, 4, 5, 6, 8), "depth_width": 32, "seeds": 6,
        "steps": 1000, "per_doubling": 2,
    },
    "full": {
        "small": 16, "factor": 64, "depths": (2, 3, 4, 5, 6, 8, 12, 16), "depth_width": 64,
        "seeds": 64, "steps": 8000, "per_doubling": 4,
    },
}  # fmt: skip

COUPLED = (-9, -2)  # exponents of 2 between which lambda is tried
DEEPER = (-9, -1)  # two layers still learn a little at 2^-2
RAISED = (-5, -4)  # exponents of 2 between which lambda is raised in steps


def sweeps(scale: str) -> tuple[Sweep, ...]:
    """What this chapter trains at a scale."""
    at = SETTINGS[scale]
    wider = Sweep("wider", tuple(run for arm in cause_runs(at).values() for run in arm))
    return (wider, Sweep("deeper", depth_runs(at)))


def cause_runs(at: dict[str, Any]) -> dict[str, tuple[Run, ...]]:
    """For each suspected cause, the small network and the wide one at every strength."""
    slow, patient = (replace(BASE, **look(at["steps"] * times)) for times in (1, at["factor"]))
    adam, adamw = (replace(slow, **OPTIMISERS[name][0]) for name in ("adam", "adamw"))
    both = ("constant", "constant")
    return {
        "sgd": pair_runs(at, slow, both, COUPLED),
        "normalised": pair_runs(at, replace(slow, norm="layer"), both, COUPLED),
        "adam": pair_runs(at, adam, both, COUPLED),
        "adamw": pair_runs(at, adamw, both, OPTIMISERS["adamw"][1]),
        "slower": pair_runs(at, slow, ("inverse_width",), COUPLED),
        "slower, longer": pair_runs(at, patient, ("inverse_width",), COUPLED),
    }


def pair_runs(
    at: dict[str, Any], base: Run, rules: tuple[str, ...], powers: tuple[float, float]
) -> tuple[Run, ...]:
    """The wide network by the last of the rules, after the small one where two rules are given."""
    small = at["small"]
    widths = (small, small * at["factor"])[-len(rules) :]
    lams, seeds = [0.0, *doublings(*powers, at["per_doubling"])], range(at["seeds"])
    pairs = zip(rules, widths, strict=True)
    runs = (grid(scaled_by_rule(base, *pair, small), lam=lams, seed=seeds) for pair in pairs)
    return tuple(chain.from_iterable(runs))


def depth_runs(at: dict[str, Any]) -> tuple[Run, ...]:
    """The sum and SGD at one width, from two layers to many."""
    return grid(
        replace(BASE, lr=0.05, **look(2 * at["steps"])),
        hidden=[(at["depth_width"],) * (depth - 1) for depth in at["depths"]],
        lam=[0.0, *doublings(*DEEPER, at["per_doubling"])],
        seed=range(at["seeds"]),
    )
