"""Labels at the ends of lines that end near each other."""

from matplotlib.axes import Axes

APART = 0.055  # of the axis: the least distance between two labels


def label_ends(ax: Axes, ends: dict[str, tuple[float, str]], x: float) -> None:
    """Write each text at x, at its height or above the one below, in its colour.

    The axis has its limits and scale by now.

    Args:
        ax: the axes.
        ends: text -> (y in data units, colour).
        x: where the texts begin, in data units.
    """
    shift = ax.transData + ax.transAxes.inverted()
    below = -1.0
    for words, (y, colour) in sorted(ends.items(), key=lambda item: item[1][0]):
        right, height = shift.transform((x, y))
        below = max(height, below + APART, APART / 2)
        ax.text(right, below, words, transform=ax.transAxes, color=colour, va="center", fontsize=9)
