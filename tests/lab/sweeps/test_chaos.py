"""Nothing is lost and nothing changes: workers and parents that die, full disks, two at once."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from l2scale.lab import machine
from l2scale.lab.sweeps import run_cache, sweep
from l2scale.lab.sweeps.sweep import Sweep, SweepError, measure
from l2scale.lab.training.runs import Run, grid
from l2scale.lab.training.trainer import train

BASE = Run(data="wine", steps=40, batch_size=16, lr=0.05, activation="tanh")
SWEEP = Sweep("chaos", grid(BASE, hidden=[(n,) for n in range(3, 11)], seed=range(3), lam=(0, 0.1)))


@pytest.fixture(scope="module")
def undisturbed() -> pd.DataFrame:
    return measure(SWEEP).table


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    path = tmp_path / "finished.sqlite"
    monkeypatch.setenv("L2SCALE_RESUME", str(path))
    return path


def assert_same(table: pd.DataFrame, whole: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(table, whole, check_exact=True)
    assert table.to_csv(index=False) == whole.to_csv(index=False)


def assert_done(error: SweepError, whole: pd.DataFrame) -> None:
    """What the error says and holds: rows as undisturbed, and fewer."""
    done = error.finished
    assert 0 < len(done) < len(whole)
    assert_same(done, whole[whole["run"].isin(done["run"])].reset_index(drop=True))
    missing = len(SWEEP.runs) - len(done)
    assert f"{missing} of {len(SWEEP.runs)} networks are not trained" in str(error)
    assert f"holds the {len(done)} rows of the others" in str(error)


def dies_at(width: int) -> Callable[..., Any]:
    """`train`, for a process that is killed, as for want of memory, by networks of a width."""

    def train_or_die(runs: list[Run], device: str) -> list[dict[str, Any]]:
        if runs[0].hidden == (width,):
            os.kill(os.getpid(), signal.SIGKILL)
        return train(runs, device)

    return train_or_die


def in_workers(group: Callable[..., Any], width: int) -> Callable[..., Any]:
    """`sweeps._train_group` for a worker of its own, which has another `train`."""

    def train_group(*arguments: Any) -> Any:
        sweep.train = dies_at(width)
        try:
            return group(*arguments)
        finally:
            sweep.train = train

    return train_group


@pytest.mark.parametrize("resumed", [False, True])
def test_a_dead_worker_loses_nothing_that_is_done(
    resumed: bool, undisturbed: pd.DataFrame, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if resumed:
        monkeypatch.setenv("L2SCALE_RESUME", str(tmp_path / "finished.sqlite"))
    monkeypatch.setattr(machine, "workers", lambda kind: 2)
    with monkeypatch.context() as patch:
        patch.setattr(sweep, "_train_group", in_workers(sweep._train_group, 3))  # the cheapest
        with pytest.raises(SweepError, match="A worker process died") as caught:
            measure(SWEEP)
    assert_done(caught.value, undisturbed)
    way = "has kept of them is taken" if resumed else "name a file in L2SCALE_RESUME to keep them"
    assert way in str(caught.value)
    again = measure(SWEEP)
    assert_same(again.table, undisturbed)
    kept = again.configuration.get("resumed_networks", 0)
    assert kept == (len(caught.value.finished) if resumed else 0)


@pytest.mark.parametrize("error", [TypeError("no float"), KeyError("x"), ZeroDivisionError("0")])
def test_whatever_a_group_raises_the_others_are_trained(
    error: Exception, undisturbed: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(runs: list[Run], device: str) -> list[dict[str, Any]]:
        if runs[0].hidden == (7,):
            raise error
        return train(runs, device)

    monkeypatch.setattr(machine, "workers", lambda kind: 1)
    monkeypatch.setattr(sweep, "train", fails)
    with pytest.raises(SweepError, match=rf"'chaos': {type(error).__name__}: ") as caught:
        measure(SWEEP)
    assert_done(caught.value, undisturbed)
    assert len(caught.value.finished) == len(undisturbed) - 6


@pytest.mark.parametrize(
    "bad",
    [
        replace(BASE, n_train=5_000),
        replace(BASE, batch_size=107),
        replace(BASE, data="teacher", outputs="sigmoid"),
    ],
)
def test_a_run_that_its_data_cannot_train_stops_no_other(
    bad: Run, undisturbed: pd.DataFrame
) -> None:
    with pytest.raises(SweepError, match=r"ValueError: .* 1 of 49 networks are not") as caught:
        measure(Sweep("bad", (*SWEEP.runs, bad)))
    assert_same(caught.value.finished, undisturbed)


@pytest.fixture
def full(file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file, to which every network is written by itself, with room for ten pages."""
    connect = sqlite3.connect

    def small(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        connection.execute("PRAGMA max_page_count = 10")
        return connection

    monkeypatch.setattr(run_cache.sqlite3, "connect", small)
    monkeypatch.setattr(machine, "group_bytes", lambda kind: 1.0)
    return file


def test_a_full_disk_costs_what_is_kept_and_no_network(
    full: Path, undisturbed: pd.DataFrame
) -> None:
    with pytest.warns(RuntimeWarning, match=r"L2SCALE_RESUME.*is full.*: make room") as said:
        assert_same(measure(SWEEP).table, undisturbed)
    assert len([each for each in said if each.category is RuntimeWarning]) == 1
    assert 0 < count(full) < 48


@pytest.mark.usefixtures("full")
def test_where_warnings_are_errors_what_is_done_is_not_lost(undisturbed: pd.DataFrame) -> None:
    with pytest.raises(SweepError, match=r"RuntimeWarning: L2SCALE_RESUME .* 0 of 48") as caught:
        measure(SWEEP)
    assert_same(caught.value.finished, undisturbed)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device")
def test_a_bar_that_cannot_be_written_costs_nothing(
    undisturbed: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("L2SCALE_PROGRESS", "/dev/full")
    assert_same(measure(SWEEP).table, undisturbed)


CHILD = """
import sys
from l2scale.lab import machine
from tests.lab.sweeps.test_chaos import SWEEP
from l2scale.lab.sweeps.sweep import measure

machine.workers = lambda kind: 2
machine.group_bytes = lambda kind: 1.0
measure(SWEEP).table.to_pickle(sys.argv[1])
"""


def begun(table: Path) -> subprocess.Popen:
    """Another process that measures the sweep, and its table's file."""
    command = [sys.executable, "-c", CHILD, str(table)]
    return subprocess.Popen(
        command, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


def count(file: Path) -> int:
    """How many networks the file keeps."""
    if not file.exists():
        return 0
    try:
        with closing(sqlite3.connect(file)) as kept:
            return kept.execute("SELECT count(*) FROM runs").fetchone()[0]
    except sqlite3.Error:  # it is being made
        return 0


def waited(for_what: Callable[[], bool]) -> bool:
    """Whether it comes true within two minutes."""
    for _ in range(1200):
        if for_what():
            return True
        time.sleep(0.1)
    return False


def alive(session: int) -> list[int]:
    """The processes of a session that have not ended."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, its_session = stat.read_text().rpartition(")")[2].split()[:4]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(its_session) == session and state != "Z":
            found.append(int(stat.parent.name))
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc")
def test_a_killed_parent_loses_nothing_and_leaves_no_worker(
    file: Path, undisturbed: pd.DataFrame, tmp_path: Path
) -> None:
    child = begun(tmp_path / "table")
    try:
        assert waited(lambda: count(file) > 2)
        assert len(alive(child.pid)) >= 3  # itself and its workers
        child.kill()
        child.wait()
        assert waited(lambda: not alive(child.pid))
    finally:
        for left in alive(child.pid):
            os.kill(left, signal.SIGKILL)
    kept = count(file)
    again = measure(SWEEP)
    assert again.configuration["resumed_networks"] == kept > 2
    assert_same(again.table, undisturbed)


def test_two_processes_may_share_a_file(
    file: Path, undisturbed: pd.DataFrame, tmp_path: Path
) -> None:
    children = [begun(tmp_path / name) for name in ("one", "other")]
    assert [child.wait(timeout=150) for child in children] == [0, 0]
    for name in ("one", "other"):
        assert_same(pd.read_pickle(tmp_path / name), undisturbed)
    assert count(file) == len(SWEEP.runs)
