"""The registry of verdicts: which exhibit settles which claim, and what it says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from l2scale.catalogue.claims import CLAIMS
from l2scale.catalogue.results import Result, slug_of
from l2scale.catalogue.tables import Table, Tables
from l2scale.catalogue.text import cell_value, fill, template_at, texts

VERDICTS = ("TRUE", "FALSE", "CONDITIONAL", "OPEN", "PENDING")
"""What can be said of a claim. PENDING: no exhibit has measured all of it yet."""

SETTLED: dict[str, "Settlement"] = {}
"""Who settles which claim, by claim id, filled as the exhibits are imported."""


@dataclass(frozen=True)
class Verdict:
    """What the measurement says of one claim.

    Attributes:
        verdict: one of VERDICTS.
        statement: the finding in plain text, with its numbers; for CONDITIONAL the condition, for
            OPEN what would settle it.
        numbers: the numbers behind the statement, by name.

    Raises:
        ValueError: an unknown verdict or an empty statement.
    """

    verdict: str
    statement: str
    numbers: Mapping[str, float | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS:
            known = ", ".join(VERDICTS)
            raise ValueError(f"unknown verdict {self.verdict!r}: choose one of {known}")
        if not self.statement.strip():
            raise ValueError(f"a verdict of {self.verdict} needs a statement: say what was found")


Settle = Callable[[Mapping[str, Table]], str]


@dataclass(frozen=True)
class Settlement:
    """That `function`, of the exhibit `slug`, settles `claim`, shown in the figure `figure`.

    `derivation` is the label of what derives it, None where nothing does.
    """

    claim: str
    slug: str
    figure: str
    function: Settle
    derivation: str | None

    def judge(self, result: Result) -> Verdict:
        """The verdict for a result; its words are those that `text.toml` has for it.

        Raises:
            LookupError: there are none, or an address in them fits no row, or several.
            ValueError: the function returned none of VERDICTS, or the words are empty.
        """
        tables = Tables(result)
        verdict = self.function(tables)
        statement = fill(template_at(self.slug, self.claim, verdict), tables, self.slug)
        numbers = texts(self.slug)[self.claim].get("numbers", {})
        return Verdict(
            verdict,
            statement,
            {name: cell_value(tables, address) for name, address in numbers.items()},
        )


def settles(
    claim: str, *, figure: str, derivation: str | None = None
) -> Callable[[Settle], Settle]:
    """Register the decorated function as what settles `claim`.

    Of an exhibit's tables it returns one of VERDICTS; the words for it stand in `text.toml`, under
    the claim, and the `numbers` beside them.

    Args:
        claim: id of the claim, "C05".
        figure: id of the figure that shows it.
        derivation: label of the proposition, the equation or the section of a chapter that derives
            it: "prop-local"; without one the claim is settled by measurement alone.

    Raises:
        ValueError: an unknown claim, or one that another function settles already.
    """
    if claim not in CLAIMS:
        raise ValueError(f"unknown claim {claim!r}: the ledger has {min(CLAIMS)} to {max(CLAIMS)}")

    def register(function: Settle) -> Settle:
        known = SETTLED.get(claim)
        name = (function.__module__, function.__qualname__)
        # As with figures: a reloaded module may register its own function again.
        if known and (known.function.__module__, known.function.__qualname__) != name:
            raise ValueError(f"claim {claim!r} is settled already, by {known.slug}")
        SETTLED[claim] = Settlement(claim, slug_of(name[0]), figure, function, derivation)
        return function

    return register
