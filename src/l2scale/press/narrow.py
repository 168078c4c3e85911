"""Rearranges a drawing for a phone: panels one below the other, or, where many, by threes."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.legend import Legend
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator

from l2scale.press.wrapping import wrap

WIDTH = 3.75
"""Width of a figure on a narrow page, inches: 360 CSS pixels."""
_FEW, _ABREAST = 12, 3  # panels that go one below the other; more go side by side, as many
_LEAST = 2.3  # inches that a panel of the page's width is high at least
_TALLER, _BROKEN = 1.25, 2.2  # a panel's height over that in the drawing; where names are broken
_LABEL, _HEADING = 2.2, 2.6  # inches of a label below a panel, and of the title above it
_NAME, _NOTE = 1.15, 1.45  # of a row's name, and of a note in a panel with such names
_SMALL = 7.5  # points of a row's name
_SHORT = 14  # letters of a name that needs no breaking
_LEGEND = 0.45  # inches of height for a legend below


def stack(drawing: Figure) -> None:
    """Give each panel of a drawing the whole of a narrow page, in the order in which they are read.

    Panels that shared an axis get its labels, each its own; a legend below gets as many columns as
    there is room for. Sizes of letters and marks stay. Small multiples stay small.
    """
    specs = {ax: spec for ax in drawing.axes if (spec := ax.get_subplotspec()) is not None}
    panels = sorted(specs, key=lambda ax: (specs[ax].rowspan.start, specs[ax].colspan.start))
    abreast = 1 if len(panels) <= _FEW else _ABREAST
    heights = [max(_LEAST / abreast, _height(ax, drawing)) for ax in panels[::abreast]]
    legends = list(drawing.legends)
    drawing.set_size_inches(WIDTH, sum(heights) + _LEGEND * len(legends) + 0.2)
    grid = GridSpec(len(heights), abreast, figure=drawing, height_ratios=heights)
    for place, panel in enumerate(panels):
        row, column = divmod(place, abreast)
        panel.set_subplotspec(grid[row, column])
        # One below the other, each is far from the last one's labels.
        _label(panel, below=abreast == 1 or place + abreast >= len(panels), left=column == 0)
        _wrap(panel, _HEADING / abreast)
    for legend in legends:
        _narrow(legend, drawing)


def _height(panel: Axes, drawing: Figure) -> float:
    """Inches for a panel: in fewer inches of width, labels and names need more of height."""
    spec = panel.get_subplotspec()
    bottoms, tops, *_ = spec.get_gridspec().get_grid_positions(drawing)
    share = tops[spec.rowspan.start] - bottoms[spec.rowspan.stop - 1]
    more = _BROKEN if _has_long_names(panel) else _TALLER
    return more * share * drawing.get_size_inches()[1]


def _label(panel: Axes, *, below: bool, left: bool) -> None:
    """Write at outer panels, and not at inner ones, what a row or column has in common."""
    axes = (
        (panel.xaxis, "labelbottom", below, panel.get_shared_x_axes().get_siblings(panel)),
        (panel.yaxis, "labelleft", left, panel.get_shared_y_axes().get_siblings(panel)),
    )
    for axis, ticks, outer, shared in axes:
        if len(shared) > 1:
            shown: dict[str, Any] = {ticks: outer}
            axis.set_tick_params(**shown)
            axis.label.set_visible(outer)
        said = [getattr(one, f"get_{axis.axis_name}label")() for one in shared]
        if not axis.get_label_text():
            axis.set_label_text(next(filter(None, said), ""))


def _wrap(panel: Axes, heading: float) -> None:
    """Break what is wider than a panel into lines; a heading has so many inches."""
    label = panel.xaxis.label
    label.set_text("\n".join(wrap(label.get_text(), _LABEL, label.get_fontproperties())))
    if _has_long_names(panel):
        _wrap_names(panel)
        heading = WIDTH - _NAME - 0.6
    for place in ("left", "center"):
        if title := panel.get_title(place):
            (text,) = (one for one in panel.findobj(Text) if one.get_text() == title)
            text.set_text("\n".join(wrap(title, heading, text.get_fontproperties())))


def _names(panel: Axes) -> list[str]:
    return [text.get_text() for text in panel.get_yticklabels()]


def _has_long_names(panel: Axes) -> bool:
    """Whether a panel has rows with names, and some that take much of a narrow page."""
    if not isinstance(panel.yaxis.get_major_locator(), FixedLocator):
        return False
    return any(len(line) > _SHORT for name in _names(panel) for line in name.split("\n"))


def _wrap_names(panel: Axes) -> None:
    """Break the names of rows into lines, and what is written in such a panel."""
    font = panel.yaxis.label.get_fontproperties().copy()
    font.set_size(_SMALL)
    broken = ["\n".join(wrap(name, _NAME, font)) for name in _names(panel)]
    panel.set_yticks(panel.get_yticks(), broken, fontsize=_SMALL)
    for text in panel.texts:
        lines = wrap(text.get_text(), _NOTE, text.get_fontproperties())
        text.set_text("\n".join(lines))


def _narrow(legend: Legend, drawing: Figure) -> None:
    """Set a legend again in as many columns as fit."""
    handles, words = legend.legend_handles, [text.get_text() for text in legend.get_texts()]
    title = legend.get_title().get_text() or None
    legend.remove()
    for columns in range(min(len(words), 3), 0, -1):
        again = drawing.legend(
            handles, words, title=title, loc="outside lower center", ncols=columns
        )
        if columns == 1 or again.get_window_extent().width <= WIDTH * drawing.dpi:
            return
        again.remove()
