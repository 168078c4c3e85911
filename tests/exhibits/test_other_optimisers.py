"""The claims of the chapter "Adam, AdamW and the learning rate", at smoke scale."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from l2scale.catalogue.predictions import PREDICTIONS, outcomes_of
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import Table, Tables
from l2scale.catalogue.text import fill, template_at
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.other_optimisers.arms import ARMS, CONSTANT, Arm, labelled
from l2scale.exhibits.other_optimisers.regret import regret_at_widest
from l2scale.exhibits.shared import at_end

pytestmark = pytest.mark.xdist_group("exhibits")
SLUG = "other_optimisers"
ADAMW = {"arm": "adamw", "rule": "constant"}


def valleys(result: Result, width: float, shift: float = 0.0, rate: float = 0.0) -> Tables:
    """The tables with errors put in: AdamW's best lambda goes as width^width * lr^rate.

    The others' stays. Optima are moved by `shift` doublings, and by a little for each network.
    """
    found = {}
    for name in ("rules", "hidden", "clean", "rates"):
        table = result[name].table
        adamw = table["optimiser"] == "adamw"
        growth = width * np.log2(table["width"] / 8) + rate * np.log2(table["lr"] / 0.004)
        centre = np.where(adamw, growth, -7.0) + shift
        centre = centre + 0.2 * np.sin(table["seed"] * 5.0 + table["width"])
        valley = 0.1 + 0.01 * (np.log2(table["lam"]) - centre) ** 2
        metrics = dict.fromkeys(("val_error", "test_error", "val_loss", "test_loss"), valley)
        found[name] = replace(result[name], table=table.assign(**metrics))
    return Tables(Result(result.slug, result.scale, found))


def said(tables: Tables, *path: str) -> str:
    return fill(template_at(SLUG, *path), tables, SLUG)


def test_every_network_is_in_an_arm_and_every_arm_is_a_full_grid(result: Result) -> None:
    table = labelled(result)
    trained = {run for name in ("rules", "hidden", "clean") for run in result[name].table["run"]}
    assert set(table["run"]) == trained
    for arm in ARMS:
        some = arm.of(table)
        keys = ["width", "lam", "seed", "step"]
        assert not some.duplicated(keys).any()
        assert len(some) == np.prod([some[key].nunique() for key in keys])
        assert (some["label_noise"] == 0).all() == (arm.labels == "clean")
    two = table.query("layers == 2 and labels == 'wrong' and cell != 'momentum'")  # of three rules
    shared = two.groupby("run")["rule"].nunique() > 1
    assert set(two.loc[two["width"] == 8, "run"]) == set(shared[shared].index)


def test_clocks_are_those_of_the_equations(tables: Tables) -> None:
    assert list(tables["unused"].frame["cell"]) == ["sgd", "momentum", "adamw"]
    assert (tables["unused"].frame["off"] < 0.005).all()
    left = tables["left"].frame.pivot(index="cell", columns="strength", values="left")
    assert left.loc["adam", "weak"] == pytest.approx(left.loc["adam", "strong"], rel=1e-3)
    assert left.loc["sgd", "strong"] < 0.9 * left.loc["sgd", "weak"]
    lam = tables["best"].row(arm="sgd", rule="inverse_width", width=32)["lam"]
    expected = 2 * (0.1 / 4) * lam * 120  # at the rate of the widest network
    assert tables["clocks"].row(cell="sgd")["clocks"] == pytest.approx(expected)


def test_adamw_stays_under_its_ceiling_and_its_share_falls_at_one_strength(result: Result) -> None:
    table = Arm("adamw").of(at_end(labelled(result)))
    weak, strong = (table[table["lam"] == lam] for lam in (table["lam"].min(), table["lam"].max()))
    for layer in (1, 2):
        assert (2 * strong["lam"] * np.sqrt(strong[f"mean_square_{layer}"]) < 1.05).all()
    # The share of the ceiling depends on lambda, so that a fixed share says something.
    means = [(2 * t["lam"] * np.sqrt(t["mean_square_2"])).mean() for t in (weak, strong)]
    assert abs(np.log(means[1] / means[0])) > np.log(1.5)


@pytest.mark.parametrize(("factor", "outcome"), [(1.2, "failed"), (1.0, "held")])
def test_sizes_are_compared_at_one_strength_and_at_the_best(
    result: Result, factor: float, outcome: str
) -> None:
    tables = valleys(result, 1.0)
    sizes = tables["sizes"].frame.query("size == 'ceiling' and metric == 'error'")
    lam = sizes.query("layers == 2").groupby("place")["lam"].first()
    assert lam["held"] == lam["narrow"] and lam["wide"] == 4 * lam["narrow"]
    changes = tables["changes"].frame.set_index(["metric", "size", "place"])
    far = np.log(changes[["least", "most"]]).abs().max(axis=1)
    assert (changes["share"].eq("closer") == (far["error", "ceiling", "wide"] < far)).all()
    ends = sizes.query("place == 'narrow'")
    other = ends.assign(place="wide", low=factor * ends["low"], high=factor * ends["high"])
    found = {"sizes": Table(pd.concat([ends, other]))}
    assert outcomes_of(PREDICTIONS[SLUG]["fixed_share"], found) == [outcome]


@pytest.mark.parametrize("layers", [2, 3, 5])
def test_split_units_allow_the_ceiling_and_equal_weights_attain_it(layers: int) -> None:
    rng = np.random.default_rng(layers)
    sizes = [5, *[4] * (layers - 1), 3]
    shapes = list(zip(sizes[1:], sizes[:-1], strict=True))
    weights, x = [rng.uniform(-1, 1, pair) for pair in shapes], rng.uniform(0, 1, (5, 7))
    k = 3
    factor = k ** -Arm("adamw", layers=layers).predicted
    copies = [
        factor * np.kron(np.ones((k if layer < layers - 1 else 1, k if layer else 1)), w)
        for layer, w in enumerate(weights)
    ]
    np.testing.assert_allclose(outputs(copies, x), outputs(weights, x), atol=1e-12)
    largest = [np.full(pair, 0.7) for pair in shapes]
    bound = 4 ** (layers - 1) * 0.7**layers * np.abs(x).sum(axis=0)
    np.testing.assert_allclose(outputs(largest, x), np.tile(bound, (3, 1)))
    largest[-1][0, 0] *= -1
    assert (outputs(largest, x)[0] < bound).all()


def outputs(matrices: list[np.ndarray], x: np.ndarray) -> np.ndarray:
    """A ReLU network without biases."""
    for w in matrices[:-1]:
        x = np.maximum(w @ x, 0)
    return matrices[-1] @ x


def test_exponents_follow_the_valleys_and_predictions_are_judged(result: Result) -> None:
    kept, off = valleys(result, 0.5), valleys(result, 1.5, -1.5)
    row = kept["exponents"].row(**ADAMW, metric="error")
    assert row["exponent"] == pytest.approx(0.5, abs=0.2) and row["outcome"] != "failed"
    sgd = kept["exponents"].row(arm="sgd", rule="constant", metric="loss")
    assert sgd["exponent"] == pytest.approx(0, abs=0.2)
    assert off["exponents"].row(**ADAMW, metric="error")["outcome"] == "failed"
    assert "AdamW, constant rate, by loss 1." in said(off, "prose", "ceiling_excluded")
    for family, whole in (("ceiling", 12), ("zero", 20)):
        counts = off["predictions"].row(id=family)
        assert counts["held"] + counts["failed"] + counts["undecided"] == counts["cells"]
        assert counts["cells"] + int(said(off, "prose", f"{family}_edges")) == whole


def test_a_square_root_is_excluded_or_not() -> None:
    for failed, cells, words in ((1, 1, "excludes"), (0, 1, "does not"), (0, 0, "has no interval")):
        row = {"id": "square_root", "failed": failed, "cells": cells}
        table = Table(pd.DataFrame([row]))
        assert said({"predictions": table}, "prose", "three_half").startswith(words)


@pytest.mark.parametrize("rate", [-1.0, 0.0, 0.5])
def test_the_exponent_in_the_rate_is_that_of_the_valleys(result: Result, rate: float) -> None:
    rates = valleys(result, 0.0, 1.0, rate)["rates"]
    found = rates.row(metric="error", width=8, lr="min")["exponent"]
    assert found == pytest.approx(rate, abs=0.1)
    assert sorted(rates.frame["lr"].unique()) == [0.001, 0.004, 0.016]


def test_the_verdict_follows_the_intervals(result: Result) -> None:
    assert SETTLED["C07"].slug == SLUG
    for valley, verdict, words in (
        ((1.0,), "CONDITIONAL", "by loss without wrong labels"),
        ((0.0,), "OPEN", "no interval excludes 0"),
        ((1.0, -9.0), "OPEN", "edge of their grid"),
    ):
        found = SETTLED["C07"].judge(valleys(result, *valley).result)
        assert found.verdict == verdict and words in found.statement


def test_carrying_by_the_right_power_costs_nothing_and_titles_say_so(result: Result) -> None:
    tables = valleys(result, 0.5)
    held, root, times = (
        tables["transfer"].row(arm="adamw", metric="error", reading=name)
        for name in ("hold", "root", "times")
    )
    assert root["excess"] == 0 and root["note"] == "the same λ" and times["excess"] > 0
    assert held["excess"] == pytest.approx(0.1, abs=0.05)  # a doubling off: 0.01 more than 0.1
    assert tables["transfer"].row(arm="sgd", metric="error", reading="hold")["excess"] == 0
    assert "λ√m costs 0% (the same λ)" in said(tables, "carried-by-optimiser", "more")
    assert held["reached"] == pytest.approx(held["level"] * (1 + held["excess"]))
    assert root["reached"] == root["level"] < held["reached"] < times["reached"]
    assert f"{held['reached']:.1%}" in said(tables, "carried-by-optimiser", "title")
    assert said(tables, "prose", "costly_error") == "none of them"
    costly = {"transfer": Table(tables["transfer"].frame.assign(low=0.1))}
    assert said(costly, "prose", "costly_error") == "SGD, SGD with momentum, Adam and AdamW"
    off = regret_at_widest(at_end(labelled(result)), Arm("adamw"), "loss", "root", 40.0).iloc[0]
    assert np.isnan(off["excess"]) and off["note"] == "not on the grid"


def test_judged_alike_has_every_constant_arm_against_its_own_prediction(tables: Tables) -> None:
    rows = tables["matched"].frame
    assert list(rows["cell"].unique()) == [arm.label for arm in CONSTANT]
    predicted = rows.drop_duplicates("arm").set_index("arm")["predicted"]
    assert dict(predicted) == pytest.approx(
        {"sgd": 0, "momentum": 0, "adam": 0, "adamw": 1 / 2, "adamw_three": 2 / 3}
    )
    np.testing.assert_allclose(rows["power"], rows["exponent"] + rows["predicted"])
