"""The claims of the chapter "A cost of fifty", at smoke scale.

The network of 35 million weights is only trained at book scale; its start is a closed form and is
tested here as such.
"""

import math

import pandas as pd
import pytest

from l2scale.catalogue.predictions import PREDICTIONS, outcomes_of
from l2scale.catalogue.tables import Table, Tables
from l2scale.catalogue.text import fill, template_at
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.cost_of_fifty.large import CONVENTIONS, PLAIN
from l2scale.exhibits.cost_of_fifty.sweeps import LAM, SETTINGS, shapes_of
from l2scale.exhibits.cost_of_fifty.widths import CRUSHED
from l2scale.exhibits.shared import funnel_layers
from l2scale.theory.initialisation import expected_value
from l2scale.theory.penalties import n_weights

pytestmark = pytest.mark.xdist_group("exhibits")
SLUG = "cost_of_fifty"


@pytest.mark.parametrize("scale", ["book", "full"])
def test_the_large_network_has_35_million_weights_and_a_cost_near_50(scale: str) -> None:
    shapes = shapes_of("-".join(map(str, funnel_layers(SETTINGS[scale]["big"]))))
    assert n_weights(shapes) == pytest.approx(35e6, rel=0.02)
    for init in ("glorot", "pytorch"):
        cost = math.log(2) + expected_value(LAM, "sum", init, shapes)
        assert cost == pytest.approx(50, rel=0.05)


def test_costs_and_shares_of_the_value_at_the_start_are_those_of_the_shapes(tables: Tables) -> None:
    costs, forces = tables["costs"].frame, tables["forces"].frame
    assert set(costs["convention"]) == set(CONVENTIONS)
    assert (costs.loc[costs["convention"] == PLAIN, "penalty_off"] < 0.1).all()
    expected = forces["expected"] / forces["expected"].sum()
    assert forces["value_share"].to_numpy() == pytest.approx(expected, rel=0.1, abs=0.02)


def test_the_network_learns_under_the_penalty(tables: Tables) -> None:
    start, end = (tables["course"].row(lam="max", step=step) for step in ("min", "max"))
    assert end["test_error"] < start["test_error"] - 0.2
    assert 0 < end["penalty_value"] < start["penalty_value"]
    assert start["unopposed"] == 1


def test_the_value_forgets_the_width(tables: Tables) -> None:
    start = tables["growth"].row(when="start", by="width")
    end = tables["growth"].row(when="end", of="value")
    assert start["low"] > 0.3 and abs(end["exponent"]) < 0.1
    assert end["spread"] < start["spread"] / 2


def test_strengths_have_an_optimum_in_the_grid_and_crush_at_its_end(tables: Tables) -> None:
    assert tables["best"].frame["edge"].isna().all()
    gone, most = tables["crushing"].row()["lam"], tables["strengths"].frame["lam"].max()
    assert 0.1 <= gone <= most
    for claim in ("C01", "C21", "C28", "C32"):
        assert SETTLED[claim].function(tables) == "CONDITIONAL"


def test_what_counts_as_crushed_lies_below_a_gap(tables: Tables) -> None:
    row = tables["crushing"].row()
    assert row["most"] < CRUSHED < row["least"] / 10  # training is short here, the gap narrower
    counts = pd.DataFrame({"width": [11, 33], "zero": [3, 0], "of": [3, 3]})
    changed = dict(tables) | {"half_crushed": Table(counts, "zero")}
    words = fill(template_at(SLUG, "C28", "CONDITIONAL"), changed, SLUG)
    assert "3 of 3 at H = 11, 0 of 3 at H = 33, at λ" in words
    assert "Zero is a sum of squares below 0.01" in words


def tables_of(
    start: float = 0.7, end: float = 0.0, ratio: float = 0.1, error: float = 0.05, gone: float = 0.2
) -> dict[str, Table]:
    """What the verdicts look at, with estimates of our choice, to a hundredth."""
    rows = [("start", "width", "value", start), ("start", "weights", "value", start / 2)]
    rows += [("end", "width", "value", end), ("end", "width", "ratio", ratio)]
    growth = pd.DataFrame(rows, columns=["when", "by", "of", "exponent"])
    growth = growth.assign(low=growth["exponent"] - 0.01, high=growth["exponent"] + 0.01)
    course = pd.DataFrame({"lam": [LAM], "step": [60], "test_error_high": [error]})
    return {
        "growth": Table(growth, "exponent"),
        "course": Table(course, "cost"),
        "crushing": Table(pd.DataFrame({"lam": [gone]}), "lam"),
    }


@pytest.mark.parametrize(
    ("claim", "case", "verdict"),
    [
        ("C01", {}, "CONDITIONAL"),
        ("C01", {"start": 0.0}, "OPEN"),
        ("C01", {"end": 0.5}, "OPEN"),
        ("C01", {"end": -0.5}, "OPEN"),
        ("C21", {}, "CONDITIONAL"),
        ("C21", {"error": 0.45}, "OPEN"),
        ("C28", {}, "CONDITIONAL"),
        ("C28", {"gone": math.nan}, "OPEN"),
        ("C32", {}, "CONDITIONAL"),
        ("C32", {"ratio": 0.8}, "TRUE"),
    ],
)
def test_verdicts_follow_the_estimates(claim: str, case: dict[str, float], verdict: str) -> None:
    assert SETTLED[claim].slug == SLUG
    assert SETTLED[claim].function(tables_of(**case)) == verdict
    assert template_at(SLUG, claim, verdict)


def test_predictions_fail_where_a_number_is_off() -> None:
    stated = PREDICTIONS[SLUG]
    for force, outcome in ((1.0, "held"), (3.0, "failed")):
        forces = pd.DataFrame({"value_share": [0.03, 0.97], "penalty_force": [2.0, force]})
        assert outcomes_of(stated["layers"], {"forces": Table(forces)}) == [outcome]
    for off, outcome in ((0.001, "held"), (0.1, "failed")):
        costs = pd.DataFrame(
            {"init": ["glorot"], "convention": PLAIN, "off": 0, "penalty_off": off}
        )
        assert outcomes_of(stated["start"], {"costs": Table(costs)}) == [outcome]
        course = pd.DataFrame({"lam": [LAM], "step": [60], "unopposed": 1 - off})
        assert outcomes_of(stated["decay"], {"course": Table(course)}) == [outcome]
    assert outcomes_of(stated["grows"], tables_of()) == ["held"]
    assert outcomes_of(stated["forgets"], tables_of(end=0.1)) == ["failed"]
