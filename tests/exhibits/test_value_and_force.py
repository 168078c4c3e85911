"""The claims of the chapter "Value and force", at smoke scale."""

import numpy as np
import pandas as pd
import pytest

from l2scale.catalogue.predictions import PREDICTIONS, outcomes_of
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import Table, Tables
from l2scale.catalogue.text import fill, template_at
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.value_and_force.tables import predicted_from_shapes

pytestmark = pytest.mark.xdist_group("exhibits")
SLUG = "value_and_force"


def test_start_values_and_forces_are_those_of_the_shapes(tables: Tables) -> None:
    rows = tables["values"].frame.query("width == width.max()")
    for row in rows.itertuples():
        assert row.unit_force == pytest.approx(
            predicted_from_shapes(row.penalty, row.width, 1e-3)[1], rel=1e-5
        )
    widest = tables["start_values"].frame.query("width == width.max()")
    np.testing.assert_allclose(widest["ratio"], 1, rtol=0.05)
    sum_, mean = (tables["growth"].row(penalty=p, quantity="value") for p in ("sum", "mean"))
    assert sum_["low"] > 0.6 and -0.4 < mean["exponent"] < 0


@pytest.mark.parametrize("id", ["sum_force", "mean_force", "decay", "one_curve", "penalty_term"])
def test_laws_without_scatter_hold_to_rounding(tables: Tables, id: str) -> None:
    assert outcomes_of(PREDICTIONS[SLUG][id], tables) == ["held"]
    shifted = {
        name: Table(tables[name].frame.assign(**{tables[name].main: 0.5}), tables[name].main)
        for name in ("growth", "decay_factor", "twins", "sample_growth")
    }
    assert outcomes_of(PREDICTIONS[SLUG][id], shifted) == ["failed"]


def test_a_big_layer_leaves_the_small_ones_their_terms_and_samples_add_up(tables: Tables) -> None:
    assert tables["start_share"].row(layer=1)["share"] > 0.97
    assert outcomes_of(PREDICTIONS[SLUG]["small_layers"], tables) == ["held", "held"]
    assert tables["small_layers"].row(layer=2, than="all layers")["low"] > 0.05
    assert 0.85 < tables["sample_growth"].row(term="summed")["exponent"] < 1.05


def test_each_network_of_the_mean_has_a_twin(result: Result, tables: Tables) -> None:
    twins = tables["twins"].frame
    assert twins["pairs"].iloc[0] == result["pairs"].networks / 2
    apart = {"twins": Table(twins.assign(same=1, pairs=3, gap=0.0012), "gap")}
    assert "1 of 3 pairs" in fill(template_at(SLUG, "prose", "twins"), apart, SLUG)
    same = {"twins": Table(twins.assign(same=3, pairs=3), "gap")}
    assert fill(template_at(SLUG, "prose", "twins"), same, SLUG).startswith("all 3 pairs")


@pytest.mark.parametrize(
    ("claims", "table", "row", "verdict"),
    [
        ("C05 C06 C33", "decay_factor", {"factor": 2.001}, "FALSE"),
        ("C05 C06 C33", "decay_factor", {"factor": 1.0}, "OPEN"),
        ("C29", "decay", {"lr": 0.5, "high": 0.9}, "CONDITIONAL"),
        ("C29", "decay", {"lr": 0.5, "high": 1.1}, "TRUE"),
        ("C10", "small_layers", {"layer": 2, "than": "all layers", "low": 0.1}, "FALSE"),
        ("C10", "small_layers", {"layer": 2, "than": "all layers", "low": -0.1}, "OPEN"),
        ("C31", "twins", {"gap": 1e-5}, "TRUE"),
        ("C31", "twins", {"gap": 1e-2}, "FALSE"),
    ],
)
def test_verdicts(claims: str, table: str, row: dict[str, float | str], verdict: str) -> None:
    for claim in claims.split():
        assert SETTLED[claim].slug == SLUG
        assert SETTLED[claim].function({table: Table(pd.DataFrame([row]))}) == verdict
        assert template_at(SLUG, claim, verdict)
