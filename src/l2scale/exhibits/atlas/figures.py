"""The chapter's figures. Their words are in `text.toml`."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.catalogue.figures import figure
from l2scale.exhibits.atlas.flat import AGAINST, gains
from l2scale.exhibits.atlas.ladder import ladder
from l2scale.exhibits.atlas.problems import FAMILIES
from l2scale.exhibits.atlas.summary import calibration
from l2scale.exhibits.atlas.valleys import atlas
from l2scale.exhibits.drawing import DASHED, EDGES, legend_below, note, small_multiples
from l2scale.looks import style

LABELS = {"right": ("data", "o", "none"), "wrong": ("penalty", "s", "full")}
"""Colour, marker and filling of problems by their labels."""


def names_of(data: str) -> str:
    """A data set as a figure names it."""
    return data.replace("_", " ")


def look(labels: str, edge: str = "none", size: float = 4.5) -> dict[str, Any]:
    """How a problem's point looks; an arrow head where its best lambda is at an edge."""
    colour, marker, filling = LABELS[labels]
    found = {"color": style.colour(colour), "markersize": size, "linestyle": ""}
    return found | {"marker": EDGES_ACROSS.get(edge, marker), "fillstyle": filling}


EDGES_ACROSS = {"low": "<", "high": ">"}
KEYS = [
    ("right labels", "data", {"marker": "o", "linestyle": "", "fillstyle": "none"}),
    ("some labels wrong", "penalty", {"marker": "s", "linestyle": ""}),
]


@figure(id="lambda-atlas", data=atlas, penalties=("sum",))
def lambda_atlas(table: pd.DataFrame) -> Figure:
    """One row a data set, in blocks by family: the best lambda of each of its problems."""
    optimisers = ("sgd", "adamw")
    rows = table.assign(log=np.log(table["lam"]))
    middles = rows[rows["optimiser"] == "sgd"].groupby("data")["log"].median()
    places: dict[str, float] = {}
    ticks, top = [], 0.0
    for family, names in FAMILIES.items():
        there = sorted((n for n in names if n in middles.index), key=lambda n: -middles[n])
        if there:
            ticks.append((family, top))
            places |= {name: top + 1 + i for i, name in enumerate(there)}
            top += len(there) + 1.2
    fig, axes = plt.subplots(
        1, 2, figsize=(style.WIDTH, 1.6 + 0.168 * top), sharey=True, width_ratios=(1.5, 1)
    )
    for ax, optimiser, words in zip(axes, optimisers, ("SGD", "AdamW"), strict=True):
        some = rows[rows["optimiser"] == optimiser]
        for (labels, edge), cell in some.groupby(["labels", "edge"], sort=False):
            y = cell["data"].map(places) + (0.16 if labels == "wrong" else -0.16)
            ax.plot(cell["lam"], y, **look(labels, edge, 3.6))
        ax.set_xscale("log")
        ax.set(xlabel="best λ", title=words, ylim=(top, -0.4))
        ax.grid(visible=False, axis="y")
        for y in places.values():
            ax.axhline(y, color=style.colour("grid"), linewidth=0.5, zorder=0)
    axes[0].set_yticks(list(places.values()), [names_of(name) for name in places], fontsize=7.5)
    for family, y in ticks:
        how = {"transform": axes[0].get_yaxis_transform(), "va": "center", "ha": "right"}
        axes[0].text(
            -0.015, y, family, color=style.colour("ink"), fontsize=8.5, fontweight="bold", **how
        )
    legend_below(fig, *KEYS, ("at an edge of the grid", "muted", {"marker": "<", "linestyle": ""}))
    return fig


SHIFTS = {"sgd": -0.17, "adamw": 0.17}
COLUMNS = (("regret", "low", "high"), ("error", "error_low", "error_high"))


@figure(id="lambda-ladder", data=ladder, penalties=("sum",))
def lambda_ladder(table: pd.DataFrame) -> Figure:
    """One row a rung: what it costs in test loss and in test errors, for both optimisers."""
    rows = table[table["labels"] == "all"]
    rungs = rows[rows["optimiser"] == "sgd"]["rung"].tolist()
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 5.4), sharey=True)
    for ax, (value, low, high) in zip(axes, COLUMNS, strict=True):
        for optimiser, shift in SHIFTS.items():
            some = rows[rows["optimiser"] == optimiser].set_index("rung").loc[rungs]
            y = np.arange(len(rungs)) + shift
            colour = style.colour(optimiser)
            ax.hlines(y, some[low], some[high], color=colour, linewidth=1.4)
            ax.plot(some[value], y, style.marker(optimiser), color=colour, markersize=4.5)
        ax.axvline(0, color=style.colour("ink"), zorder=1, **DASHED)
        ax.grid(visible=False, axis="y")
        ax.xaxis.set_major_formatter("{x:.0%}")
    words = rows[rows["optimiser"] == "sgd"]["words"].tolist()
    axes[0].set_yticks(range(len(rungs)), words)
    axes[0].set_ylim(len(rungs) - 0.5, -0.5)
    axes[0].set(xlabel="test loss above the best λ’s", title="In loss")
    axes[1].set(xlabel="test error above the best λ’s", title="In errors")
    cut_at(axes[0], rows)
    legend_below(
        fig, *((words, name, {"marker": style.marker(name)}) for name, words in
               (("sgd", "SGD"), ("adamw", "AdamW"))),
    )  # fmt: skip
    return fig


def cut_at(ax: Axes, rows: pd.DataFrame) -> None:
    """End the axis of losses where rules do; a point beyond has its number at the end."""
    most = 1.05 * rows.loc[~rows["rung"].isin(["none", "typed"]), "high"].max()
    ax.set_xlim(min(-0.03 * most, 1.1 * rows["low"].min()), most)
    rungs = rows[rows["optimiser"] == "sgd"]["rung"].tolist()
    for _, row in rows[rows["regret"] > most].iterrows():
        y = rungs.index(row["rung"]) + SHIFTS[row["optimiser"]]
        how = {"ha": "right", "va": "center", "color": style.colour(row["optimiser"])}
        note(ax, 0.99 * most, y, f"{row['regret']:.0%} →", **how)


@figure(id="flat-valleys", data=gains, penalties=("sum",))
def flat_valleys(table: pd.DataFrame) -> Figure:
    """The share of problems in which tuning saves at most so much error, against three starts."""
    rows = table[table["optimiser"] == "sgd"]
    fig, axes = plt.subplots(1, 3, figsize=(style.WIDTH, 3.5), sharey=True, sharex=True)
    for ax, (against, words) in zip(axes, AGAINST.items(), strict=True):
        for labels, (colour, _, _) in LABELS.items():
            cell = rows[(rows["against"] == against) & (rows["labels"] == labels)]
            cell = cell.sort_values("less")
            share = cell["weight"].cumsum() / cell["weight"].sum()
            line = "-" if labels == "right" else (0, (5, 1.5))
            ax.step(cell["less"], share, where="post", color=style.colour(colour), linestyle=line)
        ax.axvline(0.005, color=style.colour("ink"), zorder=1, **DASHED)
        ax.set(title=f"Against {words}", xlabel="error saved", xlim=(-0.02, 0.12), ylim=(0, 1))
        ax.xaxis.set_major_formatter("{x:.0%}")
        ax.yaxis.set_major_formatter("{x:.0%}")
    axes[0].set_ylabel("share of problems")
    legend_below(
        fig, ("right labels", "data", {}), ("some wrong", "penalty", {"linestyle": (0, (5, 1.5))}),
        ("half a point", "ink", DASHED),
    )  # fmt: skip
    return fig


@figure(id="lambda-said", data=calibration, penalties=("sum",))
def lambda_said(table: pd.DataFrame) -> Figure:
    """One panel a family: the best lambda against what the rule said, fitted on the others."""
    rows = table[table["optimiser"] == "sgd"]
    families = [name for name in FAMILIES if name in set(rows["family"])]
    across = min(4, len(families))
    fig, panels = small_multiples(len(families), across, height=2.1, x="λ said")
    ends = [rows[["lam", "best"]].min().min() / 1.5, rows[["lam", "best"]].max().max() * 1.5]
    for ax, family in zip(panels, families, strict=True):
        for (labels, edge), cell in rows[rows["family"] == family].groupby(["labels", "edge"]):
            ax.plot(cell["lam"], cell["best"], **look(labels, size=3.6) | arrow(edge))
        ax.plot(ends, ends, color=style.colour("ink"), zorder=1, **DASHED)
        low, high = (np.array(ends) * factor for factor in (1 / 4, 4))
        ax.fill_between(ends, low, high, color=style.colour("muted"), alpha=0.15, lw=0, zorder=0)
        ax.set(xscale="log", yscale="log", title=family, xlim=ends, ylim=ends)
    for ax in panels[::across]:
        ax.set_ylabel("best λ")
    legend_below(fig, *KEYS, ("λ said", "ink", DASHED))
    return fig


def arrow(edge: str) -> dict[str, Any]:
    """The marker of a best lambda at an edge of the grid, on a vertical axis."""
    return {"marker": EDGES[edge]} if edge in EDGES else {}
