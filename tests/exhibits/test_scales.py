"""How many networks the three chapters on growth train at each scale, without training any."""

from importlib import import_module

import pytest

GROWTH = ("which_penalty", "other_optimisers", "underfit")
LEAST = {"book": 10_000, "full": 200_000}


@pytest.mark.parametrize("scale", LEAST)
def test_enough_networks_for_narrow_intervals(scale: str) -> None:
    declared = [
        sweep
        for slug in GROWTH
        for sweep in import_module(f"l2scale.exhibits.{slug}.sweeps").sweeps(scale)
    ]
    assert sum(len(sweep.runs) for sweep in declared) >= LEAST[scale]


def test_full_scale_spans_a_factor_256_in_width() -> None:
    (sweep, *_) = import_module("l2scale.exhibits.which_penalty.sweeps").sweeps("full")
    for penalty in {run.penalty for run in sweep.runs}:
        widths = {run.hidden[0] for run in sweep.runs if run.penalty == penalty}
        assert max(widths) >= 256 * min(widths)
