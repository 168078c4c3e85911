"""The claims of the chapter "Decay from a bad start", at smoke scale."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from scipy.special import expit

from l2scale.catalogue.predictions import PREDICTIONS, outcomes_of
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import Table, Tables
from l2scale.catalogue.text import fill, template_at
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.bad_start import course, draws, observed
from l2scale.exhibits.bad_start.course import SMALL
from l2scale.exhibits.bad_start.figures import FLOOR, decay_by_epoch
from l2scale.exhibits.bad_start.first_epochs import CLOSE, EARLY, of_steps
from l2scale.exhibits.bad_start.published import DATA, RECORD
from l2scale.exhibits.bad_start.sweeps import BATCH, SETTINGS, SIGMOIDS, book_lambda, images
from l2scale.exhibits.bad_start.training import batch_force, long_runs
from l2scale.exhibits.drawing import EDGES
from l2scale.lab.data.datasets import load
from l2scale.lab.training.batches import split_of
from l2scale.lab.training.trainer import initial
from l2scale.looks import style
from l2scale.theory.epochs import epoch_factor

pytestmark = pytest.mark.xdist_group("exhibits")
SLUG = "bad_start"


def said(tables: Any, name: str) -> str:
    return fill(template_at(SLUG, "prose", name), tables, SLUG)


def outcomes(tables: Any, id: str) -> list[str]:
    return outcomes_of(PREDICTIONS[SLUG][id], tables)


def test_a_batchs_force_is_that_of_batches_without_replacement(result: Result) -> None:
    """Against random batches of drawn gradients; and between that of all samples and of one."""
    rng = np.random.default_rng(0)
    gradients = rng.standard_normal((40, 3)) + 0.5
    row = pd.DataFrame({
        "data_force_1": [np.linalg.norm(gradients.mean(axis=0))],
        "sample_force_1": [np.sqrt(np.square(gradients).sum(axis=1).mean())],
        "n_train": [40], "batch_size": [BATCH],
    })  # fmt: skip
    batches = [rng.choice(40, BATCH, replace=False) for _ in range(20_000)]
    drawn = np.mean([np.square(gradients[batch].mean(axis=0)).sum() for batch in batches])
    assert batch_force(row, 1)[0] == pytest.approx(np.sqrt(drawn), rel=0.01)
    table = result["decay"].table
    for layer in (1, 2):
        force = batch_force(table, layer)
        assert (force >= table[f"data_force_{layer}"] * (1 - 1e-6)).all()
        assert (force <= table[f"sample_force_{layer}"] * (1 + 1e-6)).all()


def test_decay_equals_the_first_gradient_at_a_strength_without_a_width_in_it(
    tables: Tables,
) -> None:
    frame, over = tables["equality"].frame, tables["over_widths"].row()
    assert frame["inside"].eq("yes").all() and len(frame) == 2 * 2
    assert frame["off"].max() < 0.3
    # Widths differ by a factor of four; a force that went with their root would move by two.
    assert over["times"] == 4 and over["moved"] < 0.5
    assert over["layer_2"] > 2 * over["layer_1"] > 200 * tables["our_data"].row()["his_ratio"]


def test_a_mean_outside_its_bounds_fails() -> None:
    place = pd.DataFrame({"place": [1.2, 0.5], "place_low": [1.1, 0.4], "place_high": [1.3, 0.6]})
    found = {"equality": Table(place.assign(inside=["no", "yes"], off=[0.2, 0.1]))}
    assert outcomes(found, "between") == ["failed", "held"]
    assert outcomes(found, "one_sample") == ["failed"]
    assert said(found, "inside") == "1 of 2"


def test_decay_is_a_larger_share_of_an_epoch_than_of_its_steps_and_grows(tables: Tables) -> None:
    shares, learns = tables["shares"].frame, tables["shares"].row(layer=1, limit="yes")["ratio"]
    assert shares["ratio"].max() > learns == tables["forgetting"].row(limit="yes")["ratio"]
    first, output = (shares[shares["layer"] == layer].set_index("ratio") for layer in (1, 2))
    for measure in ("peak", "net"):
        assert first[measure].is_monotonic_increasing
        assert output[measure][learns] < first[measure][learns]
    assert (first["net"] > first["peak"]).all()


def test_the_peak_is_in_the_first_epoch_and_the_mean_over_time(result: Result) -> None:
    rows = long_runs(result, "decay").query("init == 'normal' and epoch <= @EARLY")
    late = rows.assign(share_1=rows["share_1"].mask(rows["epoch"] > 1, 0.99))
    assert of_steps(late)["peak"].equals(of_steps(rows)["peak"])
    linear = of_steps(rows.assign(share_1=rows["epoch"] / 10)).loc[pd.IndexSlice[:, 1], "mean"]
    assert linear.to_numpy() == pytest.approx(EARLY / 20)


def test_net_movement_is_all_decay_where_gradients_cancel(monkeypatch: pytest.MonkeyPatch) -> None:
    """An epoch in which the data move nothing, and one without decay."""
    at = {"n": 200, "width": 4, "seeds": 2}
    found = observed.movements(**at, ratios=(0.0, 1e-2))
    assert (found.loc[found["ratio"] == 0, "net"] == 0).all()
    left = epoch_factor(SIGMOIDS.lr, book_lambda(1e-2), 200 // BATCH)
    monkeypatch.setattr(
        observed, "trained_weights",
        lambda runs: [[left * layer[r].numpy() for layer in initial(runs)]
                      for r in range(len(runs))],
    )  # fmt: skip
    found = observed.movements(**at, ratios=(1e-2,))
    assert found["net"].to_numpy() == pytest.approx(1, abs=1e-6)


def test_each_strength_is_named_where_its_line_ends_or_leaves_the_frame() -> None:
    cells = [(ratio, epoch) for ratio in (0.001, 0.03, 0.1) for epoch in range(4)]
    sizes = pd.DataFrame(cells, columns=["ratio", "epoch"])
    sizes["dead"] = sizes["exponential"] = np.exp(-50 * sizes["ratio"] * sizes["epoch"])
    sizes["live"] = sizes["dead"].clip(lower=0.01)
    with style.theme("light"):
        fig = decay_by_epoch(sizes)
    plt.close(fig)
    for ax, leaving in zip(fig.axes, (1, 0), strict=True):
        assert {text.get_text() for text in ax.texts} == {"0.001", "0.03", "0.1"}
        marks = [line for line in ax.lines if line.get_marker() == EDGES["low"]]
        assert len(marks) == leaving
        for mark in marks:  # on the line, at the frame
            assert mark.get_ydata() == pytest.approx([FLOOR])
            assert math.exp(-50 * 0.1 * mark.get_xdata()[0]) == pytest.approx(FLOOR)


def test_an_epoch_of_decay_is_exact_for_weights_on_blank_pixels(tables: Tables) -> None:
    """The exponential is within a percent at all strengths but the largest."""
    blank = np.ptp(load(SIGMOIDS.data, seed=0, n_train=SETTINGS["smoke"]["n"]).x_train, axis=0) == 0
    assert blank.any()
    for row in tables["sizes"].frame.itertuples():
        expected = epoch_factor(row.lr, row.lam, row.batches) ** row.epoch
        assert row.dead == pytest.approx(expected, rel=1e-3)
    assert tables["epoch"].frame["miss"].max() < 1e-4
    assert tables["epoch"].frame["close"].tolist() == ["yes"] * 5 + ["no"]
    worst = tables["epoch"].row(ratio="max", worst="yes")
    assert CLOSE < worst["predicted"] == pytest.approx(worst["excess"], rel=0.1)
    # Decay rules the size of the first layer before it rules its steps.
    row = tables["epoch"].row(ratio=tables["shares"].row(layer=1, limit="yes")["ratio"])
    assert 0.9 < np.log(row["live"]) / np.log(row["dead"]) <= 1.05


def test_starts_are_forgotten_at_the_rate_of_the_schedule(tables: Tables) -> None:
    steps = SETTINGS["smoke"]["steps"]
    for row in tables["forgetting"].frame.query("0 < ratio < 0.02").itertuples():
        step = 2 * SIGMOIDS.lr * book_lambda(row.ratio)
        logs = sum(
            part * steps * math.log1p(-factor * step)
            for part, factor in ((0.5, 1), (0.25, 0.1), (0.25, 0.01))
        )
        assert row.kept == pytest.approx(math.exp(logs), rel=1e-3)
        assert row.kept == pytest.approx(math.exp(-row.memory), rel=0.01)
    learns = tables["forgetting"].frame.query("learns == 'yes'")
    assert len(learns) >= 4 and learns["apart"].head(4).is_monotonic_decreasing
    assert learns["size"].iloc[-1] < 1  # of N(0, 1)


@pytest.mark.parametrize("low", [0.0, 0.2])
def test_the_strength_of_the_small_starts_size_is_interpolated(
    result: Result, monkeypatch: pytest.MonkeyPatch, low: float
) -> None:
    """Half way between two strengths on a logarithmic axis, or at none."""
    rows = pd.DataFrame({"learns": "yes", "ratio": [1e-3, 1e-1], "size": [2 * SMALL, low]})
    monkeypatch.setattr(course, "forgetting", lambda result: rows)
    found = {"crossing": Table(course.crossing.__wrapped__(result), "ratio")}
    assert said(found, "crossing").startswith("at none" if low else "by interpolation at 0.01 ")


def test_weights_end_nearer_to_the_books_size_than_to_the_threads(tables: Tables) -> None:
    assert outcomes(tables, "not_inverse") == ["held"] * 3
    assert outcomes(tables, "norm") == ["held"]
    assert (tables["minima"].frame["norm"] < tables["minima"].frame["bound"]).all()
    assert 3.0 < tables["rest"].row()["constants"] < 3.26  # ten even classes: 10 h(0.1) = 3.251


def test_local_exponents_are_those_of_each_doubling(tables: Tables) -> None:
    means = tables["minima"].frame.groupby(["ratio", "weights"])["rms"].mean()
    for ratio, rows in tables["doublings"].frame.groupby("ratio"):
        falls = np.diff(np.log(means[ratio])) / np.diff(np.log(means[ratio].index))
        assert rows["exponent"].to_numpy() == pytest.approx(falls, abs=0.01)
        assert rows["nearer"].all() == (rows["exponent"] + 0.5).abs().is_monotonic_decreasing
        assert tables["ends"].row(ratio=ratio)["nearer"] == rows["nearer"].mean()


def test_the_imbalance_is_that_of_the_worst_run(tables: Tables) -> None:
    forces = tables["minima"].frame[["force_ratio_1", "force_ratio_2"]].to_numpy()
    assert tables["rest"].row()["imbalance"] == pytest.approx(np.abs(forces - 1).max())
    for imbalance, outcome in ((0.05, "held"), (0.5, "failed")):
        rest = Table(pd.DataFrame({"imbalance": [imbalance]}))
        assert outcomes({"rest": rest}, "forces_rest") == [outcome]


@pytest.mark.parametrize("activation", draws.ACTIVATIONS)
def test_excess_kurtosis_is_that_of_a_mixture_and_falls_as_one_over_the_width(
    tables: Tables, activation: str
) -> None:
    rows = tables["kurtosis"].frame.query("activation == @activation").sort_values("width")
    assert rows["kurtosis"].to_numpy() == pytest.approx(rows["predicted"].to_numpy(), rel=0.15)
    assert rows["outside"].is_monotonic_decreasing
    assert rows["outside"].iloc[-1] < 3 * draws.NORMAL_TAIL
    slope = tables["kurtosis_exponents"].row(activation=activation)
    assert slope["low"] < -1 < slope["high"]
    assert draws.predicted_kurtosis("linear", 4.0, 1) == pytest.approx(6)
    row = tables["kurtosis"].row(activation="linear", width=1)
    assert row["low"] < 6 < row["high"]


def test_first_layer_inputs_have_the_law_that_is_drawn_from() -> None:
    """Against first-layer weights and biases as a network draws them."""
    runs = [replace(SIGMOIDS, hidden=(2000,), n_train=200)]
    first = initial(runs)[0][0].double().numpy()
    image = np.asarray(split_of(runs[0]).x_train)[0]
    z = first[:, :-1] @ image + first[:, -1]
    assert z.std() == pytest.approx(draws.spread_of(0), rel=0.06)
    drawn = draws.second_layer(np.random.default_rng(0), z.std(), 20_000, (1, 8))["sigmoid"]
    assert drawn.shape == (20_000, 2)
    assert drawn[:, 1].var() == pytest.approx(8 * np.mean(expit(z) ** 2), rel=0.06)


def test_the_record_of_nielsen_is_consistent(tables: Tables) -> None:
    assert (RECORD["his_last"] < RECORD["his_first"]).all() and (RECORD["his_first"] < 0.2).all()
    first = RECORD.pivot(index="width", columns="init", values="his_first")
    assert (first["lecun"] < first["normal"]).all()
    assert tables["our_data"].row()["his_left"] == pytest.approx(math.exp(-1.5))
    ours = tables["published"].frame.query("epoch == 1 and width == 30")
    ours = ours.groupby("init")["val_error"].mean()
    gap = tables["gaps"].row(width=30, when="first")["gap"]
    assert gap == pytest.approx(ours["normal"] - ours["lecun"])
    assert all(images(scale)[0] in DATA for scale in SETTINGS)


@pytest.mark.parametrize(
    ("low", "high", "order", "words"),
    [
        (0.001, 0.009, "held", "the published order"),
        (-0.5, -0.1, "failed", "the reverse of the published order"),
        (-0.1, 0.1, "undecided", "neither order beyond doubt"),
    ],
)
def test_orders_and_levels_follow_the_gaps(low: float, high: float, order: str, words: str) -> None:
    frame = pd.DataFrame({"when": ["first", "first", "last"], "gap": 0.0, "low": low, "high": high})
    gaps = {"gaps": Table(frame, "gap")}
    assert outcomes(gaps, "his_order") == [order] * 2
    assert outcomes(gaps, "level") == [order]
    counts = {each: 2 * (order == each) for each in ("held", "failed")}
    predictions = Table(pd.DataFrame([{"id": "his_order", "cells": 2} | counts]))
    assert said({"predictions": predictions}, "order") == words
    assert (said({"predictions": predictions}, "first_held") == "holds") == (order == "held")


LEARNS = {"learns": ["yes", "yes", "no"], "size": [0.4, 0.1, 0.0], "same": "yes", "change": 0.5}
LEARNS |= {"balance_least": 1.0, "balance_most": 1.01}
FAINT = {"balance_least": 0.01, "balance_most": 0.01}  # the network learns on while decay fades
FRAMES = {
    "C41": ("shares", {"layer": [1, 1, 2], "learns": ["yes", "no", "no"], "low": [0.4, 0.6, 0.0]}),
    "C42": ("epoch", {"close": ["yes", "no"], "miss": [0.0, 1e-3]}),
    "C43": ("ends", {"exponent": -1.0, "low": -1.1, "high": -0.9, "over_inverse": [0.5, 2.0]}),
    "C44": ("forgetting", LEARNS),
    "C45": ("forgetting", LEARNS),
    "C46": ("kurtosis_exponents", {"exponent": [-0.99, -1.0], "low": -1.05, "high": -0.95}),
}
VERDICTS = {
    "C41 CONDITIONAL": [{}], "C41 OPEN": [{"low": [0.4, 0.5, 0.9]}, {"learns": "no"}],
    "C42 CONDITIONAL": [{}], "C42 FALSE": [{"close": "no"}, {"miss": 0.02}],
    "C43 TRUE": [{}], "C43 FALSE": [{"exponent": -0.5, "low": -0.6, "high": -0.4}],
    "C43 OPEN": [{"over_inverse": 50.0}, {"low": -0.8, "high": -0.4}],
    "C44 TRUE": [FAINT | {"change": 1e-3}], "C44 FALSE": [{}],
    "C44 OPEN": [FAINT, {"balance_most": 1.2}, {"same": "no"}],
    "C45 CONDITIONAL": [{}], "C45 OPEN": [{"size": SMALL}, {"same": "no"}],
    "C46 CONDITIONAL": [{}], "C46 OPEN": [{"exponent": [-0.99, -0.5]}, {"high": 0.1}],
}  # fmt: skip


@pytest.mark.parametrize("case", VERDICTS)
def test_verdicts_follow_their_tables(case: str) -> None:
    claim, verdict = case.split()
    name, columns = FRAMES[claim]
    assert SETTLED[claim].slug == SLUG and template_at(SLUG, claim, verdict)
    for changes in VERDICTS[case]:
        found = {name: Table(pd.DataFrame(columns).assign(**changes))}
        assert SETTLED[claim].function(found) == verdict
