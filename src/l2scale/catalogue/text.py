"""The words of figures and verdicts: templates beside the code of their chapter, in `text.toml`.

A number in single braces is an address, see `l2scale.catalogue.cells`; all else is Jinja.

    [carried-over]
    title = "Kept at {regret[penalty=sum, criterion=error].width} units, λ costs {regret[...]}"

Several rows in one sentence are `{{ each("regret[width=max]", "<penalty> <>") }}`: a column in
angle brackets is a cell of the row, and `<>` is its estimate; `listed` in place of `each` puts an
"and" before the last. In a loop of Jinja's a name with a dollar is what the loop holds,
`{regret[penalty=$p]}`; `rows("regret[width=max]")` are rows. Words that depend on an outcome are
written once for each, in a table of their own, and what they have in common is
`{{ text("C36", "common") }}`:

    [C36]
    TRUE = "..."
    OPEN = "..."
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import pandas as pd
from jinja2 import Environment, StrictUndefined, pass_context
from jinja2.runtime import Context

from l2scale.catalogue import cells
from l2scale.catalogue.tables import Table
from l2scale.catalogue.typeset import typeset
from l2scale.looks.numerals import listing, portion
from l2scale.theory.penalties import PENALTIES

_NUMBER = re.compile(r"(?<!\{)\{(?![{%#])(?P<address>[^{}]+)\}(?!\})")
_CELL = re.compile(r"<(?P<cell>[\w]*(?::[^<>]+)?)>")
_HELD = re.compile(r"\$(\w+)")


@cache
def texts(slug: str) -> Mapping[str, Any]:
    """What is written for an exhibit, by figure, claim or name; empty where nothing is.

    Raises:
        ValueError: the file is no TOML.
    """
    file = files("l2scale.exhibits") / slug / "text.toml"
    if not file.is_file():
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{slug}/text.toml: {error}") from error


def template_at(slug: str, *path: str) -> str:
    """The template at a path, as ("carried-over", "title").

    Raises:
        LookupError: there is none; it lists what there is.
    """
    found: Any = texts(slug)
    for name in path:
        if not isinstance(found, Mapping) or name not in found:
            there = (", ".join(found) or "no text") if isinstance(found, Mapping) else "a text"
            raise LookupError(f"{slug}/text.toml has no {'.'.join(path)}: there is {there}")
        found = found[name]
    return str(found)


def fill(template: str, tables: Mapping[str, Table], slug: str = "") -> str:
    """A template as it is printed, with the numbers of `tables`.

    Raises:
        LookupError: an address fits no row, or several; it names the address.
        ValueError: an address or a format is none.
    """
    return typeset(_filled(template, {"tables": tables, "slug": slug}))


def quote(tables: Mapping[str, Table], address: str) -> str:
    """The number at an address.

    Raises:
        LookupError, ValueError: as `fill`.
    """
    asked = cells.parse_address(address)
    try:
        table = tables[asked.table]
        return table.print(
            cells.row(table.frame, asked.keys, asked.column), asked.column, asked.format
        )
    except LookupError as error:
        raise LookupError(f"{address}: {error.args[0]}") from error


def cell_value(tables: Mapping[str, Table], address: str) -> float | str:
    """The cell at an address as a number, or as the word that stands there.

    Raises:
        LookupError, ValueError: as `fill`.
    """
    asked = cells.parse_address(address)
    table = tables[asked.table]
    found = cells.row(table.frame, asked.keys, asked.column)[asked.column or table.main]
    return found if isinstance(found, str) else float(found)


def _filled(template: str, held: Mapping[str, Any]) -> str:
    source = _NUMBER.sub(lambda number: _quoted(number["address"]), template)
    return _environment().from_string(source).render(held)


def _quoted(address: str) -> str:
    words = address.replace("\\", "\\\\").replace("'", "\\'")
    return "{{ quote('" + _HELD.sub(r"' ~ \1 ~ '", words) + "') }}"


@pass_context
def _quote(context: Context, address: str) -> str:
    return quote(context["tables"], address)


@pass_context
def _rows(context: Context, address: str) -> list["_Row"]:
    asked = cells.parse_address(address)
    table = context["tables"][asked.table]
    return [_Row(table, row) for _, row in cells.rows(table.frame, asked.keys).iterrows()]


@pass_context
def _each(context: Context, address: str, template: str, between: str = ", ") -> str:
    return between.join(row.fill(template) for row in _rows(context, address))


@pass_context
def _listed(context: Context, address: str, template: str) -> str:
    return listing([row.fill(template) for row in _rows(context, address)])


@pass_context
def _text(context: Context, *path: str) -> str:
    return _filled(template_at(context["slug"], *path), context.get_all())


class _Row:
    """A row in a loop: its columns are attributes, and printed it is its estimate."""

    def __init__(self, table: Table, row: pd.Series) -> None:
        self._table, self._row = table, row

    def __getattr__(self, column: str) -> Any:
        return self._row[column]

    def __str__(self) -> str:
        return self.print()

    def fill(self, template: str) -> str:
        """A template with the row's cells in it."""
        return _CELL.sub(lambda cell: self.print(*cell["cell"].partition(":")[::2]), template)

    def print(self, column: str = "", format: str = "") -> str:
        """A cell as it is printed."""
        return self._table.print(self._row, column, format)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.globals.update(quote=_quote, rows=_rows, each=_each, text=_text, portion=portion)
    environment.globals.update(listed=_listed, penalties=PENALTIES)
    environment.filters.update(listing=listing)
    return environment
