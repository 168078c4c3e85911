"""What one step, and many, take from a weight that the data leave alone."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import listing, percent, plain, to_rounding
from l2scale.catalogue.results import Result
from l2scale.exhibits.drawing import note, reference
from l2scale.exhibits.frameworks.forgetting import LAMS, MOMENTUM, RATE, STEPS, WAYS
from l2scale.theory.momentum import long_run_factor
from l2scale.theory.penalties import decay_factor

SHARES = ("loss", "sgd", "momentum", "adamw")  # whose first step takes 2 eta lambda w
STRONG = max(LAMS)  # of the paths that are drawn
FROM = 1.0  # the initial weight of these paths


def paths(result: Result) -> pd.DataFrame:
    """The weights, with `taken`: what the first step takes; and `left`, the share of the start."""
    table = result["forgotten"].table
    first = table[table["step"] == 1].assign(taken=lambda t: t["start"] - t["weight"])
    keys = ["way", "lam", "start"]
    table = table.merge(first[[*keys, "taken"]], on=keys)
    return table.assign(left=table["weight"] / table["start"])


def first_steps(table: pd.DataFrame, way: str) -> pd.DataFrame:
    """One row per lambda and initial weight of a way."""
    return table[(table["way"] == way) & (table["step"] == 1)]


def share_off(table: pd.DataFrame) -> float:
    """The largest relative distance of a first step from 2 eta lambda w, of all but Adam's."""
    rows = pd.concat([first_steps(table, way) for way in SHARES])
    return float((rows["taken"] / (2 * RATE * rows["lam"] * rows["start"]) - 1).abs().max())


def amount_off(table: pd.DataFrame) -> float:
    """The largest relative distance of a first step of Adam from eta."""
    return float((first_steps(table, "adam")["taken"] / RATE - 1).abs().max())


def path(table: pd.DataFrame, way: str, lam: float = STRONG) -> pd.Series:
    """Share left of a weight of size FROM, by step."""
    rows = table[(table["way"] == way) & (table["lam"] == lam) & (table["start"] == FROM)]
    return rows.set_index("step")["left"].sort_index()


def pace_off(table: pd.DataFrame) -> float:
    """Share by which momentum's last step is off the long-run factor, as a decay."""
    left = path(table, "momentum")
    expected = 1 - long_run_factor(RATE, STRONG, MOMENTUM)
    return float(abs((1 - left.iloc[-1] / left.iloc[-2]) / expected - 1))


def steps_to(table: pd.DataFrame, share: float) -> int:
    """Steps until Adam has left a share of a weight of size FROM."""
    left = path(table, "adam")
    return int(left.index[left <= share][0])


def title(table: pd.DataFrame) -> str:
    """A share, or an amount."""
    ratio = max(LAMS) / min(LAMS)
    return (
        "In its first step SGD or AdamW takes the share 2ηλ of an unused weight; Adam takes η of "
        f"every weight, to {percent(amount_off(table))}, also at {ratio:g} times the λ"
    )


def claim(table: pd.DataFrame) -> str:
    """Predictions and how far they are off."""
    left = path(table, "adam")
    return (
        "Weights whose data gradient is 0, by torch.optim, at η = "
        f"{plain(RATE)} and λ = {listing([plain(lam) for lam in LAMS])}; weight_decay is 2λ. Left: "
        "what the first step takes, against the weight; dashed, 2ηλw and η. The shares are met to "
        f"{to_rounding(share_off(table))}. Right: share left of a weight of size {plain(FROM)} at "
        f"λ = {plain(STRONG)}; dashed, (1 − 2ηλ)ᵗ, momentum's long-run factor, and η less a step. "
        f"Adam keeps the last for a while only: {percent(left[round(FROM / RATE)])} is left after "
        f"{plain(FROM / RATE)} steps."
    )


def alt(table: pd.DataFrame) -> str:
    """Both panels."""
    ends = {name: percent(path(table, name).iloc[-1]) for name in ("sgd", "adamw", "momentum")}
    return (
        "Two panels. Left, on logarithmic axes: marks of SGD and AdamW on two rising lines, one "
        "for each λ, and Adam's on a flat one, the same for both. Right, share of the weight "
        f"against steps: after {STEPS} steps SGD has {ends['sgd']}, AdamW {ends['adamw']} and "
        f"momentum {ends['momentum']}; Adam has half after {steps_to(table, 0.5)} steps and a "
        f"tenth after {steps_to(table, 0.1)}."
    )


@figure(
    id="unused-by-optimiser",
    source="forgotten",
    penalties=("sum",),
    data=paths,
    title=title,
    claim=claim,
    alt=alt,
)
def unused_by_optimiser(table: pd.DataFrame) -> Figure:
    """First steps against the weight, and what is left over the steps."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.9))
    draw_first(axes[0], table)
    draw_paths(axes[1], table)
    looks = {"loss": ("o", 10, "none"), "sgd": ("o", 6, "full"), "adamw": ("D", 3, "full")}
    looks |= {"adam": ("s", 6, "full")}
    handles = []
    for way, (shape, size, fill) in looks.items():
        rows = first_steps(table, way)
        hue = style.colour("ink" if way == "loss" else WAYS[way].hue)
        marks = {"marker": shape, "markersize": size, "linestyle": "", "color": hue}
        marks |= {"markerfacecolor": hue if fill == "full" else "none", "label": WAYS[way].words}
        axes[0].plot(rows["start"], rows["taken"], **marks, zorder=4)
        handles.append(plt.Line2D([], [], **marks))
    fig.legend(handles=handles, loc="outside lower center", ncols=2)
    return fig


def draw_first(ax: Axes, table: pd.DataFrame) -> None:
    """The predictions for the first step."""
    starts = np.array(sorted(table["start"].unique()))
    ax.set(
        xscale="log", yscale="log", xlabel="weight w", ylabel="what a step takes",
        title="The first step",
    )  # fmt: skip
    for lam in sorted(table["lam"].unique()):
        reference(ax, starts, 2 * RATE * lam * starts)
    reference(ax, starts, np.full(len(starts), RATE))
    note(ax, starts[0], 1.6 * RATE, "η")
    note(ax, 2, 4 * RATE * min(LAMS) / 5, f"2ηλw, λ = {plain(min(LAMS))}", va="top")
    note(ax, starts[0], RATE / 8, f"2ηλw, λ = {plain(STRONG)}", va="top")


def draw_paths(ax: Axes, table: pd.DataFrame) -> None:
    """What is left, and what was predicted."""
    steps = np.arange(STEPS + 1)
    ax.set(xlabel="step", ylabel="share of the weight that is left", title="Many steps")
    for way in ("adamw", "momentum", "adam"):
        left = path(table, way)
        ax.plot(left.index, left, color=style.colour(WAYS[way].hue))
    ax.plot(path(table, "sgd").iloc[::25], "o", color=style.colour("sgd"), markersize=5)
    reference(ax, steps, decay_factor(RATE, STRONG) ** steps)
    reference(ax, steps, long_run_factor(RATE, STRONG, MOMENTUM) ** steps)
    reference(ax, steps, np.maximum(0, 1 - RATE * steps / FROM))
    ax.text(170, 0.78, "SGD, AdamW", color=style.colour("adamw"), fontsize=9)
    ax.text(62, 0.5, "Adam", color=style.colour("adam"), fontsize=9)
    ax.text(2, 0.06, "momentum", color=style.colour("momentum"), fontsize=9)
    ax.set_ylim(-0.03, 1.05)
