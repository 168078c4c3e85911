"""What an interval says of a prediction: one rule, and no width hides a failure."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2scale.catalogue.predictions import (
    MARGIN,
    OUTCOMES,
    PREDICTIONS,
    Prediction,
    declare,
    excludes,
    listed,
    moves,
    outcome,
    outcomes,
    outcomes_of,
    overall_outcome,
    summary,
    tallied,
)
from l2scale.catalogue.tables import TABLES, Table

NUMBERS = st.floats(-5, 5)
HALVES = st.floats(0, 5)


def row(middle: float, low: float, high: float) -> pd.Series:
    return pd.Series({"estimate": middle, "low": low, "high": high})


def about(middle: float, half: float) -> pd.Series:
    """A row with an estimate in the middle of its interval."""
    return row(middle, middle - half, middle + half)


@given(NUMBERS, HALVES, NUMBERS)
def test_a_value_outside_has_failed_however_wide_the_interval(
    middle: float, half: float, value: float
) -> None:
    found = about(middle, half)
    outside = value < found["low"] or value > found["high"]
    assert (outcome(found, value) == "failed") == outside == excludes(found, value)


@given(NUMBERS, HALVES, st.floats(-1, 1))
def test_width_decides_only_about_a_value_inside(middle: float, half: float, place: float) -> None:
    found = about(middle, half)
    value = min(max(middle + place * half, found["low"]), found["high"])
    narrow = (found["high"] - found["low"]) / 2 < MARGIN
    assert outcome(found, value) == ("held" if narrow else "undecided")
    assert outcome(found, value, margin=math.inf) == "held"


@pytest.mark.parametrize("bound", [math.nan, math.inf])
def test_an_unknown_bound_confirms_nothing(bound: float) -> None:
    assert outcome(row(0.1, -bound, 0.2), 0) == "undecided"
    assert outcome(row(0.1, 0.05, bound), 0) == "failed"  # the known bound excludes 0
    assert moves(row(math.nan, math.nan, math.nan)) == "is left open"


@given(NUMBERS, HALVES)
def test_a_range_that_is_one_number_is_judged_like_it(middle: float, half: float) -> None:
    found = about(middle, half)
    assert outcome(found, 0, 0) in OUTCOMES
    assert (outcome(found, 0, 0) == "failed") == excludes(found, 0)
    assert outcome(found, -20, 20) == "held"
    assert outcome(found, found["low"], math.inf) == "held"


def test_steps_that_were_once_hidden_are_said() -> None:
    """Intervals of this book that a rule on their width had left out."""
    found = [row(-0.241, -0.448, -0.034), row(-0.27, -0.47, -0.06), row(0.71, 0.43, 0.99)]
    assert [outcome(each, 0) for each in found] == ["failed"] * 3
    assert [moves(each) for each in found] == ["falls", "falls", "rises"]


def test_a_column_is_judged_by_bounds_of_its_own() -> None:
    found = about(5, 1) * 1.0
    found["power"], found["power_low"], found["power_high"] = 0.0, -0.1, 0.1
    assert outcome(found, 0, column="power") == "held"
    assert outcome(found, 0) == "failed"
    frame = pd.DataFrame([about(0, 0.1), about(1, 0.1), row(math.nan, math.nan, math.nan)])
    assert list(outcomes(frame, "estimate")) == ["held", "failed", "none"]
    assert list(outcomes(frame, "estimate", pd.Series([0.0, 1.0, 0.0]))) == ["held", "held", "none"]


def test_a_number_without_bounds_is_not_judged_by_those_of_the_main_estimate() -> None:
    tables = {"cells": Table(pd.DataFrame([dict(about(0, 0.1)) | {"count": 3.0}]), "estimate")}
    assert outcomes_of(Prediction("cells.count", 3.0), tables) == ["held"]
    assert outcomes_of(Prediction("cells.count", 0.0), tables) == ["failed"]
    assert outcomes_of(Prediction("cells"), tables) == ["held"]


FRAME = pd.DataFrame(
    {
        "cell": ["a", "b", "c", "edge"],
        "asked": [0.0, 1.0, 2.0, 0.0],
        "estimate": [0.05, 1.0, 0.0, math.nan],
        "low": [-0.05, 0.5, -0.1, math.nan],
        "high": [0.15, 1.5, 0.1, math.nan],
    }
)
CELLS = {"cells": Table(FRAME)}


def test_each_estimate_at_an_address_is_judged_and_an_edge_has_none() -> None:
    assert outcomes_of(Prediction("cells"), CELLS) == ["held", "failed", "held"]
    assert outcomes_of(Prediction("cells", "asked"), CELLS) == ["held", "undecided", "failed"]
    assert outcomes_of(Prediction("cells[cell=b]", 0.0, 2.0), CELLS) == ["held"]
    assert outcomes_of(Prediction("cells[cell=b]", 1.0, margin=0.6), CELLS) == ["held"]
    assert outcomes_of(Prediction(rule=lambda tables: "undecided"), CELLS) == ["undecided"]
    assert outcomes_of(Prediction("cells[cell=edge]"), CELLS) == []


def test_outcomes_are_counted_in_words() -> None:
    assert tallied(["failed"]) == "failed"
    assert tallied(["failed"] * 6) == "failed in all 6"
    assert tallied(["held", "failed", "held"]) == "held in 2 of 3 and failed in 1"
    assert tallied(["held", "undecided", "failed", "failed"]) == (
        "held in 1 of 4, failed in 2 and undecided in 1"
    )
    assert tallied([]) == "cannot be judged"
    assert overall_outcome(["held"] * 2) == "held" and overall_outcome([]) == "undecided"
    assert (
        overall_outcome(["held", "failed"]) == overall_outcome(["held", "undecided"]) == "in part"
    )
    assert overall_outcome(["failed", "undecided"]) == "failed"


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (
            {"of": "cells", "stated": "later"},
            "stated 'later': choose one of before, pilot, together, after",
        ),
        ({}, "of an address or has a rule"),
        ({"of": "cells", "rule": lambda tables: "held"}, "and not both"),
    ],
)
def test_a_prediction_that_says_nothing_is_refused(wrong: dict, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Prediction(**wrong)


@pytest.mark.parametrize(
    ("of", "fault"),
    [
        ("cells[cell=aa]", r"the prediction of cells\[cell=aa\]: no row has cell=aa; nearest"),
        ("cells.estimat", "no column 'estimat', but cell, asked, estimate"),
        ("cells[cel=a]", "no column 'cel', but cell"),
    ],
)
def test_a_prediction_of_what_is_not_there_is_refused(of: str, fault: str) -> None:
    with pytest.raises(LookupError, match=fault):
        outcomes_of(Prediction(of), CELLS)


def test_what_others_ask_is_judged_and_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "l2scale.catalogue.predictions.template_at", lambda *path: "It {cells[cell=a]}."
    )
    declare(
        "l2scale.exhibits.made_up.rules",
        "together",
        ours=Prediction("cells", stated="pilot", derivation="eq-1"),
        theirs=Prediction("cells", "asked", stated=None),
        plain=Prediction("cells", "asked"),
    )
    try:
        rows = summary("made_up", CELLS).set_index("id")
        assert rows.loc["ours", ["held", "failed", "undecided", "cells"]].tolist() == [2, 1, 0, 3]
        assert rows.loc["theirs", "failed_of"] == "1 of 3" and rows.loc["ours", "open"] == 2
        assert rows.loc["ours", "by_chance"] == pytest.approx(0.15)
        only, plain = listed("made_up", CELLS)
        assert plain["stated"] == "together"
        assert (only["id"], only["became"], only["stated"]) == ("ours", "in part", "pilot")
        assert only["words"] == "It 0.05 [−0.05, 0.15]." and only["derivation"] == "eq-1"
        assert "predictions" in TABLES["made_up"]
    finally:
        del PREDICTIONS["made_up"], TABLES["made_up"]
