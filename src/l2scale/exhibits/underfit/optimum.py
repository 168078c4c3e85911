"""The best lambda and the strength of collapse against depth."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import plain, span
from l2scale.exhibits.underfit.collapse import (
    best,
    collapse,
    collapse_table,
    depth_exponent,
    fall,
    inside,
)
from l2scale.exhibits.underfit.deeper import depths

# rule -> colour, marker, words
WIDE = 4.0  # an interval with more than this factor between its ends is drawn thin
LOOKS = {"loss": ("data", "o", "best by loss"), "error": ("penalty", "s", "by error")}


def exponent_words(table: pd.DataFrame, rule: str) -> str:
    """The exponent with its interval, or that an edge forbids one."""
    found = depth_exponent(table, rule)
    return span(found) if np.isfinite(found.estimate) else "not known (an optimum is at an edge)"


def fall_words(table: pd.DataFrame) -> str:
    """The fall of the strength of collapse as a factor, and between what the grid leaves it."""
    factor, low, high = fall(table)
    if not np.isfinite([factor, low, high]).all():
        return "not known"
    return f"{factor:.1f} ({low:.1f} to {high:.1f})"


def title(table: pd.DataFrame) -> str:
    """By how much the strength of collapse falls with depth."""
    if not fall(table)[1] > 1:
        return "Best λ and the strength at which training collapses, by depth"
    return (
        f"From {depths(table)[0]} to {depths(table)[-1]} layers the λ of collapse falls by a "
        f"factor {fall_words(table)}"
    )


def alt(table: pd.DataFrame) -> str:
    """All three lines in numbers."""
    by = {rule: best(table, rule).set_index("depth")["lam"] for rule in LOOKS}
    gone, path_ends, expanded = (
        collapse(table)[column] for column in ("any", "path_end", "expanded_end")
    )
    rows = "; ".join(
        f"{depth} layers: {plain(by['loss'][depth])}, {plain(by['error'][depth])}, "
        + (plain(gone[depth]) if np.isfinite(gone[depth]) else "none")
        for depth in depths(table)
    )
    return (
        "One panel of strength, on a logarithmic axis, against layers. Best λ by validation "
        f"loss, by validation error, and the first λ at which a network has collapsed: {rows}. "
        f"A dashed line, where one path ends, goes from {plain(path_ends.iloc[0])} to "
        f"{plain(path_ends.iloc[-1])}; a dotted one, its expansion, from "
        f"{plain(expanded.iloc[0])} to {plain(expanded.iloc[-1])}."
    )


@figure(
    id="optimum-by-depth",
    source="deeper",
    data=collapse_table,
    title=title,
    claim=lambda t: (
        "The deeper networks. Circles and squares: the strength with the least validation loss and "
        "the least validation error, with 95% intervals over seeds, which are too narrow for deep "
        "networks (the notation page says by how much); thin ones span more than a "
        f"factor {WIDE:g} and may leave the axes. Shaded: from the last strength at which no "
        "network has collapsed (a training loss above 95% of ln 10, a definition chosen after the "
        "curves were seen) to the first from which all have. In the title's brackets: what the "
        "grid leaves open. Dashed: where the non-zero minimum of one unit a layer ceases to exist, "
        "computed from the training set alone, in the band at "
        f"{' of '.join(map(str, inside(t, 'path_end')))} depths. Dotted: its expansion in closed "
        f"form, in the band at {' of '.join(map(str, inside(t, 'expanded_end')))}."
    ),
    alt=alt,
)
def optimum_by_depth(table: pd.DataFrame) -> Figure:
    """Best strength by two measures, and the band of collapse, against the number of layers."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 4.2))
    ax.set_yscale("log")
    gone = collapse(table)
    shaded = gone.dropna()
    ink, muted = style.colour("ink"), style.colour("muted")
    ax.fill_between(
        shaded.index, shaded["none"], shaded["all"], color=muted, alpha=0.3, linewidth=0
    )
    ax.plot(gone.index, gone["path_end"], linestyle=(0, (4, 2)), color=ink, linewidth=1.2)
    ax.plot(gone.index, gone["expanded_end"], linestyle=":", color=ink, linewidth=1.2)
    ends = {}
    for (rule, (colour, usual, words)), shift in zip(LOOKS.items(), (-0.07, 0.07), strict=True):
        found = best(table, rule)
        markers = found["edge"].map({"low": "v", "high": "^"}).fillna(usual)
        for row, mark in zip(found.itertuples(), markers, strict=True):
            bounds = (row.lam_low, row.lam_high)
            low, high = (x if np.isfinite(x) else row.lam for x in bounds)
            thick, alpha = (0.7, 0.5) if high > WIDE * low else (1.4, 1.0)
            x, hue = [row.depth + shift] * 2, style.colour(colour)
            ax.plot(x, [low, high], color=hue, linewidth=thick, alpha=alpha)
            ax.plot(row.depth + shift, row.lam, mark, color=style.colour(colour))
        ax.plot(found["depth"] + shift, found["lam"], color=style.colour(colour), linewidth=0.9)
        ends[words] = (found["lam"].iloc[-1], style.colour(colour))
    listed = depths(table)
    ax.set_xticks(listed, [str(depth) for depth in listed])
    ax.set_xlim(listed[0] - 0.3, listed[-1] + 0.2 * (listed[-1] - listed[0]))
    ax.set_ylim(table["lam"].min() * 0.8, table["lam"].max() * 1.8)
    ax.yaxis.set_major_formatter("{x:.3g}")
    ends["one path"] = (gone["path_end"].iloc[-1], ink)
    ends["expanded"] = (gone["expanded_end"].iloc[-1], ink)
    spread(ax, ends, listed[-1] + 0.035 * (listed[-1] - listed[0]))
    if len(shaded):
        top = shaded.iloc[0]
        ax.annotate(
            "collapse", (shaded.index[0], top["all"]), xytext=(14, 6), textcoords="offset points",
            color=muted, fontsize=9,
        )  # fmt: skip
    ax.set(xlabel="layers", ylabel="λ (sum penalty)")
    return fig


def spread(ax: plt.Axes, labels: dict[str, tuple[float, str]], x: float) -> None:
    """Labels at their heights on a logarithmic axis, or above one that would be in the way."""
    below = 0.0
    for words, (y, colour) in sorted(labels.items(), key=lambda item: item[1][0]):
        below = max(y, below * 1.25)
        ax.text(x, below, words, color=colour, va="center", fontsize=9)
