"""How the seconds of a sweep grow with what is trained, as a figure."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from benchmarks.record import FigureText
from l2scale.catalogue.typeset import typeset
from l2scale.exhibits.drawing import log_ticks, reference
from l2scale.lab.estimates.intervals import Interval
from l2scale.looks import style
from l2scale.looks.numerals import listing, plain

AXES = {
    "networks": "networks",
    "width": "hidden units of the one layer",
    "depth": "hidden layers",
    "samples": "training samples",
}


def exponent(rows: pd.DataFrame) -> Interval:
    """The fitted power along an axis."""
    first = rows.iloc[0]
    return Interval(first["power"], first["power_low"], first["power_high"], int(first["rounds"]))


def spelled(table: pd.DataFrame) -> list[str]:
    """Every axis: its powers, and the seconds at each size."""
    return [_spelled(axis, rows) for axis, rows in table.groupby("axis", sort=False)]


def _spelled(axis: str, rows: pd.DataFrame) -> str:
    sizes = zip(rows["seconds"], rows["size"], strict=True)
    seconds = ", ".join(f"{plain(value)} s at {size:,}" for value, size in sizes)
    arithmetic = rows["arithmetic"].iloc[0]
    return f"{axis}: power {exponent(rows):z.2f}, by the arithmetic {arithmetic:.2f}; {seconds}"


def describe(table: pd.DataFrame) -> FigureText:
    """What the figure says of a table of `benchmarks.growth.fitted`."""
    rounds = table["rounds"].max()
    parts = dict(list(table.groupby("axis", sort=False)))
    powers = [f"{axis} (power {rows['power'].iloc[0]:z.2f})" for axis, rows in parts.items()]
    arithmetic = [f"{axis} {rows['arithmetic'].iloc[0]:.2f}" for axis, rows in parts.items()]
    return FigureText(
        title=f"Seconds of a sweep grow with {listing(powers)}",
        claim=(
            "Seconds to train and measure a sweep on all cores, along four settings of which one "
            f"grows at a time: medians of {rounds} rounds, and the least and largest as lines. "
            "Above each panel the power that fits, with its 95% interval over rounds; dashed, the "
            f"power that the arithmetic alone would have: {listing(arithmetic)}."
        ),
        alt="Four panels, seconds on logarithmic axes. " + ". ".join(spelled(table)) + ".",
        foot=f"{table['networks'].sum():,} networks in {rounds} rounds",
    )


def draw(table: pd.DataFrame) -> Figure:
    """One panel for each axis."""
    fig, axes = plt.subplots(2, 2, figsize=(style.WIDTH, 4.8), sharey=True)
    for ax, (axis, rows) in zip(axes.flat, table.groupby("axis", sort=False), strict=True):
        title = typeset(f"{axis}: power {exponent(rows):z.2f}")
        ax.set(yscale="log", xlabel=AXES[axis], title=title)
        log_ticks(ax, rows["size"])
        ax.margins(x=0.1)
        # The arithmetic's line goes through the last point, where what else there is weighs least.
        last = rows.iloc[-1]
        law = last["seconds"] * (rows["size"] / last["size"]) ** last["arithmetic"]
        reference(ax, rows["size"], law)
        ax.vlines(rows["size"], rows["low"], rows["high"], color=style.colour("data"))
        ax.plot(rows["size"], rows["seconds"], "o", color=style.colour("data"))
    for ax in axes[:, 0]:
        ax.set_ylabel("seconds")
    return fig
