"""What chapters share: means with bounds, as the cells of a table are read."""

import math
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from l2scale.catalogue.tables import Table
from l2scale.exhibits.shared import batch_square, dividing, means, outcome_of, valleys
from l2scale.lab.estimates.intervals import mean_interval


def test_means_have_the_bounds_that_a_cell_is_printed_with() -> None:
    rows = pd.DataFrame({"width": [8, 8, 4, 4], "seed": [0, 1, 0, 1], "x": [1.0, 2.0, 3.0, 5.0]})
    found = means(rows.assign(y=-rows["x"]), ["width"], "x", "y")
    assert list(found["width"]) == [8, 4] and list(found["seeds"]) == [2, 2]
    interval = mean_interval([1.0, 2.0])
    table = Table(found, "x")
    assert table.print(table.row(width=8), "", ".2f") == f"{interval:.2f}"
    assert table.row(width=8)["y_low"] == pytest.approx(-interval.high)


def test_a_cell_without_numbers_has_no_mean_and_a_part_of_them_is_an_error() -> None:
    rows = pd.DataFrame({"cell": ["a", "a"], "seed": [0, 1], "x": [math.nan, math.nan]})
    assert means(rows, ["cell"], "x")[["x", "low", "high"]].isna().all(axis=None)
    with pytest.raises(ValueError, match="finite numbers"):
        means(rows.assign(x=[1.0, math.nan]), ["cell"], "x")


def test_a_valley_has_no_mean_where_a_network_diverged_and_says_why() -> None:
    rows = pd.DataFrame({"width": 8, "lam": [2.0, 2.0, 1.0, 1.0], "seed": [0, 1, 0, 1]})
    found = valleys(rows.assign(loss=[math.nan, 1.0, 2.0, 4.0]), ["width"], "loss")
    assert list(found["lam"]) == [1.0, 2.0]
    assert found["loss"].iloc[0] == 3.0 and math.isnan(found["loss"].iloc[1])
    assert list(found["note"]) == ["", "diverged"]


def test_dividing_by_the_number_of_weights_is_a_power_of_the_width() -> None:
    rows = pd.DataFrame({"width": [2, 4, 8, 8], "weights": [4, 16, 64, 64]})
    assert dividing(rows) == pytest.approx(-2)


def test_a_batchs_square_is_that_of_batches_without_replacement() -> None:
    gradients = np.random.default_rng(0).standard_normal((6, 3))
    full = np.square(gradients.mean(axis=0)).sum()
    one = np.square(gradients).sum(axis=1).mean()
    for size in (1, 2, 6):
        batches = [gradients[list(batch)].mean(axis=0) for batch in combinations(range(6), size)]
        drawn = np.square(batches).sum(axis=1).mean()
        assert batch_square(full, one, size, 6) == pytest.approx(drawn)


def test_a_rule_holds_or_fails() -> None:
    assert (outcome_of(True), outcome_of(False)) == ("held", "failed")
