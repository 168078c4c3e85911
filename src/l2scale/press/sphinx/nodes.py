"""The docutils nodes of a figure: its two images, and the line on what stands behind it.

And what the modules of other nodes share.
"""

from collections.abc import Mapping
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from l2scale.press.addresses import figure_anchor
from l2scale.press.sphinx.templating import render_template


class plate_images(nodes.General, nodes.Element):
    """The light and the dark image of the figure whose record is `meta`."""


class plate_line(nodes.General, nodes.Element):
    """The provenance line of the figure whose record is `meta`."""


def figure_node(document: nodes.document, meta: Mapping[str, Any]) -> nodes.figure:
    """A numbered figure, with the anchor and the reference name fig-<id>."""
    node = nodes.figure(
        "",
        plate_images(meta=meta),
        nodes.caption(meta["claim"], meta["claim"]),
        nodes.legend("", plate_line(meta=meta)),
        classes=["plate"],
    )
    node["names"].append(nodes.fully_normalize_name(figure_anchor(meta["id"])))
    document.note_explicit_target(node, node)
    return node


def _visit(template: str) -> Any:
    def visit(self: HTML5Translator, node: nodes.Element) -> None:
        page = self.builder.current_docname
        self.body.append(render_template(self.builder.app, page, template, meta=node["meta"]))
        raise nodes.SkipNode

    return visit


def skip(self: Any, node: nodes.Element) -> None:
    """Leave the node out, where there is no page to stand on."""
    raise nodes.SkipNode


def add_html_node(app: Sphinx, kind: type[nodes.Element], visit: Any) -> None:
    """Register a node that is left out of all but HTML."""
    others: dict[str, Any] = dict.fromkeys(("latex", "text", "man", "texinfo"), (skip, None))
    app.add_node(kind, html=(visit, None), **others)


def load_scripts(app: Sphinx, mark: str, *scripts: str) -> None:
    """Load scripts on the pages whose HTML has a mark, such as a class, and nowhere else."""

    def add(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
        if mark in context.get("body", ""):
            for script in scripts:
                app.add_js_file(script, loading_method="defer")

    app.connect("html-page-context", add)


def setup(app: Sphinx) -> None:
    """Register the nodes. The book is HTML; other builders get captions without images."""
    add_html_node(app, plate_images, _visit("images.html"))
    add_html_node(app, plate_line, _visit("line.html"))
