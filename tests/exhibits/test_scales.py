"""How many networks the three chapters on growth train at each scale, without training any."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.xdist_group("exhibits")
GROWTH = ("which_penalty", "other_optimisers", "underfit")
LEAST = {"book": 10_000, "full": 200_000}


@pytest.mark.parametrize("scale", LEAST)
def test_enough_networks_for_narrow_intervals(
    declared: Callable[[str, str], Any], scale: str
) -> None:
    assert sum(declared(slug, scale).networks for slug in GROWTH) >= LEAST[scale]


def test_full_scale_spans_a_factor_256_in_width(declared: Callable[[str, str], Any]) -> None:
    for widths in declared("which_penalty", "full").widths.values():
        assert max(widths) >= 256 * min(widths)
