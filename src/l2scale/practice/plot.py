"""The figure of a diagnosis: where the value is, and where the penalty pulls hard."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.looks import style

MOST = 20
"""Rows that stay readable: of more tensors those of most value are drawn, and the rest as one."""

_LONGEST = 30  # characters of a name


def draw(table: pd.DataFrame) -> Figure:
    """Two panels, one row per tensor: share of the value, and force of penalty over data.

    Without the data's forces the right panel has the value over that of the start.
    """
    rows = folded(table)
    fig, (left, right) = plt.subplots(
        1, 2, figsize=(style.WIDTH, 1.3 + 0.24 * len(rows)), sharey=True
    )
    places = np.arange(len(rows))
    left.barh(places, rows["value_share"], height=0.6, color=style.colour("penalty"))
    left.set_yticks(places, [_short(name) for name in rows["name"]])
    left.set_ylim(len(rows) - 0.4, -0.6)
    left.set(title="Share of the value", xlim=(0, 1.02))
    if rows["force_ratio"].notna().any():
        _ratios(right, rows["force_ratio"], rows["scale_free"], "Force of penalty over data")
    else:
        free = pd.Series(False, index=rows.index)
        _ratios(right, rows["value_over_expected"], free, "Value over that of the start")
    for ax in (left, right):
        ax.grid(axis="y", visible=False)
        ax.tick_params(axis="y", length=0)
    return fig


def folded(table: pd.DataFrame) -> pd.DataFrame:
    """At most `MOST` rows, in the model's order; the rest of the tensors are summed in a last one.

    Squares of forces add up.
    """
    if len(table) <= MOST:
        return table
    kept = table["value"].rank(ascending=False, method="first") < MOST
    rest = table[~kept]
    force, data = (float(np.hypot.reduce(rest[name])) for name in ("force", "data_force"))
    expected = rest["expected_value"].sum()
    last = {
        "name": f"{len(rest)} others",
        "value_share": rest["value_share"].sum(),
        "force_ratio": force / data if data > 0 else np.nan,
        "value_over_expected": rest["value"].sum() / expected if expected > 0 else np.nan,
        "scale_free": bool(rest["scale_free"].all()),
    }
    return pd.concat([table.loc[kept, list(last)], pd.DataFrame([last])], ignore_index=True)


def _ratios(ax: Axes, ratios: pd.Series, hollow: pd.Series, title: str) -> None:
    """Points on a logarithmic axis about a line at 1; hollow where a tensor has no scale."""
    ink, paper = style.colour("penalty"), style.colour("paper")
    drawn = ratios.where(ratios > 0)
    ax.set_xscale("log")
    ax.scatter(
        drawn, np.arange(len(drawn)), s=34, zorder=3, edgecolor=ink,
        color=[paper if free else ink for free in hollow],
    )  # fmt: skip
    ax.axvline(1.0, linestyle=(0, (4, 2)), linewidth=1.2, color=style.colour("ink"), zorder=2)
    low, high = np.nanmin([*drawn, 1.0]), np.nanmax([*drawn, 1.0])
    # Two decades at least, so that the axis has ticks that are powers of ten.
    ax.set_xlim(min(low / 2, 0.1), max(high * 2, 10.0))
    ax.set_title(title)
    if hollow.any():
        ax.set_xlabel("hollow: the loss does not feel the scale")


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"…{name[-_LONGEST + 1 :]}"
