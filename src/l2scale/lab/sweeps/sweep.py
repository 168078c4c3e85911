"""From a declared grid of runs to one tidy table.

The groups of `l2scale.lab.sweeps.groups` go through `joblib.Parallel`, so that a process pool, a
GPU or another joblib backend trains them with no code changed. The table does not depend on any of
it: on one machine's CPU not in a single bit, and on GPUs up to rounding.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import cycle
from time import perf_counter
from typing import Any

import joblib
import pandas as pd
import torch

from l2scale.lab import machine
from l2scale.lab.sweeps import progress, run_cache
from l2scale.lab.sweeps.groups import device_kind, groups_of
from l2scale.lab.sweeps.measurement import Measurement, configuration
from l2scale.lab.training.runs import Run, checked, grid
from l2scale.lab.training.trainer import train


@dataclass(frozen=True)
class Sweep:
    """A named set of runs. Declaring one trains nothing.

    Raises:
        ValueError: for no runs, for what is no run, or for the same run twice.
    """

    name: str
    runs: tuple[Run, ...]

    def __post_init__(self) -> None:
        if not isinstance(self.runs, Iterable):
            raise ValueError(f"sweep {self.name!r} is of {self.runs!r}: give a tuple of runs")
        object.__setattr__(self, "runs", tuple(self.runs))
        for run in self.runs:
            if not isinstance(run, Run):
                raise ValueError(f"sweep {self.name!r} holds {run!r}, which is no Run")
        if not self.runs:
            raise ValueError(f"sweep {self.name!r} is empty: give it at least one run")
        if len(set(self.runs)) < len(self.runs):
            twice = next(run for run in self.runs if self.runs.count(run) > 1)
            raise ValueError(f"sweep {self.name!r} holds a run twice: {twice}")

    def over(self, **axes: Iterable[Any]) -> "Sweep":
        """The same runs, each with every combination of the axes' values in place of its own.

        Runs that differed in nothing but what is replaced become one.

        Raises:
            ValueError: as `l2scale.lab.training.runs.grid`, and for a value that a run cannot have.
        """
        values = checked(axes)
        points = (point for run in self.runs for point in grid(run, **values))
        return Sweep(self.name, tuple(dict.fromkeys(points)))


class SweepError(RuntimeError):
    """Some networks are not trained. `finished` is the table of those that are."""

    def __init__(self, message: str, finished: pd.DataFrame) -> None:
        """The message, and the finished work."""
        super().__init__(message)
        self.finished = finished

    def __reduce__(self) -> tuple[type, tuple[str, pd.DataFrame]]:
        """How it is copied to another process, with the finished work."""
        return type(self), (str(self), self.finished)


def measure(sweep: Sweep) -> Measurement:
    """Train and measure every run of the sweep, but for those that are `finished` already.

    Raises:
        SweepError: if a network could not be trained, after all others that can be have been; it
            carries their table.
        ValueError: as `opened` and `RunCache.rows` of `l2scale.lab.sweeps.run_cache`, and
            `l2scale.lab.machine.device`, before anything is trained.
    """
    start = perf_counter()
    kind = device_kind(sweep.runs)
    rows: dict[int, list[dict[str, Any]]] = {}
    failures: list[str] = []
    with run_cache.opened(kind) as kept:
        for place, run in enumerate(sweep.runs):
            found = kept.rows(run)
            if found is not None:
                rows[place] = found
        resumed = len(rows)
        todo = [place for place in range(len(sweep.runs)) if place not in rows]
        groups = [[todo[i] for i in part] for part in groups_of([sweep.runs[i] for i in todo])]
        try:
            with progress.bar(len(sweep.runs), sweep.name) as bar:
                bar.update(resumed)
                for places, trained, failure in _train_groups(sweep.runs, groups, kind):
                    bar.update(len(places))
                    if failure:
                        failures.append(failure)
                        continue
                    each = len(trained) // len(places)
                    for i, place in enumerate(places):
                        rows[place] = trained[i * each : (i + 1) * each]
                    try:
                        kept.add([sweep.runs[place] for place in places], trained)
                    except Exception as error:  # as its warning is, where warnings are errors
                        failures.append(_describe(error))
        except Exception as error:  # such as a worker's end: what is done stays done
            failures.append(_describe(error))
    table = _assemble(rows)
    if failures:
        missing = len(sweep.runs) - len(rows)
        way = (
            f"the next time what {kept.file!r} has kept of them is taken from there"
            if kept.file
            else f"name a file in {run_cache.VARIABLE} to keep them for the next time"
        )
        raise SweepError(
            f"sweep {sweep.name!r}: {failures[0]}. {missing} of {len(sweep.runs)} networks are not "
            f"trained. The error's `finished` holds the {len(table)} rows of the others; {way}",
            table,
        )
    settings = configuration(sweep.runs) | ({"resumed_networks": resumed} if resumed else {})
    return Measurement(
        name=sweep.name,
        table=table,
        networks=len(sweep.runs),
        seconds=perf_counter() - start,
        device=machine.describe(kind),
        configuration=settings,
        untrained=sum(run.steps == 0 for run in sweep.runs),
    )


def _train_groups(
    runs: Sequence[Run], groups: Sequence[list[int]], kind: str
) -> Iterator[tuple[list[int], list[dict[str, Any]], str | None]]:
    """Each group as it finishes: its places, its rows, and what went wrong, if anything did."""
    if not groups:
        return
    devices = machine.devices(kind)
    tasks = (
        joblib.delayed(_train_group)(os.getpid(), places, [runs[place] for place in places], device)
        for places, device in zip(groups, cycle(devices), strict=False)
    )
    workers = min(machine.workers(kind), len(groups))
    with machine.quiet_workers():
        yield from joblib.Parallel(n_jobs=workers, return_as="generator_unordered")(tasks)


def _train_group(
    parent: int, places: list[int], runs: list[Run], device: str
) -> tuple[list[int], list[dict[str, Any]], str | None]:
    """The group's places, its rows, and what went wrong, if anything did."""
    machine.end_with(parent)
    try:
        with machine.one_thread():
            return places, _train_fitting(runs, device), None
    except Exception as error:  # whatever it is, the other groups go on
        return places, [], _describe(error)


def _describe(error: Exception) -> str:
    """The error in one line."""
    if isinstance(error, BrokenProcessPool):
        return "A worker process died, as one does that is killed or finds no memory"
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def _train_fitting(runs: list[Run], device: str) -> list[dict[str, Any]]:
    """Train a group; where the GPU's memory does not hold it, train its halves."""
    try:
        return train(runs, device)
    except torch.OutOfMemoryError:
        if len(runs) == 1:
            raise RuntimeError(
                f"out of memory on {device} for a single network, {runs[0]}: choose a smaller "
                "width or batch, or set L2SCALE_DEVICE=cpu"
            ) from None
    torch.cuda.empty_cache()
    half = len(runs) // 2
    return _train_fitting(runs[:half], device) + _train_fitting(runs[half:], device)


def _assemble(rows: Mapping[int, list[dict[str, Any]]]) -> pd.DataFrame:
    """One table of all rows, by the places of their runs."""
    flat = [{"run": place} | row for place in sorted(rows) for row in rows[place]]
    if not flat:
        return pd.DataFrame(columns=["run", "step"])
    # The deepest network has the columns of all others of its architecture, and comes first, so
    # that no other run changes their order.
    columns = dict.fromkeys(name for row in sorted(flat, key=len, reverse=True) for name in row)
    return pd.DataFrame(flat, columns=list(columns))
