"""The claims of the chapter "Adam, AdamW and the learning rate", at smoke scale."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from l2scale.catalogue.figures import FIGURES
from l2scale.catalogue.numerals import span
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits import alike
from l2scale.exhibits.other_optimisers.carrying import carried_table, charged
from l2scale.exhibits.other_optimisers.cells import ARMS, CONSTANT, Arm, end, labelled, one
from l2scale.exhibits.other_optimisers.clocks import clocks, left, unused_left
from l2scale.exhibits.other_optimisers.judged_alike import alike_numbers, alike_table, cost
from l2scale.exhibits.other_optimisers.optimum_by_optimiser import optima_table
from l2scale.exhibits.other_optimisers.optimum_by_rate import power, rates_table
from l2scale.exhibits.other_optimisers.powers import (
    cells,
    edge_words,
    holds,
    listed,
    power_numbers,
    powers_table,
    said,
)
from l2scale.exhibits.other_optimisers.weight_sizes import closer, growth, sizes_table
from l2scale.exhibits.outcomes import OUTCOMES

pytestmark = pytest.mark.xdist_group("exhibits")

ADAMW = Arm("adamw")


def valleys(result: Result, width: float, shift: float = 0.0, rate: float = 0.0) -> Result:
    """The trained tables with errors put in: AdamW's best lambda goes as width^width * lr^rate.

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
    return Result(result.slug, result.scale, found)


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


def test_rules_share_the_networks_of_the_least_width_and_no_others(result: Result) -> None:
    table = labelled(result)
    table = table[(table["layers"] == 2) & (table["labels"] == "wrong")]
    table = table[table["cell"] != "momentum"]  # which has one rule
    shared = table.groupby("run")["rule"].nunique() > 1
    assert set(table.loc[table["width"] == 8, "run"]) == set(shared[shared].index)


@pytest.mark.parametrize("cell", ["sgd", "momentum", "adamw"])
def test_three_clocks_are_those_of_the_equation(result: Result, cell: str) -> None:
    assert unused_left(result, cell).estimate == pytest.approx(1, abs=0.005)


def test_adam_forgets_alike_at_every_strength_and_sgd_does_not(result: Result) -> None:
    assert left(result, "adam", "weak") == pytest.approx(left(result, "adam", "strong"), rel=1e-3)
    assert left(result, "sgd", "strong") < 0.9 * left(result, "sgd", "weak")


def test_clocks_count_with_the_rate_of_the_widest_network(result: Result) -> None:
    arm = Arm("sgd", "inverse_width")
    rows = arm.of(end(labelled(result)))
    lam = optima_table(result)
    lam = arm.of(lam).set_index("width").loc[32, "lam"]
    expected = 2 * (0.1 / 4) * lam * rows["step"].iloc[0]
    assert float(clocks(result, arm)) == pytest.approx(expected, rel=0.05)


def test_adamw_stays_under_its_ceiling_and_its_share_falls_at_one_strength(result: Result) -> None:
    table = ADAMW.of(end(labelled(result)))
    strong = table[table["lam"] == table["lam"].max()]
    for layer in (1, 2):
        assert (2 * strong["lam"] * np.sqrt(strong[f"mean_square_{layer}"]) < 1.05).all()
    # The share of the ceiling depends on lambda, so that a fixed share says something.
    weak = table[table["lam"] == table["lam"].min()]
    means = [(2 * t["lam"] * np.sqrt(t["mean_square_2"])).mean() for t in (weak, strong)]
    assert abs(np.log(means[1] / means[0])) > np.log(1.5)


def test_sizes_are_compared_at_one_strength_and_at_the_best(result: Result) -> None:
    table = sizes_table(valleys(result, 1.0))
    two = table[(table["layers"] == 2) & (table["metric"] == "error")]
    lam = two.groupby("place")["lam"].first()
    assert lam["held"] == lam["narrow"] and lam["wide"] == 4 * lam["narrow"]
    low, high = growth(table, "ceiling", "narrow", "error")
    assert (low, high) == (1, 1)
    assert closer((0.9, 1.2), (0.5, 1.0)) == "closer"
    assert closer((0.4, 1.2), (0.5, 1.0)) == "no closer"


@pytest.mark.parametrize("layers", [2, 3, 5])
def test_splitting_lets_the_ceiling_fall_by_the_power(layers: int) -> None:
    rng = np.random.default_rng(layers)
    sizes = [5, *[4] * (layers - 1), 3]
    weights = [rng.uniform(-1, 1, pair) for pair in zip(sizes[1:], sizes[:-1], strict=True)]
    k = 3
    factor = k ** -Arm("adamw", layers=layers).ceiling
    copies = [
        factor * np.kron(np.ones((k if layer < layers - 1 else 1, k if layer else 1)), w)
        for layer, w in enumerate(weights)
    ]
    x = rng.standard_normal((5, 7))
    np.testing.assert_allclose(outputs(copies, x), outputs(weights, x), atol=1e-12)


@pytest.mark.parametrize("layers", [2, 3, 5])
def test_the_bound_is_attained_by_equal_weights_and_by_no_others(layers: int) -> None:
    ceiling = 0.7
    sizes = [5, *[4] * (layers - 1), 3]
    largest = [
        np.full(pair, ceiling) for pair in zip(sizes[1:], sizes[:-1], strict=True)
    ]  # fmt: skip
    x = np.random.default_rng(layers).uniform(0, 1, (5, 7))
    bound = 4 ** (layers - 1) * ceiling**layers * np.abs(x).sum(axis=0)
    np.testing.assert_allclose(outputs(largest, x), np.tile(bound, (3, 1)))
    largest[-1][0, 0] *= -1
    assert (outputs(largest, x)[0] < bound).all()


def outputs(matrices: list[np.ndarray], x: np.ndarray) -> np.ndarray:
    """A ReLU network without biases."""
    for w in matrices[:-1]:
        x = np.maximum(w @ x, 0)
    return matrices[-1] @ x


def test_powers_follow_the_valleys_and_predictions_are_judged(result: Result) -> None:
    table = powers_table(valleys(result, 0.5))
    assert one(end(table), ADAMW, metric="error")["exponent"] == pytest.approx(0.5, abs=0.2)
    assert one(end(table), Arm("sgd"), metric="loss")["exponent"] == pytest.approx(0, abs=0.2)
    off = powers_table(valleys(result, 1.5, -1.5))
    kept, excluded = (cells(t, [ADAMW]) for t in (table, off))
    assert "failed" not in set(kept["outcome"]) and listed(kept[kept["exponent"] > 9]) == "none"
    assert set(excluded["outcome"]) == {"failed"}
    assert "AdamW, constant rate, by loss 1." in listed(excluded)
    numbers = power_numbers(off)
    assert sum(int(numbers[f"ceiling_{name}"]) for name in OUTCOMES) == int(
        numbers["ceiling_cells"]
    )
    assert int(numbers["ceiling_cells"]) + int(numbers["ceiling_edges"]) == 12
    assert int(numbers["zero_cells"]) + int(numbers["zero_edges"]) == 20


def test_an_interval_holds_excludes_or_is_missing() -> None:
    row = {"exponent": 0.6, "low": 0.45, "high": 0.8}
    assert holds(pd.Series(row), 0.5, "1/2") == "does not exclude 1/2"
    assert holds(pd.Series(row | {"low": 0.55}), 0.5, "1/2") == "excludes 1/2"
    assert "no interval" in holds(pd.Series(row | {"exponent": np.nan}), 0.5, "1/2")


@pytest.mark.parametrize("rate", [-1.0, 0.0, 0.5])
def test_the_power_of_the_rate_is_that_of_the_valleys(result: Result, rate: float) -> None:
    table = rates_table(valleys(result, 0.0, 1.0, rate))
    assert power(table, "error", 8).estimate == pytest.approx(rate, abs=0.1)
    assert sorted(table["lr"].unique()) == [0.001, 0.004, 0.016]


def test_the_verdict_follows_the_intervals(result: Result) -> None:
    settle = SETTLED["C07"].function
    assert SETTLED["C07"].slug == "other_optimisers"
    moved, flat, edge = (settle(valleys(result, *args)) for args in ((1.0,), (0.0,), (1.0, -9.0)))
    assert (moved.verdict, flat.verdict, edge.verdict) == ("CONDITIONAL", "OPEN", "OPEN")
    assert "Not of the best strength" in moved.statement
    assert "by loss without wrong labels" in moved.statement
    assert "no interval excludes 0" in flat.statement
    assert "edge of their grid" in edge.statement


def test_edges_are_named_in_place_of_an_exponent() -> None:
    words = "low end of the grid at 64, 256; high end of the grid at 512"
    assert edge_words("low at 64, high at 512, low at 256") == words
    row = pd.Series({"exponent": np.nan, "edges": "high at 64"})
    assert said(row) == "none (the best λ lies at the high end of the grid at 64 units)"


def test_carrying_by_the_right_power_costs_nothing_and_titles_say_so(result: Result) -> None:
    table = carried_table(valleys(result, 0.5))
    held, root = (one(table, ADAMW, metric="error", reading=name) for name in ("hold", "root"))
    assert charged(root) == "0% (the same λ)" and root["excess"] == 0
    assert held["excess"] == pytest.approx(0.1, abs=0.05)  # a doubling off: 0.01 more than 0.1
    assert one(table, Arm("sgd"), metric="error", reading="hold")["excess"] == 0
    said = FIGURES["carried-by-optimiser"].words("title", table)
    assert "λ√m costs 0% (the same λ)" in said and charged(held) in said


def test_costs_are_bounds_at_an_edge_and_missing_off_the_grid() -> None:
    row = {"excess": 0.2, "low": 0.1, "high": 0.3, "kept": 1.0, "own": 2.0, "edge": None}
    found = {"plain": row, "edge": row | {"edge": "high"}, "off": row | {"excess": np.nan}}
    words = {name: charged(pd.Series(r | {"seeds": 8})) for name, r in found.items()}
    assert words["plain"] == "20% [10%, 30%]"
    assert words["edge"] == "at least 20% [10%, 30%]"
    assert words["off"] == "not on the grid (λ = 1)"


def test_the_power_of_the_ceiling_grows_with_the_layers() -> None:
    assert [Arm("adamw", layers=layers).predicted for layers in (2, 3)] == [1 / 2, 2 / 3]
    assert {Arm(cell).predicted for cell in ("sgd", "momentum", "adam")} == {0.0}


def test_judged_alike_has_every_constant_arm_against_its_own_prediction(result: Result) -> None:
    table = alike_table(result)
    assert list(table["cell"].unique()) == [arm.words for arm in CONSTANT]
    predicted = table.drop_duplicates("cell").set_index("cell")["predicted"]
    assert predicted["AdamW"] == 1 / 2 and predicted["AdamW, three layers"] == 2 / 3
    assert predicted["SGD"] == predicted["Adam"] == 0
    numbers = alike_numbers(result)
    found = alike.power(table, "AdamW")
    assert numbers["adamw_alike"] == span(found)
    assert found.estimate == pytest.approx(alike.off(table, "AdamW", "alike").estimate + 0.5)


def test_a_strength_carried_off_the_grid_has_no_cost(result: Result) -> None:
    rows = Arm("adamw").of(end(labelled(result)))
    assert cost(rows, 40.0) == "not on the grid"
    assert cost(rows, 0.0) != "not on the grid"
