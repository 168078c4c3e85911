"""The chances of a search against all that it could draw."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2scale.lab.estimates.search import chances, expected


@given(
    values=st.lists(st.floats(0, 1) | st.just(math.nan), min_size=1, max_size=7),
    tries=st.integers(1, 7),
)
def test_chances_are_shares_of_all_draws(values: list[float], tries: int) -> None:
    tries = min(tries, len(values))
    counts = np.zeros(len(values))
    for drawn in combinations(range(len(values)), tries):
        counts[min(drawn, key=lambda i: (math.isnan(values[i]), values[i], i))] += 1
    np.testing.assert_allclose(chances(values, tries), counts / counts.sum(), atol=1e-12)


def test_all_tries_choose_the_best_and_one_try_any() -> None:
    assert chances([0.3, 0.1, math.nan], 3).tolist() == [0, 1, 0]
    np.testing.assert_allclose(chances([0.3, 0.1, math.nan], 1), 1 / 3)


def test_a_search_reaches_what_its_chances_say_row_by_row() -> None:
    rows = np.array([[0.3, 0.1, math.nan], [0.1, 0.2, 0.3]])
    chance = chances(rows, 2)
    np.testing.assert_allclose(chance, [chances(row, 2) for row in rows])
    assert chance[0, 2] == 0
    np.testing.assert_allclose(expected(chance, [[3.0, 6.0, math.nan], [3.0, 6.0, 9.0]]), [5, 4])


@pytest.mark.parametrize("tries", [0, 3])
def test_refuses_what_it_cannot_try(tries: int) -> None:
    with pytest.raises(ValueError, match=f"tries 1 to 2 settings, not {tries}"):
        chances([0.1, 0.2], tries)
