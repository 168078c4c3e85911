"""A step that is repeated without Python, as a captured one on a GPU is, against ordinary steps.

What a capture takes from Python, a number that changes or a tensor that is made anew, would stay as
it was in the first step. Here a step's operations are traced once and repeated on the same memory.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from torch import Tensor
from torch.fx.experimental.proxy_tensor import make_fx

from l2scale.lab.training import compiled, trainer
from l2scale.lab.training.batches import split_of
from l2scale.lab.training.losses import TASKS, task_of
from l2scale.lab.training.runs import CHOICES, MUON, OPTIMISERS, Run
from l2scale.lab.training.trainer import trained_weights

BASE = Run(hidden=(9, 5), lam=1e-3, lr=0.02, steps=70, schedule="cosine")
SETTINGS = [
    {},
    {"momentum": 0.9},
    {"optimiser": "adam", "lr": 1e-3},
    {"optimiser": "adamw", "lr": 1e-3, "checkpoints": (0, 7, 70)},
    {"schedule": "constant"},
    {"schedule": "warmup_cosine", "warmup": 9},
    {"schedule": "step", "layer_lr": (1.0, 0.5, 2.0)},
    {"batch_size": None, "steps": 20},
    {"batch_size": 1},
    {"activation": "tanh"},
    {"activation": "sigmoid"},
    {"activation": "linear"},
    {"activation": "leaky_relu", "norm": "layer"},
    {"norm": "layer", "bias": False},
    {"penalise_biases": True, "penalty": "mean"},
    {"data": "teacher"},
    {"data": "digits_parity"},
    {"outputs": "sigmoid"},
    {"dropout": 0.3},
    {"hidden": ()},
    {"dtype": "float64"},
]


@pytest.mark.parametrize("field", ["activation", "norm", "outputs", "schedule", "dtype"])
def test_no_choice_is_left_out(field: str) -> None:
    assert {getattr(replace(BASE, **change), field) for change in SETTINGS} == set(CHOICES[field])


def test_every_optimiser_and_loss_that_is_recorded_is_here() -> None:
    runs = [replace(BASE, **change) for change in SETTINGS]
    assert {run.optimiser for run in runs} == set(OPTIMISERS) - {"lbfgs", *MUON}
    assert {task_of(split_of(run).task, run.outputs) for run in runs} == set(TASKS)


def repeat(step: Callable[[], None], changes: Sequence[Tensor]) -> Callable[[], None]:
    """As `l2scale.lab.training.cuda_graph.capture` does it."""
    before = [tensor.clone() for tensor in changes]
    operations = make_fx(step)()
    for tensor, value in zip(changes, before, strict=True):
        tensor.copy_(value)
    return lambda: operations() and None


@pytest.fixture(autouse=True)
def lockstep(monkeypatch: pytest.MonkeyPatch) -> None:
    """No run is compiled, as none is on a GPU."""
    monkeypatch.setattr(compiled, "suits", lambda run, device: False)


@pytest.mark.parametrize("change", SETTINGS, ids=str)
def test_a_repeated_step_is_the_step(change: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [replace(BASE, **change, seed=seed, lam=seed * 1e-3) for seed in range(3)]
    ordinary = trained_weights(runs)
    monkeypatch.setattr(trainer, "capture", repeat)
    for one, other in zip(trained_weights(runs), ordinary, strict=True):
        for found, expected in zip(one, other, strict=True):
            assert np.array_equal(found, expected)
