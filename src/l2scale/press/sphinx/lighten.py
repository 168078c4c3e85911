"""Takes out of style sheets and icon fonts what no page can use: most components and most icons.

Themes and extensions bring rules for all that anybody might write. A rule for a class that stands
in no page and in no script of the site applies to nothing, whatever a reader clicks on; and an icon
whose character stands in no remaining rule and in no page is never drawn.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Set
from itertools import pairwise
from pathlib import Path

import tinycss2
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx
from tinycss2.ast import Node

_WORD = re.compile(r"[A-Za-z_][\w-]*")
_NESTING = ("media", "supports", "layer", "container")

logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells of every table of every font


def lighten(app: Sphinx, error: Exception | None) -> None:
    """Write style sheets and icon fonts of the finished site again, without what is never seen."""
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir)
    texts = [path.read_text("utf-8") for kind in ("html", "js") for path in out.rglob(f"*.{kind}")]
    known = words(texts)
    for sheet in out.rglob("*.css"):
        texts.append(without_unused(sheet.read_text("utf-8"), known))
        sheet.write_text(texts[-1], encoding="utf-8")
    characters = set().union(*texts)
    for font in out.rglob("webfonts/*.*"):
        keep_glyphs(font, characters)


def words(texts: Iterable[str]) -> set[str]:
    """Every word of some texts that could be the name of a class."""
    return {word for text in texts for word in _WORD.findall(text)}


def keep_glyphs(path: Path, characters: Iterable[str]) -> None:
    """Write a font again, in its own format, with the glyphs of some characters alone."""
    with TTFont(path, recalcTimestamp=False) as font:
        subsetter = Subsetter(Options(ignore_missing_unicodes=True))
        subsetter.populate(text="".join(characters))
        subsetter.subset(font)
        font.save(path)


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
