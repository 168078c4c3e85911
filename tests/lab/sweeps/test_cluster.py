"""A sweep on a Dask cluster of two processes, one of which dies midway."""

import os
import signal

import joblib
import pandas as pd
import pytest
from distributed import Client, LocalCluster

from l2scale.lab.sweeps import run_cache
from l2scale.lab.sweeps.sweep import Sweep, measure
from l2scale.lab.training.runs import Run, grid


def test_a_worker_that_dies_costs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    base = Run(data="wine", steps=300, batch_size=16, dtype="float64", lr=0.05)
    sweep = Sweep("cluster", grid(base, hidden=[(n,) for n in range(4, 24)], seed=range(3)))
    whole = measure(sweep).table
    killed: list[int] = []

    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        Client(cluster),
    ):
        first, _ = (worker.pid for worker in cluster.workers.values())

        def kill_at_the_first_group(*_: object) -> None:
            if not killed:
                os.kill(first, signal.SIGKILL)
                killed.append(first)

        monkeypatch.setattr(run_cache.RunCache, "add", kill_at_the_first_group)
        with joblib.parallel_config(backend="dask"):
            assert joblib.effective_n_jobs(-1) == 2
            table = measure(sweep).table
        assert first not in [worker.pid for worker in cluster.workers.values()]
    assert killed == [first]
    pd.testing.assert_frame_equal(table, whole, check_exact=True)
