"""The registry of figures: one id, one table, one finding, one drawing."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from l2scale.catalogue.results import Result, slug_of
from l2scale.catalogue.tables import Tables
from l2scale.catalogue.text import fill, template_at, texts
from l2scale.theory.penalties import PENALTIES

Draw = Callable[[pd.DataFrame], Figure]

FIGURES: dict[str, "FigureSpec"] = {}
"""Every registered figure by id, filled as the exhibits are imported."""

_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*")


@dataclass(frozen=True)
class FigureSpec:
    """A figure before it is drawn. Its words stand under its id in the exhibit's `text.toml`.

    Attributes:
        id: permanent address, words joined by hyphens.
        slug: the exhibit it belongs to.
        source: names of the measurements it rests on.
        data: makes the one tidy table that is both drawn and published as CSV.
        draw: draws that table.
        module: dotted name of the module that holds `draw`.
        line: the line on which `draw` starts there, decorators included.
        end: the line on which it ends.
        penalties: names of the penalties it shows, where the data cannot say; None where they can.
    """

    id: str
    slug: str
    source: tuple[str, ...]
    data: Callable[[Result], pd.DataFrame]
    draw: Draw
    module: str
    line: int
    end: int
    penalties: tuple[str, ...] | None = None

    def shown_penalties(
        self, table: pd.DataFrame, configurations: Iterable[Mapping[str, Any]]
    ) -> list[str]:
        """Names of the penalties that the figure shows, in the order of `PENALTIES`.

        They are those declared; otherwise those in the table's column of penalties; otherwise those
        that its measurements were trained with, by their `configurations`.
        """
        columns = [table[name] for name in ("penalty", "penalised") if name in table]
        named = [column for column in columns if not pd.api.types.is_numeric_dtype(column)]
        if self.penalties is not None:
            found = set(self.penalties)
        elif named:
            found = {name for column in named for name in column}
        else:
            found = {name for one in configurations for name in _listed(one.get("penalty", ()))}
        return [name for name in PENALTIES if name in found]

    def text(self, which: str, result: Result) -> str:
        """One of a figure's texts, with the numbers of `result`.

        Args:
            which: "title", the finding as a sentence for the top of the figure; "claim", the
                caption, at most forty words; "more", what its own page says of how it was made,
                "" where nothing more is written; or "alt", what a reader who cannot see the figure
                needs to know.
            result: of the figure's exhibit. Where a reader's own values leave out what a sentence
                of the book speaks of, another says which values the figure shows.

        Raises:
            LookupError: nothing is written, or an address in it fits no row, or several.
            ValueError: the text is empty, or holds markup, or the braces of an expression that was
                left in: it is also used where nothing of that is understood (files, link previews,
                screen readers), so symbols are Unicode.
        """
        if which == "more" and "more" not in texts(self.slug).get(self.id, {}):
            return ""
        try:
            found = fill(template_at(self.slug, self.id, which), Tables(result), self.slug)
        except (LookupError, ArithmeticError, ValueError):
            if not result.own:
                raise
            found = ""
        if result.own and (not found or re.search(r"\bnan\b", found)):
            return f"Your own values, {result.own_values}: too few for the book's sentence"
        if not found:
            raise ValueError(f"figure {self.id!r} has an empty {which}: say what it shows")
        if re.search(r"[$`\\{}]", found):
            raise ValueError(
                f"the {which} of figure {self.id!r} holds markup: {found!r}; "
                "write plain text with Unicode symbols (λ, η, ², ×)"
            )
        return found


def figure(
    *,
    id: str,
    source: str | tuple[str, ...] = (),
    data: Callable[[Result], pd.DataFrame] | None = None,
    penalties: tuple[str, ...] | None = None,
) -> Callable[[Draw], Draw]:
    """Register the decorated function as the figure `id`; it stays callable as draw(table).

    A figure must be a function of its table alone. It is drawn twice, light and dark, from the CSV
    read back, and its files are compared byte for byte between builds: so no clock, no random
    numbers (seaborn's bootstrap needs `seed=`) and no state kept between calls.

    Args:
        id: words joined by hyphens, each beginning with a letter: "cost-at-start".
        source: the measurement or measurements of the exhibit's Result that it rests on; by default
            those of the table that `data` is.
        data: makes the table from the Result; by default the table of the single source.
        penalties: the penalties it shows, where neither a column of its table nor the settings of
            its measurements say so: it leaves some of them out, or nothing was trained.

    Raises:
        ValueError: a bad or taken id, several sources without `data`, or a penalty of no known
            name.
    """
    made = getattr(data, "spec", None)
    sources = (
        (source,) if isinstance(source, str) else tuple(source or (made and made.source) or ())
    )
    if not _ID.fullmatch(id):
        raise ValueError(f"bad figure id {id!r}: use lower-case words joined by hyphens")
    if not sources:
        raise ValueError(
            f"figure {id!r} names no source: decorate its data with @table(source=...)"
        )
    if data is None and len(sources) > 1:
        raise ValueError(f"figure {id!r} has several sources: pass data= to make its one table")
    for name in penalties or ():
        if name not in PENALTIES:
            known = ", ".join(PENALTIES)
            raise ValueError(f"figure {id!r} shows penalty {name!r}: choose from {known}")

    def register(draw: Draw) -> Draw:
        known = FIGURES.get(id)
        # A reloaded module may register its own figure again; nobody else may take the id.
        if known and (known.module, known.draw.__qualname__) != (
            draw.__module__,
            draw.__qualname__,
        ):
            raise ValueError(f"figure id {id!r} is taken by {known.module}.{known.draw.__name__}")
        FIGURES[id] = FigureSpec(
            id=id,
            slug=slug_of(draw.__module__),
            source=sources,
            data=data or (lambda result: result[sources[0]].table),
            draw=draw,
            module=draw.__module__,
            line=draw.__code__.co_firstlineno,
            end=max(end for _, end, *_ in draw.__code__.co_positions() if end),
            penalties=penalties,
        )
        return draw

    return register


def spec_of(draw: Draw) -> FigureSpec:
    """The figure that `draw` was registered as.

    Raises:
        ValueError: it is not a registered draw function.
    """
    for spec in FIGURES.values():
        if spec.draw is draw:
            return spec
    name = getattr(draw, "__name__", repr(draw))
    raise ValueError(f"{name} is not a figure: decorate it with @figure(id=..., ...)")


def _listed(value: Any) -> Iterable[Any]:
    return (value,) if isinstance(value, str) else value
