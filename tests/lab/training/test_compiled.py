"""Which runs are trained by compiled kernels, and what their networks do not depend on."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l2scale.lab.training import compiled
from l2scale.lab.training.runs import Run
from l2scale.lab.training.trainer import trained_weights

BASE = Run(hidden=(6, 5), lam=1e-3, steps=70, optimiser="adam", lr=1e-3)


def same(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    """Bit for bit."""
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, True),
        ({"activation": "leaky_relu", "optimiser": "sgd", "momentum": 0.9}, True),
        ({"hidden": (), "data": "teacher", "batch_size": None}, True),
        ({"activation": "tanh"}, False),
        ({"norm": "layer"}, False),
        ({"dropout": 0.5}, True),
        ({"optimiser": "lbfgs", "dtype": "float64", "batch_size": None}, True),
    ],
)
def test_says_what_it_trains(change: dict, expected: bool) -> None:
    run = replace(BASE, **change)
    assert compiled.suits(run, "cpu") == expected
    assert not compiled.suits(run, "cuda:0")


@settings(max_examples=15, deadline=None)
@given(
    rate=st.sampled_from([0.0, 0.3]),
    block=st.integers(1, 400),
    checkpoints=st.sets(st.integers(0, BASE.steps), max_size=4),
    optimiser=st.sampled_from([("sgd", 0.0), ("sgd", 0.9), ("adam", 0.0), ("adamw", 0.0)]),
)
def test_steps_may_be_cut_anywhere(
    rate: float, block: int, checkpoints: set[int], optimiser: tuple[str, float]
) -> None:
    name, momentum = optimiser
    run = replace(BASE, optimiser=name, momentum=momentum, dropout=rate)
    (whole,) = trained_weights([run])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "BLOCK_ROWS", block)
        (cut,) = trained_weights([replace(run, checkpoints=tuple(sorted(checkpoints)))])
    assert same(cut, whole)


def test_a_network_is_the_same_in_any_company() -> None:
    others = [replace(BASE, seed=seed, lam=seed * 1e-3) for seed in (1, 2)]
    (alone,) = trained_weights([BASE])
    assert same(trained_weights([others[0], BASE, others[1]])[1], alone)


def told(package: Path, code: str) -> str:
    """What code prints that runs in a process of its own, with a copy of the package."""
    env = os.environ | {"PYTHONPATH": str(package.parent)}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout


def kept_in(package: Path) -> Path:
    """Where a copy of the package keeps what it has compiled."""
    code = "from l2scale.lab.kernels import steps; print(steps.take_steps.stats.cache_path)"
    return Path(told(package, code).strip())


def test_what_was_just_compiled_computes_what_is_kept(copied: Path) -> None:
    code = """
from l2scale.lab.machine import one_thread
from l2scale.lab.training.runs import Run
from l2scale.lab.training.trainer import trained_weights
minimum = Run(lam=0.1, hidden=(8,), optimiser="lbfgs", batch_size=None, dtype="float64", steps=90)
with one_thread():
    for run in (minimum, Run(lam=1e-3, hidden=(8, 8), steps=90)):
        print([layer.tobytes() for layer in trained_weights([run])[0]])
"""
    assert told(copied, code) == told(copied, code)


@pytest.mark.parametrize("module", ["kernels/passes.py", "training/optimisers.py"])
def test_nothing_stale_is_run(module: str, copied: Path) -> None:
    before = kept_in(copied)
    assert before.is_relative_to(copied) and kept_in(copied) == before
    with (copied / "lab" / module).open("a") as file:
        file.write("\nCHANGED = 1\n")
    assert kept_in(copied) != before


def test_other_packages_keep_what_they_compile_where_they_did() -> None:
    from l2scale.lab.kernels import steps  # noqa: F401

    assert os.environ.get("NUMBA_CACHE_DIR", "") == numba.config.CACHE_DIR
