"""The claims of the chapter "Layers that are normalised", at smoke scale."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from l2scale.catalogue.predictions import PREDICTIONS, outcomes_of
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import Table, Tables
from l2scale.catalogue.text import fill, template_at
from l2scale.exhibits.normalised import late, rates, widths
from l2scale.exhibits.normalised.sweeps import SETTINGS, factor, penalised, weights
from l2scale.theory.penalties import coefficients

pytestmark = pytest.mark.xdist_group("exhibits")
SLUG = "normalised"
SHAPES = [(8, 64), (8, 8), (10, 8)]


def outcome(tables: Tables, id: str) -> set[str]:
    return set(outcomes_of(PREDICTIONS[SLUG][id], tables))


def said(tables: Tables, name: str) -> str:
    return fill(template_at(SLUG, "prose", name), tables, SLUG)


def changed(tables: Tables, name: str, **columns: float) -> dict[str, Table]:
    """The tables with columns of one of them put in."""
    found = tables[name]
    made = Table(found.frame.assign(**columns), found.main, found.networks)
    return {**{key: tables[key] for key in tables}, name: made}


def valleys(result: Result, rate: float, powers: dict[str, float]) -> Tables:
    """The tables with losses put in: the best lambda goes as eta^rate and as width^powers[arm]."""
    found = {name: result[name] for name in result.measurements}
    for name, label in (("map", rates.labelled), ("widths", widths.labelled)):
        rows = label(result)
        if name == "map":
            decayed = np.where(rows["decayed"] == "all", -3.0, 0.0)
            centre = -6.0 + decayed + rate * np.log2(rows["lr"]) - np.log2(rows["lr"]) * 0
            centre = centre - (1 + rate) * np.log2(rows.groupby("optimiser")["lr"].transform("min"))
        else:
            low = rows.groupby(["arm", "width"])["lam"].transform("median")
            first = rows[rows["width"] == rows["width"].min()].groupby("arm")["lam"].median()
            growth = rows["arm"].map(powers).fillna(0) * np.log2(rows["width"] / 8)
            centre = np.log2(rows["arm"].map(first)) + growth + 0 * low
        centre = centre + 0.1 * np.sin(rows["seed"] * 5.0)
        valley = 0.1 + 0.01 * (np.log2(rows["lam"]) - centre) ** 2
        metrics = dict.fromkeys(("val_error", "test_error", "val_loss", "test_loss"), valley)
        found[name] = replace(found[name], table=result[name].table.assign(**metrics))
    return Tables(Result(result.slug, result.scale, found))


def test_coefficients_are_those_of_the_penalties_on_the_normalised_matrices() -> None:
    for name in ("sum", "tensor_mean", "fan"):
        assert penalised(8, name)[:2] == pytest.approx(coefficients(name, SHAPES)[:2])
        assert penalised(8, name)[2] == 0
    assert weights(8) == sum(a * b for a, b in SHAPES[:2])


@pytest.mark.parametrize("scale", SETTINGS)
def test_the_mean_is_kept_on_the_grid_of_the_sum(scale: str) -> None:
    ends = SETTINGS[scale]["widths"][0], SETTINGS[scale]["widths"][-1]
    assert factor(ends) ** 3 == pytest.approx(weights(ends[1]) / weights(ends[0]))


def test_every_network_has_its_arm_and_every_arm_is_a_full_grid(result: Result) -> None:
    for rows, keys in (
        (rates.labelled(result), ["optimiser", "decayed", "lr"]),
        (widths.labelled(result), ["arm", "width"]),
    ):
        assert rows[keys].notna().all(axis=None)
        for _, cell in rows.groupby(keys):
            assert not cell.duplicated(["lam", "seed"]).any()
            assert len(cell) == cell["lam"].nunique() * cell["seed"].nunique()


def test_a_step_of_sgd_turns_by_the_angle_said(tables: Tables) -> None:
    rows = tables["angles"].frame.query("optimiser == 'sgd'")
    assert set(rows["architecture"]) == {"layer_norm", "batch_norm", "residual"}
    # Pythagoras: what is left where the size has not settled is the growth of the size.
    settled = rows.query("product == product.max()")
    assert settled["ratio"].between(0.9, 1.1).all()
    left = rows["ratio"] ** 2 - rows["drift"]
    assert left.between(0.85, 1.15).all()


def test_the_angle_is_at_the_one_said_where_decay_acts_and_falls_where_it_does_not(
    tables: Tables,
) -> None:
    course = tables["course"].frame
    end = course[course["step"] == course["step"].max()].set_index("when")
    for when in ("always", "late"):
        assert end.loc[when, "angle"] == pytest.approx(end.loc[when, "predicted"], rel=0.2)
    for when in ("early", "never"):
        assert end.loc[when, "angle"] < 0.3 * end.loc[when, "predicted"]
    falls = course[(course["when"] == "early") & (course["step"] > course["step"].max() / 2)]
    assert all(one > other for one, other in pairwise(falls.sort_values("step")["angle"]))


def test_both_ways_of_a_first_half_are_one_training(result: Result) -> None:
    rows = late.labelled(result)
    first = rows[rows["step"] <= rows["step"].max() // 2]
    for one, other in (("always", "early"), ("late", "never")):
        pair = [first[first["when"] == when]["test_loss"].to_numpy() for when in (one, other)]
        assert np.array_equal(*pair)


def test_powers_that_are_put_in_come_out(result: Result) -> None:
    rows = widths.labelled(result)
    asked = {arm: widths.asked(rows, arm) for arm in widths.WORDS}
    assert asked["sum"] == (0, 0) and asked["last"] == (1, 1)
    assert asked["mean"][0] == pytest.approx(math.log(8192 / 576) / math.log(8))
    assert asked["tensor_mean"] == pytest.approx((1, 2))
    tables = valleys(result, -1.0, {"last": 0.3})
    for row in tables["ridges"].frame.itertuples():
        assert row.power == pytest.approx(-1.0, abs=0.1) or row.edges
    assert outcome(tables, "ridge_loss") == {"held"}
    sums = tables["exponents"].frame.query("arm == 'sum'")
    assert sums["exponent"].to_numpy() == pytest.approx([0, 0], abs=0.05)
    free = tables["carried"].row(arm="sum", criterion="error")
    assert (free["excess"], free["note"]) == (0, "the same λ")
    assert outcome(tables, "free") == {"held"}


def test_a_ridge_of_another_slope_is_told(result: Result) -> None:
    tables = valleys(result, -0.6, {})
    assert outcome(tables, "ridge_loss") == {"failed"}
    assert "That is not −1 under either" in said(tables, "rate_outcome")


@pytest.mark.parametrize(
    ("ends", "word"),
    [((-0.3, -0.2), "drop of the learning rate"), ((0.1, 0.2), "does worse"),
     ((-0.1, 0.1), "no better and no worse")],
)  # fmt: skip
def test_each_outcome_of_stopping_has_its_words(tables: Tables, ends, word: str) -> None:
    made = changed(tables, "ends", low=ends[0], high=ends[1], more=sum(ends) / 2)
    assert word in said(made, "late_outcome")


@pytest.mark.parametrize(
    ("ends", "became"), [((-0.005, 0.005), "held"), ((-0.1, 0.005), "undecided"),
                         ((0.02, 0.03), "failed")]
)  # fmt: skip
def test_late_is_enough_within_a_point(tables: Tables, ends, became: str) -> None:
    made = changed(tables, "ends", low=ends[0], high=ends[1])
    assert set(outcomes_of(PREDICTIONS[SLUG]["late"], made)) == {became}


def test_what_is_said_of_angles_and_widths_fits_any_outcome(tables: Tables) -> None:
    assert "independent" in said(tables, "angle_outcome")
    assert "power 0" in said(tables, "width_outcome")
