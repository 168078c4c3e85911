"""The file of finished networks: what it gives back, and what it says where it cannot."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from l2scale.lab.sweeps import run_cache
from l2scale.lab.sweeps.sweep import Sweep, measure
from l2scale.lab.training.runs import Run, grid

BASE = Run(data="wine", hidden=(6,), steps=30, batch_size=16, dtype="float64", lr=0.05)
RUNS = grid(BASE, seed=range(40))


def rows_of(run: Run) -> list[dict[str, Any]]:
    return [{"step": 30, "seed": run.seed, "train_loss": 0.1 * run.seed, "note": "x" * 300}]


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A file that keeps the rows of RUNS."""
    path = tmp_path / "finished.sqlite"
    monkeypatch.setenv("L2SCALE_RESUME", str(path))
    monkeypatch.setattr(run_cache, "PATIENCE", 0.1)
    with run_cache.opened("cpu") as kept:
        kept.add(RUNS, [row for run in RUNS for row in rows_of(run)])
    return path


def altered(file: Path, command: str, *values: Any) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(command, values)


def test_runs_of_other_code_or_devices_are_not_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("L2SCALE_RESUME", str(tmp_path / "finished.sqlite"))
    with run_cache.opened("cpu") as kept:
        kept.add([BASE], [{"step": 0, "train_loss": float("nan")}])
        assert kept.rows(replace(BASE, seed=9)) is None
        (row,) = kept.rows(BASE)
        assert np.isnan(row["train_loss"])
    with run_cache.opened("cuda") as kept:
        assert kept.rows(BASE) is None
    for change in ("source_digest", lambda: "other"), ("version_of", lambda library: "1.0"):
        with monkeypatch.context() as patch, run_cache.opened("cpu") as kept:
            assert kept.rows(BASE) is not None
            patch.setattr(run_cache, *change)
            assert kept.rows(BASE) is None


@pytest.mark.parametrize(
    "rows",
    ["[]", "", "null", "{}", "[1]", "[{}]", '[{"step"', "x" * 100, None, 7, 0.5, b"\xff", b"[]"],
    ids=repr,
)
def test_rows_that_are_not_as_they_were_written_are_refused(file: Path, rows: Any) -> None:
    altered(file, "UPDATE runs SET rows = ?", rows)
    with pytest.raises(ValueError, match=r"L2SCALE_RESUME is '.*sqlite', .*[Dd]elete it, or"):
        measure(Sweep("damaged", RUNS))


@pytest.mark.parametrize(
    "command",
    [
        "UPDATE runs SET rows = replace(rows, '0.1', '0.2')",
        "UPDATE runs SET rows = substr(rows, 1, length(rows) - 1)",
        "UPDATE runs SET rows = (SELECT rows FROM runs LIMIT 1)",
        "UPDATE runs SET rows = rows || ' '",
    ],
)
def test_a_changed_number_is_found(file: Path, command: str) -> None:
    altered(file, command)
    with pytest.raises(ValueError, match=r"which is damaged: .*Delete it, or name a new file"):
        measure(Sweep("damaged", RUNS))


def test_bytes_that_are_lost_give_no_other_rows(file: Path) -> None:
    """Wherever the file is damaged, rows are as they were, are missing, or are refused."""
    sound, rng, refused = file.read_bytes(), random.Random(0), []
    for _ in range(150):
        damaged, start = bytearray(sound), rng.randrange(len(sound))
        length = rng.choice([1, 8, 100, 5000])
        damaged[start : start + length] = rng.randbytes(len(damaged[start : start + length]))
        file.write_bytes(damaged[: rng.choice([len(damaged), len(damaged), start + 1])])
        try:
            with run_cache.opened("cpu") as kept:
                assert all(kept.rows(run) in (None, rows_of(run)) for run in RUNS)
        except ValueError as error:
            refused.append(str(error))
    assert len(refused) > 50
    for said in refused:
        assert said.startswith(f"L2SCALE_RESUME is {str(file)!r}, which ")
        assert "name a new file" in said


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.write_text("no database" * 100),
        lambda path: path.mkdir(),
        lambda path: altered(path, "CREATE TABLE runs (name)"),
        lambda path: altered(path, "CREATE VIEW runs AS SELECT 1"),
    ],
    ids=["text", "folder", "other columns", "view"],
)
def test_a_file_that_keeps_no_runs_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, make: Callable[[Path], Any]
) -> None:
    file = tmp_path / "notes.txt"
    make(file)
    monkeypatch.setenv("L2SCALE_RESUME", str(file))
    told = r"L2SCALE_RESUME is '.*notes.txt', which cannot keep .*name a new file in a folder that"
    with pytest.raises(ValueError, match=told):
        measure(Sweep("refused", RUNS))


def test_a_folder_that_does_not_exist_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("L2SCALE_RESUME", str(tmp_path / "none" / "finished.sqlite"))
    with pytest.raises(ValueError, match="name a new file in a folder that exists"):
        measure(Sweep("refused", RUNS))


def test_a_file_that_another_process_locks_says_to_wait(file: Path) -> None:
    with closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ValueError, match=r"is locked.*: wait until the other process has"):
            measure(Sweep("locked", RUNS))
        other.rollback()
        other.execute("BEGIN IMMEDIATE")  # it may be read, but not written to
        with run_cache.opened("cpu") as kept:
            assert kept.rows(RUNS[3]) == rows_of(RUNS[3])
            with pytest.warns(  # noqa: PT031 - one warning for both
                RuntimeWarning, match="locked.*wait until.*The sweep goes on"
            ) as said:
                kept.add(RUNS[:1], rows_of(RUNS[0]))
                kept.add(RUNS[1:2], rows_of(RUNS[1]))
            other.rollback()
            kept.add([replace(BASE, seed=99)], rows_of(replace(BASE, seed=99)))
            assert kept.rows(replace(BASE, seed=99)) is not None  # it is tried again
    assert len(said) == 1
