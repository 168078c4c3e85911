"""The claims of the chapter "Width has a limit", at smoke scale."""

import pandas as pd
import pytest
from matplotlib import pyplot as plt

from l2scale.catalogue.predictions import PREDICTIONS, outcomes_of
from l2scale.catalogue.tables import Table, Tables
from l2scale.catalogue.text import fill, template_at
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.shared import effective
from l2scale.exhibits.width_limit.chains import widened
from l2scale.exhibits.width_limit.figures import least_cost
from l2scale.exhibits.width_limit.sweeps import BASE, TYPED, sweeps
from l2scale.lab.training.starts import starting_weights
from l2scale.theory.penalties import PENALTIES

pytestmark = pytest.mark.xdist_group("exhibits")
SLUG = "width_limit"


def test_splitting_units_keeps_the_cost(tables: Tables) -> None:
    assert tables["descents"].row()["split"] < 1e-12
    for split, verdict in ((1e-15, "FALSE"), (1e-3, "OPEN")):
        found = {"descents": Table(pd.DataFrame([{"split": split}]))}
        assert SETTLED["C38"].function(found) == verdict
    assert [w.shape for w in widened(starting_weights(BASE, 0), 4)] == [(512, 65), (10, 513)]


@pytest.mark.parametrize("depth", [2, 3])
def test_the_least_cost_falls_and_levels_off(tables: Tables, depth: int) -> None:
    # Descents from starts of their own may end above a narrower one's, but not by much.
    rows, found = tables["least"].frame, tables["limit"].row(depth=depth)
    assert rows["own_rise"].max() < 0.05
    by_width = rows[rows["depth"] == depth].groupby("width")["least"].mean()
    first, *_ = by_width.pct_change().dropna()
    assert first < -0.15 and abs(found["last_least"]) < abs(first)
    assert abs(found["last_squares"]) < 0.15
    assert found["weights_ratio"] > 2 * found["squares_ratio"]


def test_no_network_on_the_line_beats_the_limit_and_one_attains_it(tables: Tables) -> None:
    found, starts = tables["certificate"].row(), tables["starts"].frame
    assert max(found["gap"], found["below"], found["built"]) < 1e-10
    assert found["most"] <= 9 and found["apart"] < 0.1
    assert starts["median"].iloc[-1] < starts["median"].iloc[0] / 4


def test_every_penalty_is_the_sum_at_its_effective_strength(tables: Tables) -> None:
    assert tables["others"].frame["twin_cost"].notna().all()
    assert tables["ends"].frame["gap"].max() < 0.1
    for depth in (2, 3):
        mean, sum_, prior = (
            tables["ends"].row(penalty=p, depth=depth)["ratio"] for p in ("mean", "sum", "prior")
        )
        assert mean < 0.7 * sum_ and prior > 1.1 * sum_


def test_lambda_is_typed_once_and_worth_the_same_at_the_smallest_width() -> None:
    runs = sweeps("smoke")[0].runs
    for penalty in PENALTIES:
        for depth in (2, 3):
            some = [r for r in runs if r.penalty == penalty and len(r.hidden) == depth - 1]
            assert len({run.lam for run in some}) == 1
            least = min(run.hidden[0] for run in some)
            assert some[0].lam * effective(penalty, least, depth) == pytest.approx(TYPED)


@pytest.mark.parametrize(
    ("low", "high", "falls", "verdict", "words"),
    [
        (-0.01, 0.02, "yes", "TRUE", ("keeps both", "takes off")),
        (0.06, 0.07, "yes", "OPEN", ("leaves open", "takes off")),
        (-0.3, 0.3, "no", "OPEN", ("leaves open", "less than the solver")),
    ],
)
def test_verdict_and_title_follow_the_last_changes(
    tables: Tables, low: float, high: float, falls: str, verdict: str, words: tuple[str, str]
) -> None:
    limit = tables["limit"].frame.assign(last_squares_low=low, last_squares_high=high, falls=falls)
    found = dict(tables) | {"limit": Table(limit, "wide")}
    assert SETTLED["C35"].function(found) == verdict
    assert words[0] in fill(template_at(SLUG, "C35", verdict), found, SLUG)
    assert words[1] in fill(template_at(SLUG, "least-cost-by-width", "title"), found, SLUG)


def test_a_number_without_bounds_is_judged_as_it_is() -> None:
    for below, outcome in ((1e-15, "held"), (0.01, "failed")):
        found = {"certificate": Table(pd.DataFrame([{"below": below}]))}
        assert outcomes_of(PREDICTIONS[SLUG]["none_below"], found) == [outcome]


def test_an_excess_of_nothing_can_be_drawn(tables: Tables) -> None:
    plt.close(least_cost(tables["least"].frame.assign(over_widest=0.0)))
