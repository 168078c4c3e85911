"""The book as a whole: the verdict on every claim, and what there is of each thing."""

from collections import Counter
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from sphinx.environment import BuildEnvironment

from l2scale.catalogue.claims import CLAIMS
from l2scale.catalogue.verdicts import VERDICTS
from l2scale.press import provenance
from l2scale.press.sphinx import store
from l2scale.press.sphinx.templating import duration

PENDING: Mapping[str, Any] = {
    "verdict": "PENDING",
    "statement": "",
    "numbers": {},
    "figure": None,
    "derivation": None,
}


def ledger(env: BuildEnvironment) -> dict[str, Mapping[str, Any]]:
    """The verdict on every claim, PENDING where no chapter settles it."""
    settled = store.verdicts(env)
    return {claim: settled.get(claim, PENDING) for claim in CLAIMS}


def about_book(env: BuildEnvironment) -> dict[str, str]:
    """What {num} prints of the book as a whole, by name: its version, figures, verdicts."""
    reports = [report for _, report in store.reports(env).values()]
    verdicts = Counter(row["verdict"] for row in ledger(env).values())
    return {
        "version": version("l2scale"),
        "commit": provenance.short_commit(provenance.commit()),
        "networks": f"{sum(report['networks'] for report in reports):,}",
        "time": duration(sum(report["seconds"] for report in reports)),
        "figures": str(len(store.plates(env))),
        "claims": str(len(CLAIMS)),
        "settled": str(len(CLAIMS) - verdicts["PENDING"]),
        **{verdict.lower(): str(verdicts[verdict]) for verdict in VERDICTS},
    }
