"""What a page does for its reader: code that opens on a click, an address for all that is numbered.

The chapters say nothing of it: their cells and blocks are the same in a notebook.
"""

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

SHOW, HIDE = "Show the code", "Hide the code"
_SHOWN = {"skip-execution", "show-code"}
_BEFORE, _AFTER = re.compile(r"[(\[“‘]+$"), re.compile(r"^[,.;:!?)\]”’…]+")
_OF_EXTENSIONS = ("proof", "proof-content", "exercise-content", "solution-content")


def hide_code(app: Sphinx, doctree: nodes.document) -> None:
    """Put the code of each cell that ran under a summary that opens it.

    A cell that did not run is there for its code, which stays in sight. So does that of a cell
    tagged show-code, for a reader to copy.
    """
    for cell in doctree.findall(nodes.container):
        if cell.get("nb_element") != "cell_code" or cell.get("hide_mode"):
            continue
        if not _SHOWN & set(cell["cell_metadata"].get("tags", ())):
            cell.attributes |= {"hide_mode": "input", "prompt_show": SHOW, "prompt_hide": HIDE}


def link_blocks(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Give theorems and exercises the link that equations, figures and tables have from Sphinx."""
    for block in doctree.findall(nodes.Admonition):
        title = block.next_node(nodes.title)
        if not block.get("label") or not {"proof", "exercise"} & set(block["classes"]) or not title:
            continue
        kind = next(word for word in block["classes"] if word != "proof")
        title += nodes.reference(
            "",
            "#",
            internal=True,
            refuri=f"#{block['ids'][0]}",
            reftitle=f"Link to this {kind}",
            classes=["headerlink"],
        )


def keep_punctuation(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Let no line end between a formula and the signs that belong to it, as browsers allow."""
    for formula in list(doctree.findall(nodes.math)):
        line = formula.parent
        at = line.index(formula)
        before, after = (
            line[i] if 0 <= i < len(line) and isinstance(line[i], nodes.Text) else nodes.Text("")
            for i in (at - 1, at + 1)
        )
        opening, closing = _BEFORE.search(before), _AFTER.search(after)
        if not opening and not closing:
            continue
        kept = nodes.inline(classes=["press-kept"])
        line[at] = kept
        if closing:
            line[at + 1] = nodes.Text(after[closing.end() :])
        if opening:
            line[at - 1] = nodes.Text(before[: opening.start()])
            kept += nodes.Text(opening[0])
        kept += formula
        if closing:
            kept += nodes.Text(closing[0])


def free_ids(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Take away the ids that the extensions give to every block alike: an id is one on a page."""
    for node in doctree.findall(nodes.Element):
        node["ids"] = [id for id in node["ids"] if id not in _OF_EXTENSIONS]


def mend_names(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Take away what tells a screen reader something else than the page shows.

    These are docutils' roles of a bibliography, deprecated ones and a list of no list items, and
    the name that the summary of each code has beside its words.
    """
    if "body" not in context:
        return
    if "citation-list" in context["body"]:
        for role in ("list", "doc-biblioentry"):
            context["body"] = context["body"].replace(f' role="{role}"', "")
    context["body"] = context["body"].replace(' aria-label="Toggle hidden content"', "")


def setup(app: Sphinx) -> None:
    """Change pages as they are read, and as they are written."""
    app.add_js_file("reading.js", loading_method="defer")
    app.connect("doctree-read", hide_code)
    app.connect("doctree-resolved", link_blocks, priority=900)
    app.connect("doctree-resolved", keep_punctuation, priority=900)
    app.connect("doctree-resolved", free_ids, priority=900)
    app.connect("html-page-context", mend_names)
