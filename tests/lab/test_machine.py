"""The machine at hand: what is done beside one another, and what is said of it."""

import time
import warnings

import pytest
import torch
from joblib.externals.loky import process_executor
from threadpoolctl import threadpool_info

from l2scale.lab import machine


def grow(place: int) -> int:
    """Keep more memory than joblib lets a worker keep, which it looks at once a second."""
    process_executor._kept = bytearray(400_000_000 * (place > 0))
    time.sleep(1.1)
    return place


def test_workers_that_grow_are_replaced_and_nothing_is_lost() -> None:
    assert machine.parallel_map(grow, [(place,) for place in range(6)]) == list(range(6))


def threads_beside(place: int) -> tuple[int, int, int]:
    """The place, the threads of torch, and the most of any BLAS."""
    blas = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
    return place, torch.get_num_threads(), max(blas)


def test_each_is_done_in_one_thread_and_comes_back_in_order() -> None:
    found = machine.parallel_map(threads_beside, [(i,) for i in range(5)])
    assert found == [(i, 1, 1) for i in range(5)]


def complain(place: int) -> int:
    warnings.warn(f"no place like {place}", RuntimeWarning, stacklevel=1)
    return place


def test_what_is_done_elsewhere_warns_here() -> None:
    with pytest.warns(RuntimeWarning, match="no place like") as said:
        assert machine.parallel_map(complain, [(1,), (2,)]) == [1, 2]
    assert len(said) == 2
    with pytest.raises(RuntimeWarning, match="no place like 1"):
        machine.parallel_map(complain, [(1,), (2,)])


@pytest.mark.parametrize(
    ("library", "kernels"),
    [
        ({"internal_api": "openblas", "architecture": "Haswell"}, {"Haswell"}),
        ({"internal_api": "mkl"}, set()),
    ],
)
def test_the_kernels_of_the_blas_are_told(
    monkeypatch: pytest.MonkeyPatch, library: dict[str, str], kernels: set[str]
) -> None:
    monkeypatch.setattr(machine, "threadpool_info", lambda: [library])
    assert machine.openblas_kernels.__wrapped__() == kernels
    monkeypatch.setattr(machine, "openblas_kernels", lambda: kernels)
    told = "".join(f", OpenBLAS for {name}" for name in kernels)
    assert machine.describe("cpu").endswith(f"cores{told})")
