"""The Cite box: what a figure or a verdict is cited as, in every format.

The template ``cite.html`` shows the texts that are made here; ``copy.js`` copies them.
"""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from sphinx.application import Sphinx

from l2scale.catalogue.claims import Claim
from l2scale.catalogue.typeset import typeset
from l2scale.press import addresses, provenance
from l2scale.press.citing import FORMATS, Cited
from l2scale.press.sphinx.nodes import load_scripts
from l2scale.press.sphinx.store import PageFigure

SCRIPT = "copy.js"


def of_figure(app: Sphinx, meta: Mapping[str, Any]) -> dict[str, str]:
    """The texts that cite the figure whose record is `meta`, by name of the format."""
    return citation_texts(
        app,
        name=f"figure {meta['id']}",
        title=meta["title"],
        claim=meta["claim"],
        address=addresses.figure_address(meta["id"]),
        commit=meta["commit"],
        image=addresses.figure_file(meta["id"], "png"),
        alt=meta["alt"],
    )


def of_verdict(
    app: Sphinx, claim: Claim, row: Mapping[str, Any], shown: PageFigure | None
) -> dict[str, str]:
    """The texts that cite the verdict on a claim, with the figure that shows it where it has one.

    Args:
        app: the build.
        claim: the claim.
        row: its row in the ledger.
        shown: the figure of that row, None where the claim has no verdict.
    """
    picture = shown and {
        "commit": shown.meta["commit"],
        "image": addresses.figure_file(shown.meta["id"], "png"),
        "alt": shown.meta["alt"],
    }
    return citation_texts(
        app,
        name=f"verdict {claim.id}",
        title=f"“{typeset(claim.claim)}” {row['verdict'].capitalize()}",
        claim=row["statement"] or "This edition gives no verdict on it.",
        address=f"{addresses.VERDICTS_PAGE}.html#{addresses.claim_anchor(claim.id)}",
        **(picture or {"commit": provenance.commit()}),
    )


def citation_texts(
    app: Sphinx,
    *,
    name: str,
    title: str,
    claim: str,
    address: str,
    commit: str,
    image: str = "",
    alt: str = "",
) -> dict[str, str]:
    """The texts that cite something in this book, by name of the format.

    Args:
        app: the build, which knows the book's title, authors and year.
        name: what is cited, with its id: "verdict C21".
        title: the finding.
        claim: what was found, with its numbers.
        address: from the site's root.
        commit: of the code that found it.
        image: address of its picture, from the site's root; "" where it has none.
        alt: what the picture shows.
    """
    cited = Cited(
        name=name,
        title=title,
        claim=claim,
        address=addresses.site() + address,
        version=version("l2scale"),
        commit=provenance.short_commit(commit),
        year=app.config.copyright,
        authors=app.config.author,
        book=app.config.html_title,
        image=image and addresses.site() + image,
        alt=alt,
    )
    return {name: write(cited) for name, write in FORMATS.items()}


def setup(app: Sphinx) -> None:
    """See that the buttons work."""
    load_scripts(app, 'data-copies="', SCRIPT)
