"""Lets the site's search find the pages of figures, which are not written by chapters."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.utils import new_document
from sphinx.application import Sphinx

from l2scale.press import addresses
from l2scale.press.sphinx import store


def add_figures(app: Sphinx, error: Exception | None) -> None:
    """Write the index of the search once more: Sphinx keeps its own pages alone in it."""
    if error or app.builder.format != "html" or app.builder.indexer is None:
        return
    for id, shown in store.plates(app.env).items():
        app.builder.index_page(addresses.figure_page(id), _words(shown.meta), shown.meta["title"])
    file = Path(app.outdir) / app.builder.searchindex_filename
    with file.open("w", encoding="utf-8") as out:
        app.builder.indexer.dump(out, app.builder.indexer_format)


def _words(meta: Mapping[str, Any]) -> nodes.document:
    """What a figure is found by: its title, its caption and what it shows."""
    document = new_document(meta["id"])
    section = nodes.section("", nodes.title("", meta["title"]))
    section += [nodes.paragraph("", meta[words]) for words in ("claim", "alt")]
    document += section
    return document


def setup(app: Sphinx) -> None:
    """Add the figures when all else is done."""
    app.connect("build-finished", add_figures)
