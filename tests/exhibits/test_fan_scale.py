"""The claims of the chapter "The fan-based weight scale", at smoke scale."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from l2scale.catalogue.numerals import span
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.fan_scale.fan_value_by_layer import (
    apart,
    equal_terms,
    over_layers,
    value_table,
)
from l2scale.exhibits.fan_scale.library_scales import (
    KERAS,
    LINEAR,
    LOGISTIC,
    RELU,
    defaults,
    ends,
    library_scales,
    library_table,
    measured,
    near_words,
    over,
    scaled,
    title,
)
from l2scale.exhibits.fan_scale.mean_squares import (
    final,
    memory,
    own_clocks,
    predicted_spread,
    spread,
    trained_table,
)
from l2scale.exhibits.fan_scale.on_the_scale import by_start, forgotten, on_scale
from l2scale.exhibits.fan_scale.signal_by_layer import kept, misses, ratio, signal_table
from l2scale.exhibits.fan_scale.signal_by_layer import title as signal_title
from l2scale.exhibits.fan_scale.strengths import level_by_strength, strength_range
from l2scale.exhibits.fan_scale.sweeps import PENALISED, SHORT, SIGNAL_INITS, sweeps
from l2scale.exhibits.fan_scale.trained_mean_squares import ends_of, fan_based_scale
from l2scale.exhibits.fan_scale.trained_mean_squares import title as scale_title
from l2scale.exhibits.fan_scale.what_is_left import left, left_table
from l2scale.lab.batches import split_of
from l2scale.lab.runs import Run
from l2scale.theory.penalties import coefficients, effective_lambda

pytestmark = pytest.mark.xdist_group("exhibits")


def test_signals_follow_the_products(result: Result) -> None:
    table = signal_table(result)
    assert misses(table).max() < 0.2
    for init in SIGNAL_INITS:
        assert ratio(table, init, "forward", 2).estimate == pytest.approx(1, abs=0.05)
        assert ratio(table, init, "backward", 5).estimate == pytest.approx(1, abs=0.1)


def test_libraries_start_where_their_formulas_say(result: Result) -> None:
    table = library_table(result)
    assert over(table, RELU).estimate == pytest.approx(2, rel=0.03)
    assert over(table, LOGISTIC).estimate == pytest.approx(2 / 3, rel=0.03)
    assert scaled(table, LINEAR).estimate == pytest.approx(2 / 3, rel=0.05)
    assert ends(table, LINEAR) == pytest.approx((5 / 12, 5 / 3), rel=0.05)
    if measured(table, KERAS):
        assert over(table, KERAS).estimate == pytest.approx(2, rel=0.03)


def test_without_keras_its_verdict_waits_and_the_figure_says_so(result: Result) -> None:
    known = result["libraries"]
    others = replace(known, table=known.table[known.table["library"] != "Keras"])
    without = replace(result, measurements=dict(result.measurements) | {"libraries": others})
    table = library_table(without)
    assert defaults(without).verdict == "PENDING"
    assert "Keras" not in title(table)
    assert library_scales(table).axes


def test_penalties_are_at_one_effective_strength() -> None:
    for run in sweeps("book")[0].runs:
        if run.lam > 0:
            shapes = [(b, a) for a, b in zip((64, *run.hidden), (*run.hidden, 10), strict=True)]
            c = coefficients(run.penalty, shapes)
            assert effective_lambda(run.lam, c) == pytest.approx(5e-3)


def test_weights_end_where_their_penalty_says(result: Result) -> None:
    table = trained_table(result)
    end = final(table)
    for name in PENALISED[1:]:
        found = np.log(spread(table, name, end).estimate / predicted_spread(name))
        assert abs(found) < (0.15 if name in ("sum", "prior") else 0.3)
    assert spread(table, "fan", end).high < spread(table, "tensor_mean", end).low / 2
    assert spread(table, "sum", end, quantity="sum_of_squares").estimate < 1.2
    assert spread(table, "fan", end).estimate < 1.4 < 4 < spread(table, "sum", end).estimate


def test_the_start_is_forgotten_under_a_penalty_alone(result: Result) -> None:
    table = trained_table(result)
    end = final(table)
    assert memory(table, "none", end).low > 3
    assert memory(table, "sum", SHORT).low > 2
    assert memory(table, "sum", end).high < 1.3
    assert on_scale(table) == ("fan",)
    assert "sum" in forgotten(table)
    assert "none" not in forgotten(table)


def _synthetic(result: Result, **mean_squares: Callable[[pd.DataFrame], pd.Series]) -> Result:
    """The smoke result with other mean squares in every network of the sweep `scales`."""
    sweep = result["scales"]
    changed = dict(result.measurements) | {
        "scales": replace(sweep, table=sweep.table.assign(**mean_squares))
    }
    return replace(result, measurements=changed)


def test_memory_is_that_of_the_layer_that_differs_most(result: Result) -> None:
    factors = (2, 1, 1, 1 / 2)  # their product is 1, and so the function's size is one

    def start(factor: float) -> Callable[[pd.DataFrame], pd.Series]:
        return lambda t: 0.01 * factor ** (t["init_scale"] == 2.0)

    made = {f"mean_square_{i}": start(f) for i, f in enumerate(factors, start=1)}
    table = trained_table(_synthetic(result, **made))
    assert memory(table, "sum", final(table)).estimate == pytest.approx(2, abs=1e-12)
    assert "sum" not in forgotten(table)


def test_each_layer_has_a_clock_of_its_own() -> None:
    # c of the funnel's per-tensor mean is one over the weights: 8192, 4096, 512 and 160.
    counts = np.array([64 * 128, 128 * 32, 32 * 16, 16 * 10])
    expected = 4 * 0.2 * 5e-3 * 1000 * np.prod(counts ** (1 / 4)) / counts
    assert own_clocks("tensor_mean", 1000, 5e-3) == pytest.approx(expected)
    assert own_clocks("sum", 1000, 5e-3) == pytest.approx(4)


def test_without_penalty_the_end_depends_on_the_start(result: Result) -> None:
    table = trained_table(result)
    end = final(table)
    low, one, high = (spread(table, "none", end, init_scale=s).estimate for s in (0.5, 1, 2))
    assert low > 1.5 * one > 1.5 * 1.2 * high
    assert ends_of(table, "none", end, 2)[0] > 6


def test_terms_are_two_at_the_start_and_equal_at_the_end(result: Result) -> None:
    table = value_table(result)
    end = table["step"].max()
    assert over_layers(table).estimate == pytest.approx(2, rel=0.1)
    assert apart(table, "sum", 0).estimate > 4
    for name in ("fan", "sum", "tensor_mean"):
        assert apart(table, name, end).estimate < 1.4


def test_the_constant_is_set_by_the_strength(result: Result) -> None:
    low, high = strength_range(result)
    assert low < high
    assert level_by_strength(result, high).high < level_by_strength(result, low).low


def test_noise_and_biases_keep_a_gap(result: Result) -> None:
    table = left_table(result)
    small, large = table["batch_size"].min(), table["batch_size"].max()
    assert left(table, False, large).estimate < left(table, False, small).estimate
    assert left(table, True, large).estimate < left(table, False, large).estimate
    # At smoke scale, what the start has left hides what little noise larger batches have.
    free = table[~table["bias"] & (table["batch_size"] == small)]
    assert (free["gap"] / free["predicted"]).between(0.9, 4).all()


def test_the_gap_is_predicted_from_noise_and_growth(result: Result) -> None:
    samples = len(split_of(Run()).x_train)
    rows = []
    for at, step in enumerate((100, 200, 300)):
        row = {"bias": True, "batch_size": 10, "lr": 0.2, "lam": 0.01, "seed": 0, "step": step}
        for layer in (1, 2, 3, 4):
            row |= {
                f"sq_norm_{layer}": 5.0 - layer + at,  # 5, 4, 3 and 2 on average
                f"sample_force_{layer}": {1: 3.0, 4: 2.0}.get(layer, 1.0),
                f"data_force_{layer}": {1: 1.0}.get(layer, 0.5),
                f"bias_sq_norm_{layer}": layer * at,  # the last layer's must not count
            }
        rows.append(row)
    rest = replace(result["rest"], table=pd.DataFrame(rows))
    (row,) = left_table(
        replace(result, measurements=dict(result.measurements) | {"rest": rest})
    ).to_dict("records")
    # A batch without replacement: mean square of a mean of 10 out of `samples`.
    share = (samples - 10) / (10 * (samples - 1))
    noise = (1.0 + share * (9.0 - 1.0)) - (0.25 + share * (4.0 - 0.25))
    assert row["gap"] == pytest.approx(5 / 2 - 1, abs=1e-12)
    assert row["predicted"] == pytest.approx(0.2 * noise / (0.04 * (1 - 0.002)) / 2, abs=1e-12)
    # From 0 to 2 (1 + 2 + 3) in 200 steps of 0.2, over 4 lam and the last layer's 2.
    assert row["growing"] == pytest.approx(-(12 / 40) / (0.04 * 2), abs=1e-12)


FANS = ((64, 128), (128, 32), (32, 16), (16, 10))


def _set(values: Sequence[float]) -> dict[str, Callable[[pd.DataFrame], pd.Series]]:
    return {f"mean_square_{i}": v for i, v in enumerate(values, start=1)}


def test_a_contrary_measurement_changes_the_verdict(result: Result) -> None:
    claimed = _synthetic(result, **_set([1 / (i + o) for i, o in FANS]))
    balanced = _synthetic(result, **_set([1 / (i * o) for i, o in FANS]))
    assert fan_based_scale(claimed).verdict == "TRUE"
    assert fan_based_scale(balanced).verdict == "FALSE"


def test_equal_terms_need_a_level_start_and_are_nothing_special_at_the_end(result: Result) -> None:
    # The fan's terms are equal at every step and no other's are: the factor alone does it.
    claimed = _synthetic(result, **_set([1 / (i + o) for i, o in FANS]))
    assert equal_terms(claimed).verdict == "TRUE"
    # The fan's terms are never equal.
    balanced = _synthetic(result, **_set([1 / (i * o) for i, o in FANS]))
    assert equal_terms(balanced).verdict == "FALSE"


def test_pytorch_at_glorots_scale_would_settle_it(result: Result) -> None:
    known = result["libraries"]
    glorot = 2 / (known.table["fan_in"] + known.table["fan_out"])
    level = replace(known, table=known.table.assign(variance=glorot))
    changed = replace(result, measurements=dict(result.measurements) | {"libraries": level})
    assert defaults(changed).verdict in ("TRUE", "PENDING")
    assert near_words(library_table(changed), LINEAR) == "at every shape"
    assert near_words(library_table(result), LINEAR) != "at every shape"


def test_titles_follow_the_table(result: Result) -> None:
    table = signal_table(result)
    assert kept(table, "forward") == ("he",)
    assert kept(table, "backward") == ()
    assert "He’s keeps" in signal_title(table)
    level = table.assign(forward=1.0, backward=1.0)
    assert "keep signal and gradient" in signal_title(level)
    trained = trained_table(_synthetic(result, **_set([1 / (i * o) for i, o in FANS])))
    assert scale_title(trained).endswith("none")


@pytest.mark.parametrize("claim", ["C17", "C18", "C19"])
def test_verdicts(result: Result, claim: str) -> None:
    assert SETTLED[claim].slug == "fan_scale"
    keras = measured(library_table(result), KERAS)
    expected = "CONDITIONAL" if keras or claim != "C19" else "PENDING"
    assert SETTLED[claim].function(result).verdict == expected


def test_the_verdict_on_the_scale_names_every_start(result: Result) -> None:
    table = trained_table(result)
    starts = by_start(table, "fan")
    assert sorted(starts) == [0.5, 1.0, 2.0]
    statement = SETTLED["C17"].function(result).statement
    for found in starts.values():
        assert span(found) in statement
    # One start that stays apart is enough for a penalty not to be on the scale.
    one = (table["penalised"] == "fan") & (table["init_scale"] == 2) & (table["layer"] == 1)
    apart = table.assign(fan_scaled=table["fan_scaled"].mask(one, 30 * table["fan_scaled"]))
    assert "fan" in on_scale(table) and "fan" not in on_scale(apart)
