"""Frames of a table: where its numbers stand, and what is said of them."""

import math

import pandas as pd
import pytest

from l2scale.catalogue.tables import Table
from l2scale.press.sliders import LEFT, RIGHT, Axis, Shown, drawing, points

FRAME = pd.DataFrame(
    {
        "width": [8, 8, 8, 8, 32, 32, 8, 32],
        "penalty": ["sum"] * 6 + ["mean"] * 2,
        "lam": [0.1, 0.001, 0.01, 0.01, 0.1, 0.01, 1.0, 4.0],
        "val_error": [0.3, 0.2, 0.1, 0.2, 0.4, 0.2, 0.5, 0.25],
    }
)
SHOWN = Shown(
    "valleys",
    drag=("width", "hidden units"),
    x=("lam", "λ, as typed"),
    y=("val_error", "validation error"),
    line=("penalty", "the {}"),
    log="x",
)


def shown(**other) -> Shown:
    return Shown(**vars(SHOWN) | other)


def test_rows_alike_are_averaged_and_stand_in_order():
    found = points(FRAME, SHOWN)
    sums = found[(found["drag"] == 8) & (found["line"] == "the sum")]
    assert list(sums["x"]) == [0.001, 0.01, 0.1]
    assert list(sums["y"]) == pytest.approx([0.2, 0.15, 0.3])
    assert list(found["line"].unique()) == ["the sum", "the mean"]


def test_each_value_dragged_has_a_frame_that_says_the_least():
    made = drawing(Table(FRAME), SHOWN)
    assert made["head"] == "Hidden units"
    assert [frame["value"] for frame in made["frames"]] == ["8", "32"]
    assert made["frames"][0]["said"] == [
        "least 15.0%, at λ = 0.01", "least 50.0%, at λ = 1"
    ]  # fmt: skip
    assert [line["name"] for line in made["lines"]] == ["the sum", "the mean"]
    assert made["lines"][0]["colours"] != made["lines"][1]["colours"]


def test_a_least_at_an_end_of_the_grid_says_so():
    rows = FRAME.assign(val_error=[0.1, 0.3, 0.2, 0.2, 0.4, 0.2, 0.5, 0.25])
    frames = drawing(Table(rows), SHOWN)["frames"]
    assert [frame["said"][0] for frame in frames] == [
        "least 10.0%, at λ = 0.1, the grid’s edge", "least 20.0%, at λ = 0.01, the grid’s edge"
    ]  # fmt: skip


def test_a_line_that_a_value_lacks_says_so_and_keeps_the_others_places():
    rows = FRAME[(FRAME["penalty"] == "mean") | (FRAME["width"] == 8)]
    made = drawing(Table(rows), shown(says="last"))
    assert made["frames"][1]["said"] == ["not measured", "25.0%"]
    assert [line["place"] for line in made["frames"][1]["lines"]] == [1]


def test_keys_choose_rows_and_several_columns_are_lines():
    made = points(
        FRAME.assign(val_loss=1.0), shown(y=("val_error+val_loss", "nats"), line=("", ""))
    )
    assert set(made["line"]) == {"val error", "val loss"}
    only = points(FRAME, shown(address="valleys[penalty=mean]"))
    assert set(only["line"]) == {"the mean"}


def test_an_axis_spans_its_numbers_and_ticks_stand_at_theirs():
    made = drawing(Table(FRAME), SHOWN)
    x, y = made["x"], made["y"]
    assert LEFT < x.at(0.001) < x.at(4.0) < RIGHT
    assert y.low == 0.0 and y.at(0.5) < y.at(0.1)  # upwards is towards 0 on a page
    assert (x.at(0.01), "0.01") in x.ticks and (y.at(0.3), "0.3") in y.ticks


def test_powers_of_ten_are_short_and_an_axis_within_one_has_ticks():
    wide, narrow = Axis(1e-6, 1e5, 0, 100, log=True), Axis(0.02, 0.09, 0, 100, log=True)
    assert {"10⁻⁶", "0.01"} <= {text for _, text in wide.ticks}
    assert [text for _, text in narrow.ticks] == ["0.02", "0.05"]


def test_no_tick_stands_below_an_axis_that_spans_many_powers_of_ten():
    axis = Axis(1e-54, 30.0, 0.0, 100.0, log=True)
    assert all(0.0 <= place <= 100.0 for place, _ in axis.ticks)
    assert len(axis.ticks) > 3


def test_a_lambda_at_the_head_stays_small():
    made = drawing(Table(FRAME), shown(drag=("width", "λ over the threshold")))
    assert made["head"] == "λ over the threshold"


def test_what_a_logarithm_has_not_is_left_out():
    rows = FRAME.assign(val_error=[0.0, math.nan, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    assert len(points(rows, shown(log="xy"))) == 5
    with pytest.raises(LookupError, match="nothing to draw"):
        points(rows.assign(val_error=0.0), shown(log="y"))


@pytest.mark.parametrize("lost", [math.nan, math.inf])
def test_a_mean_of_which_one_diverged_is_none_of_the_others(lost):
    rows = FRAME.assign(val_error=[0.3, 0.2, lost, 0.2, 0.3, 0.4, 0.5, 0.6])
    found = points(rows, SHOWN)
    assert list(found[found["drag"] == 8]["x"]) == [0.001, 0.1, 1.0]


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(LookupError, match="no column depth, but width, penalty"):
        points(FRAME, shown(drag=("depth", "layers")))
