"""What the libraries draw, that it is repeatable, and that it leaves no traces."""

import os
import random
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from l2scale.adapters import initial_weights
from l2scale.adapters.initial_weights import missing, observe_libraries

SHAPES = ((64, 256), (256, 64))
needs_keras = pytest.mark.skipif(bool(missing()), reason="Keras is not installed")


def test_variances_are_those_of_the_published_formulas():
    table = observe_libraries(SHAPES, range(3))
    means = table.groupby(["library", "layer", "fan_in"])[["variance", "predicted"]].mean()
    assert means["variance"].to_numpy() == pytest.approx(means["predicted"].to_numpy(), rel=0.02)
    assert set(table["library"]) == {"PyTorch", "scikit-learn", "Keras"} - set(missing())


def test_two_draws_are_the_same_and_other_seeds_are_not():
    first, second = (observe_libraries(SHAPES, range(2)) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    spread = first.groupby(["library", "layer", "fan_in"])["variance"].nunique()
    assert (spread == 2).all()


def legacy_state():
    return np.random.get_state()[1].copy()  # noqa: NPY002 - the one that a library may seed


def test_random_numbers_of_the_caller_are_left_alone():
    states = random.getstate(), torch.get_rng_state(), legacy_state()
    environment = dict(os.environ)
    observe_libraries(SHAPES[:1], range(1))
    assert random.getstate() == states[0]
    assert torch.equal(torch.get_rng_state(), states[1])
    assert (legacy_state() == states[2]).all()
    assert dict(os.environ) == environment


def test_without_keras_the_others_are_measured(monkeypatch):
    absent = {"keras": None}
    monkeypatch.setattr(initial_weights, "find_spec", lambda n: absent.get(n, find_spec(n)))
    table = observe_libraries(SHAPES[:1], range(1))
    assert missing() == ("Keras",)
    assert set(table["library"]) == {"PyTorch", "scikit-learn"}


@needs_keras
def test_keras_writes_neither_to_the_home_nor_to_the_terminal(tmp_path: Path):
    code = (
        "from l2scale.adapters.initial_weights import observe_libraries\n"
        "assert 'Keras' in set(observe_libraries([(8, 4)], [0])['library'])"
    )
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("KERAS", "COV"))}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=keep | {"HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (tmp_path / ".keras").exists()
