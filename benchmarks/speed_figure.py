"""Networks per second of the trainer beside other ways to train the same networks, as a figure."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.record import FigureText
from l2scale.exhibits.drawing import leave_room
from l2scale.looks import style
from l2scale.looks.numerals import listing, percent, plain

WAYS = {
    "ours": "l2scale",
    "plain_torch": "plain torch loop",
    "lean_torch": "lean torch loop",
    "sklearn": "scikit-learn",
    "torch_func": "torch.func, vmap",
    "jax_vmap": "JAX’s vmap",
    "jax_map": "JAX’s map",
}
CONFIGURATIONS = {
    "base": "64-128-10, batches of 32",
    "width32": "64-32-10, batches of 32",
    "width512": "64-512-10, batches of 32",
    "full_batch": "64-128-10, full batch",
    "depth3": "64-128-128-10, batches of 32",
}


def describe(table: pd.DataFrame) -> FigureText:
    """What the figure says of a table of `benchmarks.report.summary`."""
    rounds = table["rounds"].max()
    ours = table[table["contender"] == "ours"]
    first = table[table["configuration"] == ours["configuration"].iloc[0]]
    rivals = first[first["contender"] != "ours"].sort_values("networks_per_second")
    ends = rivals.iloc[[0, -1]].drop_duplicates()
    said = [f"{times(row.ours_over_this)} {called(row.contender)}" for row in ends.itertuples()]
    rate = plain(ours["networks_per_second"].iloc[0])
    shares = ours["fraction_of_sgemm"]
    return FigureText(
        title=f"l2scale trains {rate} networks a second: {listing(said)}",
        claim=(
            "Networks trained per second on all cores, data, initial weights and test accuracy "
            f"included: medians of {rounds} rounds, and the least and largest as lines. Beside "
            "each, how many times as fast l2scale is, and the share of the peak, which is what the "
            f"machine reaches in products of large matrices: {percent(shares.min())} to "
            f"{percent(shares.max())} for l2scale. All train the same networks for as long, on the "
            "digits of scikit-learn, and all reach the same accuracy. JAX is compiled beforehand."
        ),
        alt=f"Dots on a logarithmic axis of networks per second, in panels. {spelled(table)}",
        foot=f"{table['networks'].sum():,} networks in {rounds} rounds",
    )


def times(ratio: float) -> str:
    """A ratio of speeds in a sentence: 44 times."""
    return f"{factor(ratio)} times"


def factor(ratio: float) -> str:
    """A ratio of speeds, to two digits: 44, 1.0."""
    return f"{ratio:.1f}" if ratio < 9.95 else f"{ratio:.0f}"


def called(way: str) -> str:
    """A contender in a sentence."""
    return f"the {WAYS[way]}" if way.endswith("torch") else WAYS[way]


def spelled(table: pd.DataFrame) -> str:
    """Every rate and ratio."""
    panels = []
    for configuration, rows in table.groupby("configuration", sort=False):
        dots = [
            f"{WAYS[row.contender]} {plain(row.networks_per_second)}"
            if row.contender == "ours"
            else f"{WAYS[row.contender]} {plain(row.networks_per_second)} "
            f"(l2scale is {times(row.ours_over_this)} as fast)"
            for row in rows.itertuples()
        ]
        panels.append(f"{CONFIGURATIONS[configuration]}: {', '.join(dots)}.")
    return " ".join(panels)


def draw(table: pd.DataFrame) -> Figure:
    """One panel for each configuration; the contenders in the same order in all of them."""
    shown = table["configuration"].unique()
    order = [way for way in WAYS if way in set(table["contender"])]
    height = len(shown) * (0.42 + 0.19 * len(order)) + 0.4
    fig, axes = plt.subplots(
        len(shown), 1, figsize=(style.WIDTH, height), sharex=True, squeeze=False
    )
    for ax, configuration in zip(axes[:, 0], shown, strict=True):
        ax.set(title=CONFIGURATIONS[configuration], xscale="log")
        rows = table[table["configuration"] == configuration].set_index("contender")
        for place, way in enumerate(order):
            dot(ax, -place, rows.loc[way], way)
        ax.set_yticks([-place for place in range(len(order))], [WAYS[way] for way in order])
        ax.set_ylim(0.6 - len(order), 0.6)
        ax.tick_params(axis="y", length=0)
        ax.grid(visible=False, axis="y")
        ax.xaxis.set_major_formatter("{x:,g}")
    axes[-1, 0].set_xlabel("networks per second")
    leave_room(axes[0, 0], 0.32)
    return fig


def dot(ax: Axes, y: float, row: pd.Series, way: str) -> None:
    """A contender's median, its span over the rounds, and what it means beside ours."""
    colour = style.colour("data" if way == "ours" else "muted")
    rate = row["networks_per_second"]
    share = f"{percent(row['fraction_of_sgemm'])} of peak"
    ratio = factor(row["ours_over_this"])
    said = f"{plain(rate)} a second" if way == "ours" else f"l2scale ×{ratio}"
    ax.plot([row["low"], row["high"]], [y, y], color=colour, linewidth=2.2)
    ax.plot(rate, y, "o", color=colour, markersize=7 if way == "ours" else 5)
    ax.annotate(
        f"{said} · {share}",
        (row["high"], y),
        xytext=(7, 0),
        textcoords="offset points",
        color=style.colour("data" if way == "ours" else "ink"),
        fontweight="bold" if way == "ours" else "normal",
        fontsize=8,
        va="center",
        annotation_clip=False,
    )
