"""A table in the text, declared by its rows and its columns: every cell is a number's address.

    ```{grid} Cost of keeping the λ tuned at the narrowest width, over tuning again.
    :name: tab-wp-keep

    corner: Penalty
    cell: which_penalty.transfer
    rows:
      '`"sum"`': cell=sum
      '`"mean"`': cell=mean
    columns:
      Loss: criterion=loss
      Error: criterion=error, reach=widest | .kept
    ```

The keys of a row and of a column together name the row of the table that is asked. What follows a
bar is put after them: a column and a format. A row or a column may name a table of its own before
its keys, `other[width=max]`. A row stays empty in the columns that have a key after its tilde:
`cell=3 layers ~ reach=widest`. A range is two columns, `| .least to .most`. The corner and the
heads of rows may span several columns, with bars between them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

_PART = re.compile(
    r"(?:(?P<table>[\w.]+)\[)?(?P<keys>[^\]|~]*)\]?\s*(?:~(?P<without>[^|]*))?(?:\|\s*(?P<rest>.*))?"
)
_FIELDS = {"corner", "cell", "rows", "columns"}


@dataclass(frozen=True)
class _Part:
    table: str
    keys: str
    without: str
    rest: str


def lines(body: str) -> list[str]:
    """The lines of the Markdown table that the declaration stands for.

    Raises:
        ValueError: it is no YAML, lacks a field or has one that is none.
    """
    try:
        declared = yaml.safe_load(body)
    except yaml.YAMLError as error:
        raise ValueError(f"the grid is no YAML: {error}") from error
    if not isinstance(declared, Mapping) or set(declared) != _FIELDS:
        found = ", ".join(declared) if isinstance(declared, Mapping) else repr(declared)
        raise ValueError(f"a grid has corner, cell, rows and columns, not {found}")
    columns = {head: _part(text) for head, text in declared["columns"].items()}
    corner = str(declared["corner"])
    rows = [[corner, *map(str, columns)], ["---"] * (1 + corner.count("|") + len(columns))]
    for head, text in declared["rows"].items():
        row = _part(text)
        rows.append([str(head), *(_cell(declared["cell"], row, one) for one in columns.values())])
    return [f"| {' | '.join(row)} |" for row in rows]


def _part(text: Any) -> _Part:
    found = _PART.fullmatch(str(text or ""))
    if found is None:
        raise ValueError(f"{text!r} names no cells: write key=value, ... | .column:format")
    parts = {name: (text or "").strip() for name, text in found.groupdict().items()}
    return _Part(**parts)


def _cell(table: str, row: _Part, column: _Part) -> str:
    if row.without and row.without in re.split(r",\s*", column.keys):
        return ""
    keys = ", ".join(keys for keys in (row.keys, column.keys) if keys)
    named = column.table or row.table or table
    address = f"{named}[{keys}]" if keys else named
    parts = (row.rest + column.rest).split(" to ")
    return " to ".join(f"{{num}}`{address}{part}`" for part in parts)
