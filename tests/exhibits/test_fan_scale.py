"""The claims of the chapter "The fan-based weight scale", at smoke scale."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from l2scale.catalogue.predictions import PREDICTIONS, outcomes_of
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import Table, Tables
from l2scale.catalogue.text import fill, template_at
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.fan_scale.figures import library_scales
from l2scale.exhibits.fan_scale.sweeps import PENALISED, SIGNAL_INITS, sweeps
from l2scale.exhibits.fan_scale.trained import ONE, own_clocks
from l2scale.exhibits.fan_scale.untrained import KERAS, LINEAR, LOGISTIC, RELU
from l2scale.lab.training.batches import split_of
from l2scale.lab.training.runs import Run
from l2scale.theory.penalties import coefficients, effective_lambda

pytestmark = pytest.mark.xdist_group("exhibits")
SLUG = "fan_scale"
LONG = {"shape": "funnel", "when": "long", "start": "all"}
FANS = ((64, 128), (128, 32), (32, 16), (16, 10))


def changed(result: Result, name: str, table: pd.DataFrame) -> Tables:
    """The tables of the smoke result with another table of one measurement."""
    other = replace(result[name], table=table)
    return Tables(replace(result, measurements=dict(result.measurements) | {name: other}))


def trained(result: Result, values: Sequence[float | Callable[..., pd.Series]]) -> Tables:
    """The tables of the smoke result with these mean squares in the layers of every network."""
    made = {f"mean_square_{i}": value for i, value in enumerate(values, start=1)}
    return changed(result, "scales", result["scales"].table.assign(**made))


def title(tables: Tables, id: str) -> str:
    return fill(template_at(SLUG, id, "title"), tables, SLUG)


def test_signals_follow_the_products(result: Result, tables: Tables) -> None:
    means = tables["signal_means"]
    assert means.frame["miss"].max() < 0.2
    for init in SIGNAL_INITS:
        assert means.row(init=init, direction="forward", layer=2)["miss"] < 0.05
        assert means.row(init=init, direction="backward", layer=5)["miss"] < 0.1
    keeps = tables["reach"].frame.set_index("init")["keeps"]
    assert keeps["he"] == "signal" and set(keeps.drop("he")) == {"none"}
    assert "He’s keeps" in title(tables, "signal-by-layer")
    level = changed(result, "signals", result["signals"].table.assign(forward=1.0, backward=1.0))
    assert "keep signal and gradient: Glorot, He, LeCun" in title(level, "signal-by-layer")


def test_libraries_start_where_their_formulas_say(tables: Tables) -> None:
    ends = tables["library_ends"]
    for name, mean in ((RELU, 2), (LOGISTIC, 2 / 3), (KERAS, 2)):
        row = ends.row(name=name)
        assert row["measured"] == "no" or row["mean"] == pytest.approx(mean, rel=0.03)
    row = ends.row(name=LINEAR)
    assert (row["least"], row["most"]) == pytest.approx((5 / 12, 5 / 3), rel=0.05)
    assert 0 < row["near"] < row["shapes"]
    square = tables["library_shapes"].row(name=LINEAR, aspect=1)
    assert square["scaled"] == pytest.approx(2 / 3, rel=0.05)


def test_without_keras_its_verdict_waits_and_the_page_says_so(result: Result) -> None:
    rows = result["libraries"].table
    without = changed(result, "libraries", rows[rows["library"] != "Keras"])
    settled = SETTLED["C19"].judge(without.result)
    assert settled.verdict == "PENDING" and "Keras was not installed" in settled.statement
    assert "Keras" not in title(without, "library-scales")
    assert fill(template_at(SLUG, "prose", "keras"), without, SLUG) == "not measured"
    assert library_scales(without["libraries"].frame).axes


def test_pytorch_at_glorots_scale_would_settle_it(result: Result) -> None:
    rows = result["libraries"].table
    level = changed(
        result, "libraries", rows.assign(variance=2 / (rows["fan_in"] + rows["fan_out"]))
    )
    assert SETTLED["C19"].function(level) in ("TRUE", "PENDING")
    assert fill(template_at(SLUG, "prose", "linear_near"), level, SLUG) == "at every shape"


@pytest.mark.parametrize(
    ("keras", "linear", "verdict"),
    [("yes", "yes", "TRUE"), ("no", "no", "FALSE"), ("yes", "no", "CONDITIONAL")],
)
def test_libraries_in_proportion(tables: Tables, keras: str, linear: str, verdict: str) -> None:
    found = tables["library_ends"].frame.set_index("name").assign(measured="yes")
    found.loc[[KERAS, LINEAR], "proportional"] = keras, linear
    assert SETTLED["C19"].function({"library_ends": Table(found.reset_index())}) == verdict


def test_penalties_are_at_one_effective_strength() -> None:
    for run in sweeps("book")[0].runs:
        if run.lam > 0:
            shapes = [(b, a) for a, b in zip((64, *run.hidden), (*run.hidden, 10), strict=True)]
            c = coefficients(run.penalty, shapes)
            assert effective_lambda(run.lam, c) == pytest.approx(5e-3)


def test_weights_end_where_their_penalty_says(tables: Tables) -> None:
    rows = {name: tables["spreads"].row(penalised=name, **LONG) for name in PENALISED}
    for name in PENALISED[1:]:
        found = np.log(rows[name]["spread"] / rows[name]["predicted"])
        assert abs(found) < (0.15 if name in ("sum", "prior") else 0.3)
    assert rows["fan"]["high"] < rows["tensor_mean"]["low"] / 2
    assert rows["fan"]["spread"] < 1.4 < 4 < rows["sum"]["spread"]
    assert tables["product_spreads"].row(penalised="sum")["spread"] < 1.2
    assert tables["on_scale"].row(shape="funnel")["under"] == "the fan penalty"
    weak, strong = (tables["strengths"].row(strength=end) for end in ("min", "max"))
    assert strong["high"] < weak["low"]  # the constant is set by the strength


def test_the_start_is_forgotten_under_a_penalty_alone(tables: Tables) -> None:
    memory = tables["memory"]
    assert memory.row(penalised="none", when="long")["low"] > 3
    assert memory.row(penalised="sum", when="short")["low"] > 2
    assert memory.row(penalised="sum", when="long")["high"] < 1.3
    assert memory.row(penalised="none", when="long")["forgotten"] == "no"


def test_memory_is_that_of_the_layer_that_differs_most(result: Result) -> None:
    def start(factor: float) -> Callable[[pd.DataFrame], pd.Series]:
        return lambda t: 0.01 * factor ** (t["init_scale"] == 2.0)

    # The factors' product is 1, and so the function's size is one.
    row = trained(result, [start(f) for f in (2, 1, 1, 1 / 2)])["memory"].row(
        penalised="sum", when="long"
    )
    assert row["apart"] == pytest.approx(2, abs=1e-12) and row["forgotten"] == "no"


def test_each_layer_has_a_clock_of_its_own() -> None:
    # c of the funnel's per-tensor mean is one over the weights: 8192, 4096, 512 and 160.
    counts = np.array([64 * 128, 128 * 32, 32 * 16, 16 * 10])
    expected = 4 * 0.2 * 5e-3 * 1000 * np.prod(counts ** (1 / 4)) / counts
    assert own_clocks("tensor_mean", 1000, 5e-3) == pytest.approx(expected)
    assert own_clocks("sum", 1000, 5e-3) == pytest.approx(4)


def test_without_penalty_the_end_depends_on_the_start(tables: Tables) -> None:
    low, one, high = (
        tables["spreads"].row(penalised="none", **LONG | {"start": start})["spread"]
        for start in ("0.5", "1", "2")
    )
    assert low > 1.5 * one > 1.5 * 1.2 * high
    assert tables["layer_ends"].row(penalised="none", start="2")["least"] > 6


def test_terms_are_two_at_the_start_and_equal_at_the_end(tables: Tables) -> None:
    spreads = tables["term_spreads"]
    assert tables["start_terms"].row(layer="all")["value"] == pytest.approx(2, rel=0.1)
    assert spreads.row(penalised="sum", step="min")["spread"] > 4
    for name in ("fan", "sum", "tensor_mean"):
        assert spreads.row(penalised=name, step="max")["spread"] < 1.4


def test_noise_and_biases_keep_a_gap(tables: Tables) -> None:
    small, large, biased = (
        tables["gaps"].row(bias=bias, batch_size=size)
        for bias, size in ((False, "min"), (False, "max"), (True, "max"))
    )
    assert biased["gap"] < large["gap"] < small["gap"]
    assert large["change"] == pytest.approx(large["gap"] - small["gap"])
    # At smoke scale, what the start has left hides what little noise larger batches have.
    rows = tables["rest"].frame.query("batch_size == batch_size.min() and not bias")
    assert (rows["gap"] / rows["predicted"]).between(0.9, 4).all()


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
    row = changed(result, "rest", pd.DataFrame(rows))["rest"].row()
    # A batch without replacement: mean square of a mean of 10 out of `samples`.
    share = (samples - 10) / (10 * (samples - 1))
    noise = (1.0 + share * (9.0 - 1.0)) - (0.25 + share * (4.0 - 0.25))
    assert row["gap"] == pytest.approx(5 / 2 - 1, abs=1e-12)
    assert row["predicted"] == pytest.approx(0.2 * noise / (0.04 * (1 - 0.002)) / 2, abs=1e-12)
    # From 0 to 2 (1 + 2 + 3) in 200 steps of 0.2, over 4 lam and the last layer's 2.
    assert row["growing"] == pytest.approx(-(12 / 40) / (0.04 * 2), abs=1e-12)


def test_a_contrary_measurement_changes_verdicts_titles_and_predictions(result: Result) -> None:
    def found(values: Sequence[float]) -> tuple[str, ...]:
        made = trained(result, values)
        level = outcomes_of(PREDICTIONS[SLUG]["level"], made)
        return (SETTLED["C17"].function(made), SETTLED["C18"].function(made), *level)

    # Under each penalty at each step: the fan's terms are equal, and no other's are.
    assert found([1 / (i + o) for i, o in FANS]) == ("TRUE", "TRUE", "failed")
    assert found([1 / (i * o) for i, o in FANS]) == ("FALSE", "FALSE", "failed")
    assert [SETTLED[claim].judge(result).verdict for claim in ("C17", "C18")] == ["CONDITIONAL"] * 2
    balanced = trained(result, [1 / (i * o) for i, o in FANS])
    assert title(balanced, "trained-mean-squares").endswith("none")


def test_one_start_that_stays_apart_takes_a_penalty_off_the_scale(result: Result) -> None:
    def far(t: pd.DataFrame) -> pd.Series:
        return t["mean_square_1"].mask((t["penalty"] == "fan") & (t["init_scale"] == 2), 10.0)

    rows = result["scales"].table
    apart = changed(result, "scales", rows.assign(mean_square_1=far))
    assert apart["on_scale"].row(shape="funnel")["fan"] == "no"
    starts = apart["spreads"].frame.query("penalised == 'fan' and when == 'long'").dropna()
    assert set(starts.loc[starts["high"] < ONE, "start"]) == {"0.5", "1"}
    assert SETTLED["C17"].function(apart) == "OPEN"
    assert template_at(SLUG, "C17", "OPEN")
