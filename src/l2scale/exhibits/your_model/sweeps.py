"""What this chapter trains: three kinds of network, and one to its minimum."""

from dataclasses import replace
from typing import Any

from l2scale.lab.sweeps.sweep import Sweep
from l2scale.lab.training.runs import Run, grid

FIFTY = Run(
    data="digits_parity", n_train=400, label_noise=0.1, init="glorot", lam=0.01, lr=0.1, bias=False
)
"""The task and the rate of the first chapter."""

LAM = 1e-3
"""The strength of all others, whatever the network."""

RATE, MOMENTUM, BATCH = 0.02, 0.9, 32

MINIMUM = Run(
    data="digits", n_train=200, hidden=(16,), lam=LAM, optimiser="lbfgs", batch_size=None,
    dtype="float64",
)  # fmt: skip

SETTINGS: dict[str, dict[str, Any]] = {
    "smoke": {"big": 16, "big_steps": 12, "epochs": 6, "seeds": 2, "iterations": 400},
    "book": {"big": 1024, "big_steps": 16, "epochs": 20, "seeds": 3, "iterations": 1000},
    "full": {"big": 1024, "big_steps": 200, "epochs": 60, "seeds": 8, "iterations": 3000},
}


def sweeps(scale: str) -> tuple[Sweep, ...]:
    """The networks that the lab takes to their minimum."""
    at = SETTINGS[scale]
    base = replace(MINIMUM, steps=at["iterations"], checkpoints=(0, at["iterations"]))
    return (Sweep("minima", grid(base, activation=("relu", "tanh"), seed=range(at["seeds"]))),)
