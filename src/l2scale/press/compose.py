"""Sets a drawing on its page: the finding above it, what stands behind it below."""

import io
import math
from dataclasses import dataclass
from functools import lru_cache

import matplotlib as mpl
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from matplotlib.ticker import FuncFormatter, LogFormatterSciNotation, NullFormatter
from matplotlib.transforms import Bbox

from l2scale.catalogue import style
from l2scale.press.lettering import with_letters

PNG_DPI = 200
_SCREEN_DPI = 96
_POINTS = 72

_MARGIN = 0.16  # inches around the drawing
_TITLE = FontProperties(family="DejaVu Sans", weight="bold", size=12)
_STAMP = FontProperties(family="DejaVu Sans", size=7.5)
_LEADING = 1.3


@dataclass(frozen=True)
class Printed:
    """One theme's files of a figure, and its size in CSS pixels (width, height)."""

    svg: bytes
    png: bytes
    size: tuple[int, int]


def compose(drawing: Figure, title: str, stamp: str) -> Printed:
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
    # From here on no layout engine at all: one that is called "none" has each file drawn twice.
    with mpl.rc_context({"figure.constrained_layout.use": False, "figure.autolayout": False}):
        return _printed(drawing, title, stamp)


def _printed(drawing: Figure, title: str, stamp: str) -> Printed:
    width, height = drawing.get_size_inches()
    lay_out(drawing)
    lines = wrap(title, width)
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
    page = Bbox.from_extents(-_MARGIN, -(foot + _MARGIN), width + _MARGIN, height + head + _MARGIN)
    return Printed(
        svg=with_letters(
            _save(drawing, page, "svg", {"Date": None, "Creator": None, "Title": title})
        ),
        png=_save(drawing, page, "png", {"Software": None}),
        size=(round(page.width * _SCREEN_DPI), round(page.height * _SCREEN_DPI)),
    )


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


def wrap(text: str, width: float) -> list[str]:
    """Break a title into as few lines of at most `width` inches as it takes, of like lengths."""
    longest = width * _POINTS
    lines = _fill(text, longest)
    while len(lines) < len(text.split()):
        longest *= 0.98
        shorter = _fill(text, longest)
        if len(shorter) > len(lines):
            break
        lines = shorter
    return lines


def _fill(text: str, longest: float) -> list[str]:
    """Lines of at most `longest` points, as set in the title's type, each as full as it can be."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _length(longer) <= longest:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@lru_cache(maxsize=4096)  # lines are tried word by word, again and again
def _length(text: str) -> float:
    return text_to_path.get_text_width_height_descent(text, _TITLE, ismath=False)[0]


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


def _save(drawing: Figure, page: Bbox, kind: str, metadata: dict[str, str | None]) -> bytes:
    buffer = io.BytesIO()
    drawing.savefig(buffer, format=kind, dpi=PNG_DPI, bbox_inches=page, metadata=metadata)
    return buffer.getvalue()
