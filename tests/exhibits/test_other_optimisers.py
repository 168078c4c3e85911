"""The claims of the chapter "Adam, AdamW and the learning rate", at smoke scale."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.other_optimisers.carried_by_optimiser import carried_table, power
from l2scale.exhibits.other_optimisers.carried_by_optimiser import one as carrying
from l2scale.exhibits.other_optimisers.carried_by_optimiser import said as said_cost
from l2scale.exhibits.other_optimisers.cells import arm, arms, end, labelled
from l2scale.exhibits.other_optimisers.optimiser_exponents import (
    edge_words,
    exponents_table,
    one,
    said,
)
from l2scale.exhibits.other_optimisers.optimum_by_optimiser import optima_table, title
from l2scale.exhibits.other_optimisers.weight_sizes import left, sizes_table, unused_left

pytestmark = pytest.mark.xdist_group("exhibits")


def valleys(result: Result, power: float, shift: float = 0.0) -> dict[str, SimpleNamespace]:
    """The trained tables with errors put in: AdamW's best lambda goes as width^power, others' stay.

    Optima are moved by `shift` doublings, and by a little for each seed and width.
    """
    found = {}
    for name in ("rules", "hidden"):
        table = result[name].table
        adamw = table["optimiser"] == "adamw"
        growth = np.log2(table["width"] / table["width"].min())
        centre = np.where(adamw, -1 + power * growth, -7.0) + shift
        centre = centre + 0.2 * np.sin(table["seed"] * 5.0 + table["width"])
        valley = 0.1 + 0.01 * (np.log2(table["lam"]) - centre) ** 2
        found[name] = SimpleNamespace(table=table.assign(val_error=valley, test_error=valley))
    return found


def test_every_network_is_in_an_arm_and_every_arm_is_a_full_grid(result: Result) -> None:
    table = labelled(result)
    assert len(arms(table)) == 13
    for name, layers in (("rules", 2), ("hidden", 3)):
        trained = result[name].table
        rows = table[table["layers"] == layers]
        assert set(rows["run"]) == set(trained["run"])
        for _, cell, rule in arms(rows):
            some = arm(rows, cell, rule, layers)
            keys = ["width", "lam", "seed", "step"]
            assert not some.duplicated(keys).any()
            assert len(some) == np.prod([some[key].nunique() for key in keys])


def test_rules_share_the_networks_of_the_least_width_and_no_others(result: Result) -> None:
    table = labelled(result)
    shared = table[table["layers"] == 2].groupby("run")["rule"].nunique() > 1
    narrow = table["width"] == table["width"].min()
    assert set(table.loc[narrow & (table["layers"] == 2), "run"]) == set(shared[shared].index)


@pytest.mark.parametrize("cell", ["sgd", "momentum", "adamw"])
def test_three_clocks_are_those_of_the_equation(result: Result, cell: str) -> None:
    assert unused_left(result, cell).estimate == pytest.approx(1, abs=0.005)


def test_adam_forgets_alike_at_every_strength_and_sgd_does_not(result: Result) -> None:
    assert left(result, "adam", "weak") == pytest.approx(left(result, "adam", "strong"), rel=1e-3)
    assert left(result, "sgd", "strong") < 0.9 * left(result, "sgd", "weak")


def test_adamw_stays_under_its_ceiling_and_above_independent_updates(result: Result) -> None:
    table = end(labelled(result))
    strong = table[(table["cell"] == "adamw") & (table["lam"] == table["lam"].max())]
    constant = strong[strong["rule"] == "constant"]
    for layer in (1, 2):
        share = 2 * constant["lam"] * np.sqrt(constant[f"mean_square_{layer}"])
        assert (share < 1.05).all()
    assert (sizes_table(result)["random"] > 1).all()


@pytest.mark.parametrize("layers", [2, 3, 5])
def test_splitting_lets_the_ceiling_fall_by_the_power(layers: int) -> None:
    rng = np.random.default_rng(layers)
    sizes = [5, *[4] * (layers - 1), 3]
    weights = [rng.uniform(-1, 1, pair) for pair in zip(sizes[1:], sizes[:-1], strict=True)]
    k = 3
    factor = k ** -power("root", layers)
    copies = [
        factor * np.kron(np.ones((k if layer < layers - 1 else 1, k if layer else 1)), w)
        for layer, w in enumerate(weights)
    ]
    x = rng.standard_normal((5, 7))

    def outputs(matrices: list[np.ndarray]) -> np.ndarray:
        h = x
        for w in matrices[:-1]:
            h = np.maximum(w @ h, 0)
        return matrices[-1] @ h

    np.testing.assert_allclose(outputs(copies), outputs(weights), atol=1e-12)
    largest = max(np.abs(w).max() for w in weights)
    assert max(np.abs(w).max() for w in copies) == pytest.approx(factor * largest)
    bound = 4 ** (layers - 1) * largest**layers * np.abs(x).sum(axis=0)
    assert (np.abs(outputs(weights)) <= bound).all()


def test_exponents_follow_the_valleys(result: Result) -> None:
    table = exponents_table(valleys(result, 0.5))
    assert one(table, "adamw", "error").estimate == pytest.approx(0.5, abs=0.2)
    assert one(table, "sgd", "error").estimate == pytest.approx(0, abs=0.2)
    assert "goes to" in title(optima_table(valleys(result, 0.5)))


def test_the_verdict_follows_the_intervals(result: Result) -> None:
    settle = SETTLED["C07"].function
    assert SETTLED["C07"].slug == "other_optimisers"
    moved, flat, edge = (settle(valleys(result, *args)) for args in ((1.0,), (0.0,), (1.0, -9.0)))
    assert (moved.verdict, flat.verdict, edge.verdict) == ("CONDITIONAL", "OPEN", "OPEN")
    assert "Not of the strength one wants" in moved.statement
    assert "edge of their grid" in edge.statement
    assert "edge" in title(optima_table(valleys(result, 1.0, -9.0)))


def test_edges_are_named_in_place_of_an_exponent() -> None:
    words = "low end of the grid at 64, 256; high end of the grid at 512"
    assert edge_words("low at 64, high at 512, low at 256") == words
    row = pd.Series({"exponent": np.nan, "edges": "high at 64"})
    assert said(row) == "none, high end of the grid at 64"


def test_carrying_by_the_right_power_costs_nothing(result: Result) -> None:
    table = carried_table(valleys(result, 0.5))
    held, root, clock = (carrying(table, "adamw", r, "error") for r in ("hold", "root", "clock"))
    assert root["excess"] == 0 and said_cost(root) == "0 (the same λ)"
    assert held["excess"] == pytest.approx(1, abs=0.5)  # a doubling off: 0.01, which is one point
    assert clock["excess"] == pytest.approx(1, abs=0.5)
    assert carrying(table, "sgd", "hold", "error")["excess"] == 0


def test_a_strength_off_the_grid_is_not_tried(result: Result) -> None:
    table = carried_table(valleys(result, 0.0, 2.0))
    row = carrying(table, "sgd", "clock", "error")
    assert np.isnan(row["excess"]) and row["wanted"] > row["largest"]
    assert said_cost(row).startswith("not tried (λ = 0.125")


def test_the_power_of_the_ceiling_grows_with_the_layers() -> None:
    assert [power("root", layers) for layers in (2, 3)] == [1 / 2, 2 / 3]
    assert (power("hold", 3), power("clock", 3)) == (0, 1)
