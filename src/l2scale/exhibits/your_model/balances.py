"""The balance of each tensor before and after training: 1 at a minimum, 0 without a scale."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import plain
from l2scale.exhibits.drawing import reference
from l2scale.exhibits.your_model.sweeps import LAM
from l2scale.exhibits.your_model.tables import RESTING, at, small_rows

SHOWN = ("convolutions", "transformer", *RESTING)
_PLAIN = {
    "encoder.layers.": "block ", ".self_attn.in_proj_weight": " attention in",
    ".self_attn.out_proj": " attention out", ".linear": " linear ", ".weight": "",
}  # fmt: skip


def furthest(table: pd.DataFrame, models: tuple[str, ...], look: str = "end") -> float:
    """Largest distance of a balance from 1 among the tensors of some models, in any seed."""
    rows = pd.concat([at(table, model, look) for model in models])
    return float((rows["balance"] - 1).abs().max())


def before_norm(table: pd.DataFrame, look: str = "end") -> pd.DataFrame:
    """The convolutions, all of which stand before a batch normalisation."""
    rows = at(table, "convolutions", look)
    return rows[rows["kind"] == "convolution"]


def held(table: pd.DataFrame) -> tuple[float, float]:
    """Least and largest balance of a tensor of the transformer at the end, in any seed."""
    balances = at(table, "transformer", "end")["balance"]
    return float(balances.min()), float(balances.max())


def title(table: pd.DataFrame) -> str:
    """Who balances, and how nearly."""
    low, high = held(table)
    off = before_norm(table)["balance"].abs().max()
    return (
        f"At a minimum balances are 1 to within {furthest(table, RESTING):.2g}, before batch "
        f"normalisation 0 to within {off:.1g}; the transformer’s end between {low:.2g} and "
        f"{high:.2g}, over all seeds"
    )


def labels(rows: pd.DataFrame) -> dict[str, str]:
    """By the names of a model's parameters, what a reader would call them."""
    kinds = rows.drop_duplicates("name").set_index("name")["kind"]
    places = kinds.groupby(kinds).cumcount() + 1
    return {
        name: f"{kind} {places[name]}" if name[0].isdigit() else _plain(name)
        for name, kind in kinds.items()
    }


def _plain(name: str) -> str:
    for code, plainly in _PLAIN.items():
        name = name.replace(code, plainly)
    return name


@figure(
    id="balance-by-tensor",
    source=("trained", "at_minimum"),
    penalties=("sum",),
    data=small_rows,
    title=title,
    claim=lambda t: (
        f"Balance −⟨g, W⟩ / (2λ‖W‖²) of each tensor at λ = {LAM:g}, mean over seeds: hollow, "
        "before training; filled, at the end, with a line over the seeds’ range; dashed, 1. The "
        "axis is linear between −1 and 1 and logarithmic outside. The convolutions stand before "
        "batch normalisation; at the end the penalty pulls at them "
        f"{plain(before_norm(t)['force_ratio'].mean())} times as hard as the data, which is no "
        "balance."
    ),
    alt=lambda t: (
        "Four groups of rows, one row for each tensor, with a hollow and a filled point. Three "
        "convolutions have both points at 0. The other tensors start scattered, some far below 0; "
        f"at the end those of the networks at a minimum are at 1, within {furthest(t, RESTING):.2g}"
        f", and those of the transformer between {held(t)[0]:.2g} and "
        f"{held(t)[1]:.2g}."
    ),
)
def balance_by_tensor(table: pd.DataFrame) -> Figure:
    """Balance of every tensor, at the start and at the end."""
    names = {model: labels(at(table, model, "end")) for model in SHOWN}
    counts = [len(tensors) for tensors in names.values()]
    fig, axes = plt.subplots(
        len(SHOWN), 1, figsize=(style.WIDTH, 1.9 + 0.27 * sum(counts)), sharex=True,
        height_ratios=[count + 0.6 for count in counts],
    )  # fmt: skip
    for ax, model in zip(axes, SHOWN, strict=True):
        _panel(ax, table, model, names[model])
    axes[-1].set_xlabel("balance")
    return fig


def _panel(ax: Axes, table: pd.DataFrame, model: str, names: dict[str, str]) -> None:
    ax.set_xscale("symlog", linthresh=1, linscale=1)
    colour, places = style.colour("penalty"), np.arange(len(names))
    for look, face in (("start", style.colour("paper")), ("end", colour)):
        by_name = at(table, model, look).groupby("name")["balance"]
        low, mean, high = (getattr(by_name, of)().loc[list(names)] for of in ("min", "mean", "max"))
        ax.hlines(places, low, high, color=colour, linewidth=1.2)
        ax.scatter(mean, places, s=30, color=face, edgecolor=colour, zorder=3)
    reference(ax, [1, 1], [-0.6, len(names) - 0.4])
    ax.set_yticks(places, list(names.values()))
    ax.set(ylim=(len(names) - 0.4, -0.6), title=model)
    ax.set_xticks([-100, -10, -1, 0, 1, 10], ["−100", "−10", "−1", "0", "1", "10"])
    ax.grid(axis="y", visible=False)
    ax.tick_params(axis="y", length=0)
