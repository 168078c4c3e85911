"""Takes out of the style sheets what no page can use: most of their icons and components.

Themes and extensions bring rules for all that anybody might write. A rule for a class that stands
in no page and in no script of the site applies to nothing, whatever a reader clicks on.
"""

import re
from collections.abc import Iterable, Iterator, Set
from itertools import pairwise
from pathlib import Path

import tinycss2
from sphinx.application import Sphinx
from tinycss2.ast import Node

_WORD = re.compile(r"[A-Za-z_][\w-]*")
_NESTING = ("media", "supports", "layer", "container")


def lighten(app: Sphinx, error: Exception | None) -> None:
    """Write each style sheet of the finished site again, without rules that apply to nothing."""
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir)
    known = words(path for kind in ("html", "js") for path in out.rglob(f"*.{kind}"))
    for sheet in out.rglob("*.css"):
        sheet.write_text(without_unused(sheet.read_text("utf-8"), known), encoding="utf-8")


def words(files: Iterable[Path]) -> set[str]:
    """Every word of some files that could be the name of a class."""
    return {word for file in files for word in _WORD.findall(file.read_text("utf-8"))}


def without_unused(css: str, known: Set[str]) -> str:
    """A style sheet without the selectors that ask for a class which is not among the known."""
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    return "\n".join(_kept(rules, known)) + "\n"


def _kept(rules: Iterable[Node], known: Set[str]) -> Iterator[str]:
    for rule in rules:
        if rule.type == "qualified-rule":
            selectors = [one for one in _selectors(rule.prelude) if _classes(one) <= known]
            if selectors:
                prelude = ",".join(tinycss2.serialize(one).strip() for one in selectors)
                yield f"{prelude}{{{tinycss2.serialize(rule.content).strip()}}}"
        elif rule.type == "at-rule" and rule.lower_at_keyword in _NESTING and rule.content:
            inside = tinycss2.parse_rule_list(
                rule.content, skip_comments=True, skip_whitespace=True
            )
            if kept := "\n".join(_kept(inside, known)):
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{kept}}}"
        else:
            yield rule.serialize()


def _selectors(prelude: Iterable[Node]) -> Iterator[list[Node]]:
    """The parts of a prelude between its commas, not those inside :is()."""
    one: list[Node] = []
    for token in prelude:
        if token == ",":
            yield one
            one = []
        else:
            one.append(token)
    yield one


def _classes(selector: list[Node]) -> set[str]:
    """The classes that a selector cannot do without: none of those inside :is() and :not()."""
    return {name.value for dot, name in pairwise(selector) if dot == "." and name.type == "ident"}


def setup(app: Sphinx) -> None:
    """Do so when every page is written."""
    app.connect("build-finished", lighten, priority=950)
