"""Turns the outputs of chapter cells into figures and notes; a myst_nb.mime_renderers plugin."""

import json
from collections.abc import Mapping
from typing import Any

from docutils import nodes
from myst_nb.core.render import MimeData, MimeRenderPlugin, NbElementRenderer

from l2scale.press.display import REPORT_MIME
from l2scale.press.render import PLATE_MIME
from l2scale.press.sphinx import store
from l2scale.press.sphinx.late import late_block
from l2scale.press.sphinx.nodes import figure_node


class PressPlugin(MimeRenderPlugin):
    """Takes plates and reports before any other form of the same output."""

    mime_priority_overrides = (("*", PLATE_MIME, 1), ("*", REPORT_MIME, 1))

    @staticmethod
    def handle_mime(
        renderer: NbElementRenderer, data: MimeData, inline: bool
    ) -> list[nodes.Element] | None:
        """Nodes for a plate or a report, whose content is kept with the environment."""
        env = renderer.renderer.sphinx_env
        if data.mime_type not in (PLATE_MIME, REPORT_MIME) or inline or env is None:
            return None
        content = _content(data)
        page = env.docname
        if data.mime_type == REPORT_MIME:
            store.of(env).add_report(page, content)
            return [late_block(env, "note", content["slug"])]
        store.of(env).add_plate(page, content, (page, data.line))
        return [figure_node(renderer.renderer.document, content["meta"])]


def _content(data: MimeData) -> Mapping[str, Any]:
    # By way of text, so that what is kept holds plain types and no notebook's.
    text = data.content if isinstance(data.content, str) else json.dumps(data.content)
    return json.loads(text)
