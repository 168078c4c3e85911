"""The claims of the chapter "How lambda goes with samples", at smoke scale."""

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import SETTLED
from l2scale.exhibits.samples import (
    best_by_samples,
    carried_to_more,
    pairs,
    quoted,
    ridge,
    right_labels,
    risks,
    shares,
    spike,
    verdicts,
)
from l2scale.exhibits.samples.carrying import (
    LINEAR,
    NETWORKS,
    carried_table,
    charged,
    keeping_costs,
    one,
    wins,
    won,
)
from l2scale.exhibits.samples.ridge import RULES, spikes
from l2scale.exhibits.samples.ridge import SETTINGS as RIDGE
from l2scale.exhibits.samples.sweeps import RANGES, SETTINGS, SIGMA, strengths
from l2scale.exhibits.samples.tasks import TASKS, best_table, exponent_of, rows_of, said
from l2scale.exhibits.samples.yardstick import noise_alone
from l2scale.lab.estimates import Interval, mean_interval, optima
from l2scale.lab.transfer import on_grid
from l2scale.theory.ridge import best_lambda, risk

pytestmark = pytest.mark.xdist_group("exhibits")


def read_back(table: pd.DataFrame) -> pd.DataFrame:
    """The table as a reader of its CSV has it."""
    return pd.read_csv(io.StringIO(table.to_csv(index=False)))


def test_ridges_best_strength_is_the_one_predicted(result: Result) -> None:
    found = pairs.ratios(result["ridge_pairs"].table)
    assert set(found) == set(RIDGE["smoke"]["pairs"])
    assert all(0.0 in interval for interval in found.values())
    assert pairs.farthest(result["ridge_pairs"].table) < 0.1


@pytest.mark.parametrize(("n", "noise"), [(20, 2.0), (40, 2.0), (20, 1.0)])
def test_the_least_mean_risk_moves_with_samples_and_noise(
    n: int, noise: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ridge, "NOISE", noise)
    found = ridge._best(n, 5, 2000, np.random.default_rng(0))
    assert found == pytest.approx(noise**2 * 5 / n, rel=0.1)


def test_a_pair_misses_the_bar_by_its_interval(result: Result) -> None:
    table = result["ridge_pairs"].table
    exact = table.assign(lam=table["predicted"])
    assert pairs.within_bar(exact)
    scattered = exact.assign(lam=exact["lam"] * (1 + 0.1 * (exact["seed"] - 1)))
    assert pairs.farthest(scattered) < pairs.BAR and not pairs.within_bar(scattered)


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


def test_the_floor_is_below_the_mean_over_draws_and_reached_with_many_samples() -> None:
    p, lam, slope = 10, 2.0, np.full(10, 10**-0.5)
    floor = (lam / (1 + lam)) ** 2
    rng = np.random.default_rng(0)
    bias = {
        n: [risk(np.array([lam]), rng.standard_normal((n, p)), slope, 1e-6)[0] for _ in range(200)]
        for n in (5, 2000)
    }
    assert mean_interval(bias[5]).low > 1.1 * floor
    assert floor < np.mean(bias[2000]) < 1.01 * floor


def test_without_a_penalty_the_median_risk_is_largest_with_as_many_samples_as_inputs(
    result: Result,
) -> None:
    none = risks.without(result["ridge_risk"].table)
    assert none.idxmax() == result["ridge_risk"].configuration["inputs"]
    assert none.max() > 10 * none.iloc[[0, -1]].max()


def test_a_spike_makes_the_best_strength_negative() -> None:
    table = spikes({"many": 200, "few": 25, "spikes": 6})
    assert spike.best(table) < 0 <= spike.least_positive(table)
    assert spike.gain(table).low > 0
    assert "from 0 up" in spike.title(table)
    above = table[table["lam"] >= 0]
    assert "less risk" not in spike.title(above) and spike.gain(above).estimate == 0


@pytest.mark.parametrize("scale", ["smoke", "book", "full"])
@pytest.mark.parametrize("task", ["digits", "sgd", "logistic", "teacher", "line"])
def test_strengths_near_the_centre_can_be_carried_by_every_rule(scale: str, task: str) -> None:
    at = SETTINGS[scale]
    sizes = at[task if task in ("teacher", "line") else "digits"]
    few, many = (strengths(RANGES[task], n, at["per_doubling"]) for n in (sizes[0], sizes[-1]))
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
    assert set(LINEAR) | set(NETWORKS) == set(table["task"])
    assert len(LINEAR) + len(NETWORKS) == table["task"].nunique()


def test_a_rule_wins_beyond_doubt_or_it_is_a_tie() -> None:
    seeds = np.arange(8.0)
    worse, better = pd.Series(2 + 0.01 * seeds), pd.Series(1 + 0.02 * seeds)
    about = better + pd.Series([0.1, -0.09] * 4)  # less well on average, beyond no doubt
    costs = {"kept": worse, "over sqrt n": better, "over n": worse + 1}
    assert wins(costs, "over sqrt n") and not wins(costs, "kept")
    tied = costs | {"over n": about}
    assert not any(wins(tied, rule) for rule in RULES)
    assert not wins({name: costs[name] for name in ("kept", "over sqrt n")}, "over sqrt n")


def test_the_title_counts_each_network_once(result: Result) -> None:
    table = carried_table(result)
    sure = table.assign(wins=table["rule"] == "over sqrt n")
    assert won(sure, NETWORKS, "over sqrt n") == "all 4"
    assert "is cheapest in all 4" in carried_to_more.title(sure)
    tie = sure.assign(wins=sure["wins"] & (sure["task"] != "line"))
    assert "is cheapest in 3 of 4" in carried_to_more.title(tie)


def test_keeping_costs_where_every_interval_says_so(result: Result) -> None:
    table = carried_table(result)
    dear = table.assign(ratio=1.2, ratio_low=1.1)
    assert keeping_costs(dear) == "yes"
    line = table["task"] == "line"
    assert keeping_costs(dear.assign(ratio_low=dear["ratio_low"].mask(line, 0.9))) == "no"
    assert keeping_costs(dear.assign(ratio=dear["ratio"].mask(line))) == "open"


def test_an_optimum_at_an_edge_gives_a_bound_and_no_exponent(result: Result) -> None:
    rows = result["digits"].table
    n, lam = rows["n_train"].max(), rows.loc[rows["n_train"] == rows["n_train"].max(), "lam"].max()
    at_edge = (rows["n_train"] == n) & (rows["lam"] == lam)
    moved = rows.assign(val_loss_noisy=rows["val_loss_noisy"].mask(at_edge, -1.0))
    measured = result.measurements | {"digits": replace(result["digits"], table=moved)}
    edged = replace(result, measurements=measured)
    table = best_table(edged)
    for found in (table, read_back(table)):
        assert said(found, "digits") == f"at the grid's edge (high at {n})"
        assert "[" in said(found, "teacher")
        best_by_samples.title(found)
    assert quoted.answer(exponent_of(table, "digits"), -0.5) == "open"
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


def test_a_share_drifts_by_the_difference_of_two_exponents(result: Result) -> None:
    found = shares.less(Interval(-0.4, -0.43, -0.37, 9), Interval(-0.5, -0.54, -0.46, 4))
    assert found.estimate == pytest.approx(0.1)
    assert (found.high - found.low) / 2 == pytest.approx(0.05)
    table = shares.yardstick_table(result)
    for task in shares.LOOKS:
        least, most = (shares.share(table, task, end).estimate for end in ("least", "most"))
        sizes = table.loc[(table["part"] == "samples") & (table["task"] == task), "x"]
        slope = np.log(most / least) / np.log(sizes.max() / sizes.min())
        assert shares.drift(result, task).estimate == pytest.approx(slope, abs=0.02)


def test_a_power_of_sigma_stands_for_minus_half_of_it_in_n() -> None:
    found = quoted.half(Interval(1.2, 1.0, 1.4, 8))
    assert (found.estimate, found.low, found.high) == (-0.6, -0.7, -0.5)


def test_the_threshold_goes_with_weak_noise_and_steeper_with_strong() -> None:
    assert quoted.model_slope(0.05) == pytest.approx(1, abs=0.01)
    assert 1.3 < quoted.model_slope(0.5) < 2


def test_predictions_say_yes_no_and_open() -> None:
    assert quoted.answer(Interval(-0.46, -0.53, -0.39, 9), -0.5) == "yes"
    assert quoted.answer(Interval(-0.24, -0.29, -0.18, 9), -0.5) == "no"
    assert quoted.answer(Interval(-0.6, -0.98, -0.31, 9), -0.5) == "open"
    assert quoted.answer(Interval(-1.2, -1.9, -0.6, 9), -0.5) == "no"  # wide, and excludes it


@pytest.mark.parametrize(
    ("whole", "first", "last", "value", "said"),
    [
        ((-0.48, -0.55, -0.41), (-0.24, -0.48, -0.01), (-0.72, -0.81, -0.63), -0.5, "bends"),
        ((-0.5, -0.53, -0.47), (-0.4, -0.48, -0.32), (-0.4, -0.48, -0.32), -0.5, "bends"),
        ((-0.66, -0.70, -0.62), (-0.57, -0.64, -0.49), (-0.75, -0.8, -0.7), -1.0, "no, and bends"),
        ((-0.24, -0.29, -0.19), (-0.24, -0.3, -0.2), (-0.2, -0.3, -0.1), -0.5, "no"),
        ((-0.48, -0.55, -0.41), (-0.24, -0.7, 0.2), (-0.6, -0.7, -0.5), -0.5, "yes"),
        ((-0.48, -0.75, -0.21), (-0.24, -0.3, -0.2), (-0.6, -0.7, -0.5), -0.5, "open"),
    ],
)
def test_a_power_that_changes_on_the_way_bends(whole, first, last, value, said) -> None:
    found = (Interval(*bounds, 9) for bounds in (whole, first, last))
    assert quoted.held(*found, value) == said


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
    for task in TASKS:
        by_wrong, by_right = (
            optima(table, ["n_train"])["lam"]
            for table in (rows_of(result, task.name), result[task.name].table)
        )
        assert (by_wrong > by_right).all() == task.labels


def test_right_labels_are_the_variant(result: Result) -> None:
    rows = result["logistic"].table
    found = right_labels.power(result, "logistic")
    best = optima(rows, ["n_train"])
    slope = np.polyfit(np.log(best["n_train"]), np.log(best["lam"]), 1)[0]
    assert found.estimate == pytest.approx(slope)
    assert found.estimate != exponent_of(best_table(result), "logistic").estimate


def test_the_forces_quoted_are_those_at_the_strengths_named(result: Result) -> None:
    table = result["digits"].table
    named = replace(result["digits"], table=table.assign(force_ratio=1e4 * table["lam"]))
    found = quoted.ends_of_training(
        replace(result, measurements=result.measurements | {"digits": named}), best_table(result)
    )
    best = best_table(result).query("task == 'digits' and metric == 'loss'").sort_values("n")["lam"]
    factor = table["n_train"].max() / table["n_train"].min()
    assert float(found["force_best"]) == pytest.approx(1e4 * best.iloc[-1], rel=0.5)
    assert float(found["force_inverse"]) == pytest.approx(1e4 * best.iloc[0] / factor, rel=0.5)
