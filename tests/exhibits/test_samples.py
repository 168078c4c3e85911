"""The claims of the chapter "How lambda goes with samples", at smoke scale."""

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.samples import (
    alike,
    best_by_samples,
    carried_to_more,
    pairs,
    quoted,
    risks,
    shares,
    spike,
    verdicts,
)
from l2scale.exhibits.samples.carrying import (
    LINEAR,
    TWO_LAYERS,
    carried_table,
    charged,
    cheapest,
    one,
    wins,
)
from l2scale.exhibits.samples.ridge import RULES, spikes
from l2scale.exhibits.samples.ridge import SETTINGS as RIDGE
from l2scale.exhibits.samples.sweeps import RANGES, SETTINGS, SIGMA, strengths
from l2scale.exhibits.samples.tasks import TASKS, best_table, exponent_of, said
from l2scale.exhibits.samples.yardstick import noise_alone
from l2scale.lab.estimates import Interval, optima
from l2scale.lab.transfer import on_grid
from l2scale.theory.ridge import best_lambda

pytestmark = pytest.mark.xdist_group("exhibits")


def read_back(table: pd.DataFrame) -> pd.DataFrame:
    """The table as a reader of its CSV has it."""
    return pd.read_csv(io.StringIO(table.to_csv(index=False)))


def test_ridges_best_strength_is_the_one_predicted(result: Result) -> None:
    found = pairs.ratios(result["ridge_pairs"].table)
    assert set(found) == set(RIDGE["smoke"]["pairs"])
    assert all(0.0 in interval for interval in found.values())
    assert pairs.farthest(result["ridge_pairs"].table) < 0.1


def test_a_strength_off_by_a_factor_is_found_out(result: Result) -> None:
    table = result["ridge_pairs"].table
    doubled = table.assign(lam=2 * table["lam"])
    assert pairs.farthest(doubled) > 0.9


def test_the_strength_divided_by_n_is_the_best_and_its_risk_falls(result: Result) -> None:
    table = result["ridge_risk"].table
    divided = table[table["rule"] == "over n"].drop_duplicates("n")
    for row in divided.itertuples():
        assert row.lam == pytest.approx(best_lambda(1.0, 1.0, row.n, 20))
    means = table.groupby(["n", "rule"])["risk"].mean().unstack()
    assert (means["over n"] <= means.min(axis=1) + 1e-9).all()
    assert risks.never_rises(table)
    assert not risks.never_rises(table.assign(risk=-table["risk"]))


def test_no_risk_at_the_kept_strength_is_below_the_floor(result: Result) -> None:
    table = result["ridge_risk"].table
    kept = table[table["rule"] == "kept"].groupby("n")["risk"].mean()
    assert (kept > risks.floor(table)).all() and kept.is_monotonic_decreasing
    assert risks.floor(table) == pytest.approx((4 / 5) ** 2)


def test_without_a_penalty_the_risk_peaks_where_samples_are_as_many_as_inputs(
    result: Result,
) -> None:
    n, top = risks.peak(result["ridge_risk"].table)
    assert n == result["ridge_risk"].configuration["inputs"]
    assert top > 10


def test_a_spike_makes_the_best_strength_negative() -> None:
    table = spikes({"many": 200, "few": 25, "spikes": 6})
    assert spike.best(table) < 0 <= spike.least_positive(table)
    assert spike.gain(table).low > 0
    assert "less risk" in spike.title(table)
    above = table[table["lam"] >= 0]
    assert "less risk" not in spike.title(above) and spike.gain(above).estimate == 0


@pytest.mark.parametrize("scale", list(SETTINGS))
@pytest.mark.parametrize("task", ["digits", "logistic", "teacher", "line"])
def test_strengths_near_the_centre_can_be_carried_by_every_rule(scale: str, task: str) -> None:
    at = SETTINGS[scale]
    sizes = at["digits" if task == "logistic" else task]
    few, many = (strengths(task, n, at["per_doubling"]) for n in (sizes[0], sizes[-1]))
    centre = RANGES[task][0] * sizes[0] ** -0.5
    lam = min(few, key=lambda value: abs(np.log(value / centre)))
    for power in RULES.values():
        wanted = lam * (sizes[-1] / sizes[0]) ** power
        assert on_grid(many, wanted) is not None


def test_costs_are_paired_by_seed_and_taken_on_test_data(result: Result) -> None:
    table = carried_table(result)
    assert table["excess"].notna().all()
    rows = result["teacher"].table
    n = rows["n_train"].max()
    at = optima(rows, ["n_train"]).set_index("n_train")["at"]
    by_lam = rows[rows["n_train"] == n].pivot(index="seed", columns="lam", values="test_loss")
    kept = by_lam[on_grid(by_lam.columns, at.iloc[0])]
    expected = np.exp(np.log(kept / by_lam[at[n]]).mean())
    assert one(table, "teacher", "kept")["ratio"] == pytest.approx(expected)
    assert not one(table, "teacher", "kept")["same"]


def test_errors_are_reported_where_there_are_classes_alone(result: Result) -> None:
    table = carried_table(result)
    by_error = set(table.loc[table["metric"] == "error", "task"])
    assert by_error == {"logistic", "digits", "sgd"}
    assert "points" in charged(one(table, "logistic", "kept", "error"))
    assert set(LINEAR) | set(TWO_LAYERS) == set(table["task"])


def test_the_title_counts_the_cheapest_rule(result: Result) -> None:
    table = carried_table(result)
    cheap = table.assign(excess=table["excess"] - 9.0 * (table["rule"] == "over sqrt n"))
    assert wins(cheap, TWO_LAYERS, "over sqrt n") == "5 of 5"
    assert "in 5 of 5 networks" in carried_to_more.title(cheap)
    assert "in 0 of 3 linear" in carried_to_more.title(cheap)
    gone = cheap.assign(excess=cheap["excess"].mask(cheap["rule"] == "over sqrt n"))
    assert cheapest(gone, "digits") != "over sqrt n"


def test_an_optimum_at_an_edge_gives_a_bound_and_no_exponent(result: Result) -> None:
    rows = result["digits"].table
    n, lam = rows["n_train"].max(), rows.loc[rows["n_train"] == rows["n_train"].max(), "lam"].max()
    at_edge = (rows["n_train"] == n) & (rows["lam"] == lam)
    moved = rows.assign(val_loss=rows["val_loss"].mask(at_edge, -1.0))
    measured = result.measurements | {"digits": replace(result["digits"], table=moved)}
    edged = replace(result, measurements=measured)
    table = best_table(edged)
    for found in (table, read_back(table)):
        assert said(found, "digits") == f"at the grid's edge (high at {n})"
        assert "[" in said(found, "teacher")
        best_by_samples.title(found)
    assert quoted.held(exponent_of(table, "digits"), -0.5) == "open"
    assert charged(one(carried_table(edged), "digits", "kept")).startswith("at least")


def test_an_exponent_is_that_of_the_strengths_drawn(result: Result) -> None:
    table = best_table(result)
    for task in TASKS:
        for metric in task.metrics:
            rows = table[(table["task"] == task.name) & (table["metric"] == metric)]
            if rows["edge"].isna().all():
                slope = np.polyfit(np.log(rows["n"]), np.log(rows["lam"]), 1)[0]
                assert exponent_of(table, task.name, metric).estimate == pytest.approx(slope)


def test_the_noise_alone_slopes_as_its_size_says() -> None:
    _, slopes = noise_alone("teacher", 2000, 0)
    assert slopes.std() == pytest.approx(2 * SIGMA, rel=0.05)
    _, slopes = noise_alone("digits", 500, 0)
    assert slopes.sum(axis=1) == pytest.approx(np.zeros(500), abs=1e-12)
    assert abs(slopes.mean(axis=0)).max() < 0.05


def test_the_yardstick_falls_with_samples(result: Result) -> None:
    means = result["yardstick"].table.groupby(["task", "n_train"])["crush"].mean()
    for task in shares.LOOKS:
        assert means[task].is_monotonic_decreasing


def test_a_quotient_is_less_certain_than_both() -> None:
    one, other = Interval(2.0, 1.0, 4.0, 5), Interval(4.0, 2.0, 8.0, 5)
    found = shares.over(one, other)
    assert found.estimate == 0.5
    assert found.high / found.low == pytest.approx(4 ** np.sqrt(2))


def test_shares_that_do_not_meet_are_apart(result: Result) -> None:
    table = read_back(shares.yardstick_table(result))
    last = (table["task"] == "line") & (
        table["x"] == table.loc[table["part"] == "samples", "x"].max()
    )
    assert not shares.apart(table, "line")
    moved = table.assign(value_low=table["value_low"].mask(last, 90.0))
    assert shares.apart(moved, "line")


def test_a_power_of_sigma_stands_for_minus_half_of_it_in_n() -> None:
    found = quoted.half(Interval(1.2, 1.0, 1.4, 8))
    assert (found.estimate, found.low, found.high) == (-0.6, -0.7, -0.5)


def test_the_threshold_goes_with_weak_noise_and_steeper_with_strong() -> None:
    assert quoted.model_slope(0.05) == pytest.approx(1, abs=0.01)
    assert 1.3 < quoted.model_slope(0.5) < 2


def test_predictions_say_yes_no_and_open() -> None:
    assert quoted.held(Interval(-0.46, -0.53, -0.39, 9), -0.5) == "yes"
    assert quoted.held(Interval(-0.24, -0.29, -0.18, 9), -0.5) == "no"
    assert quoted.held(Interval(-0.6, -0.98, -0.31, 9), -0.5) == "open"
    assert quoted.within(Interval(1.19, 1.14, 1.24, 9), 1, 2) == "yes"
    assert quoted.within(Interval(2.3, 2.2, 2.4, 9), 1, 2) == "no"


def test_more_data_still_teaches_at_a_kept_strength(
    result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert SETTLED["C37"].slug == "samples"
    assert verdicts.learned(result).low > 0
    sure = Interval(0.1, 0.05, 0.15, 9)
    monkeypatch.setattr(verdicts, "fall", lambda *_: sure)
    assert verdicts.more_data(result).verdict == "CONDITIONAL"
    monkeypatch.setattr(verdicts, "learned", lambda _: Interval(0.1, -0.05, 0.25, 9))
    assert verdicts.more_data(result).verdict == "OPEN"


def test_the_calculus_says_nothing_of_the_best_strength(
    result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert SETTLED["C09"].slug == "samples"
    for low, verdict in ((-0.6, "CONDITIONAL"), (-1.5, "OPEN")):
        found = Interval(-0.5, low, -1 - low, 9)
        monkeypatch.setattr(verdicts, "exponent_of", lambda *_, found=found: found)
        assert verdicts.what_survives(result).verdict == verdict


def test_wrong_labels_to_be_judged_by_want_a_stronger_penalty(result: Result) -> None:
    for task in alike.TASKS:
        by_wrong, by_right = (
            optima(table, ["n_train"])["lam"]
            for table in (alike.rows_of(result, task), result[task].table)
        )
        assert (by_wrong > by_right).all()
