"""Slopes of logarithms and exponents of the best lambda, from tables whose power is known."""

import math

import numpy as np
import pandas as pd
import pytest
from made_up import table_of, valley, widths_table

from l2scale.lab.estimates.exponents import exponent, loglog_slope
from l2scale.lab.estimates.intervals import mean_interval


def test_loglog_slope_recovers_a_power():
    x = np.array([8, 32, 128])
    rows = [
        {"width": w, "seed": s, "cost": (1 + s) * w ** (0.5 + 0.1 * (s - 1))}
        for w in x
        for s in range(3)
    ]
    found = loglog_slope(pd.DataFrame(rows), "width", "cost")
    expected = mean_interval([0.4, 0.5, 0.6])
    for name in ("estimate", "low", "high"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name))


def test_two_sizes_have_a_slope():
    table = pd.DataFrame({"depth": [2, 8] * 2, "seed": [0, 0, 1, 1], "cost": [1, 4, 1, 16]})
    found = loglog_slope(table, "depth", "cost", level=0.5)
    assert found.estimate == pytest.approx(1.5)
    assert found.high == pytest.approx(mean_interval([1.0, 2.0], level=0.5).high)
    for column in ("depth", "cost"):
        zero = table.assign(**{column: table[column] - table[column].min()})
        with pytest.raises(ValueError, match="numbers above 0"):
            loglog_slope(zero, "depth", "cost")


def test_loglog_slope_refuses_what_has_no_slope():
    table = pd.DataFrame({"width": [1, 2, 1, 2], "seed": [0, 0, 1, 1], "cost": [1.0, 2, 3, 4]})
    with pytest.raises(ValueError, match="needs 2 width and numbers above 0"):
        loglog_slope(table[table.width == 1], "width", "cost")
    with pytest.raises(ValueError, match="numbers above 0"):
        loglog_slope(table.assign(cost=[1.0, math.nan, 3, 4]), "width", "cost")
    with pytest.raises(ValueError, match="no row for seed=1, width=2"):
        loglog_slope(table[:3], "width", "cost")
    with pytest.raises(ValueError, match="no column 'price': the table has width, seed, cost"):
        loglog_slope(table, "width", "price")
    with pytest.raises(ValueError, match="an empty table"):
        loglog_slope(table[:0], "width", "cost")


@pytest.mark.parametrize("slope", [-1.0, 0.0, 0.5])
def test_exponent_recovers_a_power_exactly_without_noise(slope):
    found = exponent(widths_table(slope, spread=0.0))
    for number in (found.estimate, found.low, found.high):
        assert number == pytest.approx(slope, abs=1e-9)
    assert found.n == 6


def test_exponent_drops_what_seeds_share_at_every_width():
    """A shift of lambda* that a seed has at every width does not widen the interval."""
    shift = np.exp([-0.6, -0.2, 0.0, 0.3, 0.5])
    cells = [
        table_of(valley(1e-3 * (w / 64) ** 0.4 * shift), width=w).sample(frac=1, random_state=w)
        for w in (16, 64, 256)
    ]
    found = exponent(pd.concat(cells))
    assert found.estimate == pytest.approx(0.4)
    assert found.high - found.low < 1e-9


def test_exponent_of_another_column():
    table = widths_table(-0.5).rename(columns={"width": "n_train"})
    assert exponent(table, x="n_train").estimate == pytest.approx(-0.5, abs=0.3)


def test_exponent_refuses_an_edge_and_names_the_cell():
    edge = table_of(valley([1e-9] * 6)).assign(width=1024)
    with pytest.raises(ValueError, match=r"at width=1024: .* edge of its grid, lam = 1e-05"):
        exponent(pd.concat([widths_table(-1.0), edge]))
    high = table_of(valley([1e9] * 6)).assign(width=1024)
    with pytest.raises(ValueError, match=r"at width=1024: .* edge of its grid, lam = 1:"):
        exponent(pd.concat([widths_table(-1.0), high]))


def test_an_exponent_does_not_know_the_unit_of_the_size():
    table = widths_table(-0.5, noise=0.1)
    found, scaled = exponent(table), exponent(table.assign(width=table["width"] / 64))
    for name in ("estimate", "low", "high"):
        assert getattr(scaled, name) == pytest.approx(getattr(found, name))


def test_exponent_refuses_cells_that_do_not_compare():
    table = widths_table(-1.0)
    with pytest.raises(
        ValueError, match=r"same seeds in every cell.*\[0, 1, 2, 3, 4\] at width=64"
    ):
        exponent(table[(table["width"] != 64) | (table["seed"] != 5)])
    with pytest.raises(ValueError, match=r"needs 2 or more width above 0, not \[64\]"):
        exponent(table[table["width"] == 64])
    with pytest.raises(ValueError, match="above 0, not"):
        exponent(table.assign(width=table["width"] - 16))
    with pytest.raises(ValueError, match="more than one row"):
        exponent(pd.concat([table, table]))
    with pytest.raises(ValueError, match="no column 'depth'"):
        exponent(table, x="depth")


@pytest.mark.parametrize(("seeds", "spread", "noise"), [(6, 0.4, 1.0), (12, 0.3, 0.1)])
def test_exponent_intervals_hold_the_exponent_as_often_as_they_say(seeds, spread, noise):
    rng = np.random.default_rng(seeds)
    held = []
    for repetition in range(200):
        true = rng.uniform(-0.7, 0.7)
        table = widths_table(true, seeds, spread=spread, noise=noise, seed=[seeds, repetition])
        held.append(true in exponent(table))
    assert 0.91 < np.mean(held) < 0.985
