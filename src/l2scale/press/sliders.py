"""A published table as a drawing with a slider: one frame for each value of the column dragged.

All frames are worked out here and stand in the page as one SVG; ``slider.js`` shows one of them.
So what is drawn is what the table says, and a page needs no plotting library.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.ticker import LogLocator, MaxNLocator

from l2scale.catalogue import cells
from l2scale.catalogue.tables import FORMATS, Table
from l2scale.looks import style
from l2scale.looks.numerals import plain, writer

WIDTH, HEIGHT = 360, 270
LEFT, RIGHT, TOP, BOTTOM = 54, 350, 10, 226
SAYS = ("least", "last")
_OTHERS = ("sum", "mean", "tensor_mean", "fan")  # whose colours lines take that have none


@dataclass(frozen=True)
class Shown:
    """What a page asks for.

    Attributes:
        address: of the rows, "table" or "table[key=value]"; see `l2scale.catalogue.cells`.
        drag, x, y: column and words, as ("width", "hidden units"). y may name several columns,
            joined by "+", each of which is a line.
        line: column that tells lines apart, and words about its value, as ("batch_size",
            "batches of {}"); "" if y does, or if there is one line.
        log: the axes that are logarithmic, "", "x", "y" or "xy".
        says: what is read out of each line, "least" or "last".
    """

    address: str
    drag: tuple[str, str]
    x: tuple[str, str]
    y: tuple[str, str]
    line: tuple[str, str] = ("", "{}")
    log: str = ""
    says: str = "least"


@dataclass(frozen=True)
class Axis:
    """From numbers to places on the page, linear or logarithmic."""

    low: float
    high: float
    start: float
    end: float
    log: bool

    def at(self, value: float) -> float:
        """Where a number stands, in units of the drawing, to a hundredth."""
        low, high, value = (
            (math.log(part) if self.log else part) for part in (self.low, self.high, value)
        )
        share = (value - low) / (high - low)
        return round(float(self.start + (self.end - self.start) * share), 2)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Place and text of each tick."""
        locator = LogLocator(numticks=6) if self.log else MaxNLocator(5)
        found = [one for one in locator.tick_values(self.low, self.high) if self._has(one)]
        if self.log and len(found) < 2:
            found = list(LogLocator(subs=(1, 2, 5)).tick_values(self.low, self.high))
        return [(self.at(one), _tick(one)) for one in found if self._has(one)]

    def _has(self, value: float) -> bool:
        if self.log:  # whose ends may be many powers of ten apart
            return self.low * (1 - 1e-9) <= value <= self.high * (1 + 1e-9)
        slack = 1e-9 * (abs(self.low) + abs(self.high))
        return self.low - slack <= value <= self.high + slack


def axis(values: Iterable[float], start: float, end: float, log: bool) -> Axis:
    """The axis on which all values stand; a linear one begins at 0 where none is below."""
    low, high = min(values), max(values)
    if log:
        return Axis(low / 1.15, high * 1.15, start, end, log)
    return Axis(min(low, 0.0), high + 0.05 * (high - min(low, 0.0) or 1.0), start, end, log)


def points(table: pd.DataFrame, shown: Shown) -> pd.DataFrame:
    """What is drawn: columns drag, line, x and y, in order; y is the mean over rows alike.

    What is not finite is left out, and with it a mean of which one row is not; on a logarithmic
    axis so is what is not above 0.

    Raises:
        LookupError: a column is missing, or no row fits.
    """
    keys = cells.parse_address(shown.address).keys
    rows = cells.rows(table, keys) if keys else table
    drag, x, ys = shown.drag[0], shown.x[0], shown.y[0].split("+")
    apart, words = shown.line
    missing = {drag, x, *ys, *filter(None, [apart])} - set(rows)
    if missing:
        raise LookupError(f"no column {', '.join(sorted(missing))}, but {', '.join(rows)}")
    named = {y: y.replace("_", " ") for y in ys} if len(ys) > 1 else {ys[0]: shown.y[1]}
    parts = [
        pd.DataFrame({"drag": rows[drag], "x": rows[x], "y": rows[y]}).assign(
            line=rows[apart].map(words.format) if apart else named[y]
        )
        for y in ys
    ]
    stacked = pd.concat(parts, ignore_index=True)
    order = list(dict.fromkeys(stacked["line"]))
    stacked["y"] = stacked["y"].fillna(math.inf)  # a mean of those that did not diverge is none
    found = stacked.groupby(["drag", "line", "x"])["y"].mean().reset_index()
    for name in ("x", "y"):
        finite = found[name].map(math.isfinite)
        found = found[finite & (found[name] > 0) if name in shown.log else finite]
    if found.empty:
        raise LookupError(f"nothing to draw of {shown.address!r}")
    found["place"] = found["line"].map(order.index)
    return found.sort_values(["drag", "place", "x"], ignore_index=True)


def drawing(table: Table, shown: Shown) -> dict[str, Any]:
    """All that the template needs: axes, lines with their colours, and a frame for each value.

    Raises:
        LookupError: as `points`.
    """
    found = points(table.frame, shown)
    x = axis(found["x"], LEFT, RIGHT, "x" in shown.log)
    y = axis(found["y"], BOTTOM, TOP, "y" in shown.log)
    names = list(found.sort_values("place")["line"].unique())
    frames = [
        {
            "value": plain(value),
            "lines": [_line(part, names.index(name), x, y) for name, part in by_line],
            "said": _said(rows, names, shown),
        }
        for value, rows in found.groupby("drag")
        for by_line in [rows.groupby("line", sort=False)]
    ]
    return {
        "shown": shown,
        "head": _headed(shown.drag[1]),
        "x": x,
        "y": y,
        "lines": [{"name": name, "colours": colours(name, i)} for i, name in enumerate(names)],
        "frames": frames,
        "size": (WIDTH, HEIGHT),
        "box": (LEFT, TOP, RIGHT, BOTTOM),
    }


def colours(name: str, place: int) -> tuple[str, ...]:
    """A line's colours on light and on dark pages: the name's own, where it has one."""
    known = [word for word in name.lower().split() if word in style.NAMES]
    found = []
    for mode in style.MODES:
        with style.theme(mode):
            found.append(style.colour(known[0] if known else _OTHERS[place % len(_OTHERS)]))
    return tuple(found)


def _headed(words: str) -> str:
    """Words with a capital, but for a λ: Λ is another letter."""
    return words[:1].upper() + words[1:] if words[:1].isascii() else words


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _tick(value: float) -> str:
    """A number beside an axis; powers of ten where a reader would count zeros."""
    power = math.log10(value) if value > 0 else 0.0
    if abs(power) > 3 and math.isclose(power, round(power)):
        return "10" + str(round(power)).translate(_RAISED)
    return plain(value)


def _line(part: pd.DataFrame, place: int, x: Axis, y: Axis) -> dict[str, Any]:
    where = [f"{x.at(row.x):g} {y.at(row.y):g}" for row in part.itertuples()]
    dots = "".join(f"M{one}h0" for one in where)
    return {"place": place, "path": "M" + "L".join(where), "dots": dots}


def _said(rows: pd.DataFrame, names: Sequence[str], shown: Shown) -> list[str]:
    write, said = writer(FORMATS.get(shown.y[0].split("+")[0], "plain")), []
    for name in names:
        part = rows[rows["line"] == name]
        if part.empty:
            said.append("not measured")
        elif shown.says == "last":
            said.append(write(part["y"].iloc[-1]))
        else:
            best, ends = part.loc[part["y"].idxmin()], part["x"].iloc[[0, -1]]
            short = shown.x[1].partition(",")[0]
            edge = ", the grid’s edge" if len(part) > 1 and best["x"] in set(ends) else ""
            said.append(f"least {write(best['y'])}, at {short} = {plain(best['x'])}{edge}")
    return said
