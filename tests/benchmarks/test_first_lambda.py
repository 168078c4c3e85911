"""What a suggestion is worth is judged at its own strength, beside the best and none."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks import first_lambda
from l2scale.exhibits.atlas.problems import FAMILY, HELD_OUT


def test_what_is_held_out_is_no_part_of_the_atlas():
    assert HELD_OUT and not set(HELD_OUT) & set(FAMILY)


def test_a_cell_is_judged(monkeypatch):
    monkeypatch.setattr(first_lambda, "HELD_OUT", ("wine",))
    monkeypatch.setattr(first_lambda, "SEEDS", 2)
    cells = first_lambda.cells()
    assert [(one.optimiser, one.label_noise) for one in cells] == [
        ("sgd", 0.0), ("sgd", 0.2), ("adamw", 0.0), ("adamw", 0.2),
    ]  # fmt: skip
    row = first_lambda.judged(replace(cells[0], steps=20))
    assert row["n"] == 106 and row["networks"] == 2 * (1 + 1 + 9)
    assert row["low"] <= row["regret"] <= row["high"] and row["none"] > -1
    assert row["ratio"] == pytest.approx(row["best"] / row["suggested"]) or row["best"] == 0


def test_an_interval_holds_its_mean():
    mean, low, high = first_lambda.interval(pd.Series([1.0, 2.0, 3.0, 4.0]))
    assert mean == 2.5 and low < 0.5 and np.isclose(high - mean, mean - low)
