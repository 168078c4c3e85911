"""What the site's search finds: the pages of figures too, and a word in either spelling.

The chapters are written in British English, and half of their readers type American.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.utils import new_document
from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish

from l2scale.press import addresses
from l2scale.press.sphinx import store

SPELLINGS = (
    (r"(?<=\w\w)is(e|ed|er|ers|es|ing|ation|ations)$", "iz"),
    (r"(?<=\w\w\w)our(|s|ed|ing|al|able|hood|hoods)$", "or"),
    (r"(?<=mod|lab)ell(ed|er|ers|ing)$", "el"),
)
"""Ends of words, as British English has them, and what stands before the same end in American.

They are taken from all words, of the pages and of the reader alike: that "noise" becomes "noize" in
both harms nobody.
"""


def american(word: str) -> str:
    """A word in lower case with American ends: "regularisation" and "behaviours"."""
    for british, ours in SPELLINGS:
        word = re.sub(british, rf"{ours}\1", word)
    return word


class English(SearchEnglish):
    """Sphinx's English, which takes words apart alike in the index and in the browser."""

    js_stemmer_code = f"""{SearchEnglish.js_stemmer_code}
Stemmer = (Porter => function () {{
  const porter = new Porter();
  const spellings = {json.dumps(SPELLINGS)};
  this.stemWord = word => porter.stemWord(spellings.reduce(
    (text, [british, american]) => text.replace(new RegExp(british), `${{american}}$1`), word));
}})(Stemmer);
"""

    def stem(self, word: str) -> str:
        """The stem of a word in lower case or not, whichever its spelling."""
        return super().stem(american(word.lower()))


def index_figures(app: Sphinx, error: Exception | None) -> None:
    """Write the index of the search once more: Sphinx keeps its own pages alone in it."""
    builder: Any = app.builder  # one of HTML has an index
    if error or builder.format != "html" or builder.indexer is None:
        return
    for id, shown in store.plates(app.env).items():
        builder.index_page(addresses.figure_page(id), _words(shown.meta), shown.meta["title"])
    file = Path(app.outdir) / builder.searchindex_filename
    with file.open("w", encoding="utf-8") as out:
        builder.indexer.dump(out, builder.indexer_format)


def _words(meta: Mapping[str, Any]) -> nodes.document:
    """What a figure is found by: its title, its caption and what it shows."""
    document = new_document(meta["id"])
    section = nodes.section("", nodes.title("", meta["title"]))
    section += [nodes.paragraph("", meta[words]) for words in ("claim", "more", "alt")]
    document += section
    return document


def setup(app: Sphinx) -> None:
    """Search in both spellings, and add the figures when all else is done."""
    app.add_search_language(English)
    app.connect("build-finished", index_figures)
