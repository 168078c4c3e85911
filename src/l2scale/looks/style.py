"""One look for every figure, light and dark: colours with fixed meanings, type and lines.

The hues are those of Okabe and Ito (2008, "Color Universal Design"), made darker for the light page
and lighter for the dark one, so that each stands out from its background by 3:1 at least.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import matplotlib
from cycler import cycler
from matplotlib import style as matplotlib_style

WIDTH = 7.2
"""Width of a figure, inches."""

MODES = ("light", "dark")

# mode -> role. Ink is for text and reference lines, muted for what should stay in the background.
PAPER = {
    "light": {"paper": "#ffffff", "ink": "#1f2328", "muted": "#59636e", "grid": "#e4e7eb"},
    "dark": {"paper": "#121212", "ink": "#e8eaed", "muted": "#a2abb5", "grid": "#2f3338"},
}

# name -> (on light, on dark, marker). The marker repeats the colour's meaning for those who cannot
# see it. A name keeps its colour in every figure; penalties, optimisers and forces never share one
# figure's colour scale, so the hues are used once in each family.
_LOOKS = {
    "sum": ("#0072b2", "#56b4e9", "o"),
    "mean": ("#c04a00", "#ff8c4d", "s"),
    "tensor_mean": ("#00805c", "#2fc99a", "^"),
    "fan": ("#a3428a", "#e59fd0", "D"),
    "prior": ("#5c4200", "#f0c24b", "v"),
    "sgd": ("#0072b2", "#56b4e9", "o"),
    "momentum": ("#00805c", "#2fc99a", "^"),
    "adam": ("#c04a00", "#ff8c4d", "s"),
    "adamw": ("#a3428a", "#e59fd0", "D"),
    "data": ("#0072b2", "#56b4e9", "o"),
    "penalty": ("#c04a00", "#ff8c4d", "s"),
}

NAMES = (*_LOOKS, *PAPER["light"])
"""Every name that has a colour."""

_mode: ContextVar[str] = ContextVar("mode", default="light")


@contextmanager
def theme(mode: str) -> Iterator[None]:
    """Draw for the "light" or the "dark" page inside this context, whatever was set outside.

    Raises:
        ValueError: for another mode.
    """
    if mode not in MODES:
        raise ValueError(f"unknown mode {mode!r}: choose one of {', '.join(MODES)}")
    token = _mode.set(mode)
    try:
        with matplotlib_style.context(_rc(mode), after_reset=True):
            yield
    finally:
        _mode.reset(token)


def colour(name: str) -> str:
    """The colour of `name` in the current theme, as hexadecimal.

    Raises:
        ValueError: for a name without one.
    """
    mode = _mode.get()
    if name in PAPER[mode]:
        return PAPER[mode][name]
    return _look(name)[MODES.index(mode)]


def marker(name: str) -> str:
    """The matplotlib marker of a penalty, optimiser or force; ValueError for another name."""
    return _look(name)[2]


def words(name: str) -> str:
    """A penalty's name as a figure or a page says it.

    >>> words("tensor_mean")
    'tensor mean'
    """
    return name.replace("_", " ")


def shades(count: int) -> list[str]:
    """`count` colours in order, for widths, depths or times: the last stands out most.

    Raises:
        ValueError: if count is below 1.
    """
    if count < 1:
        raise ValueError(f"cannot make {count} shades: ask for one at least")
    # The end of viridis that fades into the page is left out: yellow on white, violet on black.
    # What is left stands out as text must, for labels have the colour of their line.
    start, stop = (0.44, 0.0) if _mode.get() == "light" else (0.48, 1.0)
    steps = [start + (stop - start) * (i / (count - 1) if count > 1 else 1) for i in range(count)]
    viridis = matplotlib.colormaps["viridis"]
    return [matplotlib.colors.to_hex(viridis(step)) for step in steps]


def _look(name: str) -> tuple[str, str, str]:
    if name not in _LOOKS:
        raise ValueError(f"{name!r} has no colour: choose one of {', '.join(NAMES)}")
    return _LOOKS[name]


def _rc(mode: str) -> dict[str, object]:
    paper = PAPER[mode]
    hues = [_LOOKS[name][MODES.index(mode)] for name in ("sum", "mean", "tensor_mean", "fan")]
    return {
        "figure.figsize": (WIDTH, 4.0),
        "figure.facecolor": paper["paper"],
        "figure.constrained_layout.use": True,
        "figure.constrained_layout.h_pad": 0.06,
        "figure.constrained_layout.w_pad": 0.06,
        "figure.titlesize": 10.5,
        "savefig.facecolor": paper["paper"],
        "savefig.edgecolor": paper["paper"],
        "font.family": "DejaVu Sans",
        "font.size": 9.5,
        "text.color": paper["ink"],
        "axes.facecolor": paper["paper"],
        "axes.edgecolor": paper["muted"],
        "axes.linewidth": 0.8,
        "axes.labelcolor": paper["ink"],
        "axes.labelsize": 9.5,
        "axes.titlecolor": paper["ink"],
        "axes.titlelocation": "left",
        "axes.titlesize": 10,
        "axes.titlepad": 7,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.formatter.use_mathtext": True,
        "axes.prop_cycle": cycler(color=hues),
        "grid.color": paper["grid"],
        "grid.linewidth": 0.7,
        "xtick.color": paper["muted"],
        "ytick.color": paper["muted"],
        "xtick.labelcolor": paper["ink"],
        "ytick.labelcolor": paper["ink"],
        "xtick.labelsize": 9,
        "ytick.labelsize": 9,
        "xtick.minor.size": 0,
        "ytick.minor.size": 0,
        "legend.frameon": False,
        "legend.fontsize": 9,
        "legend.title_fontsize": 9,
        "lines.linewidth": 1.7,
        "lines.markersize": 5.5,
        "lines.solid_capstyle": "round",
        "errorbar.capsize": 0,
        "patch.edgecolor": paper["paper"],
        "mathtext.fontset": "dejavusans",
        "svg.fonttype": "none",
        "svg.hashsalt": "l2scale",
    }
