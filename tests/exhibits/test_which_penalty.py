"""The claims of the chapter "Which penalty keeps the best lambda?", at smoke scale."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from l2scale.catalogue.figures import FIGURES
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.alike import charged, farthest, missed
from l2scale.exhibits.alike import count as alike_count
from l2scale.exhibits.outcomes import MARGIN, tallied
from l2scale.exhibits.which_penalty import verdicts
from l2scale.exhibits.which_penalty.before_after import (
    agreeing,
    apart,
    exceptions,
    local_numbers,
    local_table,
    pooled,
)
from l2scale.exhibits.which_penalty.carried_over import carried_over
from l2scale.exhibits.which_penalty.cells import count, sums_table
from l2scale.exhibits.which_penalty.judged_alike import alike_table
from l2scale.exhibits.which_penalty.keeping import (
    carried_table,
    cost,
    in_words,
    row_of,
    start_numbers,
    start_table,
)
from l2scale.exhibits.which_penalty.meeting import (
    MINIMUM,
    all_met,
    carrying,
    gap,
    largest_rise,
    meeting_table,
    meetings,
    met,
    near,
)
from l2scale.exhibits.which_penalty.meeting_numbers import below, rises
from l2scale.exhibits.which_penalty.optimum_by_width import (
    optimum_by_width,
    optimum_table,
    power,
    words,
)
from l2scale.exhibits.which_penalty.sum_exponents import title
from l2scale.exhibits.which_penalty.sweeps import DIGITS, sweeps
from l2scale.exhibits.which_penalty.typed import as_mean, asked, at_end, five
from l2scale.lab.estimates import optima, optimum
from l2scale.lab.transfer import exponents, on_grid
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
    grids = [sorted(typed.loc[typed["width"] == width, "lam"]) for width in widths]
    common = [lam for lam in grids[0] if all(on_grid(grid, lam) for grid in grids)]
    # Each width's grid is the one before, shifted by the doublings of P and not by a rounding.
    lost = (len(widths) - 1) * round(np.log2(widths[1] / widths[0]))
    doubling = {"smoke": 1, "book": 3, "full": 4}[scale]
    assert len(common) == len(grids[0]) - doubling * lost > 0


@pytest.mark.parametrize("weights", [74 * 16, 74 * 32, 74 * 512])
@pytest.mark.parametrize("best", [-7.4, -7.0, -6.8])
def test_the_mean_has_the_sum_s_vertex_times_p(weights: int, best: float) -> None:
    lams = np.array([float(f"{2 ** (-10 + i / 3):.6g}") for i in range(22)])
    off = np.log2(lams) - best
    loss = off**2 + 0.1 * off**3  # lopsided, so that the window matters
    rows = pd.DataFrame({"lam": lams, "seed": 0, "val_loss": loss, "test_loss": 0.0})
    rows = rows.assign(weights=weights)
    assert optimum(as_mean(rows)).lam.estimate == pytest.approx(
        weights * optimum(rows).lam.estimate, rel=1e-4
    )


def test_the_mean_is_the_sum_under_another_name(result: Result) -> None:
    rows = five(result)
    plain, named = (
        rows[rows["penalty"] == p].reset_index(drop=True) for p in ("sum", "mean")
    )  # fmt: skip
    np.testing.assert_allclose(named["lam"], plain["lam"] * plain["weights"])
    pd.testing.assert_series_equal(named["test_loss"], plain["test_loss"])
    table = optimum_table(result)
    for criterion in ("loss", "error"):
        sum_, mean = (power(table, p, criterion) for p in ("sum", "mean"))
        for column in ("estimate", "low", "high"):
            up = getattr(mean, column) - getattr(sum_, column)
            assert up == pytest.approx(1.0, abs=1e-4)


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
    plain, mean = (power(table, penalty, "error") for penalty in ("sum", "mean"))
    assert plain.low < 0 < plain.high and 0 < mean.low < 1 < mean.high  # false where one is nan
    costs = carried_table(result)
    assert cost(costs, "mean", "error").estimate > cost(costs, "sum", "error").estimate + 0.05


def test_what_carrying_costs_is_bounded_by_what_width_gains_unevenly(result: Result) -> None:
    table = meeting_table(result)
    for when in table["when"].unique():
        found = carrying(table, when)
        assert 0 <= found["excess"] <= found["bound"] + 1e-12


def test_widths_meet_first_at_strong_lambdas(result: Result) -> None:
    table = meeting_table(result)
    by_lam = meetings(table)
    assert by_lam[2**-4] == 8 < by_lam[by_lam.index.min()] == 16
    assert gap(table, MINIMUM, 2**-9) > 0.1 > abs(gap(table, MINIMUM, 2**-4))
    assert 2**-9 < all_met(table) <= 2**-4
    assert met(table, 2**-4, share=0) == 16  # the widest is as near to itself as that, and it alone
    assert (by_lam[by_lam.index >= all_met(table)] == 8).all()


@pytest.mark.parametrize(
    ("edges", "lams", "expected"),
    [
        (("none", "none"), (0.2, 0.1), "in no width"),
        (("none", "none"), (0.01, 0.02), "in both of these widths"),
        (("low", "none"), (0.01, 0.01), "in 1 of 1"),
        (("high", "none"), (0.01, 0.2), "in no width"),
        (("low", "low"), (0.01, 0.01), "in no width"),  # the other case of the prediction
    ],
)
def test_a_best_lambda_below_the_clock_fails_inside_the_grid_alone(
    edges: tuple[str, str], lams: tuple[float, float], expected: str
) -> None:
    first = pd.DataFrame({"edge_loss": edges, "best_loss": lams})
    said = below(first, 0.07)
    assert expected in said and ("failed" in said) == ("no width" not in said)


def test_a_meeting_width_that_rises_with_lambda_is_said() -> None:
    assert rises(pd.Series({0.1: 64, 0.2: 64, 0.4: 16})) == (
        "As the first point says it falls, from 64 to 16 units, and never rises"
    )
    assert rises(pd.Series({0.1: 16, 0.2: 16})).startswith("Against the first point it stays")
    assert rises(pd.Series({0.1: 32, 0.2: 64, 0.4: 16})) == (
        "Against the first point it rises with λ: from 32 to 64 units between λ = 0.1 and 0.2"
    )


def test_minima_are_near_their_least_cost(result: Result) -> None:
    table = meeting_table(result)
    assert largest_rise(table) < 0.01
    wrong = (table["when"] == MINIMUM) & (table["width"] == 16)
    assert largest_rise(table.assign(cost=table["cost"].mask(wrong, 2 * table["cost"]))) > 0.5


def test_error_forgives_what_loss_punishes(result: Result) -> None:
    weak, strong = (near(meeting_table(result), MINIMUM, lam).iloc[-1] for lam in (2**-6, 2**-4))
    assert weak["test_loss"] < strong["test_loss"]
    assert weak["test_error"] > strong["test_error"] - 0.05


def test_a_penalty_that_had_no_time_does_not_act(result: Result) -> None:
    rows = result["penalties"].table
    first = rows[(rows["penalty"] == "sum") & (rows["step"] == rows["step"].min())]
    clock = 1 / (2 * DIGITS.lr * first["step"].iloc[0])
    by_lam = first.groupby("lam")["val_loss"].mean()
    early = by_lam[by_lam.index < clock / 50]
    late = at_end(rows)[at_end(rows)["penalty"] == "sum"].groupby("lam")["val_loss"].mean()
    assert early.max() / early.min() < 1.01
    assert late.max() / late.min() > 1.2


def local_exponents_of(table: pd.DataFrame, exponent: float, half: float) -> pd.DataFrame:
    """The table with one local exponent for all, and one half-width."""
    return table.assign(exponent=exponent, low=exponent - half, high=exponent + half)


def test_a_local_exponent_that_excludes_0_counts_however_wide_it_is(result: Result) -> None:
    table = local_table(result)
    local = table[table["part"] == "local"]
    for criterion in ("loss", "error"):
        rows = local[local["criterion"] == criterion]
        before = int((rows["x_low"] < rows["met"]).sum())
        for half in (0.05, 0.3, 0.49):  # 0.3 and 0.49 are wide
            sure = local_exponents_of(table, 0.5, half)
            assert apart(sure, False, criterion) == (before, before)
            assert apart(sure, True, criterion) == (len(rows) - before,) * 2
        assert apart(local_exponents_of(table, 0.5, 0.6), True, criterion)[0] == 0
    wide = local_exponents_of(table, -0.241, 0.207)  # 16 to 32 units, which the page once hid
    assert MARGIN < 0.207 and exceptions(wide).count("units") > 0
    found = local_numbers(wide)
    assert found["local_error_after"].startswith(("all", "both", "the only")) and found["by_chance"]
    sure = local_exponents_of(table, 0.15, 0.05)
    assert agreeing(sure, MINIMUM, "loss") == "none"
    assert agreeing(local_exponents_of(table, 0.1, 0.3), MINIMUM, "loss") == "8 and 16"


def test_the_change_is_the_exponent_after_less_the_one_before(result: Result) -> None:
    table, found = local_table(result), 0
    for when in table["when"].unique():
        for criterion in ("loss", "error"):
            before, after, change = (
                pooled(table, when, criterion, part) for part in ("before", "after", "change")
            )
            assert (change is None) == (before is None or after is None)
            if change:
                found += 1
                assert change.estimate == pytest.approx(after.estimate - before.estimate)
    assert found > 0


def test_cells_are_counted_by_what_their_intervals_hold(result: Result) -> None:
    table = sums_table(result)
    kept = table.assign(exponent=0.0, low=-0.1, high=0.1)
    divided = kept.assign(
        exponent=kept["dividing"], low=kept["dividing"] - 0.1, high=kept["dividing"] + 0.1
    )
    wide = table.assign(exponent=-0.5, low=-1.9, high=0.2)
    falls = table.assign(exponent=-0.5, low=-0.9, high=-0.1)  # wide, and excludes both
    for criterion in ("loss", "error"):
        for value, here, there in (("zero", kept, divided), ("dividing", divided, kept)):
            assert count(here, criterion, value) == {"held": 6}
            assert count(there, criterion, value) == {"failed": 6}
            assert count(wide, criterion, value) == {"undecided": 6}
            assert count(falls, criterion, value) == {"failed": 6}
    said = "Trained longest, the interval excludes 0 in {} cells by error and {} by loss, and "
    assert title(kept) == (said.format("none of 6", "none of 6") + "dividing by P in all 12")
    assert title(falls) == said.format("all 6", "all 6") + "dividing by P in all 12"
    assert title(wide).endswith("dividing by P in none of 12")


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
    assert in_words(last.copy().where(last.index != "kept", 2 * last["own"])).startswith("at least")


def test_a_tie_of_the_grid_has_no_interval(result: Result) -> None:
    row = row_of(carried_table(result), "sum", "loss", 8)
    assert in_words(row) == "0% (the same λ)"
    assert in_words(row.where(row.index != "kept", 2 * row["own"])) == "0% [0%, 0%]"


def test_carrying_from_nearer_starts_from_a_nearer_width(result: Result) -> None:
    table = start_table(result)
    assert sorted(table["start"].unique()) == [8, 16] and set(table["width"]) == {32}
    far = table[table["start"] == 8].set_index("criterion")["excess"]
    whole = carried_table(result)
    for criterion in ("loss", "error"):
        assert far[criterion] == pytest.approx(cost(whole, "sum", criterion).estimate)
    found = start_numbers(table)
    assert found["start_4"] == "8" and found["start_8_loss"] == "not trained"


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
    exponent = optima["penalty"].map(lambda penalty: powers.get(penalty, 0.0))
    costs = costs.assign(excess=excess, low=excess - 0.01, high=excess + 0.01)
    optima = optima.assign(exponent=exponent, low=exponent - 0.01, high=exponent + 0.01)
    return {"carried_table": lambda _: costs, "optimum_table": lambda _: optima}


SUM_WINS = ({"mean": 0.5, "tensor_mean": 0.5}, {"mean": 1.0, "tensor_mean": 1.0})
SUM_DRIFTS = ({"sum": 0.1, "mean": 0.5, "tensor_mean": 0.5}, {"sum": -0.4, "tensor_mean": 0.6})
NO_DIFFERENCE = ({}, {})
UNKNOWN = ({"mean": 0.5, "tensor_mean": 0.5}, {"sum": np.nan, "mean": 1.0, "tensor_mean": np.nan})
MEAN_WINS = ({"sum": 0.5}, {"sum": -1.0})


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (SUM_WINS, ("TRUE", "FALSE", "FALSE", "FALSE")),
        (SUM_DRIFTS, ("CONDITIONAL", "FALSE", "FALSE", "FALSE")),
        (UNKNOWN, ("OPEN", "FALSE", "FALSE", "OPEN")),
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
    table = sums_table(result).assign(exponent=-0.9, low=-0.95, high=-0.85)
    monkeypatch.setattr(verdicts, "sums_table", lambda _: table)
    found = verdict(result)
    assert found.verdict == "FALSE" and found.numbers["falling"] == found.numbers["cells"]
    last = table["when"] == MINIMUM
    for low in (-1.05, -1.4):  # the interval reaches what 1/P asks, narrow or wide
        split = table.assign(low=table["low"].mask(last, low))
        monkeypatch.setattr(verdicts, "sums_table", lambda _, split=split: split)
        assert verdict(result).verdict == "OPEN"
    # A wide interval below 0 falls: three layers by loss were once left out.
    wide = table.assign(exponent=-0.27, low=-0.47, high=-0.06)
    monkeypatch.setattr(verdicts, "sums_table", lambda _: wide)
    assert verdict(result).numbers["falling"] == verdict(result).numbers["cells"] == 12


def test_labels_that_judge_change_the_loss_and_nothing_else(result: Result) -> None:
    table = alike_table(result)
    assert table.groupby("cell").size().eq(2).all()
    last = at_end(result["penalties"].table)
    assert not np.isclose(last["val_loss"], last["val_loss_noisy"]).all()
    by_noisy = optima(last[last["penalty"] == "sum"], ["width"], select="val_loss_noisy")
    row = table[(table["cell"] == "sum, SGD") & (table["labels"] == "alike")].iloc[0]
    assert (row["narrow"], row["wide"]) == (by_noisy["lam"].iloc[0], by_noisy["lam"].iloc[-1])


def test_noise_on_targets_adds_its_variance_to_every_loss(result: Result) -> None:
    teacher = result["tasks"].table.query("data == 'teacher'")
    added = teacher["test_loss_noisy"] - teacher["test_loss"]
    np.testing.assert_allclose(added, 0.5**2, rtol=1e-4)


def test_the_distance_from_the_prediction_is_the_exponent_less_what_is_asked(result: Result):
    table = alike_table(result)
    widths = sorted(result["penalties"].table.query("penalty == 'fan'")["width"].unique())
    row = table[(table["cell"] == "fan, SGD") & (table["labels"] == "right")].iloc[0]
    assert row["predicted"] == pytest.approx(asked("fan", widths))
    (found,) = exponents(
        at_end(result["penalties"].table).query("penalty == 'fan'"), ["penalty"]
    ).to_dict("records")
    np.testing.assert_allclose(row["exponent"], found["exponent"] - row["predicted"])


def test_what_became_of_a_prediction_is_counted_over_all_cells() -> None:
    rows = [("a", 0.01, -0.05, 0.07), ("b", 0.3, 0.2, 0.4), ("c", 2.0, -3.0, 7.0)]
    rows += [("d", 2.5, 1.0, 4.0), ("e", np.nan, np.nan, np.nan)]
    table = pd.DataFrame(rows, columns=["cell", "exponent", "low", "high"]).assign(labels="alike")
    assert alike_count(table, "alike") == {"held": 1, "failed": 2, "undecided": 1}
    said = "held in 1 of 4, failed in 2 and undecided in 1"
    assert tallied(alike_count(table, "alike")) == said
    assert farthest(table, "alike") == "2.50"
    assert farthest(table[table["cell"] == "e"], "alike") == "an unknown number"
    assert missed(table) == "b by 0.300 [0.200, 0.400]; d by 2.500 [1.000, 4.000]"
    title = FIGURES["judged-alike"].title(pd.concat([table, table.assign(labels="right")]))
    assert "by up to 2.50 if judged by labels as wrong" in title


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "10% [5%, 15%]"),
        ({"edge": "low"}, "at least 10% [5%, 15%]"),
        ({"own": 1.0}, "0% (the same λ)"),
        ({"cost": np.nan}, "not on the grid"),
    ],
)
def test_what_keeping_costs_is_said_with_its_edge(change: dict, said: str) -> None:
    row = {"kept": 1.0, "own": 2.0, "edge": None, "seeds": 8}
    row |= {"cost": 0.1, "cost_low": 0.05, "cost_high": 0.15}
    assert charged(pd.Series(row | change)) == said
