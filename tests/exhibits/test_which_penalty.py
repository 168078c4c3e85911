"""The claims of the chapter "Which penalty keeps the best lambda?", at smoke scale."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from l2scale.catalogue.figures import FIGURES
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.which_penalty import verdicts
from l2scale.exhibits.which_penalty.carried_over import carried_over, carried_table, cost
from l2scale.exhibits.which_penalty.local_exponents import apart, local_table
from l2scale.exhibits.which_penalty.meeting import (
    MINIMUM,
    all_met,
    carrying,
    gap,
    meeting_table,
    met,
    near,
)
from l2scale.exhibits.which_penalty.optimum_by_width import (
    optimum_by_width,
    optimum_table,
    power,
    words,
)
from l2scale.exhibits.which_penalty.sum_exponents import count, sums_table
from l2scale.exhibits.which_penalty.sweeps import DIGITS, sweeps
from l2scale.exhibits.which_penalty.typed import as_mean, asked, at_end, five
from l2scale.press.compose import lay_out
from l2scale.theory.penalties import PENALTIES
from l2scale.theory.width import effective_growth

pytestmark = pytest.mark.xdist_group("exhibits")


@pytest.mark.parametrize("scale", ["smoke", "book", "full"])
def test_a_typed_lambda_is_on_the_grid_of_every_width_of_the_mean(scale: str) -> None:
    runs = [run for run in sweeps(scale)[0].runs if run.penalty == "sum" and run.seed == 0]
    widths = sorted({run.hidden[0] for run in runs})
    rows = pd.DataFrame({"width": run.hidden[0], "lam": run.lam} for run in runs)
    typed = as_mean(rows.assign(weights=74 * rows["width"]))
    grids = [set(typed.loc[typed["width"] == width, "lam"]) for width in widths]
    common = set.intersection(*grids)
    # Each width's grid is the one before, shifted by the doublings of P and not by a rounding.
    lost = (len(widths) - 1) * round(np.log2(widths[1] / widths[0]))
    doubling = {"smoke": 1, "book": 3, "full": 4}[scale]
    assert len(common) == len(grids[0]) - doubling * lost > 0


def test_the_mean_is_the_sum_under_another_name(result: Result) -> None:
    rows = five(result)
    plain, named = (
        rows[rows["penalty"] == p].reset_index(drop=True) for p in ("sum", "mean")
    )  # fmt: skip
    np.testing.assert_allclose(named["lam"], plain["lam"] * plain["weights"], rtol=1e-3)
    pd.testing.assert_series_equal(named["test_loss"], plain["test_loss"])
    table = optimum_table(result)
    up = power(table, "mean", "error").estimate - power(table, "sum", "error").estimate
    assert up == pytest.approx(1.0, abs=0.01)


def test_predictions_are_minus_the_growth_of_the_coefficients() -> None:
    assert [asked(p, [16, 64, 256]) for p in ("sum", "mean", "tensor_mean")] == pytest.approx(
        [0, 1, 1]
    )
    assert 0.2 < asked("fan", [16, 64, 256]) < 0.6  # far from its limit at these widths
    for penalty in PENALTIES:
        found = asked(penalty, [2**20, 2**22])
        assert found == pytest.approx(-effective_growth(penalty, 2), abs=0.001)


def test_chosen_by_error_the_sum_keeps_its_lambda_and_the_mean_does_not(result: Result) -> None:
    table = optimum_table(result)
    assert 0.0 in power(table, "sum", "error")
    assert 0.0 not in power(table, "mean", "error")
    costs = carried_table(result)
    assert cost(costs, "mean", "error").estimate > cost(costs, "sum", "error").estimate + 0.05


def test_what_carrying_costs_is_bounded_by_what_width_gains_unevenly(result: Result) -> None:
    table = meeting_table(result)
    for when in table["when"].unique():
        found = carrying(table, when)
        assert 0 <= found["excess"] <= found["bound"] + 1e-12


def test_widths_meet_first_at_strong_lambdas(result: Result) -> None:
    table = meeting_table(result)
    assert met(table, 2**-4) == 8 < met(table, 2**-9) == 16
    assert gap(table, MINIMUM, 2**-9) > 0.1 > abs(gap(table, MINIMUM, 2**-4))
    assert 2**-9 < all_met(table) <= 2**-4
    assert met(table, 2**-4, share=0) == 16  # the widest is as near to itself as that, and it alone


def test_error_forgives_what_loss_punishes(result: Result) -> None:
    table = meeting_table(result)
    weak, strong = 2**-6, 2**-4
    assert near(table, weak, "test_loss") < near(table, strong, "test_loss")
    assert near(table, weak, "test_error") > near(table, strong, "test_error") - 0.05


def test_a_penalty_that_had_no_time_does_not_act(result: Result) -> None:
    rows = result["penalties"].table
    first = rows[(rows["penalty"] == "sum") & (rows["step"] == rows["step"].min())]
    clock = 1 / (2 * DIGITS.lr * first["step"].iloc[0])
    by_lam = first.groupby("lam")["val_loss"].mean()
    early = by_lam[by_lam.index < clock / 50]
    late = at_end(rows)[at_end(rows)["penalty"] == "sum"].groupby("lam")["val_loss"].mean()
    assert early.max() / early.min() < 1.01
    assert late.max() / late.min() > 1.2


def test_local_exponents_are_told_apart_by_the_meeting(result: Result) -> None:
    table = local_table(result)
    local = table[table["part"] == "local"].dropna(subset="exponent")
    assert apart(table, True)[1] + apart(table, False)[1] == len(local)
    sure = table.assign(low=0.1, high=0.2)
    assert apart(sure, True)[0] == apart(sure, True)[1] > 0
    pooled = table[table["part"] == "after"]
    assert (pooled["x_low"] == pooled["met"]).all()


def test_cells_are_counted_by_what_their_intervals_hold(result: Result) -> None:
    table = sums_table(result)
    kept = table.assign(exponent=0.0, low=-0.1, high=0.1)
    divided = kept.assign(
        exponent=kept["dividing"], low=kept["dividing"] - 0.1, high=kept["dividing"] + 0.1
    )
    for criterion in ("loss", "error"):
        assert count(kept, criterion) == (6, 0, 6)
        assert count(divided, criterion) == (0, 6, 6)


@pytest.mark.parametrize("edge", ["low", "high"])
def test_an_optimum_at_the_edge_has_no_exponent_and_is_said(result: Result, edge: str) -> None:
    table = optimum_table(result)
    rows = (table["penalty"] == "prior") & (table["criterion"] == "loss")
    table.loc[rows, ["exponent", "low", "high"]] = np.nan
    table.loc[rows, "edge"] = edge
    assert words(table, "prior", "loss").startswith(f"none (edge of the grid: {edge} at")
    costs = carried_table(result)
    costs.loc[costs.index[-1], "edge"] = edge
    last = costs.iloc[-1]
    said = FIGURES["carried-over"].words("claim", costs)
    assert f"{last['penalty']} at {last['width']} by {last['criterion']}" in said


def test_every_width_has_a_label(result: Result) -> None:
    for draw, table in (
        (carried_over, carried_table(result)),
        (optimum_by_width, optimum_table(result)),
    ):
        fig = draw(table)
        lay_out(fig)
        labels = {label.get_text() for label in fig.axes[0].get_xticklabels()}
        assert labels == {"8", "16", "32"}
        plt.close(fig)


def tables(result: Result, kept: dict[str, float], powers: dict[str, float]) -> dict[str, object]:
    """The verdicts' tables with costs and exponents of our choice, to a hundredth."""
    costs, optima = carried_table(result), optimum_table(result)
    excess = costs["penalty"].map(kept).fillna(0.0)
    exponent = optima["penalty"].map(powers).fillna(0.0)
    costs = costs.assign(excess=excess, low=excess - 0.01, high=excess + 0.01)
    optima = optima.assign(exponent=exponent, low=exponent - 0.01, high=exponent + 0.01)
    return {"carried_table": lambda _: costs, "optimum_table": lambda _: optima}


SUM_WINS = ({"mean": 0.5, "tensor_mean": 0.5}, {"mean": 1.0, "tensor_mean": 1.0})
SUM_DRIFTS = ({"sum": 0.1, "mean": 0.5, "tensor_mean": 0.5}, {"sum": -0.4, "tensor_mean": 0.6})
NO_DIFFERENCE = ({}, {})
MEAN_WINS = ({"sum": 0.5}, {"sum": -1.0})


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (SUM_WINS, ("TRUE", "FALSE", "FALSE", "FALSE")),
        (SUM_DRIFTS, ("CONDITIONAL", "FALSE", "FALSE", "FALSE")),
        (NO_DIFFERENCE, ("OPEN", "OPEN", "OPEN", "OPEN")),
        (MEAN_WINS, ("OPEN", "OPEN", "OPEN", "OPEN")),
    ],
)
def test_verdicts_follow_costs_and_exponents(
    result: Result,
    case: tuple[dict[str, float], dict[str, float]],
    expected: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, table in tables(result, *case).items():
        monkeypatch.setattr(verdicts, name, table)
    for claim, verdict in zip(("C36", "C34", "C02", "C11"), expected, strict=True):
        assert SETTLED[claim].slug == "which_penalty"
        assert SETTLED[claim].function(result).verdict == verdict


def test_one_cell_that_divides_leaves_inverse_proportion_open(
    result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdict = SETTLED["C23"].function
    table = sums_table(result).assign(exponent=-0.4, low=-0.5, high=-0.3)
    monkeypatch.setattr(verdicts, "sums_table", lambda _: table)
    found = verdict(result)
    assert found.verdict == "FALSE" and found.numbers["falling"] == found.numbers["cells"]
    last = table["when"] == MINIMUM
    split = table.assign(low=table["low"].mask(last, -1.2))
    monkeypatch.setattr(verdicts, "sums_table", lambda _: split)
    assert verdict(result).verdict == "OPEN"
