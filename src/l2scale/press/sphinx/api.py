"""A package's functions and classes from their docstrings, module by module.

    .. package:: theory

One directive for a page, in reST, as the docstrings are. It lists the modules that there are, so
that none is forgotten; Sphinx's own autodoc and napoleon read them.
"""

import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from l2scale.press.sphinx.code import PACKAGE

_BAR = re.compile(r"(``.*?``)|\|")


class Package(SphinxDirective):
    """.. package::, a section for each module of a package that has something to show."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The sections."""
        text = []
        for name in modules(f"{PACKAGE}.{self.arguments[0]}"):
            title = f"``{name.removeprefix(f'{PACKAGE}.')}``"
            text += [
                title,
                "-" * len(title),
                "",
                f".. automodule:: {name}",
                "   :members:",
                "   :no-value:",
                "",
            ]
        return self.parse_text_to_nodes("\n".join(text), allow_section_headings=True)


def modules(package: str) -> Iterator[str]:
    """The modules of a package and of those inside, in order; no package and none with an _."""
    inside = import_module(package).__path__
    for found in sorted(walk_packages(inside, f"{package}."), key=lambda one: one.name):
        if not found.ispkg and "._" not in found.name:
            yield found.name


def keep_bars(
    app: Sphinx | None, what: str, name: str, obj: Any, options: Any, lines: list[str]
) -> None:
    """Let |x| be a size, as the docstrings mean it: reST would look for something to put there."""
    literal: int | None = None
    for at, line in enumerate(lines):
        indent = len(line) - len(line.lstrip())
        if literal is not None and line.strip() and indent <= literal:
            literal = None
        if literal is None:
            lines[at] = _BAR.sub(lambda bar: bar[1] or r"\|", line)
            if line.rstrip().endswith("::"):
                literal = indent


def setup(app: Sphinx) -> None:
    """Register the directive; mend the docstrings before they are read."""
    app.add_directive("package", Package)
    app.connect("autodoc-process-docstring", keep_bars)
