"""Cards: what a link to a page looks like where it is posted (Open Graph, Twitter).

A figure's page shows that figure. Another page shows the first figure on it, and a page without any
the first of the front page.
"""

import re
import struct
import unicodedata
from importlib.metadata import metadata
from typing import Any

from docutils import nodes
from markupsafe import Markup
from sphinx.application import Sphinx

from l2scale.press.sphinx import scholarly, store
from l2scale.press.sphinx.templating import brief, render_template

_LONGEST = 300  # characters; what shows previews cuts off more than that


def add_card(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Add the page's card to the head of its HTML.

    The context may hold a `description` and, for a figure's own page, the id of its `figure`.
    """
    tags = Markup(context.get("metatags") or "")
    if doctree is not None:
        title, description = app.env.titles[page].astext(), first_words(doctree)
    else:
        title, description = context.get("title", ""), context.get("description", "")
    description = brief(description or metadata("l2scale")["Summary"], _LONGEST)
    title = title or app.config.html_title
    address = re.sub(r"(^|/)index\.html$", r"\1", app.builder.get_target_uri(page))
    own = store.plates(app.env).get(context.get("figure"))
    shown = own or _figure(app, page)
    width, height = struct.unpack(">II", shown.content("png")[16:24]) if shown else (0, 0)
    context["metatags"] = tags + render_template(
        app,
        page,
        "card.html",
        title=title,
        description=description,
        describe='name="description"' not in tags,
        book=app.config.html_title,
        front=page == app.config.root_doc,
        address=address,
        meta=shown.meta if shown else None,
        width=width,
        height=height,
    )
    context["metatags"] += scholarly.tags(app, page, title, description, address, own)


def first_words(doctree: nodes.document) -> str:
    """The first paragraph of a page as plain text: in a chapter, what to do."""
    for paragraph in doctree.findall(nodes.paragraph):
        paragraph = paragraph.deepcopy()
        for formula in list(paragraph.findall(nodes.math)):
            formula.replace_self(nodes.Text(spoken(formula.astext())))
        return " ".join(paragraph.astext().split())
    return ""


def spoken(formula: str) -> str:
    """A short formula as it is typed without LaTeX: Greek letters as such, no braces."""
    formula = re.sub(r"\\(?:text|math[a-z]+)\b", "", formula)
    formula = re.sub(r"\\([a-z]+)", lambda command: _letter(command[1]), formula)
    return re.sub(r"[\\{}]", "", formula)


def _letter(command: str) -> str:
    name = command.upper().replace("LAMBDA", "LAMDA")  # Unicode's spelling, codespell:ignore
    try:
        return unicodedata.lookup(f"GREEK SMALL LETTER {name}")
    except KeyError:
        return command


def _figure(app: Sphinx, page: str) -> store.PageFigure | None:
    """The first figure on a page that shows one, or of the front page."""
    first, plates = store.of(app.env).first, store.plates(app.env)
    candidates = first.get(page), first.get(app.config.root_doc)
    return next((plates[one] for one in candidates if one in plates), None)


def setup(app: Sphinx) -> None:
    """Add a card to each page."""
    app.connect("html-page-context", add_card)
