"""Sets a drawing on its page: the finding above it, what stands behind it below."""

import io
import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import matplotlib as mpl
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ticker import FuncFormatter, LogFormatterSciNotation, NullFormatter
from matplotlib.transforms import Bbox

from l2scale.looks import style
from l2scale.press import narrow
from l2scale.press.lettering import with_letters
from l2scale.press.wrapping import wrap

PNG_DPI = 200
_SCREEN_DPI = 96
_POINTS = 72

_MARGIN = 0.16  # inches around the drawing
_TITLE = FontProperties(family="DejaVu Sans", weight="bold", size=12)
_STAMP = FontProperties(family="DejaVu Sans", size=7.5)
_LEADING = 1.3


@dataclass(frozen=True)
class ThemeFiles:
    """One theme's files of a figure, and its size in CSS pixels (width, height).

    One for a narrow page is only shown there, and has no PNG.
    """

    svg: bytes
    png: bytes | None
    size: tuple[int, int]


Compose = Callable[[Figure, str, str], ThemeFiles]
"""Prints a drawing with its title and its stamp, in the current theme."""


def compose(drawing: Figure, title: str, stamp: str) -> ThemeFiles:
    """Print a drawing with its title and its stamp, in the current theme.

    They are set outside the drawing, which keeps its own size and layout whatever they say.

    Raises:
        ValueError: the drawing has a suptitle, or its width is not that of every figure.
    """
    width, _ = drawing.get_size_inches()
    if drawing.get_suptitle():
        raise ValueError("a draw function sets no suptitle: pass title= to @figure")
    if abs(width - style.WIDTH) > 0.01:
        raise ValueError(f"a figure is {style.WIDTH} inches wide, this one {width:g}")
    with _no_engine():
        page = _set(drawing, title, stamp)
        return ThemeFiles(_svg(drawing, page, title), _png(drawing, page), _size(page))


def compose_narrow(drawing: Figure, title: str, stamp: str) -> ThemeFiles:
    """The same for a page as narrow as a phone, with one panel below the other."""
    narrow.stack(drawing)
    with _no_engine():
        page = _set(drawing, title, stamp)
        return ThemeFiles(_svg(drawing, page, title), None, _size(page))


def _no_engine() -> AbstractContextManager[None]:
    """No layout engine at all: one that is called "none" has each file drawn twice."""
    return mpl.rc_context({"figure.constrained_layout.use": False, "figure.autolayout": False})


def _set(drawing: Figure, title: str, stamp: str) -> Bbox:
    """Lay a drawing out and write its title and its stamp; returns the page, in inches."""
    width, height = drawing.get_size_inches()
    lay_out(drawing)
    lines = wrap(title, width, _TITLE)
    head = len(lines) * _line_height(_TITLE) + 0.1
    foot = _line_height(_STAMP) + 0.06
    drawing.text(
        0,
        1 + head / height,
        "\n".join(lines),
        font=_TITLE,
        linespacing=_LEADING,
        va="top",
        in_layout=False,
    )
    drawing.text(
        0,
        -foot / height,
        stamp,
        font=_STAMP,
        color=style.colour("muted"),
        va="bottom",
        in_layout=False,
    )
    return Bbox.from_extents(-_MARGIN, -(foot + _MARGIN), width + _MARGIN, height + head + _MARGIN)


def lay_out(drawing: Figure) -> None:
    """Place all that a drawing holds, once for all of its files."""
    for ax in drawing.axes:
        thin_labels(ax.xaxis)
        thin_labels(ax.yaxis)
    drawing.draw_without_rendering()
    drawing.set_layout_engine(None)
    for ax in drawing.axes:
        # The solver of the layout adds its terms in an order of memory. What it leaves in the last
        # digit would stand in the ids of clip paths, which are hashes.
        ax.set_position(Bbox(ax.get_position(original=True).get_points().round(9)))
    for legend in drawing.legends:
        # One outside the axes is placed by the canvas, which is larger when the page is printed.
        legend.set_bbox_to_anchor((0, 0, 1, 1), transform=drawing.transFigure)


def thin_labels(axis: Axis) -> None:
    """Label the twos and fives of a short logarithmic axis, and powers of ten alone on a long one.

    By default all multiples of a short axis are labelled, one over the other. An axis whose labels
    the draw function has set is left alone.
    """
    if axis.get_scale() != "log" or type(axis.get_minor_formatter()) is not LogFormatterSciNotation:
        return
    low, high = sorted(axis.get_view_interval())
    powers = math.floor(math.log10(high)) - math.ceil(math.log10(low)) + 1
    if powers >= 2:
        axis.set_minor_formatter(NullFormatter())
        return
    for set_formatter in (axis.set_major_formatter, axis.set_minor_formatter):
        set_formatter(FuncFormatter(_one_two_five))


def _one_two_five(value: float, _: int) -> str:
    """0.002, or 2 × 10⁻⁵ where zeros would be many; nothing for other multiples."""
    digit, power = f"{value:.0e}".split("e")
    if digit not in "125":
        return ""
    return f"{value:g}" if 1e-4 <= value < 1e5 else rf"${digit}\times10^{{{int(power)}}}$"


def _line_height(font: FontProperties) -> float:
    return font.get_size_in_points() * _LEADING / _POINTS


def _size(page: Bbox) -> tuple[int, int]:
    return round(page.width * _SCREEN_DPI), round(page.height * _SCREEN_DPI)


def _svg(drawing: Figure, page: Bbox, title: str) -> bytes:
    return with_letters(
        _save(drawing, page, "svg", {"Date": None, "Creator": None, "Title": title})
    )


def _png(drawing: Figure, page: Bbox) -> bytes:
    return _save(drawing, page, "png", {"Software": None})


def _save(drawing: Figure, page: Bbox, kind: str, metadata: dict[str, str | None]) -> bytes:
    buffer = io.BytesIO()
    drawing.savefig(buffer, format=kind, dpi=PNG_DPI, bbox_inches=page, metadata=metadata)
    return buffer.getvalue()
