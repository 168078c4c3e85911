"""The claims of the chapter "Width has a limit", at smoke scale."""

from types import SimpleNamespace

import pytest
from matplotlib import pyplot as plt

from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.shared import effective
from l2scale.exhibits.width_limit.chains import widened
from l2scale.exhibits.width_limit.least_cost import (
    change,
    least_cost,
    least_table,
    ratio,
    split_error,
    title,
)
from l2scale.exhibits.width_limit.one_dimension import (
    apart,
    below,
    certainty,
    excesses,
    line_table,
    typical,
)
from l2scale.exhibits.width_limit.sweeps import BASE, TYPED, sweeps
from l2scale.exhibits.width_limit.what_others import across, others_table, twin_gap
from l2scale.lab.starts import start
from l2scale.theory.penalties import PENALTIES

pytestmark = pytest.mark.xdist_group("exhibits")


def test_splitting_units_keeps_the_cost(result: Result) -> None:
    assert split_error(least_table(result)) < 1e-12


@pytest.mark.parametrize("depth", [2, 3])
def test_the_least_cost_falls_and_levels_off(result: Result, depth: int) -> None:
    table = least_table(result)
    # Descents from starts of their own may end above a narrower one's, but not by much.
    assert table["own_rise"].max() < 0.05
    first, last = (change(table, depth, "least", *ends).estimate for ends in ((0, 1), (-2, -1)))
    assert first < -0.15 and abs(last) < abs(first)
    assert abs(change(table, depth, "squares", -2, -1).estimate) < 0.15
    assert ratio(table, depth, "weights").estimate > 2 * ratio(table, depth, "squares").estimate


def test_no_network_on_the_line_beats_the_limit_and_one_attains_it(result: Result) -> None:
    table = line_table(result)
    assert certainty(table) < 1e-10 and below(table) < 1e-10
    assert excesses(table, "built")["excess"].abs().max() < 1e-10
    assert (excesses(table, "built")["width"] <= 9).all()
    widths = excesses(table, "trained")["width"]
    assert typical(table, widths.max()) < typical(table, widths.min()) / 4
    assert apart(table).max() < 0.1


def test_every_penalty_is_the_sum_at_its_effective_strength(result: Result) -> None:
    table = others_table(result)
    assert table["twin_cost"].notna().all()
    assert twin_gap(table) < 0.1
    for depth in (2, 3):
        sum_cost = across(table, "sum", depth).estimate
        assert across(table, "mean", depth).estimate < 0.7 * sum_cost
        assert across(table, "prior", depth).estimate > 1.1 * sum_cost


def test_lambda_is_typed_once_and_worth_the_same_at_the_smallest_width() -> None:
    runs = sweeps("smoke")[0].runs
    for penalty in PENALTIES:
        for depth in (2, 3):
            some = [r for r in runs if r.penalty == penalty and len(r.hidden) == depth - 1]
            assert len({run.lam for run in some}) == 1
            least = min(run.hidden[0] for run in some)
            assert some[0].lam * effective(penalty, least, depth) == pytest.approx(TYPED)


def test_widened_networks_have_as_many_times_the_units() -> None:
    run = start(BASE, 0)
    assert [w.shape for w in widened(run, 4)] == [(512, 65), (10, 513)]


def test_verdict_on_what_must_grow(result: Result) -> None:
    assert SETTLED["C38"].slug == "width_limit"
    assert SETTLED["C38"].function(result).verdict == "FALSE"


def chains_with(result: Result, **columns: object) -> dict[str, SimpleNamespace]:
    """The chains' table with other columns, as a verdict or a figure reads it."""
    return {"chains": SimpleNamespace(table=result["chains"].table.assign(**columns))}


def test_the_verdict_on_both_views_follows_the_sum_of_squares(result: Result) -> None:
    verdict = SETTLED["C35"].function
    level = verdict(chains_with(result, squares=30.0))
    growing = verdict(chains_with(result, squares=lambda t: t["width"] * 1.0))
    # The mean change is 0 here, and the interval is wide.
    unsure = verdict(chains_with(result, squares=lambda t: 30 + t["width"] * (t["seed"] - 1.0)))
    assert (level.verdict, growing.verdict, unsure.verdict) == ("TRUE", "OPEN", "OPEN")
    assert "keeps both" in level.statement and "leaves open" in growing.statement


def test_the_title_names_a_fall_only_where_it_is_more_than_the_solver_gained(
    result: Result,
) -> None:
    falls = least_table(chains_with(result, half_cost=lambda t: t["cost"]))
    assert "takes off" in title(falls)
    hidden = least_table(chains_with(result, half_cost=lambda t: 2 * t["cost"]))
    assert "less than the solver" in title(hidden)


def test_an_excess_of_nothing_can_be_drawn(result: Result) -> None:
    fig = least_cost(least_table(chains_with(result, least=0.6)))
    plt.close(fig)
