"""The claims that the book answers, and the discussions they come from.

The rows are data, in `claims.toml` beside this module. They hold what was said and where, never
the answer: verdicts are computed from measurements (see `l2scale.catalogue.verdicts`).
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from types import MappingProxyType
from typing import Any, TypeVar


@dataclass(frozen=True)
class Thread:
    """One public discussion.

    Attributes:
        id: permanent word, as used in `Claim.thread`.
        title: the discussion's own title.
        site: name of the site that holds it.
        url: its https address, or "" where none is known.
        year: the year in which it was opened.
    """

    id: str
    title: str
    site: str
    url: str
    year: int

    def __post_init__(self) -> None:
        _check_fields(self, may_be_empty=("url",))
        if self.url and not self.url.startswith("https://"):
            raise ValueError(
                f"thread {self.id!r} has url {self.url!r}: give an https address, or leave it empty"
            )


@dataclass(frozen=True)
class Claim:
    """One claim, or a question put as a claim, in one plain sentence.

    Attributes:
        id: permanent, C01, C02 and so on without a gap; the anchor of its verdict.
        thread: id of the discussion it comes from.
        claim: what was claimed or asked, in the book's words.
    """

    id: str
    thread: str
    claim: str

    def __post_init__(self) -> None:
        _check_fields(self)


Row = TypeVar("Row", Claim, Thread)


def parse(text: str) -> tuple[Mapping[str, Claim], Mapping[str, Thread]]:
    """Read claims and threads from the text of a TOML file.

    Args:
        text: TOML with a list of tables `threads` and a list of tables `claims`.

    Returns:
        Claims and threads by id, both read-only and in the order of the file.

    Raises:
        ValueError: for text that is no TOML, a missing list, a row with a missing, unknown, empty
            or wrongly typed field, a duplicate id, ids with a gap, or a claim of no known thread.
    """
    tables = tomllib.loads(text)
    for name in ("threads", "claims"):
        if not tables.get(name):
            raise ValueError(f"no [[{name}]] rows: the file needs at least one")
    threads = _by_id(_row(Thread, table) for table in tables["threads"])
    claims = _by_id(_row(Claim, table) for table in tables["claims"])
    for number, claim in enumerate(claims.values(), start=1):
        if claim.id != f"C{number:02d}":
            raise ValueError(
                f"claim {claim.id!r} stands where C{number:02d} belongs: ids rise without a gap"
            )
        if claim.thread not in threads:
            raise ValueError(
                f"claim {claim.id} names thread {claim.thread!r}: "
                f"choose one of {', '.join(threads)}, or add it"
            )
    return claims, threads


def _row(kind: type[Row], table: Mapping[str, Any]) -> Row:
    names = {field.name for field in fields(kind)}
    missing, unknown = sorted(names - set(table)), sorted(set(table) - names)
    if missing or unknown:
        raise ValueError(
            f"{kind.__name__.lower()} row {table.get('id', 'without id')!r} "
            f"lacks {missing} and has unknown {unknown}: its fields are {sorted(names)}"
        )
    return kind(**table)


def _by_id(rows: Iterable[Row]) -> Mapping[str, Row]:
    found: dict[str, Row] = {}
    for row in rows:
        if row.id in found:
            raise ValueError(f"duplicate id {row.id!r}: an id names one row")
        found[row.id] = row
    return MappingProxyType(found)


def _check_fields(row: Claim | Thread, may_be_empty: tuple[str, ...] = ()) -> None:
    for field in fields(row):
        value = getattr(row, field.name)
        kind: Any = field.type
        if type(value) is not kind:
            raise ValueError(
                f"{field.name} of {row.id!r} is {value!r}: it must be of type {kind.__name__}"
            )
        if isinstance(value, str) and not value.strip() and field.name not in may_be_empty:
            raise ValueError(f"{field.name} of {row.id!r} is empty: write it, in plain words")


CLAIMS, THREADS = parse(files(__package__).joinpath("claims.toml").read_text(encoding="utf-8"))
