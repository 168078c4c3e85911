"""Grids, groups and the table that does not depend on them."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import joblib
import pandas as pd
import pytest
import torch

from l2scale.lab import machine
from l2scale.lab.sweeps import groups, sweep
from l2scale.lab.sweeps.sweep import Sweep, SweepError, measure
from l2scale.lab.training.runs import Run, grid
from l2scale.lab.training.trainer import train

BASE = Run(data="wine", hidden=(6,), steps=30, batch_size=16, dtype="float64", lr=0.05)


def small_sweep() -> Sweep:
    runs = grid(
        BASE, hidden=((6,), (9, 4)), penalty=("sum", "fan"), lam=(1e-3, 1e-2), seed=range(3)
    )
    return Sweep("small", runs)


def assert_equal(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_over_puts_values_in_place_and_trains_nothing_twice() -> None:
    sweep = small_sweep().over(lam=(0.1, 0.2, 0.3), penalty=["mean"])
    runs = grid(BASE, hidden=((6,), (9, 4)), seed=range(3), lam=(0.1, 0.2, 0.3), penalty=("mean",))
    assert set(sweep.runs) == set(runs)
    assert len(sweep.runs) == len(runs)
    assert sweep.name == "small"


def test_one_row_a_network_and_checkpoint() -> None:
    runs = grid(replace(BASE, checkpoints=(0, 10, 30)), seed=range(4))
    table = measure(Sweep("rows", runs)).table
    assert table[["run", "step"]].to_numpy().tolist() == [
        [r, s] for r in range(4) for s in (0, 10, 30)
    ]
    assert table["seed"].tolist() == [s for s in range(4) for _ in range(3)]


@pytest.mark.parametrize("optimiser", ["sgd", "adam"])
def test_a_second_run_gives_the_same_table_to_the_last_bit(optimiser: str) -> None:
    base = replace(BASE, data="digits", hidden=(40,), dtype="float32", optimiser=optimiser, lr=1e-3)
    sweep = Sweep("again", grid(base, lam=(0.0, 1e-3), seed=range(4)))
    pd.testing.assert_frame_equal(measure(sweep).table, measure(sweep).table, check_exact=True)


def test_the_table_does_not_depend_on_grouping(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = measure(small_sweep()).table
    monkeypatch.setattr(machine, "group_bytes", lambda kind: 1.0)
    assert all(len(places) == 1 for places in groups.groups_of(small_sweep().runs))
    assert_equal(measure(small_sweep()).table, whole)


def test_the_table_does_not_depend_on_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = measure(small_sweep()).table
    monkeypatch.setattr(machine, "workers", lambda kind: 1)
    assert_equal(measure(small_sweep()).table, whole)
    with joblib.parallel_config(backend="threading"):
        assert_equal(measure(small_sweep()).table, whole)


def test_the_table_does_not_depend_on_order() -> None:
    sweep = small_sweep()
    whole = measure(sweep).table
    turned = measure(Sweep("turned", sweep.runs[::-1])).table
    turned["run"] = len(sweep.runs) - 1 - turned["run"]
    assert_equal(turned.sort_values("run", ignore_index=True), whole)


SWEEP = """
import resource
import sys
from l2scale.lab import machine
from l2scale.lab.sweeps.groups import bytes_and_work
from l2scale.lab.training.runs import Run, grid
from l2scale.lab.sweeps.sweep import Sweep, measure

machine.workers = lambda kind: 1
runs = grid(Run(hidden=(64,), batch_size=None, steps=1, dtype="float64"), seed=range(1_200))
measure(Sweep("warm", runs[:2]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert measure(Sweep("large", runs)).networks == len(runs)
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(bytes_and_work(runs[0])[0] * len(runs), grown * (1 if sys.platform == "darwin" else 1024))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no resource module")
def test_memory_does_not_grow_with_the_sweep() -> None:
    """A worker stays within 20 times a group's bytes, where the whole needs 200 times."""
    done = subprocess.run(
        [sys.executable, "-c", SWEEP], capture_output=True, text=True, check=True,
        env=os.environ | {"L2SCALE_DEVICE": "cpu"},
    )  # fmt: skip
    at_once, grown = map(float, done.stdout.split())
    assert at_once > 200 * machine.CPU_GROUP_BYTES
    assert grown < 20 * machine.CPU_GROUP_BYTES


def test_a_failed_group_loses_no_finished_work() -> None:
    runs = (*grid(BASE, seed=range(3)), replace(BASE, batch_size=100_000))
    with pytest.raises(SweepError, match="batch_size 100000 exceeds") as caught:
        measure(Sweep("partly", runs))
    assert caught.value.finished["run"].tolist() == [0, 1, 2]


def test_out_of_memory_trains_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = list(grid(BASE, seed=range(5)))
    plain = sweep.train

    def small_gpu(group_runs: list[Run], device: str) -> list[dict]:
        if len(group_runs) > 2:
            raise torch.OutOfMemoryError("out of memory")
        return plain(group_runs, device)

    monkeypatch.setattr(sweep, "train", small_gpu)
    assert [row["seed"] for row in sweep._train_fitting(runs, "cpu")] == list(range(5))


def test_out_of_memory_for_one_network_says_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_memory(group_runs: list[Run], device: str) -> list[dict]:
        raise torch.OutOfMemoryError("out of memory")

    monkeypatch.setattr(sweep, "train", no_memory)
    with pytest.raises(RuntimeError, match=r"single network.*L2SCALE_DEVICE=cpu"):
        sweep._train_fitting([BASE], "cpu")


def test_a_stopped_sweep_goes_on_where_it_was(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole = measure(small_sweep()).table
    monkeypatch.setenv("L2SCALE_RESUME", str(tmp_path / "finished.sqlite"))
    monkeypatch.setattr(machine, "group_bytes", lambda kind: 1.0)
    monkeypatch.setattr(machine, "workers", lambda kind: 1)
    trained: list[Run] = []

    def until_the_third(runs: list[Run], device: str) -> list[dict]:
        if len(trained) == 3:
            raise KeyboardInterrupt
        trained.extend(runs)
        return train(runs, device)

    monkeypatch.setattr(sweep, "train", until_the_third)
    with pytest.raises(KeyboardInterrupt):
        measure(small_sweep())
    again: list[Run] = []
    monkeypatch.setattr(sweep, "train", lambda runs, device: again.extend(runs) or train(runs))
    resumed = measure(small_sweep())
    assert_equal(resumed.table, whole)
    assert resumed.configuration["resumed_networks"] == 3
    assert not set(again) & set(trained) and set(again) | set(trained) == set(small_sweep().runs)
    assert measure(small_sweep()).configuration["resumed_networks"] == len(small_sweep().runs)
    assert len(again) == len(small_sweep().runs) - 3
