"""The best lambda and the strength of collapse against depth: the room between them."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.exhibits.drawing import plain, span
from l2scale.exhibits.underfit.deeper import depths
from l2scale.exhibits.underfit.room import (
    best,
    collapse,
    depth_exponent,
    room,
    room_table,
)

# rule -> colour, marker, words
LOOKS = {"loss": ("data", "o", "best by loss"), "error": ("penalty", "s", "by error")}


def exponent_words(table: pd.DataFrame, rule: str) -> str:
    """The exponent with its interval, or that an edge forbids one."""
    found = depth_exponent(table, rule)
    return span(found) if np.isfinite(found.estimate) else "not known (an optimum is at an edge)"


def room_words(table: pd.DataFrame, depth: int) -> str:
    """The room as a factor."""
    found = room(table, depth)
    return f"{found:.1f}" if np.isfinite(found) else "not known"


def inside(table: pd.DataFrame) -> str:
    """At how many depths the path's end lies in the band, ends included."""
    found = collapse(table).dropna()
    within = (found["none"] <= found["path_end"]) & (found["path_end"] <= found["all"])
    return f"{within.sum()} of {len(found)}"


def over_path(table: pd.DataFrame) -> str:
    """The band's middle over the path's end: its span over the depths."""
    found = collapse(table).dropna()
    ratio = np.sqrt(found["none"] * found["all"]) / found["path_end"]
    return f"{ratio.min():.2f} to {ratio.max():.2f}" if len(ratio) else "not known"


def title(table: pd.DataFrame) -> str:
    """By how much the strength of collapse falls with depth."""
    shallow, deep = depths(table)[0], depths(table)[-1]
    gone = collapse(table)["any"]
    if not gone[deep] < gone[shallow]:
        return "Best λ and the strength at which training collapses, by depth"
    return (
        f"From {shallow} to {deep} layers, the λ at which training collapses falls by a factor "
        f"{gone[shallow] / gone[deep]:.1f}"
    )


def alt(table: pd.DataFrame) -> str:
    """All three lines in numbers."""
    by = {rule: best(table, rule).set_index("depth")["lam"] for rule in LOOKS}
    gone, path_ends = (collapse(table)[column] for column in ("any", "path_end"))
    rows = "; ".join(
        f"{depth} layers: {plain(by['loss'][depth])}, {plain(by['error'][depth])}, "
        + (plain(gone[depth]) if np.isfinite(gone[depth]) else "none")
        for depth in depths(table)
    )
    return (
        "One panel of strength, on a logarithmic axis, against layers. Best λ by validation "
        f"loss, by validation error, and the first λ at which a network guesses: {rows}. A dashed "
        f"line, where the closed form of one path ends, goes from {plain(path_ends.iloc[0])} to "
        f"{plain(path_ends.iloc[-1])}."
    )


@figure(
    id="optimum-by-depth",
    source="deeper",
    data=room_table,
    title=title,
    claim=lambda t: (
        "The networks of the figure before. Circles and squares: the strength with the least "
        "validation loss and the least validation error, with 95% intervals over seeds, which may "
        "leave the axes. Exponents in depth: "
        f"{exponent_words(t, 'loss')} by loss, {exponent_words(t, 'error')} by error. Shaded: "
        "from the last strength at which no network guesses (a training loss above 95% of ln 10) "
        "to the first from which all do. Dashed: where the non-zero minimum of one unit a layer, "
        "computed from the training set alone, ceases to exist: inside the band at "
        f"{inside(t)} depths. The band's middle is {over_path(t)} times that."
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
    ends = {}
    for (rule, (colour, usual, words)), shift in zip(LOOKS.items(), (-0.04, 0.04), strict=True):
        found = best(table, rule)
        markers = found["edge"].map({"low": "v", "high": "^"}).fillna(usual)
        for row, mark in zip(found.itertuples(), markers, strict=True):
            bounds = (row.lam_low, row.lam_high)
            low, high = (x if np.isfinite(x) else row.lam for x in bounds)
            ax.plot([row.depth + shift] * 2, [low, high], color=style.colour(colour), linewidth=1.4)
            ax.plot(row.depth + shift, row.lam, mark, color=style.colour(colour))
        ax.plot(found["depth"] + shift, found["lam"], color=style.colour(colour), linewidth=0.9)
        ends[words] = (found["lam"].iloc[-1], style.colour(colour))
    listed = depths(table)
    ax.set_xticks(listed, [str(depth) for depth in listed])
    ax.set_xlim(listed[0] - 0.3, listed[-1] + 0.2 * (listed[-1] - listed[0]))
    ax.set_ylim(table["lam"].min() * 0.8, table["lam"].max() * 1.8)
    ax.yaxis.set_major_formatter("{x:.3g}")
    ends["one path"] = (gone["path_end"].iloc[-1], ink)
    spread(ax, ends, listed[-1] + 0.025 * (listed[-1] - listed[0]))
    if len(shaded):
        top = shaded.iloc[0]
        ax.annotate(
            "guessing", (shaded.index[0], top["all"]), xytext=(14, 6), textcoords="offset points",
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
