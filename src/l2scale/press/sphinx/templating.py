"""HTML from the package's templates, with links that hold from the page they stand on."""

import json
import re
from collections.abc import Callable
from functools import lru_cache
from textwrap import shorten
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from sphinx.application import Sphinx
from sphinx.util.osutil import relative_uri

from l2scale.catalogue.typeset import typeset
from l2scale.looks import style
from l2scale.looks.numerals import plain
from l2scale.press import addresses, provenance
from l2scale.press.render import count

Page = tuple[str, dict[str, Any], str]
"""A page as Sphinx collects it: its name, the context of its template, and the template."""


def render_template(app: Sphinx, page: str, template: str, **context: Any) -> Markup:
    """The template's HTML, to stand on the page named `page`."""
    return Markup(
        _environment()
        .get_template(template)
        .render(link=link_from(app, page), file=file_from(app, page), **context)
    )


def context(title: str, body: Markup, description: str) -> dict[str, Any]:
    """What the theme needs to set `body` as a page of its own, and its card (see `cards`)."""
    return {"title": title, "body": body, "description": description}


def link_from(app: Sphinx, page: str) -> Callable[..., str]:
    """A function from a page's name, and an anchor, to the link to it from `page`."""

    def link(target: str, anchor: str = "") -> str:
        uri = app.builder.get_relative_uri(page, target)
        return f"{uri}#{anchor}" if anchor else uri

    return link


def file_from(app: Sphinx, page: str) -> Callable[[str], str]:
    """A function from a file's path, from the site's root, to the link to it from `page`."""
    return lambda path: relative_uri(app.builder.get_target_uri(page), path)


def duration(seconds: float) -> str:
    """4.1 s, 93 s, 12 min, 2.5 h."""
    if seconds < 600:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def rate(networks: int, seconds: float) -> str:
    """Networks per second, to two digits."""
    per_second = networks / seconds if seconds else 0.0
    return f"{per_second:,.0f}" if per_second >= 10 else f"{per_second:.2g}"


def size(count: int) -> str:
    """Bytes for people: 812 B, 34 kB, 1.2 MB."""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1e3:.0f} kB" if count < 999_500 else f"{count / 1e6:.1f} MB"


def brief(text: str, longest: int) -> str:
    """Text of at most `longest` characters, cut between words."""
    return shorten(text, longest, placeholder=" …")


def setting(value: Any) -> str:
    """A sweep's setting, on one line."""
    if isinstance(value, list):
        return ", ".join(setting(item) for item in value)
    if isinstance(value, float):
        return f"{value:.6g}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def number(value: float | str | None) -> str:
    """A verdict's number, to three digits; a dash where there is none at this scale."""
    if value is None:
        return "–"
    return typeset(value if isinstance(value, str) else plain(value))


def breakable(code: str) -> Markup:
    """Code that a narrow column may break after a bracket or a point."""
    return Markup(re.sub(r"(?<=[(.])(?=\w)", "<wbr>", escape(code)))


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("l2scale.press"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        breakable=breakable,
        brief=brief,
        count=count,
        duration=duration,
        number=number,
        penalty=style.words,
        size=size,
        setting=setting,
        short=provenance.short_commit,
        typeset=typeset,
    )
    environment.globals.update(at=addresses, rate=rate)
    # Records that scripts read are a page's own weight: no blanks between their values.
    environment.policies["json.dumps_kwargs"] = {"sort_keys": True, "separators": (",", ":")}
    return environment
