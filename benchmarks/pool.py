"""Contenders on all cores: processes of one thread each, which stay until the end.

They are not those of the lab, which joblib starts: joblib replaces a process whose memory grows, as
it does where JAX compiles, and a new one has everything to import and to compile again.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import pairwise
from multiprocessing import get_context
from typing import Any

import torch
from threadpoolctl import threadpool_limits

from benchmarks.work import Train, accuracy
from l2scale.lab.training.runs import Run


def everywhere(processes: int, task: Callable[..., Any], *arguments: Any) -> list[Any]:
    """What the task returns in each process, all of them at work at the same time."""
    return _each([(task, *arguments)] * processes)


def accuracies(train: Train, runs: Sequence[Run], processes: int) -> list[float]:
    """Test accuracy of every run, in their order; each process trains an even share of them."""
    cuts = [i * len(runs) // processes for i in range(processes + 1)]
    shares = [runs[low:high] for low, high in pairwise(cuts) if high > low]
    parts = _each([(_judged, train, share) for share in shares])
    return [value for part in parts for value in part]


def _each(tasks: Sequence[tuple[Any, ...]]) -> list[Any]:
    waiting = [_process(place).submit(*task) for place, task in enumerate(tasks)]
    return [one.result() for one in waiting]


@cache
def _process(place: int) -> ProcessPoolExecutor:
    """An executor of one process, so that what is compiled is where it is needed."""
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_use_one_thread)


def _use_one_thread() -> None:
    torch.set_num_threads(1)
    threadpool_limits(1)


def _judged(train: Train, runs: Sequence[Run]) -> list[float]:
    return [accuracy(run, weights) for run, weights in zip(runs, train(runs), strict=True)]
