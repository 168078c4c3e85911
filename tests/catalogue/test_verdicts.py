"""What the registry of verdicts accepts, and what it refuses with a way out."""

import pytest

from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import SETTLED, VERDICTS, Verdict, settles


def settle(result: Result) -> Verdict:
    return Verdict("TRUE", "It is so.")


def another(result: Result) -> Verdict:
    return Verdict("FALSE", "It is not.")


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
