"""The calculator of the book: a form, its worked examples, and the table of rules that it reads.

```{calculator}                     the form; ``calculate.js`` answers, without a server
```{calculator-rules}               every rule, with what it cost and its figure

The form fills the third column of the table. Without a script that stands for a setting of 0.1 on
the small network and four times the growth.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from l2scale.practice.answers import by_family
from l2scale.practice.calculated import EXAMPLES, ROWS, records, row_text, worked
from l2scale.practice.networks import INIT_WORDS, NETWORKS
from l2scale.practice.rules import GROWS, RULES, Rule
from l2scale.practice.strengths import CALCULABLE, KINDS, STEPPERS
from l2scale.press.addresses import CALCULATOR, figure_anchor
from l2scale.press.sphinx.nodes import add_html_node, load_scripts
from l2scale.press.sphinx.templating import render_template

SCRIPTS = ("numbers.js", "forms.js", "calculate.js")
_WORKED, _GROWTH = 0.1, 4.0
_HEADS = ("Steps by", "What grows, and when", "Type", "Cost by loss", "By error", "Seen in")


class calculator(nodes.General, nodes.Element):
    """The form and its examples."""


class Calculator(SphinxDirective):
    """{calculator}: the form."""

    def run(self) -> list[nodes.Node]:
        """The form."""
        return [calculator()]


class Rules(SphinxDirective):
    """{calculator-rules}: the table, whose rows have the ids rule-<id>."""

    def run(self) -> list[nodes.Node]:
        """The table, once its cells are roles."""
        rows = [_HEADS, ["---"] * len(_HEADS), *map(_cells, RULES)]
        title = (
            "What each rule says, and what it cost on test data. Without the form: for a setting "
            f"of {_WORKED}, {_GROWTH:.0f} times as large."
        )
        text = [f"```{{table}} {title}", ":name: tab-calculator-rules", ""]
        text += [*(f"| {' | '.join(row)} |" for row in rows), "```"]
        (table,) = self.parse_text_to_nodes("\n".join(text))
        (body,) = table.findall(nodes.tbody)
        for row, rule in zip(body.children, RULES, strict=True):
            row["ids"].append(f"rule-{rule.id}")
        return [table]


def _cells(rule: Rule) -> list[str]:
    return [
        KINDS[rule.steps],
        f"{GROWS[rule.grows]}: {rule.when}",
        row_text(rule.carry(_WORKED, _GROWTH, rule.layers[0])),
        f"{{num}}`{rule.loss}`" if rule.loss else "–",
        f"{{num}}`{rule.error}`" if rule.error else "–",
        f"{{numref}}`{figure_anchor(rule.figure)}`",
    ]


def _visit(self: HTML5Translator, node: calculator) -> None:
    app, page = self.builder.app, self.builder.current_docname
    first, *_ = EXAMPLES.values()
    html = render_template(
        app,
        page,
        "calculator.html",
        families=by_family(CALCULABLE),
        networks=NETWORKS,
        inits=INIT_WORDS,
        optimisers={"": "choose", **STEPPERS},
        grows=GROWS,
        rows=ROWS,
        first=first,
        examples={name: (_address(asked), worked(name)) for name, asked in EXAMPLES.items()},
        records=records(),
    )
    self.body.append(html)
    raise nodes.SkipNode


def _address(asked: Mapping[str, Any]) -> str:
    return f"?{urlencode({**asked, 'grows': 'width', 'factor': 4})}#{CALCULATOR}"


def setup(app: Sphinx) -> None:
    """Register directives and nodes."""
    add_html_node(app, calculator, _visit)
    app.add_directive("calculator", Calculator)
    app.add_directive("calculator-rules", Rules)
    load_scripts(app, 'class="press-form press-calculate"', *SCRIPTS)
