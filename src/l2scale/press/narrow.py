"""Rearranges a drawing for a page as narrow as a phone: panels one below the other."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.legend import Legend

from l2scale.press.wrapping import wrap

WIDTH = 3.75
"""Width of a figure on a narrow page, inches: 360 CSS pixels."""
_LEAST = 2.3  # inches that a panel is high at least
_LABEL, _HEADING = 2.2, 2.6  # inches of a label below a panel, and of the title above it
_LEGEND = 0.45  # inches of height for a legend below


def stack(drawing: Figure) -> None:
    """Give each panel of a drawing the whole of a narrow page, in the order in which they are read.

    Panels that shared an axis get its labels, each its own; a legend below gets as many columns as
    there is room for. Sizes of letters and marks stay.
    """
    specs = {ax: spec for ax in drawing.axes if (spec := ax.get_subplotspec()) is not None}
    panels = sorted(specs, key=lambda ax: (specs[ax].rowspan.start, specs[ax].colspan.start))
    heights = [max(_LEAST, _height(ax, drawing)) for ax in panels]
    legends = list(drawing.legends)
    drawing.set_size_inches(WIDTH, sum(heights) + _LEGEND * len(legends) + 0.2)
    grid = GridSpec(len(panels), 1, figure=drawing, height_ratios=heights)
    for row, panel in enumerate(panels):
        panel.set_subplotspec(grid[row])
        _label(panel)
        _wrap(panel)
    for legend in legends:
        _narrow(legend, drawing)


def _height(panel: Axes, drawing: Figure) -> float:
    """Inches of the drawing that a panel was given."""
    spec = panel.get_subplotspec()
    bottoms, tops, *_ = spec.get_gridspec().get_grid_positions(drawing)
    share = tops[spec.rowspan.start] - bottoms[spec.rowspan.stop - 1]
    return share * drawing.get_size_inches()[1]


def _label(panel: Axes) -> None:
    """Write at a panel what it had in common with its row or column."""
    axes = (
        (panel.xaxis, "labelbottom", panel.get_shared_x_axes().get_siblings(panel)),
        (panel.yaxis, "labelleft", panel.get_shared_y_axes().get_siblings(panel)),
    )
    for axis, ticks, shared in axes:
        if len(shared) > 1:
            shown: dict[str, Any] = {ticks: True}
            axis.set_tick_params(**shown)
        said = [getattr(one, f"get_{axis.axis_name}label")() for one in shared]
        if not axis.get_label_text():
            axis.set_label_text(next(filter(None, said), ""))


def _wrap(panel: Axes) -> None:
    """Break what is wider than a panel into lines."""
    label = panel.xaxis.label
    label.set_text("\n".join(wrap(label.get_text(), _LABEL, label.get_fontproperties())))
    for place in ("left", "center"):
        if title := panel.get_title(place):
            font = panel.title.get_fontproperties()
            panel.set_title("\n".join(wrap(title, _HEADING, font)), loc=place)


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
