"""Which runs train together."""

from dataclasses import replace

import pytest

from l2scale.lab import machine
from l2scale.lab.sweeps import groups
from l2scale.lab.training.runs import Run, grid

BASE = Run(data="wine", hidden=(6,), steps=30, batch_size=16, dtype="float64", lr=0.05)


def test_groups_hold_every_run_once_and_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = grid(Run(steps=10), hidden=((16,), (512,)), seed=range(50))
    monkeypatch.setattr(machine, "workers", lambda kind: 2)
    parts = groups.groups_of(runs)
    assert sorted(place for places in parts for place in places) == list(range(len(runs)))
    for places in parts:
        assert len({groups.group_key(runs[place]) for place in places}) == 1
        size, _ = groups.bytes_and_work(runs[places[0]])
        assert len(places) * size <= machine.group_bytes("cpu")
        assert len(places) <= 25


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("replicas", [1, 2, 7, 50])
@pytest.mark.parametrize("fit", [0.5, 3.2, 10, 1000])
def test_workers_get_as_many_groups_of_even_sizes(
    monkeypatch: pytest.MonkeyPatch, workers: int, replicas: int, fit: float
) -> None:
    runs = grid(Run(steps=10), seed=range(replicas))
    size, _ = groups.bytes_and_work(runs[0])
    monkeypatch.setattr(machine, "workers", lambda kind: workers)
    monkeypatch.setattr(machine, "group_bytes", lambda kind: fit * size)
    sizes = [len(places) for places in groups.groups_of(runs)]
    assert sum(sizes) == replicas
    assert len(sizes) % workers == 0 or max(sizes) == 1
    assert max(sizes) - min(sizes) <= 1
    assert max(sizes) <= max(1, fit)


def test_lbfgs_stays_on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "device", lambda: "cuda")
    steps = Run(batch_size=None, dtype="float64", steps=1)
    assert groups.device_kind([steps]) == "cuda"
    assert groups.device_kind([replace(steps, optimiser="lbfgs")]) == "cpu"
