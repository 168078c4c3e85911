"""The registry of tables: made once for each result, published, and read back."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import (
    TABLES,
    Table,
    Tables,
    as_published,
    packed,
    table,
    unpacked,
)
from l2scale.lab.sweeps.measurement import Measurement

ROWS = pd.DataFrame({"seed": [0, 1], "loss": [1.0, 2.0]})
RESULT = Result("made_up", "smoke", {"m": Measurement("m", ROWS, 2, 1.0, "cpu", {"lr": 1})})
MADE = []


def doubled(result: Result) -> pd.DataFrame:
    MADE.append(result)
    return pd.DataFrame({"cell": ["a", "b"], "loss": result["m"].table["loss"] * 2})


doubled.__module__ = "l2scale.exhibits.made_up.tables"


@pytest.fixture
def register():
    MADE.clear()
    yield table(source="m", main="loss")
    TABLES.pop("made_up", None)


def test_a_table_is_made_once_and_each_caller_has_a_copy(register) -> None:
    make = register(doubled)
    found = Tables(RESULT)
    changed = found["doubled"].frame
    changed["loss"] = 0
    assert make(RESULT)["loss"].tolist() == [2.0, 4.0] and MADE == [RESULT]
    assert list(found) == ["doubled"] and found["doubled"].networks == 2
    assert found["doubled"].row(cell="b")["loss"] == 4.0


def test_an_unknown_table_is_named_with_those_there_are(register) -> None:
    register(doubled)
    with pytest.raises(KeyError, match="made_up has no table 'halved', but doubled"):
        Tables(RESULT)["halved"]


def test_a_name_belongs_to_one_module(register) -> None:
    register(doubled)

    def again(result: Result) -> pd.DataFrame:
        return result["m"].table

    again.__name__, again.__module__ = "doubled", "l2scale.exhibits.made_up.others"
    with pytest.raises(ValueError, match=r"table 'doubled' is made in .*made_up.tables already"):
        register(again)


def test_a_published_table_is_the_one_that_was_made() -> None:
    frame = pd.DataFrame({"cell": ["a", "b, c"], "loss": [1 / 3, float("nan")], "n": [3, 4]})
    back = unpacked(packed(Table(frame, "loss", 7)))
    pd.testing.assert_frame_equal(back.frame, frame, rtol=1e-8)
    assert (back.main, back.networks) == ("loss", 7)


def test_columns_have_formats_that_text_may_change() -> None:
    one = Table(pd.DataFrame({"excess": [0.25], "low": [0.2], "high": [0.31]}), "excess")
    assert one.print(one.row()) == "25% [20%, 31%]"
    assert one.print(one.row(), format="alone .1f") == "0.2"


@given(st.lists(st.floats(allow_infinity=False), min_size=1))
def test_a_number_is_the_same_before_and_after_it_is_published(numbers: list[float]) -> None:
    frame = as_published(pd.DataFrame({"cell": range(len(numbers)), "loss": numbers}))
    pd.testing.assert_frame_equal(
        unpacked(packed(Table(frame, "loss"))).frame, frame, check_exact=True, check_dtype=False
    )
