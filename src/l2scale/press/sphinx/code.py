"""The pages of the package's own source, and links to its lines."""

import ast
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import pygments
from markupsafe import Markup
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from sphinx.application import Sphinx

from l2scale.press import addresses
from l2scale.press.sphinx.templating import Page, context, render_template

PACKAGE = "l2scale"
ROOMS = ("exhibits", "adapters", "lab", "theory", "catalogue", "looks")
"""The parts of the package whose source the site shows: all that figures and verdicts rest on."""


def code_pages(app: Sphinx) -> Iterator[Page]:
    """One page for each module, and a list of them."""
    modules = sources()
    outlines = {name: _summary(source) for name, source in modules.items()}
    page = addresses.CODE_INDEX
    body = render_template(
        app, page, "code-index.html", modules=outlines, rooms=ROOMS, package=PACKAGE
    )
    yield page, context("Code", body, "The code behind every figure and verdict."), "page.html"
    # Each line is an element of its own, so that a link to it can mark it.
    formatter = HtmlFormatter(linenos="inline", linespans="line", wrapcode=True)
    for name, source in modules.items():
        page = addresses.code_page(name)
        html = Markup(pygments.highlight(source, PythonLexer(), formatter))
        body = render_template(
            app, page, "code.html", name=name, summary=outlines[name], source=html
        )
        yield page, context(name, body, outlines[name]), "page.html"


def code_address(name: str) -> tuple[str, str]:
    """Page and anchor of a module, or of a function or class, by its name inside the package.

    "lab.training.trainer" is a module's page; "lab.training.trainer.train" the line where the
    function begins.

    Raises:
        LookupError: no page shows it.
    """
    full = f"{PACKAGE}.{name}"
    if full in sources():
        return addresses.code_page(full), ""
    module, _, member = full.rpartition(".")
    line = _definitions(module).get(member)
    if line is None:
        raise LookupError(f"no module, function or class {name!r} in {', '.join(ROOMS)}")
    return addresses.code_page(module), addresses.line_anchor(line)


@lru_cache(maxsize=1)
def sources() -> dict[str, str]:
    """Source text by dotted module name, room by room."""
    found = {}
    for room in ROOMS:
        modules = _modules(files(PACKAGE) / room, f"{PACKAGE}.{room}")
        for name, file in sorted(modules, key=lambda module: module[0]):
            found[name] = file.read_text(encoding="utf-8")
    return found


def _modules(folder: Traversable, name: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        if entry.name == "__init__.py":
            yield name, entry
        elif entry.name.endswith(".py"):
            yield f"{name}.{entry.name.removesuffix('.py')}", entry
        elif (entry / "__init__.py").is_file():
            yield from _modules(entry, f"{name}.{entry.name}")


def _definitions(module: str) -> dict[str, int]:
    """Lines of a module's functions and classes, by name."""
    tree = ast.parse(sources().get(module, ""))
    kinds = (ast.FunctionDef, ast.ClassDef)
    return {node.name: node.lineno for node in tree.body if isinstance(node, kinds)}


def _summary(source: str) -> str:
    """The first line of a module's docstring."""
    lines = (ast.get_docstring(ast.parse(source)) or "").splitlines()
    return lines[0] if lines else ""
