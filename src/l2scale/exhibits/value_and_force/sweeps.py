"""What this chapter trains."""

from dataclasses import replace
from typing import Any

from l2scale.exhibits.shared import INPUTS, OUTPUTS
from l2scale.lab.sweeps.sweep import Sweep
from l2scale.lab.training.networks import layer_shapes
from l2scale.lab.training.runs import Run, grid
from l2scale.theory.penalties import PENALTIES, n_weights

LAM = 1e-3  # the strength in the claims about decay

SETTINGS: dict[str, dict[str, Any]] = {
    "smoke": {
        "widths": (16, 64, 256), "width_seeds": 3, "width_steps": 20,
        "unused_seeds": 4, "unused_steps": 400,
        "layer_seeds": 3, "layer_steps": 400,
        "pair_widths": (16, 64), "pair_seeds": 3, "pair_steps": 300, "per_decade": 1,
        "samples": (64, 128, 256, 512), "sample_seeds": 4,
    },
    "book": {
        "widths": tuple(2**i for i in range(4, 13)), "width_seeds": 5, "width_steps": 50,
        "unused_seeds": 20, "unused_steps": 5000,
        "layer_seeds": 10, "layer_steps": 4000,
        "pair_widths": (16, 64, 256), "pair_seeds": 6, "pair_steps": 2000, "per_decade": 3,
        "samples": (32, 64, 128, 256, 512, 1024), "sample_seeds": 30,
    },
    "full": {
        "widths": tuple(2**i for i in range(4, 15)), "width_seeds": 16, "width_steps": 1000,
        "unused_seeds": 64, "unused_steps": 20000,
        "layer_seeds": 64, "layer_steps": 16000,
        "pair_widths": (32, 128, 512, 2048), "pair_seeds": 64, "pair_steps": 8000, "per_decade": 6,
        "samples": (32, 64, 128, 256, 512, 1024), "sample_seeds": 128,
    },
}  # fmt: skip

BASE = Run(data="digits", lam=LAM, lr=0.1, batch_size=32)
RATES = (0.02, 0.1, 0.5)
# Which layers of 64-1024-16-10 the sum penalises; layer 1 is the big one.
ARMS = {"all layers": (1.0, 1.0, 1.0), "only the big one": (1.0, 0.0, 0.0), "none": (0.0, 0.0, 0.0)}


def sweeps(scale: str) -> tuple[Sweep, ...]:
    """What this chapter trains at a scale."""
    at = SETTINGS[scale]
    steps = at["width_steps"]
    # In 64 bits: in 32, a share of 1e-9 lost in a step, or of 2 lr lam, would drown in rounding.
    exact = replace(BASE, dtype="float64")
    widths = grid(
        replace(exact, steps=steps, checkpoints=(0, steps)),
        penalty=PENALTIES,
        hidden=[(w,) for w in at["widths"]],
        seed=range(at["width_seeds"]),
    )
    long = at["unused_steps"]
    unused = grid(
        replace(exact, hidden=(16,), steps=long, checkpoints=tenths(long)),
        lr=RATES,
        seed=range(at["unused_seeds"]),
    )
    steps = at["layer_steps"]
    layers = grid(
        replace(BASE, hidden=(1024, 16), steps=steps, checkpoints=tenths(steps)),
        penalty=ARMS.values(),
        seed=range(at["layer_seeds"]),
    )
    return (
        Sweep("widths", widths),
        Sweep("unused", unused),
        Sweep("layers", layers),
        Sweep("pairs", pair_runs(at)),
        Sweep("samples", sample_runs(at)),
    )


def tenths(steps: int) -> tuple[int, ...]:
    """Eleven steps from 0 to the end."""
    return tuple(range(0, steps + 1, steps // 10))


def pair_runs(at: dict[str, Any]) -> tuple[Run, ...]:
    """Sum and mean side by side: at every width each strength of the sum, and P times it."""
    noisy = replace(BASE, n_train=500, label_noise=0.2, steps=at["pair_steps"])
    strengths = [10 ** (-4 + i / at["per_decade"]) for i in range(3 * at["per_decade"] + 1)]
    runs: tuple[Run, ...] = ()
    for optimiser, lr in (("sgd", 0.1), ("adam", 1e-3)):
        for width in at["pair_widths"]:
            shared = replace(noisy, hidden=(width,), optimiser=optimiser, lr=lr)
            total = n_weights(layer_shapes(INPUTS, (width,), OUTPUTS))
            seeds = range(at["pair_seeds"])
            runs += grid(shared, penalty=("sum",), lam=strengths, seed=seeds)
            runs += grid(shared, penalty=("mean",), lam=[total * s for s in strengths], seed=seeds)
    return runs


def sample_runs(at: dict[str, Any]) -> tuple[Run, ...]:
    """One shape on nested parts of the data, untrained."""
    whole = replace(BASE, hidden=(64,), batch_size=None, steps=0)
    return grid(whole, n_train=at["samples"], seed=range(at["sample_seeds"]))
