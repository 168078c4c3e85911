"""What several figures draw alike: means with intervals over seeds, and labels at the lines."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike

from l2scale.lab.estimates.intervals import mean_interval
from l2scale.looks import style


def seed_interval(values: pd.Series) -> tuple[float, float]:
    """The 95 % t-interval of a mean over seeds, as seaborn's `errorbar` takes it."""
    interval = mean_interval(values)
    return interval.low, interval.high


def mean_line(
    ax: Axes,
    table: pd.DataFrame,
    x: str,
    y: str,
    colour: str,
    marker: str | None = None,
    linestyle: str = "-",
) -> None:
    """Mean over seeds of y at every x, with its 95 % interval as a band."""
    sns.lineplot(
        table,
        x=x,
        y=y,
        ax=ax,
        color=colour,
        marker=marker,
        linestyle=linestyle,
        errorbar=seed_interval,
        markeredgewidth=0,
        err_kws={"alpha": 0.2, "linewidth": 0},
    )


def label_end(
    ax: Axes, table: pd.DataFrame, x: str, y: str, text: str, colour: str, dy: float = 0
) -> None:
    """Write `text` right of the line's last point, `dy` points above it."""
    last = table[table[x] == table[x].max()]
    ax.annotate(
        text,
        (last[x].iloc[0], last[y].mean()),
        xytext=(6, dy),
        textcoords="offset points",
        color=colour,
        va="center",
        fontsize=9,
        annotation_clip=False,
    )


DASHED: dict[str, Any] = {"linestyle": (0, (4, 2)), "linewidth": 1.2}
"""The look of what was predicted."""
SHADED: dict[str, Any] = {"linewidth": 9, "alpha": 0.2, "solid_capstyle": "butt"}
"""The look in a legend of a band that is shaded with this alpha."""


def legend_below(fig: Figure, *lines: tuple[str, str, dict[str, Any]], columns: int = 0) -> None:
    """A legend below the axes, of (words, colour, options of the line), by default in one row."""
    handles = [
        Line2D([], [], color=style.colour(colour), label=words, **options)
        for words, colour, options in lines
    ]
    fig.legend(handles=handles, loc="outside lower center", ncols=columns or len(handles))


def leave_room(ax: Axes, share: float) -> None:
    """Widen the x axis by a share of its length on the right, for labels at the lines' ends."""
    scale = ax.xaxis.get_transform()
    low, high = scale.transform(ax.get_xlim())
    ax.set_xlim(right=float(scale.inverted().transform(high + (high - low) * share)))


def log_ticks(ax: Axes, values: Iterable[float]) -> None:
    """A logarithmic x axis ticked at the values; of more than six, at five with the largest."""
    every = sorted(set(values), reverse=True)
    chosen = every[:: 1 if len(every) <= 6 else -(-len(every) // 5)]
    ax.set_xscale("log")
    ax.set_xticks(chosen, [f"{value:,.4g}" for value in chosen])
    # Without labels, too: press thins the labels of an axis whose minor ones nobody has set.
    ax.set_xticks([], [], minor=True)


def reference(ax: Axes, x: ArrayLike, y: ArrayLike, label: str | None = None) -> None:
    """A dashed line for what was predicted; with a label, the legend has it."""
    ax.plot(x, y, color=style.colour("ink"), zorder=3, label=label, **DASHED)


def note(ax: Axes, x: float, y: float, text: str, **options: Any) -> None:
    """A remark in the axes, at data coordinates, in the ink of reference lines."""
    look: dict[str, Any] = {"color": style.colour("muted"), "fontsize": 8.5}
    ax.text(x, y, text, **look | options)


def column_of_labels(
    ax: Axes, ends: dict[str, float], words: dict[str, str] | None = None, gap: float = 0.075
) -> None:
    """Name penalties right of the axes, at their lines' ends but `gap` of its height apart."""
    at = {name: height(ax, y) for name, y in ends.items()}
    for name, y in spread_labels(at, gap).items():
        colour = style.colour(name)
        ax.plot(
            1.04, y, style.marker(name), color=colour, transform=ax.transAxes, clip_on=False,
            markeredgewidth=0,
        )  # fmt: skip
        said = style.words(name)
        text = f"{said}\n{words[name]}" if words else said
        ax.text(1.08, y, text, color=colour, transform=ax.transAxes, va="center", fontsize=9)


def label_ends(ax: Axes, ends: dict[str, tuple[float, str]], x: float, gap: float = 0.055) -> None:
    """Write each text at x, at its height in data units or `gap` of the axis apart, in its colour.

    Call it when the limits of the axes stand.
    """
    right = ax.transAxes.inverted().transform(ax.transData.transform((x, ax.get_ylim()[0])))[0]
    places = spread_labels({words: height(ax, y) for words, (y, _) in ends.items()}, gap)
    for words, y in places.items():
        look: dict[str, Any] = {
            "transform": ax.transAxes,
            "color": ends[words][1],
            "va": "center",
            "fontsize": 9,
        }
        ax.text(right, y, words, **look)


def spread_labels(at: dict[str, float], gap: float) -> dict[str, float]:
    """Shares of an axis from 0.02 to 0.98, from the lowest up, moved until all are `gap` apart."""
    order = sorted(at, key=at.__getitem__)
    places: list[float] = []
    for name in order:
        places.append(max(at[name], places[-1] + gap if places else 0.02))
    top = 0.98  # what the spreading pushed out at the top comes back, and those below make room
    for i in reversed(range(len(places))):
        places[i] = min(places[i], top)
        top = places[i] - gap
    return dict(zip(order, places, strict=True))


def height(ax: Axes, y: float) -> float:
    """A number on the y axis as a share of the axes' height."""
    low, high = ax.transData.transform([(ax.get_xlim()[1], end) for end in ax.get_ylim()])[:, 1]
    at = ax.transData.transform((ax.get_xlim()[1], y))[1]
    return float((at - low) / (high - low))


EDGES = {"low": "v", "high": "^"}
"""Markers of an optimum at an edge of its grid: it lies there or beyond."""


def best_lambdas(ax: Axes, x: pd.Series, rows: pd.DataFrame, marker: str, colour: str) -> None:
    """Points at lam with bars to lam_low and lam_high as far as there are any; or `EDGES`."""
    below, above = rows["lam"] - rows["lam_low"], rows["lam_high"] - rows["lam"]
    reach = [side.clip(lower=0).fillna(0) for side in (below, above)]
    ax.errorbar(x, rows["lam"], yerr=reach, fmt="none", color=colour)
    for at, lam, edge in zip(x, rows["lam"], rows["edge"], strict=True):
        ax.plot(at, lam, EDGES.get(edge, marker), color=colour, markersize=5.5)


def best_lines(
    ax: Axes, rows: pd.DataFrame, x: str, by: str, looks: Mapping[Any, tuple[str, str]]
) -> None:
    """Best strengths against a size, a line for each value of `by`, side by side.

    Args:
        ax: with a logarithmic x axis.
        rows: with columns estimate, low, high and edge.
        x: column of the size.
        by: column that tells the lines apart.
        looks: colour and marker of each of its values.
    """
    named = rows.rename(columns={"estimate": "lam", "low": "lam_low", "high": "lam_high"})
    for place, (value, some) in enumerate(named.groupby(by)):
        hue, marker = looks[value]
        at = some[x] * (1 + 0.04 * (place - (named[by].nunique() - 1) / 2))
        best_lambdas(ax, at, some, marker, style.colour(hue))
        ax.plot(at, some["lam"], color=style.colour(hue), linewidth=1, alpha=0.6)


def small_multiples(
    count: int, across: int, height: float, x: str, size: float | None = None
) -> tuple[Figure, list[Axes]]:
    """Panels on common axes, so many across, each `height` inches; the lowest ones have `x`."""
    down = -(-count // across)
    fig, axes = plt.subplots(
        down, across, figsize=(style.WIDTH, height * down + 0.8), sharex=True, sharey=True,
        squeeze=False,
    )  # fmt: skip
    panels, unused = list(axes.flat[:count]), axes.flat[count:]
    for ax in unused:
        ax.remove()
    for ax in panels[-across:]:
        ax.tick_params(labelbottom=True)
        ax.set_xlabel(x, fontsize=size)
    return fig, panels
