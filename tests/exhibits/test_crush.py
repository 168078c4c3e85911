"""The claims of the chapter "When does it crush to zero?", at smoke scale."""

import numpy as np
import pytest
import torch

from l2scale.catalogue.figures import FIGURES
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.crush.basin import basin_table, border_exponent
from l2scale.exhibits.crush.by_width import best_start, bracket, brackets, widths_table
from l2scale.exhibits.crush.certified import certified_table, last_bounds, reached, worst_gap
from l2scale.exhibits.crush.clock import clock_table, measured_rates
from l2scale.exhibits.crush.ends import (
    ALIVE,
    deep_holds,
    fades,
    jump_table,
    last_alive,
    predicted,
)
from l2scale.exhibits.crush.ends import best_start as best_end
from l2scale.exhibits.crush.limits import biased_threshold, limit
from l2scale.exhibits.crush.sweeps import SMALL
from l2scale.lab.runs import Run
from l2scale.lab.training import train_from

pytestmark = pytest.mark.xdist_group("exhibits")


def test_the_certificate_closes_on_what_ascents_attain(result: Result) -> None:
    table = certified_table(result)
    assert 0 <= worst_gap(table) < 0.015
    last = last_bounds(table)
    assert (last["lower"] < last["found"] * 1.001).all()
    assert reached(table).estimate > 0.1


def test_thresholds_lie_between_their_certain_bounds() -> None:
    for seed in range(2):
        found = limit("digits", 100, seed)
        assert found.floor / 2 < found.threshold < found.ceiling / 2
        assert found.threshold < biased_threshold("digits", 100, seed)


def test_all_widths_leave_zero_at_the_prediction(result: Result) -> None:
    table = widths_table(result)
    low, high = bracket(table)
    assert low >= 0.95 and high <= 1.05
    assert set(brackets(table)["arm"]) == {"digits", "teacher", "biased"}


def test_the_sum_of_squares_begins_along_the_predicted_line(result: Result) -> None:
    best = best_start(widths_table(result))
    near = best[(best["ratio"] == 0.98) & best["slope"].notna()]
    share = near["squares"] / (near["slope"] * 0.02)
    assert share.median() == pytest.approx(1, abs=0.15)


def test_weights_shrink_at_the_guaranteed_rate(result: Result) -> None:
    rates = measured_rates(clock_table(result))["over"]
    assert len(rates) and rates.between(0.995, 1.3).all()


def test_two_layers_fade_and_more_layers_jump(result: Result) -> None:
    table = jump_table(result)
    small = table[table["init_scale"] == SMALL]
    assert (small[small["depth"] > 2]["squares"] < ALIVE).all()
    assert (small[(small["depth"] == 2) & (small["ratio"] < 1)]["squares"] > ALIVE).all()
    best = best_end(table)
    for depth in (3, 4):
        ways = predicted(table, depth)
        assert ((ways["lowest"] > 0.2) & (ways["lowest"] < ways["end"])).all()
        rows = best[best["depth"] == depth]
        below = rows[rows["ratio"] < 0.8 * rows["seed"].map(ways["lowest"])]
        assert (below["squares"] > 1).all() and (below["gain"] > 0).all()
        above = rows[rows["ratio"] > 1.5 * rows["seed"].map(ways["end"])]
        assert (above["squares"] < ALIVE).all()


def test_the_title_of_the_jump_follows_the_table(result: Result) -> None:
    table = jump_table(result)
    assert fades(table) and "Two layers fade to zero" in FIGURES["deep-jump"].words("title", table)
    last = (table["depth"] == 2) & (table["ratio"] == last_alive(table, 2)["ratio"].max())
    kept = table.assign(squares=table["squares"].mask(last, 8.76))
    assert not fades(kept) and "fade" not in FIGURES["deep-jump"].words("title", kept)
    assert "2 layers: 8.8 at 0.9, and" in FIGURES["deep-jump"].words("alt", kept)


def test_the_border_is_steeper_with_three_layers_than_with_four(result: Result) -> None:
    table = basin_table(result)
    assert (table["start"] > table["sure"]).any()
    sure = table[table["start"] < table["sure"]]
    assert (sure["squares"] < np.maximum(sure["start"], ALIVE)).all()
    three, four = border_exponent(table, 3), border_exponent(table, 4)
    assert three is not None and three.estimate == pytest.approx(2, abs=0.4)
    assert four is not None and four.estimate == pytest.approx(1, abs=0.4)


def test_the_verdict(result: Result) -> None:
    assert SETTLED["C24"].slug == "crush"
    assert SETTLED["C24"].function(result).verdict == "CONDITIONAL"


def test_the_verdict_needs_the_deep_networks(result: Result) -> None:
    table = jump_table(result)
    assert deep_holds(table)
    small = (table["init_scale"] == SMALL) & (table["depth"] == 4)
    assert not deep_holds(table.assign(squares=table["squares"].mask(small, 1.0)))
    better = (table["init_scale"] > SMALL) & (table["depth"] == 3)
    escaped = table.assign(
        squares=table["squares"].mask(better, 1.0), gain=table["gain"].mask(better, 1.0)
    )
    assert not deep_holds(escaped)


def test_with_free_hidden_biases_zero_weights_are_no_strict_minimum() -> None:
    """With all weights 0 a hidden bias moves nothing, and without them a small unit costs."""
    run = Run(
        data="teacher", n_train=50, hidden=(4, 4), lam=0.1, optimiser="sgd", steps=0,
        dtype="float64", batch_size=None,
    )  # fmt: skip
    zero = [np.zeros((1, *shape)) for shape in ((4, 17), (4, 5), (1, 5))]
    moved = [layer.copy() for layer in zero]
    moved[0][..., -1] = moved[1][..., -1] = 0.3  # hidden biases, the last column
    grown = [layer + 0.01 * (np.arange(layer.shape[-1]) < layer.shape[-1] - 1) for layer in zero]
    costs = [
        train_from([run], [torch.as_tensor(layer) for layer in layers])[0]["cost"]
        for layers in (zero, moved, grown)
    ]
    assert costs[1] == costs[0] < costs[2]
