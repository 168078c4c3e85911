"""What a chapter computes beside its training: in one thread, on any number of cores."""

from types import SimpleNamespace

import pytest
import torch
from threadpoolctl import threadpool_info, threadpool_limits

from l2scale.exhibits import batches, retrain, run
from l2scale.press import report


def threads() -> set[int]:
    """How many threads torch and each BLAS take for a product."""
    blas = {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}
    return blas | {torch.get_num_threads()}


@pytest.fixture(autouse=True)
def _many():
    """Two threads for each product, as a machine of two cores begins with."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    with threadpool_limits(2):
        yield
        assert threads() == {2}  # and so they are after it
    torch.set_num_threads(before)


def test_declaring_and_observing_take_one():
    seen = []
    exhibit = SimpleNamespace(
        __name__="l2scale.exhibits.small",
        sweeps=lambda scale: seen.append(threads()) or (),
        observations=lambda scale: seen.append(threads()) or (),
    )
    with pytest.raises(ValueError, match="no measurements"):
        run(exhibit, "smoke")
    with pytest.raises(ValueError, match="no sweep"):
        retrain(exhibit, SimpleNamespace(slug="small", scale="smoke"), "other", lam=[1.0])
    assert seen == [{1}, {1}, {1}]


def test_a_report_takes_one(monkeypatch):
    seen = []
    monkeypatch.setattr("l2scale.press.display.Tables", lambda result: seen.append(threads()) or {})
    monkeypatch.setattr(
        "l2scale.press.display.predictions.listed", lambda *_: seen.append(threads()) or ()
    )
    monkeypatch.setattr("l2scale.press.display._verdicts", lambda *_: {})
    result = SimpleNamespace(
        slug="batches",
        scale="smoke",
        trained=0,
        seconds=0.0,
        device="cpu",
        machine="cpu",
        measurements={},
    )
    report(batches, result)
    assert seen == [{1}] * 3
