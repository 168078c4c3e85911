"""Early stopping: the choices of each protocol, and the verdict, on tables that are known."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import Table, Tables
from l2scale.catalogue.text import fill, template_at
from l2scale.exhibits.early_stopping import rules
from l2scale.exhibits.early_stopping.choices import Cell, Choice, cells, trainings
from l2scale.exhibits.early_stopping.clock import beside_the_clock
from l2scale.exhibits.early_stopping.linear import WAYS
from l2scale.exhibits.early_stopping.sweeps import ALIKE, BASE, looks
from l2scale.exhibits.early_stopping.tables import PAIRS, says
from l2scale.lab.estimates.search import chances, expected

LAMS, STEPS = (0.0, 0.1, 0.2), (10, 20)
VAL = {
    (0.0, 10): 0.3,
    (0.0, 20): 0.5,
    (0.1, 10): 0.4,
    (0.1, 20): 0.2,
    (0.2, 10): 0.1,
    (0.2, 20): 0.4,
}
TEST = {key: 1 + value for key, value in VAL.items()}


def made(val: dict[tuple[float, int], float] = VAL) -> Choice:
    """One split of three strengths and two looks, by error; the loss is the error's opposite."""
    rows = [
        {"seed": 0, "lam": lam, "step": step, "val_error": val[lam, step],
         "val_loss": -val[lam, step], "test_error": TEST[lam, step],
         "data_force_1": 3.0, "data_force_2": 4.0, "sq_norm_1": 100.0, "sq_norm_2": 525.0}
        for lam, step in product(LAMS, STEPS)
    ]  # fmt: skip
    return Choice(Cell(pd.DataFrame(rows), np.array(LAMS), np.array(STEPS)))


def test_each_protocol_ends_at_the_network_that_it_chooses() -> None:
    found = {name: made().reached(name).item() for name in protocols()}
    assert found == pytest.approx(
        {
            "none": TEST[0.0, 20],
            "stop": TEST[0.0, 10],
            "trick": TEST[0.1, 20],  # the estimate is 5 / (2 * 25)
            "lambda": TEST[0.1, 20],
            "joint": TEST[0.2, 10],
            "reused": TEST[0.2, 20],
            "late": TEST[0.2, 10],  # both looks are in the second half
            "best": TEST[0.2, 10],
        }
    )


def protocols() -> tuple[str, ...]:
    return ("none", "stop", "trick", "lambda", "joint", "reused", "late", "best")


def test_the_estimate_is_the_gradient_over_twice_the_weights() -> None:
    assert made().estimates() == pytest.approx([5 / (2 * 25)])
    assert made().strengths("joint") == pytest.approx([0.2])
    with pytest.raises(ValueError, match="unknown protocol 'patience': choose one of none"):
        made().reached("patience")


def test_of_equal_errors_the_loss_decides_and_a_diverged_network_is_last() -> None:
    equal = dict.fromkeys(VAL, 0.3) | {(0.2, 20): float("nan")}
    choice = made(equal)
    choice.cell.rows["val_loss"] = [6.0, 5.0, 4.0, 3.0, 2.0, float("nan")]
    assert choice.cell.ranks("error", 360)[0].ravel().tolist() == [4, 3, 2, 1, 0, 5]


@pytest.mark.parametrize("drawn", [1, 2, 4])
def test_the_expectation_over_searches_is_that_of_all_draws(drawn: int) -> None:
    seen, found = np.array([[3, 0, 2, 1]]), np.array([[0.3, 0.9, 0.5, 0.1]])
    draws = [
        found[0][min(some, key=lambda k: seen[0][k])] for some in combinations(range(4), drawn)
    ]
    assert expected(chances(seen, drawn), found) == pytest.approx([np.mean(draws)])


def test_a_strength_that_is_used_again_is_trained_again() -> None:
    spent = {name: trainings(name, 16) for name in protocols()[:-2]}
    expected = {"none": 1, "stop": 1, "trick": 2, "lambda": 16, "joint": 16, "reused": 17}
    assert spent == expected


def test_the_looks_end_with_the_training() -> None:
    assert looks(288, 36) == (36, 48, 72, 96, 144, 192, 288)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.001, 0.02, "costs more"), (-0.02, -0.001, "costs less"), (-0.001, 0.001, "is alike"),
     (-0.001, 0.02, "is left open"), (0.0, 0.0, "is alike")],
)  # fmt: skip
def test_what_an_interval_bears(low: float, high: float, expected: str) -> None:
    assert says(low, high) == expected


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([(-0.001, 0.001), (-0.001, 0.001)], "a penalty tuned at full length did as well"),
        ([(-0.001, 0.02), (-0.02, 0.001)], "whether the stop matters there is left open"),
        (
            [(-0.02, -0.01), (-0.02, 0.001)],
            "less in 1 of 2 cases, and more in 0",
        ),
        ([(0.001, 0.02), (0.001, 0.02)], "less in 0 of 2 cases, and more in 2"),
        ([(-0.002, -0.001), (-0.02, 0.02)], "both together erred less in 1 of 2 cases"),
    ],
)
def test_what_is_said_of_right_labels(pairs: list[tuple[float, float]], expected: str) -> None:
    rows = [
        {"pair": "joint", "wrong": "no", "low": low, "high": high, "says": says(low, high)}
        for low, high in pairs
    ]
    tables = {"pairs": Table(pd.DataFrame(rows))}
    said = fill(template_at("early_stopping", "prose", "unless"), tables)
    assert expected in " ".join(said.split())


def test_each_cell_holds_every_split_strength_and_look(result: Result) -> None:
    for cell in cells(result).values():
        assert len(cell.rows) == cell.array("test_error").size
        at = cell.rows.iloc[len(cell.steps) + 1]
        assert cell.array("val_loss")[0, 1, 1] == at["val_loss"]
        assert (at["lam"], at["step"]) == (cell.lams[1], cell.steps[1])


def test_a_search_over_everything_never_looks_worse_than_a_part_of_it(result: Result) -> None:
    for cell in cells(result).values():
        ranks = Choice(cell).cell.ranks("error", 360)
        assert (ranks.min(axis=(1, 2)) == 0).all()
        seen = {name: Choice(cell).candidates(name)[0].min(axis=1) for name in ("lambda", "joint")}
        assert (seen["joint"] == 0).all() and (seen["lambda"] >= seen["joint"]).all()


def test_pairs_are_differences_of_what_the_costs_table_has(tables: Tables) -> None:
    costs = tables["costs"].frame.query("search == 'all' or protocol in ('stop', 'trick')")
    level = costs.set_index(["n_train", "wrong", "protocol"])["error"]
    for row in tables["pairs"].frame.query("pair not in ('late', 'early')").itertuples():
        one, other = (level[row.n_train, row.wrong, name] for name in PAIRS[row.pair])
        assert row.estimate == pytest.approx(one - other, abs=1e-9)


def test_with_all_held_out_samples_nothing_is_added(tables: Tables) -> None:
    whole = tables["fewer"].frame.query("held_out == 360")
    assert (whole[["estimate", "low", "high"]] == 0).all(axis=None)


def test_the_last_look_sets_the_clock(tables: Tables) -> None:
    last = tables["clock"].frame.query("place == 'last'")
    assert (last["predicted"] == last["lam"]).all() and (last["meets"] == "yes").all()


def looked(lams: list[float], reach: float = 1.3) -> pd.DataFrame:
    steps = [100, 200, 400]
    rows = {"step": steps, "lam": lams, "edge": [None] * 3}
    return pd.DataFrame(rows).assign(
        lam_low=[lam / reach for lam in lams], lam_high=[lam * reach for lam in lams]
    )


def test_the_clock_is_met_where_stopping_and_the_penalty_add_up() -> None:
    stops = [1 / (2 * BASE.lr * step) for step in (100, 200, 400)]
    assert beside_the_clock(looked([0.1 - s for s in stops]))["meets"].tolist() == ["yes"] * 3
    missed = beside_the_clock(looked([0.1] * 3, reach=1.01))
    assert missed["meets"].tolist() == ["no", "no", "yes"]
    late = beside_the_clock(looked([0.01, 0.001, 0.001]))
    assert late["predicted"].iloc[0] == 0 and late["meets"].iloc[0] == "no"


def test_exactly_no_way_to_share_a_strength_exceeds_the_bound(tables: Tables) -> None:
    ratios = tables["ratios"].frame
    assert set(ratios["way"]) == set(WAYS)
    assert (ratios["largest"] <= ratios["bound"]).all()
    assert ratios["best"].min() == 1.0  # with evenly spread coefficients no way beats ridge


def judged(joint: tuple[float, float], reused: tuple[float, float]) -> str:
    rows = [
        {"pair": pair, "low": low, "high": high}
        for pair, (low, high) in (("joint", joint), ("reused", reused))
    ]
    return rules.held_out_and_stopping({"pairs": Table(pd.DataFrame(rows))})


@pytest.mark.parametrize(
    ("joint", "reused", "verdict"),
    [
        ((-0.002, 0.002), (-0.002, 0.002), "TRUE"),
        ((-0.002, 0.002), (0.001, 0.02), "CONDITIONAL"),
        ((-0.002, 0.002), (-0.01, 0.02), "OPEN"),
        ((-0.02, 0.02), (0.001, 0.02), "OPEN"),
        ((ALIKE * 1.1, 0.02), (0.0, 0.0), "FALSE"),
    ],
)
def test_the_verdict_follows_the_two_differences(
    joint: tuple[float, float], reused: tuple[float, float], verdict: str
) -> None:
    assert judged(joint, reused) == verdict


def test_the_rules_fail_where_one_look_or_one_training_does() -> None:
    clock = pd.DataFrame({"labels": ["alike", "alike", "right"], "meets": ["yes", "yes", "no"]})
    assert rules.follows_the_clock({"clock": Table(clock)}) == "held"
    assert rules.follows_the_clock({"clock": Table(clock.assign(meets="no"))}) == "failed"
    trick = pd.DataFrame({"largest": [0.3, 0.9]})
    assert rules.below_the_clock({"trick": Table(trick)}) == "held"
    assert rules.below_the_clock({"trick": Table(trick + 0.2)}) == "failed"
