"""The claims of the chapter "Which penalty keeps the best lambda?", at smoke scale."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from l2scale.catalogue.predictions import PREDICTIONS, outcomes_of
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import Table, Tables
from l2scale.catalogue.text import fill, template_at
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.shared import CRITERIA, DIGITS, at_end
from l2scale.exhibits.which_penalty.exponents import MINIMUM, asked
from l2scale.exhibits.which_penalty.figures import carried_over, optimum_by_width
from l2scale.exhibits.which_penalty.meeting import met
from l2scale.exhibits.which_penalty.regret import as_mean, five
from l2scale.exhibits.which_penalty.sweeps import sweeps
from l2scale.lab.estimates.optimal_lambda import optima, optimum
from l2scale.lab.estimates.transfer import exponents, on_grid
from l2scale.press.compose import lay_out
from l2scale.theory.penalties import PENALTIES
from l2scale.theory.width import effective_growth

pytestmark = pytest.mark.xdist_group("exhibits")
SLUG = "which_penalty"


def said(tables: Tables, name: str) -> str:
    return fill(template_at(SLUG, "prose", name), tables, SLUG)


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


def test_the_mean_is_the_sum_under_another_name(result: Result, tables: Tables) -> None:
    rows = five(result)
    plain, named = (rows[rows["penalty"] == p].reset_index(drop=True) for p in ("sum", "mean"))
    np.testing.assert_allclose(named["lam"], plain["lam"] * plain["weights"])
    pd.testing.assert_series_equal(named["test_loss"], plain["test_loss"])
    for criterion in CRITERIA:
        sum_, mean = (
            tables["exponents"].row(penalty=p, criterion=criterion) for p in ("sum", "mean")
        )
        for column in ("exponent", "low", "high"):
            assert mean[column] - sum_[column] == pytest.approx(1.0, abs=1e-4)


def test_predictions_are_minus_the_growth_of_the_coefficients() -> None:
    few = [16, 64, 256]
    assert [asked(p, few) for p in ("sum", "mean", "tensor_mean")] == pytest.approx([0, 1, 1])
    assert 0.2 < asked("fan", few) < 0.6  # far from its limit at these widths
    for penalty in PENALTIES:
        found = asked(penalty, [2**20, 2**22])
        assert found == pytest.approx(-effective_growth(penalty, 2), abs=0.001)


def test_chosen_by_error_the_sum_keeps_its_lambda_and_the_mean_does_not(tables: Tables) -> None:
    plain, mean = (tables["exponents"].row(penalty=p, criterion="error") for p in ("sum", "mean"))
    assert plain["low"] < 0 < plain["high"] and 0 < mean["low"] < 1 < mean["high"]
    costs = [
        tables["regret"].row(penalty=p, criterion="error", width="max")["excess"]
        for p in ("mean", "sum")
    ]
    assert costs[0] > costs[1] + 0.05


def test_what_carrying_costs_is_bounded_by_what_width_gains_unevenly(tables: Tables) -> None:
    frame = tables["carrying"].frame
    assert len(frame) == 4
    assert ((frame["paid"] >= 0) & (frame["paid"] <= frame["bound"] + 1e-12)).all()


def test_carrying_from_nearer_starts_from_a_nearer_width(tables: Tables) -> None:
    frame = tables["regret_by_start"].frame
    trained = frame.dropna(subset="excess")
    assert sorted(trained["start"].unique()) == [8, 16] and set(trained["width"]) == {32}
    assert (frame.loc[~frame["start"].isin([8, 16]), "note"] == "not trained").all()
    for criterion in CRITERIA:
        far = tables["regret_by_start"].row(start=8, criterion=criterion)
        whole = tables["regret"].row(penalty="sum", criterion=criterion, width=32)
        assert far["excess"] == pytest.approx(whole["excess"])


def test_widths_meet_first_at_strong_lambdas(tables: Tables) -> None:
    meetings, losses = tables["meetings"], tables["losses"]
    assert meetings.row(lam="max")["width"] == 8 < meetings.row(lam="min")["width"] == 16
    over = [
        losses.row(when=MINIMUM, width="min", lam=lam)["loss_over_widest"] for lam in ("min", "max")
    ]
    assert over[0] > 0.1 > abs(over[1])
    from_on = meetings.frame.query("all == 'yes'")
    assert 2**-9 < from_on["lam"].min() <= 2**-4 and (from_on["width"] == 8).all()


def test_widths_have_met_from_the_narrowest_within_the_share_on() -> None:
    over = pd.Series({64: 0.0, 8: 0.2, 16: 0.009, 32: 0.004})
    assert met(over, 0.01) == 16 and met(over, 0.005) == 32 and met(over, 1e-9) == 64
    assert met(over * [1, 0.01, -1, 5], 0.01) == 64  # a width between that is apart counts


def test_minima_are_near_their_least_cost(tables: Tables) -> None:
    assert 0 <= tables["convergence"].row()["rise"] < 0.01


def test_error_forgives_what_loss_punishes(tables: Tables) -> None:
    weak, strong = (
        tables["losses"].row(when=MINIMUM, width="max", lam=lam) for lam in (2**-6, 2**-4)
    )
    assert weak["test_loss"] < strong["test_loss"]
    assert weak["test_error"] > strong["test_error"] - 0.05


def test_a_penalty_that_had_no_time_does_not_act(result: Result) -> None:
    rows = result["penalties"].table.query("penalty == 'sum'")
    first = rows[rows["step"] == rows["step"].min()]
    clock = 1 / (2 * DIGITS.lr * first["step"].iloc[0])
    by_lam = first.groupby("lam")["val_loss"].mean()
    early = by_lam[by_lam.index < clock / 50]
    late = at_end(rows).groupby("lam")["val_loss"].mean()
    assert early.max() / early.min() < 1.01
    assert late.max() / late.min() > 1.2


def test_the_change_is_the_exponent_after_less_the_one_before(tables: Tables) -> None:
    parts = tables["parts"].frame.pivot(
        index=["when", "criterion"], columns="part", values="exponent"
    )
    assert parts["change"].notna().any()
    np.testing.assert_allclose(parts["change"], parts["after"] - parts["before"], equal_nan=True)


def test_a_step_that_excludes_0_is_named(tables: Tables) -> None:
    local = tables["local"].frame
    wide = local["part"].eq("local") & local["criterion"].eq("error")
    local.loc[wide, ["exponent", "low", "high"]] = -0.241, -0.448, -0.034  # once hidden
    local.loc[wide, "zero"] = "excluded"
    changed = dict(tables) | {"local": Table(local, "exponent")}
    assert "by error from 16 to 32 units" in said(changed, "exceptions")
    assert said(changed, "agree_error") == "none"
    after = local[wide & (local["side"] == "after")]
    outcomes = outcomes_of(PREDICTIONS[SLUG]["no_drift_by_error"], changed)
    assert outcomes == ["failed"] * len(after) != []


def test_cells_are_judged_by_what_their_intervals_hold(tables: Tables) -> None:
    frame = tables["trained"].frame
    asks = frame["dividing"]
    cases = {
        (0.0, 0.1): ("held", "failed"),
        (-0.5, 1.5): ("undecided", "undecided"),
        (-0.5, 0.4): ("failed", "failed"),  # wide, and excludes both
    }
    for (value, half), (zero, divided) in cases.items():
        found = {
            "trained": Table(
                frame.assign(exponent=value, low=value - half, high=value + half), "exponent"
            )
        }
        for criterion in CRITERIA:
            assert outcomes_of(PREDICTIONS[SLUG][f"elsewhere_{criterion}"], found) == [zero] * len(
                frame.query("criterion == @criterion")
            )
        assert outcomes_of(PREDICTIONS[SLUG]["dividing"], found) == [divided] * len(frame)
    near = {
        "trained": Table(frame.assign(exponent=asks, low=asks - 0.1, high=asks + 0.1), "exponent")
    }
    assert outcomes_of(PREDICTIONS[SLUG]["dividing"], near) == ["held"] * len(frame)


@pytest.mark.parametrize(
    ("places", "outcome", "words"),
    [
        (("above", "above"), "held", "in no width"),
        (("below", "below"), "failed", "in both of these widths"),
        (("edge", "below"), "failed", "in the only one of these widths"),
        (("edge", "edge"), "held", "in no width"),  # the other case of the prediction
    ],
)
def test_a_best_lambda_below_the_clock_fails_inside_the_grid_alone(
    places: tuple[str, str], outcome: str, words: str
) -> None:
    early = {"early": Table(pd.DataFrame({"place": places, "best_loss": 0.1}), "best_loss")}
    assert outcomes_of(PREDICTIONS[SLUG]["clock"], early) == [outcome]
    assert words in said(early, "short_below")


@pytest.mark.parametrize(
    ("widths", "outcome", "words"),
    [
        ((64, 64, 16), "held", "As the first point says it falls, from 64 to 16 units"),
        ((16, 16, 16), "failed", "Against the first point it stays with λ, at 16 units"),
        ((32, 64, 16), "failed", "rises with λ: from 32 to 64 units between λ = 0.1 and 0.2"),
    ],
)
def test_a_meeting_width_that_rises_with_lambda_is_said(
    widths: tuple[int, ...], outcome: str, words: str
) -> None:
    names = {-1: "falls", 0: "stays", 1: "rises"}
    steps = [names[int(np.sign(b - a))] for a, b in pairwise(widths)]
    frame = pd.DataFrame({"lam": [0.1, 0.2, 0.4], "width": widths, "step": [*steps, "ends"]})
    frame = frame.assign(next=frame["width"].shift(-1), next_lam=frame["lam"].shift(-1))
    found = {"meetings": Table(frame, "width")}
    assert outcomes_of(PREDICTIONS[SLUG]["meets_sooner"], found) == [outcome]
    assert words in said(found, "meeting_rises")


def test_every_width_has_a_label(tables: Tables) -> None:
    for draw, name in ((carried_over, "regret"), (optimum_by_width, "best")):
        fig = draw(tables[name].frame)
        lay_out(fig)
        labels = {label.get_text() for label in fig.axes[0].get_xticklabels()}
        assert labels == {"8", "16", "32"}
        plt.close(fig)


def altered(tables: Tables, kept: dict[str, float], powers: dict[str, float]) -> dict[str, Table]:
    """The verdicts' tables with costs and exponents of our choice, to a hundredth."""
    costs, lines = tables["regret"].frame, tables["exponents"].frame
    excess = costs["penalty"].map(kept).fillna(0.0)
    exponent = lines["penalty"].map(lambda penalty: powers.get(penalty, 0.0))
    costs = costs.assign(excess=excess, low=excess - 0.01, high=excess + 0.01)
    lines = lines.assign(exponent=exponent, low=exponent - 0.01, high=exponent + 0.01)
    return {"regret": Table(costs, "excess"), "exponents": Table(lines, "exponent")}


SUM_WINS = ({"mean": 0.5, "tensor_mean": 0.5}, {"mean": 1.0, "tensor_mean": 1.0})
SUM_DRIFTS = ({"sum": 0.1, "mean": 0.5, "tensor_mean": 0.5}, {"sum": -0.4, "tensor_mean": 0.6})
UNKNOWN = ({"mean": 0.5, "tensor_mean": 0.5}, {"sum": np.nan, "mean": 1.0, "tensor_mean": np.nan})


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (SUM_WINS, ("TRUE", "FALSE", "FALSE", "FALSE")),
        (SUM_DRIFTS, ("CONDITIONAL", "FALSE", "FALSE", "FALSE")),
        (UNKNOWN, ("OPEN", "FALSE", "FALSE", "OPEN")),
        (({}, {}), ("OPEN", "OPEN", "OPEN", "OPEN")),
        (({"sum": 0.5}, {"sum": -1.0}), ("OPEN", "OPEN", "OPEN", "OPEN")),
    ],
)
def test_verdicts_follow_costs_and_exponents(
    tables: Tables, case: tuple[dict[str, float], dict[str, float]], expected: tuple[str, ...]
) -> None:
    for claim, verdict in zip(("C36", "C34", "C02", "C11"), expected, strict=True):
        assert SETTLED[claim].slug == SLUG
        assert SETTLED[claim].function(altered(tables, *case)) == verdict
        assert template_at(SLUG, claim, verdict)


def test_one_cell_that_divides_leaves_inverse_proportion_open(tables: Tables) -> None:
    frame = tables["trained"].frame
    for divided, verdict in ((["failed"], "FALSE"), (["failed", "held"], "OPEN"), ([], "OPEN")):
        found = frame.head(len(divided)).assign(divided=divided)
        assert SETTLED["C23"].function({"trained": Table(found)}) == verdict


def test_labels_that_judge_change_the_loss_and_nothing_else(result: Result, tables: Tables) -> None:
    frame = tables["matched"].frame
    assert frame.groupby("cell").size().eq(2).all()
    last = at_end(result["penalties"].table)
    assert not np.isclose(last["val_loss"], last["val_loss_noisy"]).all()
    by_noisy = optima(last[last["penalty"] == "sum"], ["width"], select="val_loss_noisy")["lam"]
    row = tables["matched"].row(cell="sum, SGD", labels="alike")
    assert (row["narrow"], row["wide"]) == pytest.approx((by_noisy.iloc[0], by_noisy.iloc[-1]))


def test_noise_on_targets_adds_its_variance_to_every_loss(result: Result) -> None:
    teacher = result["tasks"].table.query("data == 'teacher'")
    added = teacher["test_loss_noisy"] - teacher["test_loss"]
    np.testing.assert_allclose(added, 0.5**2, rtol=1e-4)


def test_the_distance_from_the_prediction_is_the_exponent_less_what_is_asked(
    result: Result, tables: Tables
) -> None:
    rows = at_end(result["penalties"].table).query("penalty == 'prior'")
    row = tables["matched"].row(cell="prior, SGD", labels="alike")
    assert row["predicted"] == pytest.approx(asked("prior", sorted(rows["width"].unique())))
    found = exponents(rows, ["penalty"], select="val_loss_noisy")["exponent"].iloc[0]
    assert row["exponent"] == pytest.approx(found - row["predicted"], nan_ok=True)
    assert row["power"] == pytest.approx(found, nan_ok=True)


def test_the_title_of_the_sums_exponents_says_how_often_dividing_is_ruled_out(
    tables: Tables,
) -> None:
    frame = tables["predictions"].frame.assign(failed_of="2 of 6")
    for left, words in ((0, "is ruled out in all"), (4, "is not ruled out in all")):
        changed = dict(tables) | {"predictions": Table(frame.assign(open=left), "outcome")}
        assert fill(template_at(SLUG, "sum-exponents", "title"), changed, SLUG).endswith(words)
