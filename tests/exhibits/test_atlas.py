"""The claims of the chapter "A first lambda for a problem that nobody has tuned", at smoke."""

import tomllib
from dataclasses import fields
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from l2scale.catalogue.predictions import PREDICTIONS, outcomes_of
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import Table, Tables
from l2scale.catalogue.text import template_at
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.atlas.flat import MARGINS, share_of
from l2scale.exhibits.atlas.ladder import RUNGS, SUGGESTED, known, median, paid, quantile
from l2scale.exhibits.atlas.predictors import (
    SIMPLE,
    cheapest,
    chosen_anew,
    left_out,
    permuted,
    rules,
    shift,
)
from l2scale.exhibits.atlas.problems import FAMILIES, FAMILY, HELD_OUT, LARGEST, sizes
from l2scale.exhibits.atlas.searches import near
from l2scale.exhibits.atlas.suggested import TOML, as_toml, suggested
from l2scale.exhibits.atlas.sweeps import SETTINGS, sweeps
from l2scale.exhibits.atlas.valleys import valleys_of
from l2scale.lab.data.datasets import DATASETS
from l2scale.lab.data.tables import TABLES
from l2scale.lab.estimates.search import chances
from l2scale.practice.suggest_rules import Rule
from l2scale.press.addresses import table_file

pytestmark = pytest.mark.xdist_group("exhibits")
SLUG = "atlas"
ROOT = Path(__file__).parents[2]


def became(id: str, **frames: Table) -> list[str]:
    return outcomes_of(PREDICTIONS[SLUG][id], frames)


def test_no_data_set_is_in_two_families_and_none_of_those_kept_out() -> None:
    names = [name for family in FAMILIES.values() for name in family]
    assert len(names) == len(set(names)) == len(FAMILY) >= 30 and len(HELD_OUT) >= 5
    assert not set(names) & set(HELD_OUT)
    assert set(names) | set(HELD_OUT) <= set(DATASETS) and set(TABLES) <= {*names, *HELD_OUT}


def test_sizes_are_those_that_there_are() -> None:
    for name in FAMILY:
        found = sizes(name)
        assert found == sorted(set(found)) and found[0] == 125
        assert found[-1] <= min(LARGEST[name], 2000)
    assert sizes("digits") == [125, 500, 1077] and sizes("sonar") == [125]
    assert sizes("letter") == [125, 500, 2000] and sizes("pima") == [125, 462]


def test_the_book_trains_what_was_promised() -> None:
    runs = [run for sweep in sweeps("book") for run in sweep.runs]
    assert len({run.data for run in runs}) >= 30 and len(runs) >= 8000
    trained = {
        (r.data, r.n_train, r.hidden, r.label_noise, r.optimiser, r.lam, r.seed) for r in runs
    }
    assert len(trained) == len(runs)
    assert {run.lam for run in runs if run.checkpoints} == {0.0}


def test_costs_are_above_the_best_and_zero_there(result: Result) -> None:
    problems = known(result, "sgd")
    assert (problems.val_cost >= 0).all() and (problems.val_cost.min(axis=1) == 0).all()
    weights = pd.Series(problems.weight).groupby(problems.data).sum()
    assert weights.to_numpy() == pytest.approx(1)
    for valley, row in zip(problems.valleys, problems.cost, strict=True):
        chosen = np.append(
            valley.without["val_loss"].mean(), valley.reached["val_loss"].mean(axis=0)
        ).argmin()
        if chosen > 0:
            place = valley.place(valley.logs[chosen - 1])
            assert row[place] == pytest.approx(0, abs=1e-6)


def test_a_rule_knows_nothing_of_the_family_that_it_is_judged_on(result: Result) -> None:
    problems = known(result, "sgd")
    family = problems.family[0]
    inside = problems.family == family
    changed = problems.val_cost.copy()
    changed[inside] = changed[inside][:, ::-1]  # its best lambda is elsewhere
    other = problems.__class__(**{**vars(problems), "val_cost": changed, "best": -problems.best})
    for name in SIMPLE:
        before = left_out(problems, rules(problems)[name])[inside]
        assert left_out(other, rules(other)[name])[inside] == pytest.approx(before)


def test_no_family_has_a_say_in_the_rule_that_is_chosen_for_it(result: Result) -> None:
    problems = known(result, "sgd")
    before = chosen_anew(problems, SUGGESTED)
    for family in np.unique(problems.family):
        inside = problems.family == family
        changed, best = problems.val_cost.copy(), problems.best.copy()
        changed[inside], best[inside] = changed[inside][:, ::-1], -best[inside]
        other = problems.__class__(**{**vars(problems), "val_cost": changed, "best": best})
        assert chosen_anew(other, SUGGESTED)[inside] == pytest.approx(before[inside])


def test_with_one_rule_to_choose_from_it_is_that_rule(result: Result) -> None:
    problems = known(result, "sgd")
    said = left_out(problems, rules(problems)["noise"])
    assert chosen_anew(problems, ("noise",)) == pytest.approx(said)
    assert cheapest(problems, {"noise": said}, ("noise",)) == "noise"


def test_the_shift_of_a_rule_that_is_right_but_for_a_factor_undoes_it(result: Result) -> None:
    problems = known(result, "sgd")
    best = problems.valleys[0].logs[0] + problems.val_cost.argmin(axis=1) / 8
    everywhere = np.ones(len(best), dtype=bool)
    assert shift(problems, best - 2.0, everywhere) == pytest.approx(2.0)


def test_features_are_dealt_anew_among_data_sets(result: Result) -> None:
    problems = known(result, "sgd")
    dealt = permuted(problems)
    assert dealt.shape == problems.told.shape
    assert set(dealt["inputs"]) <= set(problems.told["inputs"])
    assert (dealt["inputs"].to_numpy() != problems.told["inputs"].to_numpy()).any()


@pytest.mark.parametrize("trainings", [1, 3, 5])
def test_a_random_search_ends_where_counting_says(trainings: int) -> None:
    losses = np.random.default_rng(0).random((2, 6))
    draws = list(combinations(range(6), trainings))
    counted = np.zeros(6)
    for row in losses:
        for draw in draws:
            counted[min(draw, key=row.__getitem__)] += 1 / (len(draws) * len(losses))
    assert chances(losses, trainings).mean(axis=0) == pytest.approx(counted)


def test_a_search_on_both_sides_tries_three(result: Result) -> None:
    valley = valleys_of(result, "sgd")[0]
    step = float(valley.logs[1] - valley.logs[0])
    found = near(valley, valley.logs[2], step)
    assert found.sum() == pytest.approx(1) and (np.flatnonzero(found) >= 1).all()
    assert (np.flatnonzero(found) <= 3).all()
    alone = near(valley, valley.logs[2], step / 2)  # none of the grid is so near
    assert alone[2] == 1


def test_weighted_quantiles_are_those_of_repeated_values() -> None:
    values, counts = np.array([3.0, 1.0, 2.0]), np.array([1, 5, 2])
    assert median(values, counts[None].astype(float))[0] == 1.0
    assert quantile(values, counts[None].astype(float), 0.8)[0] == 2.0
    assert np.isnan(median(np.array([np.nan, 1.0]), np.ones((2, 2)))).all()


def test_every_rung_is_judged_on_every_problem(result: Result, tables: Tables) -> None:
    rows = paid(result)
    counts = rows.groupby("problem")["rung"].apply(set)
    assert all(found == set(RUNGS) for found in counts)
    ladder = tables["ladder"].frame
    bounds = ladder[["low", "regret", "high"]]
    assert (bounds.diff(axis=1).iloc[:, 1:] >= -1e-9).all(axis=None)
    for mark, names in (("best", SIMPLE), ("suggested", SUGGESTED)):
        assert set(ladder.loc[ladder[mark] == "yes", "rung"]) <= set(names)
    own = ladder[ladder["rung"] == "constant"]
    assert (own[["lead", "lead_low", "lead_high"]] == 0).all(axis=None)


def test_flat_valleys_are_counted_by_data_set() -> None:
    truths = pd.Series([True, True, True, False])
    found = share_of(truths, pd.Series(["a", "a", "a", "b"]))
    assert found["share"] == 0.5 and found["low"] == 0 and found["high"] == 1
    assert MARGINS == {"error": 0.005, "cost": 0.02}


def test_what_is_suggested_is_what_practice_reads(result: Result) -> None:
    table = suggested(result)
    rows = tomllib.loads(as_toml(table, "smoke"))["suggested"]
    assert {(row["optimiser"], row["use"]) for row in rows} == {
        (optimiser, use) for optimiser in ("sgd", "adamw") for use in ("data", "form")
    }
    kept = tomllib.loads(TOML.read_text(encoding="utf-8"))
    assert kept["scale"] == "book", "write it from a result at book scale"
    for row, own in zip(rows, kept["suggested"], strict=True):
        assert set(row) == set(own) <= {field.name for field in fields(Rule)}
        assert own["sets"] == len(SETTINGS["book"]["sets"])
        assert own["low"] < 1 < own["high"] and own["search_low"] <= own["low"]


def test_what_is_kept_is_what_a_build_at_book_scale_measures() -> None:
    """Where the book has been built at that scale; elsewhere there is nothing to compare with."""
    built = ROOT / "_build" / "html" / table_file(SLUG, "suggested")
    if not built.is_file():
        pytest.skip("no book is built")
    table = pd.read_csv(built)
    kept = tomllib.loads(TOML.read_text(encoding="utf-8"))["suggested"]
    if table["sets"].iloc[0] != kept[0]["sets"]:
        pytest.skip("the book is built at another scale")
    for row, (_, own) in zip(kept, table.iterrows(), strict=True):
        assert row["share"] == pytest.approx(own["share"], rel=0.05)
        assert row["regret"] == pytest.approx(own["regret"], abs=0.005)


def made(**columns: object) -> pd.DataFrame:
    """A ladder of two rungs, the best simple rule and what is typed."""
    row = {
        "optimiser": "sgd",
        "labels": "all",
        "best": "no",
        "rung": "typed",
        "low": 0.5,
        "high": 0.8,
    }
    rule = row | {"best": "yes", "rung": "noise", "low": 0.1, "high": 0.2, "lead_3_low": 0.01}
    return pd.DataFrame([row, rule | columns])


@pytest.mark.parametrize(
    ("columns", "verdict"),
    [
        ({}, "TRUE"),
        ({"lead_3_low": -0.01}, "CONDITIONAL"),
        ({"lead_3_low": -0.01, "high": 0.6}, "OPEN"),
    ],
)
def test_the_claim_is_settled_by_families_left_out(columns: dict, verdict: str) -> None:
    assert SETTLED["C30"].slug == SLUG
    assert SETTLED["C30"].function({"ladder": Table(made(**columns), "regret")}) == verdict
    assert template_at(SLUG, "C30", verdict)


@pytest.mark.parametrize(("low", "outcome"), [(-0.1, "held"), (0.1, "failed")])
def test_a_search_of_five_is_beaten_only_beyond_doubt(low: float, outcome: str) -> None:
    ladder = Table(made(lead_5_low=low), "regret")
    assert became("five", ladder=ladder) == [outcome]
