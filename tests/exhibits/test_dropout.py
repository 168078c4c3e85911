"""The claims of the chapter "Dropout or a penalty?", at smoke scale."""

import numpy as np
import pandas as pd
import pytest

from l2scale.catalogue.predictions import PREDICTIONS, outcomes_of
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import Table, Tables
from l2scale.catalogue.text import fill, template_at
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.dropout.rates import CARRIED, by_lam, by_odds
from l2scale.exhibits.dropout.reached import (
    ARMS,
    SETTING,
    arm,
    least_tries,
    networks,
    per_doubling,
    searches,
    side_by_side,
)
from l2scale.exhibits.dropout.sweeps import FIXED, SETTINGS, observations, sweeps
from l2scale.lab.estimates.intervals import mean_interval

pytestmark = pytest.mark.xdist_group("exhibits")
SLUG = "dropout"


@pytest.mark.parametrize("scale", SETTINGS)
def test_each_way_alone_and_both_together_are_tried_at_every_width(scale: str) -> None:
    at, (sweep,) = SETTINGS[scale], sweeps(scale)
    some = {(p, lam) for p in at["both"][0] for lam in at["both"][1]}
    assert set(at["both"][0]) <= set(at["odds"]) and set(at["both"][1]) <= set(at["lams"])
    for width in at["widths"]:
        runs = [run for run in sweep.runs if run.hidden == (width,)]
        tried = {(run.dropout, run.lam) for run in runs}
        rates, lams = ({pair[place] for pair in tried} for place in (0, 1))
        assert {(p, 0.0) for p in rates} | {(0.0, lam) for lam in lams} <= tried
        assert (len(rates), len(lams)) == (len(at["odds"]) + 1, len(at["lams"]) + 1)
        assert len([pair for pair in tried if min(pair) > 0]) >= len(some)
        assert len(runs) == len(tried) * at["seeds"] * 2


def test_the_book_trains_four_thousand_networks() -> None:
    assert len(sweeps("book")[0].runs) >= 4000
    assert FIXED in [2.0**power for power in SETTINGS["book"]["lams"]]


def test_ways_are_compared_after_as_many_tries_each(result: Result, tables: Tables) -> None:
    rows = networks(result)
    pools = {name: arm(rows, name) for name in ARMS}
    tries = least_tries(rows)
    for name in ("penalty", "dropout", "both"):
        counts = pools[name].groupby("width").apply(lambda r: len(r[SETTING].drop_duplicates()))
        assert counts.nunique() == 1 and counts.iloc[0] >= tries, name
    assert (pools["both"][SETTING] > 0).all(axis=None)
    assert (pools["penalty"]["odds"] == 0).all() and (pools["dropout"]["lam"] == 0).all()
    reached = tables["reached"].frame
    assert len(reached) == 2 * 2 * rows["width"].nunique() * len(ARMS)
    assert reached["value"].notna().all() and set(reached["arm"]) == set(ARMS)


def test_a_gain_is_the_difference_of_what_is_reached(result: Result, tables: Tables) -> None:
    for _, row in tables["gains"].frame.query("of == 'dropout'").iterrows():
        key = {name: row[name] for name in ("labels", "criterion", "width")}
        one, other = (tables["reached"].row(**key, arm=name) for name in ("penalty", "dropout"))
        assert row["gain"] == pytest.approx(one["value"] - other["value"], abs=1e-9)
    seeds = side_by_side(result)
    assert ((seeds["alone"] == seeds["penalty"]) | (seeds["alone"] == seeds["dropout"])).all()
    scores = searches(result).drop_duplicates(["labels", "criterion", "width", "arm"])
    better = scores[scores["arm"].isin(["penalty", "dropout"])].sort_values("score")
    for _, row in better.drop_duplicates(["labels", "criterion", "width"]).iterrows():
        cell = seeds.query(
            "labels == @row.labels and criterion == @row.criterion and width == @row.width"
        )
        assert (cell["alone"] == cell[row["arm"]]).all()


def test_slopes_are_per_doubling_of_the_width() -> None:
    widths = np.array([16, 64, 512])
    values = pd.DataFrame({s: 0.01 * np.log2(widths) + s for s in range(4)}, index=widths)
    found = per_doubling(values + np.array([0.0, 0.001, 0.0, -0.001]) * np.log2(widths)[:, None])
    assert found.estimate == pytest.approx(0.01) and found.low < 0.01 < found.high
    assert np.isnan(per_doubling(values.iloc[:1]).estimate)


def test_strengths_are_asked_for_at_rates_that_every_width_has(result: Result) -> None:
    rows = by_lam(result)
    assert (rows.groupby("odds")["width"].nunique() == rows["width"].nunique()).all()
    assert (
        0 in set(rows["odds"]) and len(set(rows["odds"])) == len(SETTINGS["smoke"]["both"][0]) + 1
    )
    assert (by_odds(result)["lam"] > 0).all()


def test_what_is_carried_starts_at_the_narrowest_and_costs_nothing_there(tables: Tables) -> None:
    rows = tables["carried"].frame
    assert set(rows["how"]) == set(CARRIED)
    assert (rows[rows["width"] == rows["width"].min()]["excess"] == 0).all()
    one = rows.query("how == 'odds by width' and excess.notna()")
    for _, cell in one.groupby(["labels", "criterion"]):
        assert (cell["kept"] / cell["width"]).nunique() == 1


def test_cross_entropy_rises_by_less_than_its_bound(tables: Tables) -> None:
    rows = tables["fading"].frame
    assert ((rows["share"] > 0) & (rows["share"] < 1)).all()
    assert (rows["even"] <= rows["squared"]).all()


def test_the_observations_are_of_networks_without_dropout() -> None:
    (added,) = observations("smoke")
    assert added.networks == len(added.table) == 12
    assert added.configuration["lam"] == FIXED


def tables_of(
    slopes: tuple[float, float], gains: tuple[float, float], half: float = 0.001
) -> dict[str, Table]:
    """What the verdict looks at, for right and wrong labels."""
    about = {"labels": ["right", "wrong"], "criterion": "error", "of": "dropout"}
    slope = pd.DataFrame(about | {"slope": slopes})
    slope = slope.assign(low=slope["slope"] - half, high=slope["slope"] + half)
    gain = pd.DataFrame(about | {"width": 512, "gain": gains})
    gain = gain.assign(low=gain["gain"] - half, high=gain["gain"] + half)
    narrow = gain.assign(width=16, gain=0.1, low=0.09, high=0.11)
    both = pd.concat([narrow, gain], ignore_index=True)
    return {"slopes": Table(slope, "slope"), "gains": Table(both, "gain")}


@pytest.mark.parametrize(
    ("slopes", "gains", "half", "verdict"),
    [
        ((0.01, 0.01), (0.02, 0.02), 0.001, "TRUE"),
        ((0.01, 0.01), (0.02, -0.02), 0.001, "CONDITIONAL"),
        ((0.0, 0.01), (0.0, 0.0), 0.001, "CONDITIONAL"),
        ((0.0, 0.0), (0.0, 0.02), 0.001, "CONDITIONAL"),
        ((0.0, -0.01), (0.0, -0.02), 0.001, "FALSE"),
        ((0.0, 0.0), (0.0, 0.0), 0.01, "OPEN"),
    ],
)
def test_the_verdict_follows_the_estimates(slopes, gains, half, verdict) -> None:
    assert SETTLED["C27"].slug == SLUG
    assert SETTLED["C27"].function(tables_of(slopes, gains, half)) == verdict


@pytest.mark.parametrize("verdict", ["TRUE", "CONDITIONAL", "FALSE", "OPEN"])
def test_every_verdict_has_its_words(tables: Tables, verdict: str) -> None:
    assert fill(template_at(SLUG, "C27", verdict), tables, SLUG)


def test_predictions_fail_where_a_number_is_off() -> None:
    stated = PREDICTIONS[SLUG]

    def became(id: str, frame: pd.DataFrame, main: str) -> list[str]:
        name = stated[id].of.partition("[")[0]
        return outcomes_of(stated[id], {name: Table(frame, main)})

    for at, outcome in ((0.98, "held"), (0.5, "failed")):
        bounds = {"exponent": [at], "low": [at - 0.1], "high": [at + 0.1]}
        assert became("odds", pd.DataFrame(bounds), "exponent") == [outcome]
        faded = pd.DataFrame(bounds | {"stated": "yes", "predicted": 1.0})
        assert became("fades", faded, "exponent") == [outcome]
    for at, outcome in ((0.02, "held"), (-0.02, "failed"), (0.005, "undecided")):
        kept = {"criterion": ["error"], "how": "rate kept", "excess": at}
        frame = pd.DataFrame(kept | {"low": at - 0.01, "high": at + 0.01})
        assert became("kept", frame, "excess") == [outcome]
    for at, outcome in ((0.0, "held"), (0.004, "failed")):
        found = mean_interval([at - 1e-4, at + 1e-4])
        bounds = {"criterion": ["error"], "of": "dropout", "low": found.low, "high": found.high}
        assert became("neither_gains", pd.DataFrame(bounds | {"slope": at}), "slope") == [outcome]
