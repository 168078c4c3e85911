"""Roles and directives whose words are known only when every chapter has run.

    {num}`crush.settings.least`         a cell of a chapter's table, see `l2scale.catalogue.cells`
    {say}`which_penalty.meets`          words that depend on what was found, from its `text.toml`
    {claim}`C05`                        a link to a claim's verdict
    {source}`lab.training.trainer`      a link to a module's source, or to a function's in it
    ```{grid} Cost of keeping λ         a table of such cells, see `l2scale.press.grid`
    ```{plate} carried-over             a figure that another page shows, with a link to its own
    ```{gallery}                        all figures
    ```{prediction} samples.square_root one prediction, with what became of it
    ```{predictions}                    all predictions, with what became of them
    ```{verdicts}                       the ledger, a table of all claims
    ```{provenance}                     what each chapter took, and on what
    ```{speed}                          what `make bench` measured, where it did
    ```{intervals}                      how many intervals the page prints, and would miss by chance

They leave placeholders, which `resolve` replaces.
"""

from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import ReferenceRole, SphinxDirective, SphinxRole

from l2scale.catalogue.claims import CLAIMS
from l2scale.press import addresses, grid
from l2scale.press.sphinx import code, store
from l2scale.press.sphinx.nodes import skip
from l2scale.press.sphinx.templating import link_from

logger = logging.getLogger(__name__)


class late_text(nodes.Inline, nodes.Element):
    """Placeholder for words: `kind` is num, say or claim, `argument` what stands in the role."""


class late_part(nodes.General, nodes.Element):
    """Placeholder for a block: `kind` names it, `argument` says of what."""


def late_block(env: BuildEnvironment, kind: str, argument: str = "") -> late_part:
    """A placeholder on the page being read."""
    store.of(env).late_pages.add(env.docname)
    return late_part(kind=kind, argument=argument)


class LateRole(SphinxRole):
    """{num}, {say} and {claim}."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """A placeholder that knows where it stands."""
        store.of(self.env).late_pages.add(self.env.docname)
        node = late_text(kind=self.name, argument=self.text)
        self.set_source_info(node)
        if self.name == "claim" and self.text not in CLAIMS:
            logger.warning("unknown claim %r: %s", self.text, _range(), location=node)
            return [nodes.Text(self.text)], []
        return [node], []


class Source(ReferenceRole):
    """{source}: the text is the name, or another, as in {source}`text <name>`; <> is all code."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """A link; it is known at once."""
        try:
            target = code.code_address(self.target) if self.target else (addresses.CODE_INDEX, "")
        except LookupError as error:
            logger.warning("%s", error, location=self.get_location())
            return [nodes.literal("", self.title)], []
        link = link_from(self.env.app, self.env.docname)(*target)
        words = nodes.inline if self.has_explicit_title else nodes.literal
        return [nodes.reference("", "", words("", self.title), internal=True, refuri=link)], []


class LateDirective(SphinxDirective):
    """{gallery}, {predictions}, {verdicts}, {provenance}, {speed} and {intervals}."""

    def run(self) -> list[nodes.Node]:
        """A placeholder."""
        return [late_block(self.env, self.name)]


class Grid(SphinxDirective):
    """{grid}: a table whose cells are declared."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {"name": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """The table, once its cells are roles."""
        try:
            rows = grid.lines("\n".join(self.content))
        except ValueError as error:
            logger.warning("%s", error, location=self.get_location())
            return []
        name = [f":name: {self.options['name']}"] if "name" in self.options else []
        text = rows
        if self.arguments:  # a table without a caption has no number either
            text = [f"```{{table}} {self.arguments[0]}", *name, "", *rows, "```"]
        return self.parse_text_to_nodes("\n".join(text))


class PlateDirective(SphinxDirective):
    """{plate}: a figure of another page once more, without a number."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """A placeholder."""
        store.of(self.env).first.setdefault(self.env.docname, self.arguments[0])
        return [late_block(self.env, "plate", self.arguments[0])]


class OnePrediction(SphinxDirective):
    """{prediction}: a declared prediction in a box, with its outcome."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """A placeholder that knows its line."""
        part = late_block(self.env, "prediction", self.arguments[0])
        self.set_source_info(part)
        return [part]


def _range() -> str:
    return f"the ledger has {min(CLAIMS)} to {max(CLAIMS)}"


def _visit_unresolved(self: Any, node: late_text) -> None:
    logger.warning(
        "%s %r stands in a heading, which is read before it is known: move it into the text",
        node["kind"],
        node["argument"],
        location=node,
    )
    raise nodes.SkipNode


def _changed(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Pages to write again: what they say may have come from a page that was read."""
    return sorted(store.of(env).late_pages)


def setup(app: Sphinx) -> None:
    """Register roles, directives and placeholders."""
    formats = ("html", "latex", "text", "man", "texinfo")
    unresolved: dict[str, Any] = dict.fromkeys(formats, (_visit_unresolved, None))
    skipped: dict[str, Any] = dict.fromkeys(formats, (skip, None))
    app.add_node(late_text, **unresolved)
    app.add_node(late_part, **skipped)
    app.add_role("num", LateRole())
    app.add_role("say", LateRole())
    app.add_role("claim", LateRole())
    app.add_role("source", Source())
    app.add_directive("plate", PlateDirective)
    app.add_directive("grid", Grid)
    app.add_directive("prediction", OnePrediction)
    for name in ("gallery", "predictions", "verdicts", "provenance", "speed", "intervals"):
        app.add_directive(name, LateDirective)
    app.connect("env-updated", _changed)
