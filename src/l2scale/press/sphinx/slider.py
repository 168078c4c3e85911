"""A slider over a table of a chapter, see `l2scale.press.sliders`.

    ```{slider} which_penalty.valleys[penalty=sum]
    :drag: width = hidden units
    :x: lam = λ, as typed
    :y: val_error = validation error
    :line: penalty
    :log: x
    :says: least
    ```

Without a script it is not there: the figure beside it says the same.
"""

import json
from dataclasses import asdict
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from l2scale.catalogue.cells import parse_address
from l2scale.press.sliders import SAYS, Shown, drawing
from l2scale.press.sphinx import quoting
from l2scale.press.sphinx.late import late_block
from l2scale.press.sphinx.nodes import load_scripts
from l2scale.press.sphinx.templating import render_template

SCRIPT = "slider.js"


def _pair(text: str) -> tuple[str, str]:
    column, equals, words = text.partition("=")
    if not equals:
        raise ValueError("write a column and its words: width = hidden units")
    return column.strip(), words.strip()


def _line(text: str) -> tuple[str, str]:
    column, _, words = text.partition("=")
    return column.strip(), words.strip() or "{}"


def _says(text: str) -> str:
    return directives.choice(text, SAYS)


def _axes(text: str) -> str:
    return directives.choice(text, ("x", "y", "xy"))


class SliderDirective(SphinxDirective):
    """{slider}: a table to drag through."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {
        "drag": _pair, "x": _pair, "y": _pair,
        "line": _line, "log": _axes, "says": _says,
    }  # fmt: skip

    def run(self) -> list[nodes.Node]:
        """A placeholder that knows its line."""
        missing = [name for name in ("drag", "x", "y") if name not in self.options]
        if missing:
            raise self.error(f"a slider needs {', '.join(missing)}")
        shown = Shown(self.arguments[0], **self.options)
        part = late_block(self.env, "slider", json.dumps(asdict(shown)))
        self.set_source_info(part)
        return [part]


def box(app: Sphinx, page: str, argument: str) -> str:
    """The slider, once the tables are known.

    Raises:
        LookupError: no such table, column or row.
    """
    asked = json.loads(argument)
    slug, _, address = asked["address"].partition(".")
    pairs = {name: tuple(asked[name]) for name in ("drag", "x", "y", "line")}
    shown, name = Shown(**asked | pairs | {"address": address}), parse_address(address).table
    known = quoting.tables(app.env).get(slug, {})
    if name not in known:
        raise LookupError(f"no table {slug}.{name}, but {', '.join(known) or 'none'}")
    table = known[name]
    return render_template(
        app,
        page,
        "slider.html",
        **drawing(table, shown),
        slug=slug,
        name=name,
        networks=table.networks,
    )


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("slider", SliderDirective)
    load_scripts(app, 'class="press-slider"', SCRIPT)
