"""The claims of the chapter "When does it crush to zero?", at smoke scale."""

import numpy as np
import pandas as pd
import pytest
import torch

from l2scale.catalogue.predictions import PREDICTIONS, outcomes_of
from l2scale.catalogue.tables import Table, Tables
from l2scale.catalogue.text import fill, template_at
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.crush.deep import ALIVE, best_end
from l2scale.exhibits.crush.limits import biased_threshold, limit_of
from l2scale.exhibits.crush.sweeps import SMALL
from l2scale.lab.training.runs import Run
from l2scale.lab.training.trainer import train_from

pytestmark = pytest.mark.xdist_group("exhibits")
SLUG = "crush"


def test_the_certificate_closes_on_what_ascents_attain(tables: Tables) -> None:
    row = tables["certainty"].row()
    assert 0 <= row["gap"] < 0.015 and row["over_found"] < 0.001 and row["reached"] > 0.1


def test_thresholds_lie_between_their_certain_bounds() -> None:
    for seed in range(2):
        found = limit_of("digits", 100, seed)
        assert found.floor / 2 < found.threshold < found.ceiling / 2
        assert found.threshold < biased_threshold("digits", 100, seed)


def test_with_free_biases_no_threshold_is_below_that_of_linear_units(tables: Tables) -> None:
    others = tables["others"].frame
    assert (others["beyond"] > 1 - 1e-9).all() and (others["threshold"] < others["biased"]).all()
    assert fill(template_at(SLUG, "prose", "beyond"), tables, SLUG).startswith("1.0")


def test_all_widths_leave_zero_at_the_prediction_along_its_line(tables: Tables) -> None:
    leaves, thresholds = tables["leaves"], tables["thresholds"]
    row = leaves.row(arm="all")
    assert row["alive_to"] >= 0.95 and row["zero_from"] <= 1.05
    assert set(leaves.frame["arm"]) == {"all", "digits", "teacher", "biased"}
    for arm in ("digits", "teacher"):
        assert thresholds.row(arm=arm)["line"] == pytest.approx(1, abs=0.15)


def test_weights_shrink_at_the_guaranteed_rate(tables: Tables) -> None:
    rates = tables["seed_rates"].frame["over"]
    assert len(rates) and rates.between(0.995, 1.3).all()
    assert tables["rates"].row(side="below")["keeps"] == "yes"


def test_two_layers_fade_and_more_layers_jump(tables: Tables) -> None:
    jump, ends = tables["jump"].frame, tables["ends"]
    two = jump[(jump["init_scale"] == SMALL) & (jump["depth"] == 2) & (jump["ratio"] < 1)]
    assert (two["squares"] > ALIVE).all() and ends.row(depth=2)["fades"] == "yes"
    best = best_end(jump)
    for depth in (3, 4):
        assert ends.row(depth=depth)["zero"] == ends.row(depth=depth)["small"]
        ways = tables["crossings"].frame.query("depth == @depth").set_index(["way", "seed"])
        lowest, end = (ways.loc[way, "predicted"] for way in ("lowest", "end"))
        assert ((lowest > 0.2) & (lowest < end)).all()
        rows = best[best["depth"] == depth]
        below = rows[rows["ratio"] < 0.8 * rows["seed"].map(lowest)]
        assert (below["squares"] > 1).all() and (below["gain"] > 0).all()
        above = rows[rows["ratio"] > 1.5 * rows["seed"].map(end)]
        assert (above["squares"] < ALIVE).all()


def test_the_title_of_the_jump_follows_what_two_layers_keep(tables: Tables) -> None:
    ends = tables["ends"].frame
    for fades, words in (("yes", "Two layers fade to zero"), ("no", "Zero is the lowest from")):
        two = ends["depth"] == 2
        rows = ends.assign(fades=fades, most_squares=ends["most_squares"].mask(two, 8.76))
        changed = dict(tables) | {"ends": Table(rows, "zero")}
        assert fill(template_at(SLUG, "deep-jump", "title"), changed, SLUG).startswith(words)
        assert " to 8.8 at 0.9, and" in fill(template_at(SLUG, "deep-jump", "alt"), changed, SLUG)
        assert outcomes_of(PREDICTIONS[SLUG]["fades"], changed) == [
            "held" if fades == "yes" else "failed"
        ]


def test_the_border_is_steeper_with_three_layers_than_with_four(tables: Tables) -> None:
    table = tables["basin"].frame
    assert (table["start"] > table["sure"]).any()
    sure = table[table["start"] < table["sure"]]
    assert (sure["squares"] < np.maximum(sure["start"], ALIVE)).all()
    for depth, exponent in ((3, 2), (4, 1)):
        row = tables["borders"].row(depth=depth)
        assert row["predicted"] == exponent == pytest.approx(row["exponent"], abs=0.4)


@pytest.mark.parametrize(
    ("place", "value", "verdict"),
    [
        (None, 0, "CONDITIONAL"),
        (("leaves", "alive_to"), 0.8, "OPEN"),
        (("leaves", "zero_from"), 1.2, "OPEN"),
        (("leaves", "zero_from"), np.nan, "OPEN"),
        (("ends", "zero"), 3, "OPEN"),  # a small start that does not end at zero
        (("jumps", "after"), 1.1, "OPEN"),  # zero is the lowest only from M/2 on
        (("jumps", "after"), np.nan, "OPEN"),
    ],
)
def test_the_verdict_needs_every_width_and_the_deep_networks(
    tables: Tables, place: tuple[str, str] | None, value: float, verdict: str
) -> None:
    changed = dict(tables)
    if place:
        name, column = place
        changed[name] = Table(tables[name].frame.assign(**{column: value}))
    assert SETTLED["C24"].slug == SLUG and SETTLED["C24"].function(changed) == verdict
    assert template_at(SLUG, "C24", verdict)


def test_predictions_fail_where_they_are_off(tables: Tables) -> None:
    for id, name, change in (
        ("certificate", "certainty", {"gap": 0.02}),
        ("widths", "leaves", {"alive_to": 0.8}),
        ("stays", "rates", {"keeps": "no"}),
        ("small", "ends", {"zero": 0}),
        ("jump", "jumps", {"early": 1}),
        ("branch", "jumps", {"early": 1}),
    ):
        for by, outcome in ((change, "failed"), ({"early": 0}, "held")):
            frame = tables[name].frame.assign(**by)
            assert outcomes_of(PREDICTIONS[SLUG][id], {name: Table(frame)}) == [outcome]


def test_where_all_starts_lose_their_weights_too_early_is_said(tables: Tables) -> None:
    jumps = tables["jumps"].frame
    for early, words in ((0, "As predicted"), (2, "on 2 of ")):
        frame = jumps.assign(early=early)
        changed = dict(tables) | {"jumps": Table(frame, "predicted")}
        row = {"id": "branch", "outcome": outcomes_of(PREDICTIONS[SLUG]["branch"], changed)[0]}
        changed["predictions"] = Table(pd.DataFrame([row]), "outcome")
        assert words in fill(template_at(SLUG, "prose", "branch_lost"), changed, SLUG)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"pytorch": 0.08, "of_jump": 0.55}, "from λ = 0.08 on, 0.55 of the jump"),
        ({"pytorch": np.nan}, "at no strength of the grid (up to 0.13)"),
        ({"pytorch": np.nan, "bordered": 0}, "at no strength of the grid (none has a border)"),
    ],
)
def test_where_the_border_passes_a_start_is_said(row: dict[str, float], words: str) -> None:
    frame = pd.DataFrame([{"depth": 4, "bordered": 6, "most": 0.13, "of_jump": np.nan} | row])
    found = {"borders": Table(frame, "exponent")}
    assert fill(template_at(SLUG, "prose", "pytorch_of_jump"), found, SLUG) == words


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
