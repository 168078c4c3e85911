"""What the lab refuses: one error, which names the value and the way out, before any training."""

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch

from l2scale.lab.data.datasets import load
from l2scale.lab.sweeps.sweep import Sweep
from l2scale.lab.training.runs import Run, grid

NAN, INF = float("nan"), float("inf")
NO_NUMBERS = ["0.1", True, None, NAN, INF, -INF, 10**400, 1j, Decimal("0.1"), Fraction(1), (0.1,)]
NO_WHOLE_NUMBERS = ["3", True, 2.0, 2.5, NAN, -1, [1], Fraction(3), torch.tensor(3)]
NO_NAMES = ["", "Sum", 3, None, ["sum"], b"sum", np.array(["sum", "mean"])]

WRONG: dict[str, list[Any]] = {
    "data": ["", "mnist2", None, 3, ["wine"]],
    "architecture": [*NO_NAMES, "MLP", "resnet"],
    "n_train": [*NO_WHOLE_NUMBERS, 0],
    "label_noise": [*NO_NUMBERS, -0.1, 1.0, torch.tensor(0.1)],
    "hidden": [8, (8.0,), (True,), ("8",), "8", [8], (0,), (-3,), (NAN,), None, {8}, np.array([8])],
    "activation": [*NO_NAMES, "ReLU"],
    "norm": NO_NAMES,
    "outputs": NO_NAMES,
    "bias": ["no", 0, 1, None, [], 1.0],
    "penalise_biases": ["yes", 0, None],
    "init": NO_NAMES,
    "init_scale": [*NO_NUMBERS, 0.0, -1.0],
    "layer_init": [(1.0,), [1.0, 1.0], (1.0, "1"), (1.0, 0.0), (1.0, NAN), 2.0, None, (True, 1.0)],
    "bias_init": [*NO_NUMBERS, -1.0],
    "penalty": ["l2", 1.0, None, [1.0, 1.0], (1.0,), (1.0, -1.0), (1.0, NAN), (1.0, "2"), ()],
    "lam": [*NO_NUMBERS, -1e-9],
    "dropout": [*NO_NUMBERS, -0.1, 1.0, 1.5],
    "optimiser": [*NO_NAMES, "SGD"],
    "muon_on": [*NO_NAMES, "all", "hidden"],
    "lr": [*NO_NUMBERS, 0.0, -0.1],
    "layer_lr": [(1.0, 1.0, 1.0), [1.0, 1.0], (INF, 1.0), "11"],
    "momentum": [*NO_NUMBERS, 1.0, -0.1],
    "batch_size": [*NO_WHOLE_NUMBERS, 0, 32.0],
    "steps": [*NO_WHOLE_NUMBERS, 20.0, None],
    "schedule": NO_NAMES,
    "warmup": [*NO_WHOLE_NUMBERS, 1, 2000],
    "decayed": [*NO_NAMES, "biases", "all"],
    "decay_steps": [
        (5,),
        (5, 2),
        (1.0, 2),
        [0, 5],
        5,
        None,
        (0, 2000),
        (0, 5, 9),
        (True, 2),
        (0, 5),
    ],
    "checkpoints": [(5, 2), (5, 5), (2000,), (-1,), (1.0,), [0, 5], 5, None, ("5",), (True,)],
    "held_out": [(0,), (-1,), (40.0,), [40], 40, None, ("40",), (True,)],
    "seed": [*NO_WHOLE_NUMBERS, None],
    "dtype": [*NO_NAMES, torch.float32, "float16"],
}
CASES = [(field, value) for field, values in WRONG.items() for value in values]


@pytest.mark.parametrize(("field", "value"), CASES, ids=lambda each: str(each)[:40])
def test_a_run_refuses_what_a_field_cannot_hold(field: str, value: Any) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(value))) as caught:
        Run(**{field: value})
    said = str(caught.value)
    known = {"data": "data set"}.get(field, field)
    assert known in said and repr(value) in said
    way_out = said.replace(repr(value), "", 1).replace(known, "", 1)
    ways = ("choose", "give", "number", "True or False", "rising steps", "share of labels")
    assert any(way in way_out for way in ways)


def test_every_field_has_its_bad_values() -> None:
    assert set(WRONG) == set(Run.__dataclass_fields__) and len(CASES) >= 120


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"layer_lr": (1.0,)}, r"layer_lr is \(1.0,\): give .* above 0 for each of the 2 layers"),
        ({"penalty": (1.0, 2.0, 3.0)}, r"penalty is \(1.0, 2.0, 3.0\).* each of the 2 layers"),
        ({"n_train": 20}, "batch_size 32 exceeds the 20 .*choose at most as many, or None"),
        ({"optimiser": "adam", "momentum": 0.9}, "momentum 0.9 belongs to sgd"),
        ({"optimiser": "lbfgs"}, "lbfgs needs batch_size None and dtype float64"),
        (
            {"optimiser": "lbfgs", "batch_size": None, "dtype": "float64", "dropout": 0.5},
            r"dropout 0.5 needs .* sgd, adam or adamw, .* not lbfgs .*: choose dropout 0",
        ),
        ({"hidden": (), "dropout": 0.5}, r"dropout 0.5 needs hidden units, .* with \(\)"),
        ({"bias": False, "bias_init": 0.1}, "bias_init is 0.1, and the network has no biases"),
        ({"steps": 5, "checkpoints": (0, 10)}, r"checkpoints are \(0, 10\).*between 0 and 5"),
        ({"schedule": "warmup_cosine"}, "warmup is 0 with schedule 'warmup_cosine'"),
        (
            {"schedule": "warmup_cosine", "warmup": 9, "steps": 5},
            "warmup 9 is longer than the 5 steps: choose at most as many",
        ),
        ({"optimiser": "muon_original"}, "optimiser is 'muon_original', which architecture 'mlp'"),
        ({"architecture": "residual", "norm": "layer"}, "norm is 'layer', .* 'residual' .* 'none'"),
        ({"architecture": "residual", "layer_lr": (1.0,) * 3}, "layer_lr is .* of the 4 layers"),
        ({"architecture": "residual", "muon_on": "hidden"}, "muon_on is 'hidden', with sgd and 4"),
        (
            {
                "architecture": "layer_norm",
                "hidden": (8,),
                "optimiser": "muon_original",
                "muon_on": "hidden",
            },
            "muon_original and 2 matrices: .* choose 'matrices'",
        ),
        ({"architecture": "residual", "hidden": (8, 9)}, "the same width for every block"),
        ({"architecture": "layer_norm", "hidden": ()}, "give at least one width"),
        ({"architecture": "layer_norm", "penalise_biases": True}, "penalise_biases is True"),
        ({"architecture": "batch_norm", "batch_size": 1}, "batch_size is 1, .* 2 samples or more"),
        ({"architecture": "transformer", "data": "wine"}, "data is 'wine', .*choose one of digits"),
        ({"architecture": "convolutional", "data": "teacher"}, "data is 'teacher', .* images"),
        ({"architecture": "transformer", "hidden": (10,)}, "give a multiple of 4"),
        (
            {"architecture": "convolutional", "optimiser": "muon_match_rms_adamw"},
            "torch's Muon takes matrices, and kernels have four axes",
        ),
        (
            {
                "architecture": "residual",
                "optimiser": "lbfgs",
                "batch_size": None,
                "dtype": "float64",
            },
            "optimiser is 'lbfgs', which architecture 'residual' does not take",
        ),
        (
            {"architecture": "residual", "decayed": "all", "penalty": "mean"},
            "decayed 'all' goes with penalty 'sum', not 'mean'",
        ),
        (
            {"architecture": "residual", "penalty": (1.0,)},
            r"penalty is \(1.0,\): .* for each of the 4 layers",
        ),
        (
            {"architecture": "residual", "steps": 5, "decay_steps": (0, 9)},
            r"decay_steps is \(0, 9\): .* at most 5",
        ),
    ],
    ids=str,
)
def test_a_run_refuses_fields_that_do_not_fit(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Run(**change)


def test_a_regression_may_have_noise_above_one() -> None:
    assert Run(data="teacher", label_noise=2.0).label_noise == 2.0


def test_numbers_of_numpy_become_those_of_python() -> None:
    given = Run(
        n_train=np.int64(64), hidden=(np.int32(8),), lam=np.float32(0.5), lr=np.float64(0.1),
        steps=np.uint8(20), seed=np.int64(3), bias=np.True_, penalty=(np.float64(1), np.float64(2)),
        checkpoints=tuple(np.arange(0, 21, 10)), activation=np.str_("tanh"),
    )  # fmt: skip
    plain = Run(
        n_train=64, hidden=(8,), lam=0.5, lr=0.1, steps=20, seed=3, penalty=(1.0, 2.0),
        checkpoints=(0, 10, 20), activation="tanh",
    )  # fmt: skip
    assert repr(given) == repr(plain) and given == plain


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (lambda: grid(Run(), penalty="sum"), r"axis 'penalty' is 'sum': .*\('sum',\)"),
        (lambda: grid(Run(), data="wine"), r"axis 'data' is 'wine': .*\('wine',\)"),
        (lambda: grid(Run(), seed=3), r"axis 'seed' is 3: .*\(3,\)"),
        (lambda: grid(Run(), lam=0.1), r"axis 'lam' is 0.1: .*\(0.1,\)"),
        (lambda: grid(Run(), bias=None), r"axis 'bias' is None"),
        (lambda: grid(Run(), lam=()), "axis 'lam' is empty: .*at least one"),
        (lambda: grid(Run(), lambdas=(0.1,)), "unknown axis 'lambdas': choose from .*lam"),
        (lambda: grid(Run(), hidden=(8, 16)), r"hidden is 8: .*in a tuple such as"),
        (lambda: grid(Run(), penalty=(1.0, 2.0)), "penalty is 1.0: give one of sum, mean"),
        (lambda: grid(Run(), lam=("0.1",)), "lam is '0.1': a finite number"),
        (lambda: grid(Run(), lam=np.array([[0.1, 0.2]])), "lam is array"),
        (lambda: Sweep("none", ()), "sweep 'none' is empty: give it at least one run"),
        (lambda: Sweep("twice", (Run(), Run())), "'twice' holds a run twice"),
        (lambda: Sweep("other", (Run(), "run")), "'other' holds 'run', which is no Run"),
        (lambda: Sweep("one", Run()), r"'one' is of Run\(.*give a tuple of runs"),
        (lambda: Sweep("s", (Run(),)).over(lam=0.1), "axis 'lam' is 0.1"),
        (lambda: Sweep("s", (Run(),)).over(lam=(-1.0,)), "lam is -1.0"),
        (lambda: replace(Run(), steps=1.5), "steps is 1.5: a whole number"),
        (lambda: load("wine", seed=0.0), "seed must be a whole number, 0 or above, and is 0.0"),
        (lambda: load("wine", seed=0, label_noise="0.1"), "label_noise must be .* and is '0.1'"),
        (lambda: load("wine", seed=0, label_noise=True), "label_noise must be .* and is True"),
        (lambda: load(None, seed=0), "unknown data set None: choose one of digits"),
        (lambda: load(["wine"], seed=0), r"unknown data set \['wine'\]"),
    ],
)  # fmt: skip
def test_grids_sweeps_and_data_refuse_what_they_cannot_be(
    bad: Callable[[], Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        bad()
