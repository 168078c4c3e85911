"""What a network becomes, and what is measured of it, in any company: equal to the last bit."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from l2scale.lab import machine
from l2scale.lab.sweeps.sweep import Sweep, measure
from l2scale.lab.training.networks import ALIGNED, empty
from l2scale.lab.training.runs import Run, grid
from l2scale.lab.training.trainer import initial, train

CHECKED = (0, 10)
BASE = Run(hidden=(9, 9), steps=10, checkpoints=CHECKED)


def table(groups: Sequence[Sequence[Run]]) -> pd.DataFrame:
    """The rows of some groups, by run and step."""
    with machine.one_thread():
        rows = [row for runs in groups for row in train(runs)]
    return pd.DataFrame(rows).sort_values(["seed", "lam", "step"], ignore_index=True)


@pytest.mark.usefixtures("trainer")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "change",
    [
        {},
        {"data": "wine", "hidden": (6,), "batch_size": 16},
        {"data": "breast_cancer", "hidden": (17,)},
        {"data": "digits_parity", "hidden": (32, 16), "momentum": 0.9},
        {"data": "teacher", "hidden": (16,), "n_train": 77},
        {"hidden": (8, 6, 5, 4), "bias": False},
        {"hidden": (33, 5), "optimiser": "adam", "lr": 1e-3, "batch_size": None},
        {"hidden": (7,), "optimiser": "adamw", "lr": 1e-3, "batch_size": 10},
        {"hidden": (12, 7), "activation": "tanh", "norm": "layer", "penalise_biases": True},
        {"data": "digits_pixels", "hidden": (30,), "activation": "sigmoid", "outputs": "sigmoid"},
        {"hidden": (), "label_noise": 0.2},
        {"hidden": (128,)},
        {"hidden": (1, 5), "data": "digits_pixels"},
        {"hidden": (9, 1), "data": "digits_parity", "momentum": 0.9},
        {"hidden": (), "data": "wine", "batch_size": 10, "optimiser": "adam"},
        {"hidden": (40,), "data": "zigzag", "batch_size": None},
        {"hidden": (64, 9), "data": "breast_cancer", "batch_size": 1, "norm": "layer"},
        {"hidden": (40, 16), "batch_size": 1, "activation": "tanh", "momentum": 0.9},
    ],
    ids=str,
)
def test_a_row_is_the_same_alone_and_beside_others(change: dict, dtype: str) -> None:
    runs = grid(replace(BASE, **change, dtype=dtype), seed=range(4), lam=(0.0, 1e-3, 1e-2))
    alone = table([[run] for run in runs])
    for groups in (
        [runs],
        [runs[::-1]],
        [runs[:7], runs[7:]],
        [runs[0::3], runs[1::3], runs[2::3]],
    ):
        pd.testing.assert_frame_equal(table(groups), alone, check_exact=True)


@pytest.mark.usefixtures("trainer")
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_a_minimum_is_the_same_alone_and_beside_others(activation: str) -> None:
    base = replace(
        BASE, data="zigzag", hidden=(9,), activation=activation, optimiser="lbfgs",
        batch_size=None, dtype="float64",
    )  # fmt: skip
    runs = grid(base, seed=range(3), lam=(0.0, 1e-3, 1e-2))
    alone = table([[run] for run in runs])
    pd.testing.assert_frame_equal(table([runs]), alone, check_exact=True)
    pd.testing.assert_frame_equal(table([runs[4:], runs[:4]]), alone, check_exact=True)


def test_each_networks_part_lies_as_if_it_were_alone() -> None:
    for layer in initial(grid(BASE, seed=range(3))):
        assert [(each.data_ptr() - layer.data_ptr()) % ALIGNED for each in layer] == [0, 0, 0]
        assert all(each.is_contiguous() for each in layer)
    assert empty(layer, 2, 16, 8).is_contiguous()  # nothing is put between what fits


def test_a_resumed_sweep_in_other_groups_is_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A third of the networks is lost, and one worker trains them where there were two."""
    lams = [10 ** -(1 + k / 10) for k in range(30)]
    sweep = Sweep("regrouped", grid(BASE, lam=lams, seed=range(4)))
    monkeypatch.setattr(machine, "workers", lambda kind: 2)
    whole = measure(sweep).table
    file = tmp_path / "finished.sqlite"
    monkeypatch.setenv("L2SCALE_RESUME", str(file))
    measure(sweep)
    with closing(sqlite3.connect(file)) as kept, kept:
        lost = kept.execute("DELETE FROM runs WHERE rowid % 3 = 0").rowcount
    monkeypatch.setattr(machine, "workers", lambda kind: 1)
    again = measure(sweep)
    assert again.configuration["resumed_networks"] == len(sweep.runs) - lost == 80
    pd.testing.assert_frame_equal(again.table, whole, check_exact=True)
    assert again.table.to_csv() == whole.to_csv()
