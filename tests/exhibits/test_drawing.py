"""What several figures draw alike."""

from itertools import pairwise

import pytest
from matplotlib import pyplot as plt

from l2scale.exhibits.drawing import leave_room, spread_labels


@pytest.mark.parametrize("at", [0.0, 0.5, 1.3])
def test_labels_at_one_height_are_set_apart_inside_the_axes(at: float) -> None:
    places = list(spread_labels(dict.fromkeys("abc", at), gap=0.1).values())
    assert places[0] >= 0.0199
    assert places[-1] <= 0.9801
    assert min(b - a for a, b in pairwise(places)) >= 0.0999


def test_labels_that_are_apart_stay_at_their_lines() -> None:
    ends = {"low": 0.2, "high": 0.9}
    assert spread_labels(ends, gap=0.1) == ends


@pytest.mark.parametrize("scale", ["linear", "log", "symlog"])
def test_room_is_a_share_of_the_drawn_length(scale: str) -> None:
    fig, ax = plt.subplots()
    ax.set_xscale(scale)
    ax.set_xlim(1, 1000)
    leave_room(ax, 0.25)
    left, end = ax.transAxes.inverted().transform(ax.transData.transform([(1, 0), (1000, 0)]))[:, 0]
    assert left == pytest.approx(0)
    assert end == pytest.approx(1 / 1.25)
    plt.close(fig)
