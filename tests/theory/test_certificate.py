"""Branch and bound holds what a dense search finds, and closes in on it."""

import numpy as np
import pytest

from l2scale.theory.certificate import brackets, cell_angles
from l2scale.theory.response import responses
from l2scale.theory.threshold import maxima


@pytest.mark.parametrize("leak", [0.0, 0.3, 1.0])
@pytest.mark.parametrize(("d", "k"), [(2, 1), (2, 3), (3, 1), (3, 2)])
def test_bounds_hold_the_largest_response_and_meet(d: int, k: int, leak: float) -> None:
    rng = np.random.default_rng(10 * d + k)
    x, g = rng.standard_normal((30, d)), rng.standard_normal((30, k))
    dense = responses(rng.standard_normal((50_000, d)), x, g, leak).max()
    steps = list(brackets(x, g, tolerance=0.01, leak=leak))
    for step in steps:
        assert step.lower <= dense * 1.001
        assert dense <= step.upper
    assert steps[-1].upper <= 1.01 * steps[-1].lower
    assert maxima(x, g, leak)[1].max() == pytest.approx(dense, rel=0.005)


@pytest.mark.parametrize("corner", [(1, 1), (-1, 1), (1, 1, 1), (1, -1, 1), (-1, -1, -1)])
def test_the_response_of_one_sample_is_found_in_every_corner(corner: tuple[int, ...]) -> None:
    *_, last = brackets(np.array([corner]), np.ones((1, 1)), tolerance=1e-4)
    assert last.lower <= len(corner) ** 0.5 * (1 + 1e-12)
    assert last.upper >= len(corner) ** 0.5 * (1 - 1e-12)
    assert last.upper <= 1.0001 * last.lower


def test_the_first_bound_of_linear_units_with_one_output_is_exact() -> None:
    rng = np.random.default_rng(4)
    x, g = rng.standard_normal((30, 3)), rng.standard_normal((30, 1))
    first = next(brackets(x, g, leak=1.0))
    assert first.cells == 6
    assert first.upper == pytest.approx(np.linalg.norm(g.T @ x / 30))


def test_the_first_bound_of_samples_in_the_middle_of_a_face_is_exact() -> None:
    """ReLU: the cells beside it reach sin 45 degrees of the response, the one behind nothing."""
    first = next(brackets(np.array([[1.0, 0.0]] * 2), np.ones((2, 1))))
    assert (first.lower, first.upper) == pytest.approx((1.0, 1.0))


def test_the_excess_falls_as_the_square_of_the_angle() -> None:
    """So that every halving near a maximum leaves as many cells: digits cost little work."""
    rng = np.random.default_rng(5)
    x, g = rng.standard_normal((20, 3)), rng.standard_normal((20, 1))
    ends = [list(brackets(x, g, tolerance=t, most=10_000))[-1] for t in (1e-2, 1e-4, 1e-6)]
    assert ends[2].upper <= (1 + 1e-6) * ends[2].lower
    assert ends[2].cells - ends[1].cells <= 2 * (ends[1].cells - ends[0].cells)


def test_the_search_goes_on_as_long_as_the_next_cells_are_allowed() -> None:
    rng = np.random.default_rng(5)
    x, g = rng.standard_normal((20, 2)), rng.standard_normal((20, 1))
    counts = [step.cells for step in brackets(x, g, tolerance=1e-6)]
    for place, count in enumerate(counts):
        allowed = [step.cells for step in brackets(x, g, tolerance=1e-6, most=count)]
        assert allowed == counts[: place + 1]


def test_a_response_that_is_known_is_a_bound_from_below() -> None:
    rng = np.random.default_rng(4)
    x, g = rng.standard_normal((30, 3)), rng.standard_normal((30, 1))
    *_, last = brackets(x, g)
    again = list(brackets(x, g, known=last.lower))
    assert again[0].lower == again[-1].lower == last.lower
    assert again[-1].cells <= last.cells


def test_bounds_only_tighten_and_stop_at_the_limit() -> None:
    rng = np.random.default_rng(0)
    x, g = rng.standard_normal((30, 4)), rng.standard_normal((30, 1))
    steps = list(brackets(x, g, tolerance=1e-6, most=2000))
    assert steps[-1].cells <= 2000
    uppers, lowers = [s.upper for s in steps], [s.lower for s in steps]
    assert uppers == sorted(uppers, reverse=True) and lowers == sorted(lowers)


def test_no_direction_of_a_cell_is_further_than_its_angle() -> None:
    rng = np.random.default_rng(1)
    middle, half = np.array([[1.0, 0.25, -0.5]]), np.array([[0.0, 0.25, 0.125]])
    inside = middle + half * rng.uniform(-1, 1, (10_000, 3))
    cosine = inside @ middle[0] / np.linalg.norm(inside, axis=1) / np.linalg.norm(middle)
    widest = cell_angles(middle, half)[0]
    assert np.arccos(cosine).max() <= widest
    assert np.arccos(cosine).max() == pytest.approx(widest, rel=0.05)


def test_one_input_is_refused() -> None:
    with pytest.raises(ValueError, match="needs 2 inputs or more"):
        list(brackets(np.ones((3, 1)), np.ones((3, 1))))
