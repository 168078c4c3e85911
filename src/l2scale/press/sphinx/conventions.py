"""What frameworks mean by their strengths, as tables, and a form that converts.

```{settings} objective             the settings that are a term of the objective
```{settings} weights               those that take a share of each weight
```{converter}                      the form; ``convert.js`` answers, without a server
"""

from collections.abc import Mapping
from types import MappingProxyType

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from l2scale.practice.answers import STEPPERS, by_family, records
from l2scale.practice.monomials import OWN, QUANTITIES
from l2scale.practice.settings import MEASURED, SETTINGS
from l2scale.press.sphinx.nodes import add_html_node, load_scripts
from l2scale.press.sphinx.templating import render_template

SCRIPTS = ("numbers.js", "forms.js", "convert.js")
FIRST = MappingProxyType({"value": "0.01", "from_": "torch-sgd", "to": "keras-l2"})
"""What the form shows before the reader has chosen."""

_WORDS: Mapping[str, Mapping[str, str]] = {
    "objective": {"title": "Settings that are a term of the objective", "unit": "The book’s λ"},
    "weights": {
        "title": "Settings that take a share of each weight at each step",
        "unit": "The share",
    },
}


class settings_table(nodes.General, nodes.Element):
    """The settings of one kind, `where`."""


class converter(nodes.General, nodes.Element):
    """The form."""


class Settings(SphinxDirective):
    """{settings}: the table of one kind."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The table."""
        kind = self.arguments[0]
        if kind not in _WORDS:
            raise self.error(f"no settings of kind {kind!r}: choose from {', '.join(_WORDS)}")
        return [settings_table(where=kind)]


class Converter(SphinxDirective):
    """{converter}: the form."""

    def run(self) -> list[nodes.Node]:
        """The form."""
        return [converter()]


def _visit_settings(self: HTML5Translator, node: settings_table) -> None:
    app, page = self.builder.app, self.builder.current_docname
    # MathJax comes with pages that have equations. Sphinx has looked for them in its own nodes.
    app.env.get_domain("math").data["has_equations"][page] = True
    kind = node["where"]
    families = by_family(one.id for one in SETTINGS.values() if one.where == kind)
    words = {"measured": MEASURED, **_WORDS[kind]}
    self.body.append(render_template(app, page, "settings.html", families=families, **words))
    raise nodes.SkipNode


def _visit_converter(self: HTML5Translator, node: converter) -> None:
    asked = {*QUANTITIES} - {"value", *OWN.values()}
    words = {name: words for name, words in QUANTITIES.items() if name in asked}
    html = render_template(
        self.builder.app,
        self.builder.current_docname,
        "converter.html",
        families=by_family(),
        quantities=words,
        optimisers=STEPPERS,
        records=records(),
        first=FIRST,
    )
    self.body.append(html)
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Register directives and nodes."""
    add_html_node(app, settings_table, _visit_settings)
    add_html_node(app, converter, _visit_converter)
    app.add_directive("settings", Settings)
    app.add_directive("converter", Converter)
    load_scripts(app, 'class="press-form press-convert"', *SCRIPTS)
