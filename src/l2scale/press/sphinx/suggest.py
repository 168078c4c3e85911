"""A first lambda: what the page answers, for those who know their numbers and not their data.

```{suggest}                        the form, its table of examples; ``suggest.js`` answers
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from l2scale.practice.answers import by_family
from l2scale.practice.suggest_rules import STEPPERS
from l2scale.practice.suggest_words import EXAMPLES, FIRST, OFFERED, answered, records
from l2scale.press.addresses import FIRST_LAMBDA
from l2scale.press.sphinx.nodes import add_html_node, load_scripts
from l2scale.press.sphinx.templating import render_template

SCRIPTS = ("numbers.js", "forms.js", "suggest.js")
_LINES = ("search", "sure", "cost", "worth", "beyond")


class suggest(nodes.General, nodes.Element):
    """The form and its examples."""


class Suggest(SphinxDirective):
    """{suggest}: the form."""

    def run(self) -> list[nodes.Node]:
        """The form."""
        return [suggest()]


def _visit(self: HTML5Translator, node: suggest) -> None:
    html = render_template(
        self.builder.app,
        self.builder.current_docname,
        "suggest.html",
        families=by_family(set().union(*OFFERED.values())),
        optimisers=STEPPERS,
        first=FIRST,
        lines=_LINES,
        examples={n: [_example(asked) for asked in row] for n, row in EXAMPLES.items()},
        records=records(),
    )
    self.body.append(html)
    raise nodes.SkipNode


def _example(asked: Mapping[str, Any]) -> tuple[str, str]:
    return f"?{urlencode(asked)}#{FIRST_LAMBDA}", answered(**asked)["answer"]


def setup(app: Sphinx) -> None:
    """Register directive and node."""
    add_html_node(app, suggest, _visit)
    app.add_directive("suggest", Suggest)
    load_scripts(app, 'class="press-form press-suggest"', *SCRIPTS)
