"""Templates: numbers, lists, words by outcome, and errors that name the address."""

import pandas as pd
import pytest

from l2scale.catalogue import text
from l2scale.catalogue.tables import Table
from l2scale.catalogue.text import cell_value, fill, quote, template_at

FRAME = pd.DataFrame(
    {"penalty": ["sum", "mean"], "estimate": [0.25, 1.0], "low": [0.2, 0.9], "high": [0.3, 1.1]}
)
TABLES = {"power": Table(FRAME)}
WORDS = {
    "C01": {"common": "It is {power[penalty=sum]:.1f}", "TRUE": '{{ text("C01", "common") }}.'}
}


def test_numbers_stand_in_braces_and_signs_are_set() -> None:
    assert fill("The sum's {power[penalty=sum]:.2f}.", TABLES) == "The sum’s 0.25 [0.20, 0.30]."
    assert fill(
        "{% for p in penalties[:2] %}{power[penalty=$p]:alone .1f};{% endfor %}", TABLES
    ) == ("0.2;1.0;")


def test_rows_become_a_list() -> None:
    assert (
        fill('{{ each("power", "<penalty> <:alone .1f>", "; ") }}', TABLES) == "sum 0.2; mean 1.0"
    )
    assert fill('{{ each("power[penalty=fan]", "<>") or "none" }}', TABLES) == "none"
    assert fill('{{ listed("power", "<penalty>") }}', TABLES) == "sum and mean"
    assert fill('{{ rows("power")[1].penalty }} {{ rows("power")[0] }}', TABLES) == (
        "mean 0.25 [0.2, 0.3]"
    )


def test_an_address_that_fits_nothing_is_named() -> None:
    with pytest.raises(LookupError, match=r"power\[penalty=summ\]: .*nearest to penalty=summ: sum"):
        fill("{power[penalty=summ]}", TABLES)
    with pytest.raises(LookupError, match="force"):
        quote(TABLES, "force[penalty=sum]")


def test_a_cell_is_a_number_or_a_word() -> None:
    assert cell_value(TABLES, "power[penalty=sum]") == 0.25
    assert cell_value(TABLES, "power[estimate=max].penalty") == "mean"


def test_words_are_written_once_for_each_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "texts", lambda slug: WORDS)
    assert fill(template_at("crush", "C01", "TRUE"), TABLES, "crush") == "It is 0.2 [0.2, 0.3]."
    with pytest.raises(LookupError, match=r"no C01.FALSE: there is common, TRUE"):
        template_at("crush", "C01", "FALSE")


def test_an_exhibit_without_a_file_has_no_texts() -> None:
    assert text.texts("no_such_exhibit") == {}
