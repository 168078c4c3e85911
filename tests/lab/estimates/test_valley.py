"""The vertex of a valley: which points have a say in it, and how far from the lowest it may be."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from l2scale.lab.estimates.valley import lowest, vertex, vertices, worse_beyond_doubt

STEP = math.log(2)


def at(curve, step=1.0):
    """The vertex of one curve on an even grid, in steps from its lowest point."""
    losses = np.array([curve], dtype=np.float64)
    logs = step * np.arange(len(curve))
    return (vertex(logs, losses) - logs[lowest(losses)]) / step


def through(u, y):
    """The vertex of the least-squares parabola through all of these points."""
    curvature, slope, _ = np.polyfit(u, y, 2)
    return -slope / (2 * curvature)


@pytest.mark.parametrize("times", [0.6, 1.9])
def test_an_outer_point_that_rises_up_to_twice_as_fast_has_a_say(times):
    assert at([9, 4, 1, 0, 1, 4 * times, 9]) == pytest.approx(
        through(np.arange(-2, 3), [4, 1, 0, 1, 4 * times])
    )


@pytest.mark.parametrize("times", [2.1, 50])
def test_an_outer_point_that_rises_more_than_twice_as_fast_has_none(times):
    for curve in ([9, 4, 1, 0, 1, 4 * times, 9], [9, 4 * times, 1, 0, 1, 4, 9]):
        assert at(curve) == pytest.approx(0, abs=1e-9)


def test_on_a_fine_grid_the_inner_two_thirds_say_how_fast_a_parabola_could_rise():
    u = np.arange(-4.0, 5.0)
    cubic = np.abs(u - 0.1) ** 3  # the third point is 1.5 times as steep as the second
    assert at(cubic, STEP / 3) == pytest.approx(through(u[1:-1], cubic[1:-1]))
    quartic = np.abs(u - 0.1) ** 4  # 2.25 times, and the second four times the first
    assert at(quartic, STEP / 3) == pytest.approx(through(u[3:6], quartic[3:6]))


def test_points_that_bend_the_parabola_downwards_have_no_say():
    assert at([9, 0.3, 1, 0, 1, 0.1, 9]) == pytest.approx(0, abs=1e-9)


def test_on_an_uneven_grid_both_neighbours_of_the_lowest_point_have_a_say():
    logs, curve = np.array([-1.0, 0.0, 1.9]), np.array([0.1, 0.0, 1.9**2])
    assert vertex(logs, curve[np.newaxis]) == pytest.approx(through(logs, curve))


def test_a_vertex_within_a_step_of_the_lowest_point_is_believed():
    assert at([6, 4, 1.2, 0, 0.01, 0.02, 0.03]) == pytest.approx(
        through(np.arange(-2, 3), [4, 1.2, 0, 0.01, 0.02])
    )
    assert 0.9 < at([6, 4, 1.2, 0, 0.01, 0.02, 0.03]) < 1


CLIFF = [6, 4, 2, 0, 0.01, 0.02, 0.03]  # the parabola through five points ends 1.2 steps away
SLOPE = [7, 6, 5, 4, 3, 0, *(0.01 * np.arange(1, 8))]  # that through nine points, 2.6 quarter steps


@given(
    st.lists(st.integers(0, 1000), min_size=3, max_size=15, unique=True), st.sampled_from([1, 4])
)
@example(CLIFF, 1)
@example(SLOPE, 4)
def test_no_vertex_is_farther_from_the_lowest_point_than_a_quarter_of_the_window(curve, finer):
    away = at(curve, STEP / finer)
    assert abs(away) <= max(finer / 2, 1) + 1e-6


def test_a_fine_grid_believes_a_vertex_more_steps_away():
    u = np.arange(-4.0, 5.0)
    curve = np.where(u < 0, u**2, 0.05 * u)
    away = through(u, curve)
    assert 1.2 < away < 2
    assert at([30, *curve, 1], STEP / 4) == pytest.approx(away)


def test_a_curve_that_is_flat_to_rounding_has_its_vertex_at_its_lowest_point():
    assert at([1 + 1e-7, 1, 1 - 4e-8, 1 - 4e-8]) == 0


def test_means_that_agree_to_seven_decimals_are_equal_and_the_first_is_lowest():
    assert lowest(np.array([[2, 1 + 2e-8, 1, 3]])) == 1
    assert lowest(np.array([[2, 1 + 2e-7, 1, 3]])) == 2
    assert lowest(np.array([[2.0, 0.0, 1.0], [2.0, 9.0, 1.0]])) == 2


@given(st.floats(-20, 5))
def test_the_unit_of_lambda_only_moves_the_vertex(shift):
    logs, curve = STEP / 3 * np.arange(9), np.abs(np.arange(9.0) - 4.1)[np.newaxis] ** 3
    assert vertex(logs + shift, curve) - shift == pytest.approx(vertex(logs, curve))


@pytest.mark.parametrize("curve", [[1, 2, 3, 4], [4, 3, 2, 1]])
def test_a_curve_lowest_at_an_end_has_its_vertex_there(curve):
    assert at(curve) == 0


def test_every_seed_is_left_out_once_in_its_place():
    logs, centres = np.arange(7.0), np.array([2.6, 3.0, 3.1])
    losses = (logs - centres[:, np.newaxis]) ** 2
    expected = [centres[[1, 2]].mean(), centres[[0, 2]].mean(), centres[[0, 1]].mean()]
    np.testing.assert_allclose(vertices(logs, losses), expected)
    np.testing.assert_allclose(vertices(logs, losses[:1]), centres[:1])


def test_the_bound_beside_an_edge_is_the_nearest_that_is_surely_worse():
    lams, noise = np.array([1.0, 2.0, 4.0, 8.0]), np.array([[-1.0], [1.0], [0.0]])
    losses = np.array([0.0, 0.1, 5.0, 9.0]) + noise * [0, 1, 1, 1]
    assert worse_beyond_doubt(lams, losses, 0, 0.95) == 4.0
    assert worse_beyond_doubt(lams, losses[:, ::-1], 3, 0.95) == 2.0
    assert math.isnan(worse_beyond_doubt(lams, losses[:1], 0, 0.95))
    assert worse_beyond_doubt(lams, losses[:, [0, 1, 1, 2]], 0, 0.95) == 8.0
    assert worse_beyond_doubt(lams, losses[:, [2, 1, 1, 0]], 3, 0.95) == 1.0
