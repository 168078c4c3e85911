"""Addresses of numbers: what they name, how they are printed, and what is said where they fail."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2scale.catalogue.cells import parse_address, row, rows, text

TABLE = pd.DataFrame(
    {
        "penalty": ["sum", "sum", "mean", "mean"],
        "width": [16, 512, 16, 512],
        "lam": [0.1, 0.3, 0.1, 0.3],
        "estimate": [0.0, 0.05538, 0.0, np.nan],
        "low": [0.0, 0.0369, 0.0, np.nan],
        "high": [0.0, 0.07384, 0.0, np.nan],
        "note": ["the same λ", "", np.nan, "not on the grid"],
    }
)


def printed(keys: dict[str, str], column: str = "", format: str = ".0%") -> str:
    return text(row(TABLE, keys), column, format, "estimate")


def test_an_address_has_a_table_keys_a_column_and_a_format() -> None:
    found = parse_address('best[cell="sum, SGD", width=max].lam:alone .2f')
    assert (found.table, found.column, found.format) == ("best", "lam", "alone .2f")
    assert found.keys == {"cell": "sum, SGD", "width": "max"}
    assert parse_address("settings.least").keys == {}
    assert parse_address("a[b=c d].e").keys == {"b": "c d"}


@given(
    st.dictionaries(st.from_regex(r"[a-z]\w{0,5}", fullmatch=True), st.text("ab 1.,-", min_size=1))
)
def test_keys_in_quotation_marks_come_back(keys: dict[str, str]) -> None:
    written = ", ".join(f'{name}="{value}"' for name, value in keys.items())
    assert parse_address(f"t[{written}]").keys == keys


@pytest.mark.parametrize("wrong", ["", "a b", "a[b]", "a[b=]", "a[b=c", "a.b.c", 'a[b="c]'])
def test_what_is_no_address_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(wrong))):
        parse_address(wrong)


def test_the_least_of_a_column_may_stand_in_many_rows() -> None:
    assert row(TABLE, {"width": "min"}, "width")["width"] == 16
    with pytest.raises(LookupError, match="2 rows fit"):
        row(TABLE, {"width": "min"}, "lam")


def test_exactly_one_row_must_fit() -> None:
    assert row(TABLE, {"penalty": "sum", "width": "512"})["lam"] == 0.3
    with pytest.raises(LookupError, match="2 rows fit: add width"):
        row(TABLE, {"penalty": "sum"})
    with pytest.raises(LookupError, match=r"no row has penalty=summ.*nearest.*: sum"):
        row(TABLE, {"penalty": "summ", "width": "16"})
    with pytest.raises(LookupError, match=r"nearest to width=17: 16, 512"):
        row(TABLE, {"penalty": "sum", "width": "17"})
    with pytest.raises(LookupError, match="no column 'penalti', but penalty, width"):
        row(TABLE, {"penalti": "sum"})
    assert rows(TABLE, {"penalty": "fan"}).empty


def test_places_are_among_the_rows_that_the_other_keys_leave() -> None:
    table = pd.concat([TABLE, TABLE.assign(penalty="fan", width=TABLE["width"] * 2)])
    for keys in ({"width": "max", "penalty": "sum"}, {"penalty": "sum", "width": "max"}):
        assert row(table, keys)["width"] == 512
    assert set(rows(table, {"width": "min"})["penalty"]) == {"sum", "mean"}
    assert row(TABLE, {"penalty": "last", "width": "min"})["penalty"] == "mean"


def test_a_number_that_was_rounded_by_a_file_is_found() -> None:
    assert rows(TABLE, {"lam": "0.30000001"}).shape[0] == 2
    assert rows(TABLE.assign(width=12345), {"width": "12,345"}).shape[0] == 4
    assert rows(TABLE, {"lam": "strong"}).empty


def test_an_estimate_is_printed_with_its_interval_and_its_note() -> None:
    assert printed({"penalty": "sum", "width": "512"}) == "6% [4%, 7%]"
    assert printed({"penalty": "sum", "width": "512"}, format="alone .1%") == "5.5%"
    assert printed({"penalty": "sum", "width": "512"}, format="points") == "5.5 points [3.7, 7.4]"
    assert printed({"penalty": "sum", "width": "16"}) == "0% (the same λ)"
    assert printed({"penalty": "mean", "width": "16"}) == "0%"
    assert printed({"penalty": "mean", "width": "512"}) == "none (not on the grid)"


def test_another_column_is_printed_as_it_is() -> None:
    keys = {"penalty": "sum", "width": "512"}
    assert printed(keys, "penalty") == "sum"
    assert printed(keys, "width", "") == "512"
    assert printed(keys, "lam", ".2f") == "0.30"
    with pytest.raises(LookupError, match="no column 'kept', but penalty"):
        printed(keys, "kept")
    with pytest.raises(ValueError, match="unknown format 'much'"):
        printed(keys, "lam", "much")


def test_a_column_may_have_bounds_and_a_note_of_its_own() -> None:
    one = pd.Series({"cost": 0.1, "cost_low": np.nan, "cost_high": 0.2, "cost_note": "at least"})
    assert text(one, "cost", ".1f", "estimate") == "0.1 [?, 0.2] (at least)"
