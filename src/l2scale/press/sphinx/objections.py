"""Where readers object: an error on a page, a verdict that they dispute.

Each is a link to an issue in the repository that is begun for them. Where no repository is known
there are none.
"""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from docutils import nodes
from markupsafe import Markup
from sphinx.application import Sphinx

from l2scale.catalogue.claims import Claim
from l2scale.catalogue.typeset import typeset
from l2scale.press import addresses, provenance
from l2scale.press.sphinx.templating import number


def offer_report(
    app: Sphinx, page: str, _: str, context: dict[str, Any], __: nodes.document
) -> None:
    """Tell the page's foot where an error on it is reported; see report-error.html."""
    title = Markup(context.get("title", "")).striptags() or app.config.html_title
    where = addresses.site() + app.builder.get_target_uri(page)
    body = f"{where}\n{_made()}\n\nWhat is wrong:\n"
    context["report_error"] = addresses.issue_url(f"Error on “{title}”", body)


def dispute(claim: Claim, row: Mapping[str, Any]) -> str:
    """Where the verdict on a claim is disputed, its words and numbers in the issue.

    "" where the claim has no verdict or no repository is known.

    Args:
        claim: the claim.
        row: its row in the ledger.
    """
    if row["figure"] is None:
        return ""
    verdict = row["verdict"].capitalize()
    place = f"{addresses.VERDICTS_PAGE}.html#{addresses.claim_anchor(claim.id)}"
    numbers = [f"- {typeset(name)}: {number(value)}" for name, value in row["numbers"].items()]
    body = [
        f"{claim.id}: {typeset(claim.claim)}",
        f"Verdict: {verdict}. {row['statement']}",
        "\n".join(numbers),
        f"{addresses.site()}{place}\n{_made()}",
        "What is wrong with it, and what shows this:\n",
    ]
    return addresses.issue_url(f"Dispute {claim.id} ({verdict})", "\n\n".join(body))


def _made() -> str:
    return f"version {version('l2scale')}, commit {provenance.short_commit(provenance.commit())}"


def setup(app: Sphinx) -> None:
    """Tell each page."""
    app.connect("html-page-context", offer_report)
