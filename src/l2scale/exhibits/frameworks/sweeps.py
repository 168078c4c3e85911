"""What this chapter trains: one small network, at many strengths."""

from typing import Any

from l2scale.exhibits.shared import tidy
from l2scale.lab.sweeps.sweep import Sweep
from l2scale.lab.training.runs import Run, grid

# `walk_...`, `watch_...` and `clip_...` are of networks trained in plain PyTorch, `samples` and
# `apply_seeds` of one step or one minimum in each library.
SETTINGS: dict[str, dict[str, Any]] = {
    "smoke": {
        "samples": 1000, "apply_seeds": 2,
        "seeds": 3, "per_doubling": 1, "walk_seeds": 2, "walk_steps": 96,
        "watch_seeds": 4, "watch_steps": 320, "clip_seeds": 3, "clip_steps": 128,
    },
    "book": {
        "samples": 50_000, "apply_seeds": 2,
        "seeds": 8, "per_doubling": 2, "walk_seeds": 3, "walk_steps": 192,
        "watch_seeds": 8, "watch_steps": 640, "clip_seeds": 4, "clip_steps": 256,
    },
    "full": {
        "samples": 50_000, "apply_seeds": 16,
        "seeds": 128, "per_doubling": 4, "walk_seeds": 32, "walk_steps": 1024,
        "watch_seeds": 64, "watch_steps": 1600, "clip_seeds": 64, "clip_steps": 1024,
    },
}  # fmt: skip

LEFT = 0.99  # of each weight after a batch, in the sentence that the chapter tests
BASE = Run(n_train=256, label_noise=0.2, hidden=(32,), bias=False, lr=0.1, batch_size=32, steps=384)
STRONG = tidy((1 - LEFT) / (2 * BASE.lr))  # the lambda whose decay leaves that share
OCTAVES = (-6, 1)  # of STRONG, between which lambda is tried


def sweeps(scale: str) -> tuple[Sweep, ...]:
    """What this chapter trains at a scale."""
    return (Sweep("strengths", strength_runs(SETTINGS[scale])),)


def strength_runs(at: dict[str, Any]) -> tuple[Run, ...]:
    """Every strength and seed; STRONG is among the strengths."""
    low, high = OCTAVES
    per = at["per_doubling"]
    lams = [tidy(STRONG * 2 ** (low + i / per)) for i in range((high - low) * per + 1)]
    return grid(BASE, lam=lams, seed=range(at["seeds"]))
