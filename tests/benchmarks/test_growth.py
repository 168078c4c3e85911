"""Powers, from seconds whose power is known."""

import numpy as np
import pandas as pd
import pytest

from benchmarks import growth, growth_figure
from l2scale.press.render import draw_theme


def made_up(wobble: float = 0.0) -> pd.DataFrame:
    """Seconds that are the arithmetic's to the power 0.9, more or less."""
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        [
            {
                "axis": point.axis,
                "size": point.size,
                "round": turn,
                "networks": point.networks,
                "seconds": 2e-9 * work**0.9 * np.exp(wobble * rng.standard_normal()),
                "flops": work,
            }
            for point in growth.points(32)
            for turn in range(4)
            for work in [point.networks * growth.flops(point.run)]
        ]
    )


def test_powers_are_found_and_intervals_say_how_well():
    exact, rough = (growth.fitted(made_up(wobble)).groupby("axis") for wobble in (0, 0.05))
    for axis, rows in exact:
        known = 0.9 * rows["arithmetic"].iloc[0]
        found, guessed = growth_figure.exponent(rows), growth_figure.exponent(rough.get_group(axis))
        assert found.estimate == pytest.approx(known)
        assert guessed.estimate == pytest.approx(known, abs=0.1)
        assert found.high - found.low < 1e-9 < guessed.high - guessed.low < 0.5


def test_arithmetic_grows_with_networks_width_and_samples_and_faster_with_the_second_layer():
    table = growth.fitted(made_up()).groupby("axis")["arithmetic"].first()
    for axis in ("networks", "width", "samples"):
        assert table[axis] == pytest.approx(1)
    assert table["depth"] > 1.2


def test_one_setting_grows_at_a_time():
    for axis in ("networks", "width", "depth", "samples"):
        along = [point for point in growth.points(32) if point.axis == axis]
        assert [point.size for point in along] == sorted({point.size for point in along})
        assert len({point.networks for point in along}) == (4 if axis == "networks" else 1)
        assert len({point.run.hidden for point in along}) == (
            4 if axis in ("width", "depth") else 1
        )


def test_the_figure_says_each_power_in_title_and_alt():
    table = growth.fitted(made_up())
    words = growth_figure.describe(table)
    for axis, rows in table.groupby("axis"):
        assert f"{axis} (power {rows['power'].iloc[0]:.2f})" in words.title
        assert f"{axis}: power {rows['power'].iloc[0]:.2f} [" in words.alt
    assert draw_theme(growth_figure.draw, table, words.title, words.foot, "dark").svg
