"""What the registry of verdicts accepts, and what it refuses with a way out."""

from collections.abc import Mapping

import pandas as pd
import pytest

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import Table, table
from l2scale.catalogue.verdicts import SETTLED, VERDICTS, Settlement, Verdict, settles
from l2scale.lab.sweeps.measurement import Measurement


def settle(tables: Mapping[str, Table]) -> str:
    return "TRUE" if tables["powers"].row(penalty="sum")["power"] > 1 else "FALSE"


def another(tables: Mapping[str, Table]) -> str:
    return "FALSE"


def powers(result: Result) -> pd.DataFrame:
    return result["m"].table


def test_a_claim_is_settled_by_one_function():
    assert settles("C05", figure="dead-weight")(settle) is settle
    settled = SETTLED["C05"]
    assert (settled.slug, settled.figure, settled.function) == (
        "test_verdicts",
        "dead-weight",
        settle,
    )
    with pytest.raises(ValueError, match="'C05' is settled already, by test_verdicts"):
        settles("C05", figure="dead-weight")(another)


def test_a_module_may_register_its_verdict_again_when_reloaded():
    settles("C05", figure="one")(settle)
    settles("C05", figure="two", derivation="prop-two")(settle)
    assert (SETTLED["C05"].figure, SETTLED["C05"].derivation) == ("two", "prop-two")


@pytest.fixture
def settled(write_texts) -> tuple[Settlement, Result]:
    write_texts(
        "test_verdicts",
        """
        [C05]
        TRUE = "It's {powers[penalty=sum]:.1f}."
        numbers = { power = "powers[penalty=sum]", of = "powers[penalty=sum].penalty" }
        """,
    )
    table(source="m", main="power")(powers)
    settles("C05", figure="dead-weight")(settle)
    rows = pd.DataFrame({"penalty": ["sum"], "power": [2.0], "seed": [0]})
    measured = {"m": Measurement("m", rows, 1, 1.0, "cpu", {"lr": 1})}
    return SETTLED["C05"], Result("test_verdicts", "smoke", measured)


def test_a_verdict_says_what_is_written_for_it(settled):
    settlement, result = settled
    found = settlement.judge(result)
    assert (found.verdict, found.statement) == ("TRUE", "It’s 2.0.")
    assert found.numbers == {"power": 2.0, "of": "sum"}


def test_a_verdict_for_which_nothing_is_written_is_refused(settled):
    settlement, result = settled
    result["m"].table["power"] = 0.5
    with pytest.raises(LookupError, match=r"no C05.FALSE: there is TRUE, numbers"):
        settlement.judge(result)


@pytest.mark.parametrize("claim", ["C00", "C47", "c05", "", "X"])
def test_unknown_claims_are_refused(claim):
    with pytest.raises(ValueError, match="the ledger has C01 to C46"):
        settles(claim, figure="dead-weight")


def test_a_verdict_is_one_of_five_words_with_a_statement():
    assert [Verdict(word, "So.").verdict for word in VERDICTS] == list(VERDICTS)
    with pytest.raises(ValueError, match="unknown verdict 'true': choose one of TRUE, FALSE"):
        Verdict("true", "So.")
    with pytest.raises(ValueError, match="CONDITIONAL needs a statement"):
        Verdict("CONDITIONAL", " ")
