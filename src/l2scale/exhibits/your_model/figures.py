"""The chapter's figures. Their words are in `text.toml`."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.catalogue.figures import figure
from l2scale.exhibits.drawing import DASHED, reference
from l2scale.exhibits.your_model.measured import MINIMA, TRAINED
from l2scale.exhibits.your_model.tables import ALL, everything, layers, tensors
from l2scale.looks import style

PLAIN = {
    "encoder.layers.": "block ", ".self_attn.in_proj_weight": " attention in",
    ".self_attn.out_proj": " attention out", ".linear": " linear ", ".weight": "",
}  # fmt: skip

LINEAR = 1  # size of a balance up to which its axis is linear


@figure(id="diagnosed-fifty", data=layers, penalties=("sum",))
def diagnosed_fifty(table: pd.DataFrame) -> Figure:
    """Share of the value and ratio of forces, layer by layer."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(style.WIDTH, 2.9), sharey=True)
    words = {"start": "before training", "end": f"after {table['step'].max()} steps"}
    for shift, look, shade in zip((-0.17, 0.17), words, style.shades(2), strict=True):
        rows = table[table["look"] == look]
        places = np.arange(len(rows)) + shift
        left.barh(places, rows["value_share"], height=0.3, color=shade, label=words[look])
        right.scatter(rows["force_ratio"], places, s=36, zorder=3, color=shade)
    left.set_yticks(range(len(rows)), [f"layer {i + 1}" for i in range(len(rows))])
    left.set_ylim(len(rows) - 0.5, -0.5)
    left.set(title="Value", xlabel="share of the penalty’s value", xlim=(0, 1.02))
    left.legend(loc="lower right")
    right.axvline(1.0, color=style.colour("ink"), **DASHED)
    right.set(title="Force", xlabel="force of penalty over data", xscale="log", xlim=(0.03, 30))
    for ax in (left, right):
        _no_rows(ax)
    return fig


@figure(id="balance-by-tensor", data=tensors, penalties=("sum",))
def balance_by_tensor(table: pd.DataFrame) -> Figure:
    """Balance of every tensor, at the start and at the end."""
    shown = {name: table[table["model"] == name] for name in (*TRAINED, *MINIMA.values())}
    counts = [rows["name"].nunique() for rows in shown.values()]
    fig, axes = plt.subplots(
        len(shown), 1, figsize=(style.WIDTH, 1.9 + 0.27 * sum(counts)), sharex=True,
        height_ratios=[count + 0.6 for count in counts],
    )  # fmt: skip
    for ax, (model, rows) in zip(axes, shown.items(), strict=True):
        _balances(ax, rows)
        ax.set_title(model)
    axes[-1].set_xlabel("balance (linear scale where shaded, logarithmic outside)")
    return fig


def _balances(ax: Axes, table: pd.DataFrame) -> None:
    ax.set_xscale("symlog", linthresh=LINEAR, linscale=1)
    ax.axvspan(-LINEAR, LINEAR, color=style.colour("muted"), alpha=0.15, linewidth=0)
    names, colour = labels(table), style.colour("penalty")
    places = np.arange(len(names))
    for look, face in (("start", style.colour("paper")), ("end", colour)):
        by_name = table[table["look"] == look].groupby("name")["balance"]
        low, mean, high = (getattr(by_name, of)().loc[list(names)] for of in ("min", "mean", "max"))
        ax.hlines(places, low, high, color=colour, linewidth=1.2)
        ax.scatter(mean, places, s=30, color=face, edgecolor=colour, zorder=3)
    reference(ax, [1, 1], [-0.6, len(names) - 0.4])
    ax.set_yticks(places, list(names.values()))
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xticks([-100, -10, -1, 0, 1, 10], ["−100", "−10", "−1", "0", "1", "10"])
    _no_rows(ax)


def labels(table: pd.DataFrame) -> dict[str, str]:
    """By the names of a model's parameters, what a reader would call them."""
    kinds = table.drop_duplicates("name").set_index("name")["kind"]
    found = {}
    for name, place in (kinds.groupby(kinds).cumcount() + 1).items():
        found[name] = f"{kinds[name]} {place}" if name[0].isdigit() else name
        for code, plain in PLAIN.items():
            found[name] = found[name].replace(code, plain)
    return found


def _no_rows(ax: Axes) -> None:
    ax.grid(axis="y", visible=False)
    ax.tick_params(axis="y", length=0)


@figure(id="value-share-and-force", source=ALL, data=everything, penalties=("sum",))
def value_share_and_force(table: pd.DataFrame) -> Figure:
    """Ratio of forces against share of the value."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 4.2))
    models = table["model"].unique()
    for model, marker, shade in zip(models, "osD^v", style.shades(len(models)), strict=True):
        for look, face in (("start", "none"), ("end", shade)):
            rows = table[(table["model"] == model) & (table["look"] == look)]
            ax.scatter(
                rows["value_share"], rows["force_ratio"], s=30, marker=marker,
                facecolor=face, edgecolor=shade, label=model if look == "end" else None,
            )  # fmt: skip
    ax.axhline(1.0, color=style.colour("ink"), zorder=1, **DASHED)
    ax.set(xscale="log", yscale="log", xlabel="share of the value")
    ax.set_ylabel("force of penalty over data")
    fig.legend(loc="outside right center", handletextpad=0.2)
    return fig
