"""Numbers in the text: each is a cell of a chapter's table, and a link to the row that it is in.

The tables come with the chapters' reports. Each chapter's are on a page of their own, and each is a
CSV at a lasting address; so are the rows of single networks, which the chapters write themselves.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.writers.html5 import HTML5Translator

from l2scale.catalogue import cells
from l2scale.catalogue.tables import Table, unpacked
from l2scale.catalogue.text import fill, template_at
from l2scale.catalogue.typeset import typeset
from l2scale.looks.numerals import plain
from l2scale.press import addresses
from l2scale.press.display import SITE_FOLDER
from l2scale.press.render import count
from l2scale.press.sphinx import store
from l2scale.press.sphinx.templating import Page, context, link_from, render_template

_LONGEST = 120  # rows of a table that its page shows; of a longer one, those that the text quotes
_SHORT = 24  # characters of a number that is not to be broken over two lines


class number_link(nodes.Inline, nodes.TextElement):
    """A number and the way to its row: `href`, and `title`, which says what stands behind it."""


def tables(env: BuildEnvironment) -> dict[str, dict[str, Table]]:
    """All tables by exhibit and name, read once from the reports that hold them."""
    found = {}
    for slug, (_, report) in store.reports(env).items():
        kept = _READ.get(slug)
        if kept is None or kept[0] is not report:
            kept = report, {name: unpacked(one) for name, one in report["tables"].items()}
            _READ[slug] = kept
        found[slug] = kept[1]
    return found


_READ: dict[str, tuple[Mapping[str, Any], dict[str, Table]]] = {}


def number_node(app: Sphinx, page: str, slug: str, address: str) -> nodes.Node:
    """The number at an address, as a link to its row.

    Raises:
        LookupError, ValueError: the address names no single row, or no column or format.
    """
    reports = tables(app.env)
    if slug not in reports:
        raise LookupError(f"no report of {slug!r}, but of {', '.join(reports)} and book")
    known, asked = reports[slug], cells.parse_address(address)
    try:
        if asked.table not in known:
            raise LookupError(f"no table {asked.table!r}, but {', '.join(known)}")
        table = known[asked.table]
        row = cells.row(table.frame, asked.keys, asked.column)
        text = typeset(table.print(row, asked.column, asked.format))
    except LookupError as error:
        raise LookupError(f"{slug}.{address}: {error.args[0]}") from error
    store.of(app.env).quoted.setdefault(slug, set()).add((asked.table, int(row.name)))
    link = link_from(app, page)(addresses.table_page(slug), _anchor(asked.table, row.name))
    title, classes = behind(table, row, asked.table), ["press-number", *short_class(text)]
    return number_link("", unbroken(text), href=link, title=title, classes=classes)


def sentence(app: Sphinx, slug: str, name: str) -> str:
    """Words of a chapter's text that depend on what was found: see `prose` in its `text.toml`.

    Raises:
        LookupError, ValueError: as `l2scale.catalogue.text`.
    """
    return fill(template_at(slug, "prose", name), tables(app.env)[slug], slug)


def unbroken(text: str) -> str:
    """A narrow column breaks an estimate before its interval, never inside."""
    return re.sub(r"\[[^\]]*\]", lambda bounds: bounds[0].replace(" ", "\u00a0"), text)


def short_class(text: str) -> list[str]:
    """The class of a number that stays on one line."""
    return ["press-short"] if len(text) <= _SHORT else []


def behind(table: Table, row: pd.Series, name: str) -> str:
    """What stands behind a number: its table, its keys, and how much was trained for it."""
    keys = [f"{key} {value}" for key, value in row.items() if isinstance(value, str) and value]
    seeds = row.get("seeds", row.get("n"))
    made = [] if pd.isna(seeds) else [count(int(seeds), "seed")]
    made += [count(table.networks, "network")] if table.networks else []
    return "; ".join([f"Table {name}", ", ".join(keys[:4]), ", ".join(made)]).replace("; ; ", "; ")


def collect_tables(app: Sphinx) -> Iterator[Page]:
    """One page for the tables of each chapter."""
    if app.builder.format != "html":
        return
    for slug, (chapter, report) in store.reports(app.env).items():
        found = tables(app.env)[slug]
        if not found:
            continue
        page, title = addresses.table_page(slug), app.env.titles[chapter].astext()
        quoted = store.of(app.env).quoted.get(slug, set())
        shown = {
            name: _rows(name, table, sorted(row for of, row in quoted if of == name))
            for name, table in found.items()
        }
        words = {"slug": slug, "chapter": chapter, "title": title, "rows": report["rows"]}
        body = render_template(app, page, "tables.html", tables=shown, **words)
        about = f"The tables behind every number of the chapter {title}"
        yield page, context(f"Tables of {title}", body, about), "page.html"


def _rows(name: str, table: Table, quoted: list[int]) -> dict[str, Any]:
    frame = table.frame
    some = frame if len(frame) <= _LONGEST else frame.loc[quoted]
    return {
        "columns": list(frame.columns),
        "rows": [(_anchor(name, at), [_cell(value) for value in row]) for at, row in _items(some)],
        "total": len(frame),
        "networks": table.networks,
    }


def _items(frame: pd.DataFrame) -> Iterator[tuple[Any, list[Any]]]:
    for at, row in frame.iterrows():
        yield at, list(row)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "" if pd.isna(value) else typeset(plain(value))
    return str(value)


def _anchor(table: str, row: Any) -> str:
    return f"{table}-{row}"


def name_folder(app: Sphinx) -> None:
    """Tell the chapters where the site is built, for the rows that their tables are made of."""
    if app.builder.format == "html":
        os.environ[SITE_FOLDER] = str(app.outdir)


def write_tables(app: Sphinx, error: Exception | None) -> None:
    """Write every table as CSV."""
    os.environ.pop(SITE_FOLDER, None)
    if error or app.builder.format != "html":
        return
    for slug, (_, report) in store.reports(app.env).items():
        for name, kept in report["tables"].items():
            file = Path(app.outdir) / addresses.table_file(slug, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(kept["csv"], encoding="utf-8")


def _open(self: HTML5Translator, node: number_link) -> None:
    # Hundreds of them are no stops for a keyboard: a link to the tables stands on each page.
    about = {"href": node["href"], "title": node["title"], "tabindex": "-1"}
    self.body.append(self.starttag(node, "a", "", **about))


def _close(self: HTML5Translator, node: number_link) -> None:
    self.body.append("</a>")


def _pass(self: Any, node: number_link) -> None:
    """Other builders print the number alone."""


def setup(app: Sphinx) -> None:
    """Add the links, the pages and the files."""
    others: dict[str, Any] = dict.fromkeys(("latex", "text", "man", "texinfo"), (_pass, _pass))
    app.add_node(number_link, html=(_open, _close), **others)
    app.connect("builder-inited", name_folder)
    app.connect("html-collect-pages", collect_tables)
    app.connect("build-finished", write_tables)
