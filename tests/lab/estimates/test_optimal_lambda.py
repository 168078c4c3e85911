"""Optimal lambdas, from valleys whose lowest point is known."""

import io
import math

import numpy as np
import pandas as pd
import pytest
from made_up import GRID, table_of, valley, widths_table

from l2scale.lab.estimates.exponents import bend, exponent, exponent_difference, loglog_slope
from l2scale.lab.estimates.intervals import mean_interval, paired_interval
from l2scale.lab.estimates.optimal_lambda import Optimum, optima, optimum


def test_every_estimate_is_at_the_level_asked_for():
    table = widths_table(-0.5, widths=(16, 64, 256), noise=0.05)
    other = table.assign(val_loss=table["val_loss"] * (1 + 0.01 * table["seed"] * table["lam"]))
    cell = table[table["width"] == 64]
    a, b = cell[cell["lam"] == GRID[0]]["val_loss"], cell[cell["lam"] == GRID[1]]["val_loss"]
    for found in (
        lambda level: paired_interval(a, b, level=level),
        lambda level: paired_interval(a, b, ratio=True, level=level),
        lambda level: loglog_slope(
            table[table["lam"] == GRID[0]], "width", "val_loss", level=level
        ),
        lambda level: optimum(cell, level=level).lam,
        lambda level: optimum(cell, level=level).report,
        lambda level: exponent(table, level=level),
        lambda level: bend(table, at=64, level=level),
        lambda level: exponent_difference(table, other, level=level),
    ):
        half, most = found(0.5), found(0.95)
        assert (half.estimate, half.level, most.level) == (most.estimate, 0.5, 0.95)
        assert most.low < half.low < half.high < most.high
    half, most = (optima(table, ["width"], level=level) for level in (0.5, 0.95))
    assert (most["lam_low"] < half["lam_low"]).all() and (
        half["test_high"] < most["test_high"]
    ).all()


@pytest.mark.parametrize("lams", [GRID, GRID[2:6], GRID[3:6]], ids=["many", "four", "three"])
def test_an_optimum_of_a_parabola_is_exact_between_grid_points(lams):
    found = optimum(table_of(valley([1.7e-3] * 5, lams), lams))
    assert isinstance(found, Optimum)
    assert found.lam.estimate == pytest.approx(1.7e-3, rel=1e-9)
    assert found.lam.low == pytest.approx(1.7e-3, rel=1e-9)
    assert found.lam.high == pytest.approx(1.7e-3, rel=1e-9)
    assert found.lam.n == 5
    assert found.edge is None
    assert (found.select, found.reported) == ("val_loss", "test_loss")
    assert found.at == pytest.approx(1e-3)


def test_seeds_with_different_minima_average_in_log_lambda_with_student_bounds():
    centres = 1e-3 * np.exp([-0.5, -0.1, 0.2, 0.3, 0.6])
    found = optimum(table_of(valley(centres)))
    expected = mean_interval(np.log(centres))  # equal curvatures: the vertex is the mean
    for name in ("estimate", "low", "high"):
        assert math.log(getattr(found.lam, name)) == pytest.approx(getattr(expected, name))


def test_the_report_is_the_test_metric_at_the_grid_lambda_that_validation_chose():
    table = table_of(valley(1e-3 * np.exp([-0.2, 0.0, 0.3])))
    table["test_loss"] = -table["lam"] + 0.01 * table["seed"]
    found = optimum(table)
    assert found.at == pytest.approx(1e-3)
    expected = mean_interval(-1e-3 + 0.01 * np.arange(3))
    assert found.report.estimate == pytest.approx(expected.estimate)
    assert found.report.high == pytest.approx(expected.high)
    by_error = optimum(table.rename(columns={"val_loss": "val_error"}), select="val_error")
    assert by_error.lam.estimate == found.lam.estimate
    assert by_error.select == "val_error"


def test_the_order_of_rows_does_not_matter():
    table = widths_table(0.0, widths=(64,), noise=0.1)
    shuffled = table.sample(frac=1, random_state=1)
    assert repr(optimum(shuffled)) == repr(optimum(table))


def test_a_lopsided_valley_uses_the_three_lowest_points():
    u = np.arange(7.0)
    steep = np.array([0.6, 0.55, 0.5, 0.51, 5.0, 50.0, 500.0])
    found = optimum(table_of(np.tile(steep, (3, 1)), np.exp(u)))
    a, b, c = steep[1:4]
    vertex = 2 + (a - c) / (2 * (a - 2 * b + c))
    assert math.log(found.lam.estimate) == pytest.approx(vertex)


@pytest.mark.parametrize("position", [1, 3, 5])
def test_a_valley_that_is_not_lopsided_uses_the_five_points_about_its_lowest(position):
    u = np.arange(7.0)
    curve = 0.5 + 0.1 * (u - position) ** 2 + 0.02 * np.cos(3 * u)
    found = optimum(table_of(np.tile(curve, (3, 1)), np.exp(u)))
    start = min(max(position - 2, 0), 2)
    curvature, slope, _ = np.polyfit(u[start : start + 5], curve[start : start + 5], 2)
    assert math.log(found.lam.estimate) == pytest.approx(-slope / (2 * curvature))


def test_a_fine_grid_uses_all_points_within_a_factor_of_two():
    logs = np.log(2) * np.arange(-3, 4 + 1e-9, 1 / 3)
    curve = 0.5 + 0.1 * (logs - 0.1) ** 2 + 0.001 * np.cos(40 * logs)
    best = int(np.argmin(curve))
    window = slice(best - 3, best + 4)
    curvature, slope, _ = np.polyfit(logs[window], curve[window], 2)
    found = optimum(table_of(np.tile(curve, (3, 1)), np.exp(logs)))
    assert math.log(found.lam.estimate) == pytest.approx(-slope / (2 * curvature))


@pytest.mark.parametrize("digits", [3, 4, 6])
def test_rounded_strengths_have_the_same_window(digits):
    lams = 2.0 ** np.arange(-3, 4 + 1e-9, 1 / 3)
    rounded = np.array([float(f"{lam:.{digits}g}") for lam in lams])
    curve = 0.5 + 0.1 * (np.log(lams) - 0.1) ** 2 + 0.001 * np.cos(40 * np.log(lams))
    exact, found = (optimum(table_of(np.tile(curve, (3, 1)), at)).lam for at in (lams, rounded))
    assert found.estimate == pytest.approx(exact.estimate, rel=2 * 10.0 ** (1 - digits))


def test_equal_lowest_points_have_their_vertex_between_them():
    losses = np.array([3.0, 1.0, 1.0, 3.0])
    found = optimum(table_of(np.tile(losses, (2, 1)), np.exp(np.arange(4.0))))
    assert math.log(found.lam.estimate) == pytest.approx(1.5)


def test_one_seed_has_an_optimum_without_bounds():
    found = optimum(table_of(valley([1.7e-3])))
    assert found.lam.estimate == pytest.approx(1.7e-3)
    assert math.isnan(found.lam.low)
    assert math.isnan(found.lam.high)
    assert math.isnan(found.report.low)


@pytest.mark.parametrize(("centre", "edge"), [(1e-7, "low"), (1e2, "high")])
def test_an_optimum_beyond_the_grid_is_an_edge_with_one_bound(centre, edge):
    rng = np.random.default_rng(0)
    found = optimum(table_of(valley([centre] * 6, noise=1e-3, rng=rng)))
    assert found.edge == edge
    end, next_to_it = (GRID[0], GRID[1]) if edge == "low" else (GRID[-1], GRID[-2])
    assert found.at == found.lam.estimate == end
    known, unknown = (found.lam.high, found.lam.low)[:: 1 if edge == "low" else -1]
    assert known == next_to_it
    assert math.isnan(unknown)
    assert found.report.estimate == pytest.approx(
        1.5 + (math.log(end) - math.log(centre)) ** 2, rel=1e-3
    )


def test_the_bound_at_an_edge_passes_over_lambdas_that_noise_cannot_tell_apart():
    losses = np.tile([0.50, 0.501, 0.502, 0.9, 1.5], (6, 1))
    noise = 0.05 * np.random.default_rng(3).standard_normal(losses.shape)
    noise -= noise.mean(axis=0)
    table = table_of(losses + noise, np.logspace(-5, -1, 5))
    found = optimum(table)
    assert found.edge == "low"
    assert found.lam.high == pytest.approx(1e-2)
    assert optimum(table, level=0.001).lam.high == pytest.approx(1e-4)


def test_a_flat_edge_and_a_single_seed_at_the_edge_have_no_bound():
    for seeds in (1, 4):
        found = optimum(table_of(np.full((seeds, 5), 0.7), GRID[:5]))
        assert found.edge == "low"
        assert math.isnan(found.lam.high)


@pytest.mark.parametrize("mark", ["nan", "inf", "diverged"])
def test_a_lambda_at_which_a_seed_diverged_is_no_candidate(mark):
    table = table_of(valley([1e-2] * 4)).assign(diverged=False)
    table["test_loss"] = table["test_loss"].astype(float)
    bad = (table["lam"] > 2e-3) & (table["seed"] == 1)
    if mark == "diverged":
        table.loc[bad, "diverged"] = True
    else:
        table.loc[bad, "val_loss"] = float(mark)
    found = optimum(table)
    assert found.edge == "high"  # training fails before the valley's bottom is reached
    assert found.at == pytest.approx(1e-3)
    table = table_of(valley([1e-4] * 4)).assign(diverged=False)
    table.loc[bad, "val_loss"] = math.nan
    assert optimum(table).lam.estimate == pytest.approx(1e-4)


def test_tables_without_an_optimum_are_refused():
    table = table_of(valley([1e-3] * 3))
    with pytest.raises(ValueError, match="an empty table"):
        optimum(table[:0])
    with pytest.raises(ValueError, match="no row for seed=2, lam=1:"):
        optimum(table[:-1])
    with pytest.raises(ValueError, match=r"more than one row for seed=0, lam=1e-05.*one step"):
        optimum(pd.concat([table, table]))
    with pytest.raises(ValueError, match="needs 3 values of lam, and 2 of 2"):
        optimum(table[table["lam"] < 5e-5])
    with pytest.raises(ValueError, match="needs 3 values of lam, and 0 of 11"):
        optimum(table.assign(val_loss=math.nan))
    for lam in (0.0, -1.0):
        with pytest.raises(ValueError, match="needs lam above 0, not"):
            optimum(table.assign(lam=table["lam"].replace(table["lam"].min(), lam)))
    for column in ("lam", "seed", "val_loss", "test_loss"):
        with pytest.raises(ValueError, match=f"no column '{column}'"):
            optimum(table.drop(columns=column))
    with pytest.raises(ValueError, match="finite numbers"):
        optimum(table.assign(test_loss=math.nan))


def test_optima_are_one_row_per_cell():
    table = widths_table(-1.0, noise=0.05)
    edge = table_of(valley([1e-9] * 6)).assign(width=1024)
    found = optima(pd.concat([edge, table]), ["width"])
    assert list(found.columns) == [
        *("width", "lam", "lam_low", "lam_high", "edge", "at"),
        *("test_loss", "test_low", "test_high", "seeds"),
    ]
    assert found["width"].tolist() == [16, 64, 256, 1024]
    assert found["edge"].isna().tolist() == [True, True, True, False]
    assert found["edge"].iloc[-1] == "low"
    assert (found["seeds"] == 6).all()
    for row in found.itertuples():
        alone = optimum(pd.concat([edge, table]).query("width == @row.width"))
        assert row.lam == alone.lam.estimate
        assert row.at == alone.at
        np.testing.assert_equal((row.lam_low, row.lam_high), (alone.lam.low, alone.lam.high))
        metric = alone.report
        assert (row.test_loss, row.test_low, row.test_high) == (
            metric.estimate,
            metric.low,
            metric.high,
        )


def test_optima_survive_a_csv():
    found = optima(widths_table(-1.0), ["width"])
    text = io.StringIO(found.to_csv(index=False))
    read = pd.read_csv(text)
    assert read["edge"].isna().all()
    np.testing.assert_allclose(read["lam"], found["lam"])


def test_a_missing_value_is_a_cell_and_an_unused_category_is_none():
    table = widths_table(0.0, widths=(16, 64))
    found = optima(table.assign(width=table["width"].where(table["width"] > 16)), ["width"])
    np.testing.assert_array_equal(found["width"], [64, np.nan])
    kinds = pd.Categorical(["a"] * len(table), categories=["a", "b"])
    assert optima(table.assign(kind=kinds), ["kind", "width"])["kind"].tolist() == ["a", "a"]


def test_optima_by_several_columns_and_another_metric():
    a = widths_table(0.0).assign(penalty="sum")
    table = pd.concat([a, a.assign(penalty="mean")]).assign(test_error=0.25)
    found = optima(table, ["penalty", "width"], report="test_error")
    assert found["penalty"].tolist() == ["mean"] * 3 + ["sum"] * 3
    assert (found[["test_error", "test_error_low", "test_error_high"]] == 0.25).all(axis=None)


def test_optima_name_the_cell_that_has_none():
    table = widths_table(0.0)
    broken = table[(table["width"] != 64) | (table["lam"] < 5e-5)]
    with pytest.raises(ValueError, match="at width=64: an optimum needs 3 values"):
        optima(broken, ["width"])
    with pytest.raises(ValueError, match="no cells"):
        optima(table, [])
    with pytest.raises(ValueError, match="no cells: the table has 0 rows"):
        optima(table[:0], ["width"])
    with pytest.raises(ValueError, match="no column 'depth'"):
        optima(table, ["depth"])


@pytest.mark.parametrize(
    ("seeds", "spread", "noise"), [(6, 0.3, 0.1), (6, 0.4, 1.0), (8, 0.0, 1.0), (12, 0.0, 0.3)]
)
def test_optimum_intervals_hold_the_optimum_as_often_as_they_say(seeds, spread, noise):
    rng = np.random.default_rng(seeds)
    held = []
    for _ in range(300):
        true = 10 ** rng.uniform(-3, -2)
        centres = true * np.exp(spread * rng.standard_normal(seeds))
        found = optimum(table_of(valley(centres, noise=noise, rng=rng)))
        assert found.edge is None
        held.append(true in found.lam)
    assert 0.91 < np.mean(held) < 0.985
