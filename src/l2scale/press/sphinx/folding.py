"""Folds: the parts of a section that a reader opens, and that links into them open.

    (cf-details)=
    ## Details

    ```{folded}
    ```

Each subsection of the section is closed until its heading is clicked. It keeps its heading, its
address and its place in the contents; `reading.js` opens it for a link that leads into it.
"""

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from l2scale.press.sphinx.nodes import skip

logger = logging.getLogger(__name__)


class folded(nodes.General, nodes.Element):
    """Stands in the section whose subsections are folded."""


class Folded(SphinxDirective):
    """{folded}: closes each subsection of the section that it stands in."""

    def run(self) -> list[nodes.Node]:
        """The mark; it knows its line, should it stand where nothing can be folded."""
        mark = folded()
        self.set_source_info(mark)
        return [mark]


def fold(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put each subsection of a marked section under its heading, in HTML's own details."""
    for mark in list(doctree.findall(folded)):
        subsections = [part for part in mark.parent if isinstance(part, nodes.section)]
        if not subsections:
            logger.warning("nothing to fold: the section has no subsections", location=mark)
        for section in subsections:
            title, *content = section.children
            section.children = []
            section += [
                _html('<details class="press-fold"><summary>'),
                title,
                _html("</summary>"),
                *content,
                _html("</details>"),
            ]
        mark.parent.remove(mark)


_LINK = re.compile(r"(<summary>(?:(?!</summary>).)*?)<a class=\"headerlink\".*?</a>", re.DOTALL)


def unlink(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Take the link out of a folded heading: what opens on a click holds nothing else to click.

    Its address stands in the contents of the page.
    """
    if "press-fold" in context.get("body", ""):
        context["body"] = _LINK.sub(r"\1", context["body"])


def _html(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


def setup(app: Sphinx) -> None:
    """Register the directive; fold when all that reads sections has read them."""
    formats = ("html", "latex", "text", "man", "texinfo")
    others: dict[str, Any] = dict.fromkeys(formats, (skip, None))
    app.add_node(folded, **others)
    app.add_directive("folded", Folded)
    app.connect("doctree-resolved", fold, priority=950)
    app.connect("html-page-context", unlink)
