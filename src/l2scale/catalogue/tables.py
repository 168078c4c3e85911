"""The registry of tables: every number that text or a figure shows is a cell of one of them."""

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from l2scale.catalogue import cells
from l2scale.catalogue.results import Result, once, slug_of

Make = Callable[[Result], pd.DataFrame]

_DIGITS = "%.12g"

FORMATS = {
    **dict.fromkeys(("exponent", "power", "asked", "off", "half", "dividing", "predicted"), ".2f"),
    **dict.fromkeys(("spread", "apart", "level", "explained"), ".2f"),
    **dict.fromkeys(("delta", "added", "over_raised", "over_two"), ".2f"),
    **dict.fromkeys(("excess", "cost"), ".0%"),
    **dict.fromkeys(("val_error", "test_error", "train_error", "noise"), "percent"),
    **dict.fromkeys(("large_error", "small_error"), "percent"),
    **dict.fromkeys(("val_loss", "test_loss", "train_loss"), ".2f"),
}
"""How a column is printed where the text does not say, the same in all tables."""

TABLES: dict[str, dict[str, "TableSpec"]] = {}
"""Every registered table by exhibit and name, filled as the exhibits are imported."""


@dataclass(frozen=True)
class TableSpec:
    """How a table is made and read.

    Attributes:
        name: of the function that makes it.
        source: names of the measurements behind it; none stands for all of the exhibit's.
        main: the column that a row is asked for without one; its bounds are `low` and `high`.
        make: makes it from a result, once for each.
    """

    name: str
    source: tuple[str, ...]
    main: str
    make: Make


@dataclass(frozen=True, eq=False)
class Table:
    """A table as text reads it; `networks` is how many stand behind it."""

    frame: pd.DataFrame
    main: str = "estimate"
    networks: int = 0

    def row(self, **keys: object) -> pd.Series:
        """The one row that fits; LookupError as `l2scale.catalogue.cells.row`."""
        return cells.row(self.frame, {name: str(value) for name, value in keys.items()})

    def print(self, row: pd.Series, column: str = "", format: str = "") -> str:
        """A cell of a row, see `l2scale.catalogue.cells.text`."""
        return cells.text(row, column, format or FORMATS.get(column or self.main, ""), self.main)


def table(
    *,
    source: str | tuple[str, ...],
    main: str = "estimate",
) -> Callable[[Make], Make]:
    """Register the decorated function of a Result as a table of its exhibit, under its name.

    It makes the table of a result once; each caller has a copy. Arguments are those of `TableSpec`.

    Raises:
        ValueError: another function of the exhibit has the name.
    """

    def register(make: Make) -> Make:
        made: Any = once(make)
        known = TABLES.setdefault(slug_of(make.__module__), {})
        name = make.__name__
        if name in known and known[name].make.__module__ != make.__module__:
            raise ValueError(f"table {name!r} is made in {known[name].make.__module__} already")
        sources = (source,) if isinstance(source, str) else source
        made.spec = known[name] = TableSpec(name, sources, main, made)
        return made

    return register


class Tables(Mapping[str, Table]):
    """The tables of a result by name, each made when it is first asked for."""

    def __init__(self, result: Result) -> None:
        """Of a result whose exhibit has been imported."""
        self.result = result
        self.specs = TABLES.get(result.slug, {})

    def __getitem__(self, name: str) -> Table:
        """One of them; a KeyError lists those there are."""
        if name not in self.specs:
            raise KeyError(f"{self.result.slug} has no table {name!r}, but {', '.join(self.specs)}")
        spec = self.specs[name]
        behind = self.result.part(spec.source) if spec.source else self.result
        return Table(as_published(spec.make(self.result)), spec.main, behind.networks)

    def __iter__(self) -> Iterator[str]:
        return iter(self.specs)

    def __len__(self) -> int:
        return len(self.specs)


def packed(table: Table) -> dict[str, Any]:
    """A table in JSON's own types."""
    return {
        "csv": to_csv(table.frame),
        "main": table.main,
        "networks": table.networks,
    }


def unpacked(kept: Mapping[str, Any]) -> Table:
    """The table that was packed."""
    frame = pd.read_csv(io.StringIO(kept["csv"]))
    return Table(frame, kept["main"], kept["networks"])


def to_csv(frame: pd.DataFrame) -> str:
    """A table as it is published."""
    return frame.to_csv(index=False, float_format=_DIGITS, lineterminator="\n")


def as_published(frame: pd.DataFrame) -> pd.DataFrame:
    """A table with the digits that are published, so that a tie is rounded alike everywhere."""
    floats = frame.select_dtypes("float")
    return frame.assign(**floats.map(lambda value: float(_DIGITS % value)))
