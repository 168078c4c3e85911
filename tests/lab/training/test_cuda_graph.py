"""On a GPU, captured steps against the same steps on the CPU."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from l2scale.lab.training.runs import Run
from l2scale.lab.training.trainer import trained_weights

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
BASE = Run(hidden=(9, 5), lam=1e-3, lr=0.02, steps=100, schedule="cosine", dtype="float64")


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"momentum": 0.9},
        {"optimiser": "adam", "lr": 1e-3},
        {"optimiser": "adamw", "lr": 1e-3, "checkpoints": (0, 7, 100)},
        {"batch_size": None},
        {"activation": "tanh", "norm": "layer"},
        {"data": "teacher"},
        {"data": "digits_parity"},
        {"outputs": "sigmoid"},
        {"dropout": 0.3},
    ],
    ids=str,
)
def test_a_gpu_takes_the_same_steps(change: dict) -> None:
    runs = [replace(BASE, **change, seed=seed) for seed in range(3)]
    for one, other in zip(trained_weights(runs), trained_weights(runs, "cuda"), strict=True):
        for expected, found in zip(one, other, strict=True):
            assert np.linalg.norm(found - expected) < 1e-9 * np.linalg.norm(expected)
