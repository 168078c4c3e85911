"""Balance at the end of training, with and without what it needs."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import percent, plain
from l2scale.catalogue.results import Result
from l2scale.exhibits.drawing import mean_line, reference
from l2scale.exhibits.one_lambda.sweeps import BALANCED, CONDITIONS
from l2scale.lab.estimates import Interval, mean_interval

KEYS = ["activation", "norm", "optimiser", "penalise_biases"]
PENALISED, NORMALISED = "ReLU, biases penalised", "layer normalisation"
DECOUPLED = "ReLU, AdamW"
ORDER = (*BALANCED, *(name for name in CONDITIONS if name not in BALANCED))


def breaks_table(result: Result) -> pd.DataFrame:
    """Imbalance of layers and of units over time, and what is left of the first layer."""
    table = result["breaks"].table.sort_values(["run", "step"])
    names = {tuple(getattr(run, key) for key in KEYS): name for name, run in CONDITIONS.items()}
    condition = [names[tuple(row)] for row in table[KEYS].itertuples(index=False)]
    squares = table[[f"sq_norm_{layer}" for layer in (1, 2, 3)]]
    start = table.groupby("run")["sq_norm_1"].transform("first")
    columns = ["seed", "step", "lr", "lam", "cost"]
    return table[columns].assign(
        condition=condition,
        layers=squares.max(axis=1) / squares.min(axis=1) - 1,
        units=table[["unit_imbalance_1", "unit_imbalance_2"]].max(axis=1),
        left_1=table["sq_norm_1"] / start,
    )


def at_end(table: pd.DataFrame, condition: str) -> pd.DataFrame:
    """The last checkpoint of one condition."""
    rows = table[table["condition"] == condition]
    return rows[rows["step"] == rows["step"].max()].sort_values("seed")


def at_start(table: pd.DataFrame, condition: str, what: str) -> float:
    """The median over seeds before the first step."""
    rows = table[(table["condition"] == condition) & (table["step"] == 0)]
    return float(rows[what].median())


def median(table: pd.DataFrame, condition: str, what: str) -> float:
    """The median over seeds at the end."""
    return float(at_end(table, condition)[what].median())


def worst_kept(table: pd.DataFrame) -> float:
    """The largest median imbalance of layers where theory says balance."""
    return max(median(table, name, "layers") for name in BALANCED)


def least_broken(table: pd.DataFrame) -> float:
    """The smallest median imbalance of layers where theory says none; of AdamW it says nothing."""
    broken = [name for name in CONDITIONS if name not in (*BALANCED, DECOUPLED)]
    return min(median(table, name, "layers") for name in broken)


def left(table: pd.DataFrame) -> Interval:
    """Share of the first layer's sum of squares left under normalisation."""
    return mean_interval(at_end(table, NORMALISED)["left_1"])


def decayed(table: pd.DataFrame, condition: str = NORMALISED) -> float:
    """The share of a sum of squares that decay alone would leave under a condition's schedule."""
    rows = at_end(table, condition)
    steps, lr, lam = (rows[name].iloc[0] for name in ("step", "lr", "lam"))
    rates = lr * 0.5 * (1 + np.cos(np.pi * np.arange(steps) / steps))
    return float(np.prod((1 - 2 * rates * lam) ** 2))


@figure(
    id="what-breaks-balance",
    source="breaks",
    data=breaks_table,
    title=lambda t: (
        "Balance needs homogeneous layers, and biases without a penalty"
        if worst_kept(t) < least_broken(t)
        else "Balance with and without what it needs"
    ),
    claim=lambda t: (
        "16-32-16-1 networks under the sum. Left: imbalance at the end, of the layers (largest sum "
        "of squares over the least, less 1) and of the hidden units (a bias counts where it is "
        "penalised), each seed and the median. Where biases are penalised the layers differ by "
        f"{percent(median(t, PENALISED, 'layers'))} and the corrected law of the units holds to "
        f"{plain(median(t, PENALISED, 'units'))}. AdamW starts with a ratio of "
        f"{plain(1 + at_start(t, DECOUPLED, 'layers'))} and ends with "
        f"{plain(1 + median(t, DECOUPLED, 'layers'))}. Right: under layer normalisation "
        f"{percent(left(t).estimate)} of the first layer's sum of squares is left, where decay "
        f"alone (dashed) leaves {percent(decayed(t))}."
    ),
    alt=lambda t: (
        "Left, a strip plot on a logarithmic axis of imbalance by condition. Medians of the layers "
        "and of the units: "
        + "; ".join(
            f"{name} {plain(median(t, name, 'layers'))} and {plain(median(t, name, 'units'))}"
            for name in ORDER
        )
        + ". Right, for layer normalisation, the first layer's share of its initial sum of squares "
        f"against steps: it ends at {percent(left(t).estimate)}, and a dashed line at "
        f"{percent(decayed(t))}."
    ),
)
def what_breaks_balance(table: pd.DataFrame) -> Figure:
    """Imbalance at the end by condition, and the norm under layer normalisation."""
    fig, (ax, right) = plt.subplots(
        1, 2, figsize=(style.WIDTH, 4.0), width_ratios=(1.7, 1), layout="constrained"
    )
    looks = {"layers": ("data", -0.15), "units": ("penalty", 0.15)}
    for place, name in enumerate(ORDER):
        rows = at_end(table, name)
        for what, (look, shift) in looks.items():
            colour, y = style.colour(look), np.full(len(rows), place + shift)
            ax.plot(rows[what], y, "o", color=colour, markersize=3, alpha=0.5)
            ax.plot(
                rows[what].median(), place + shift, "|", color=colour, markersize=9,
                markeredgewidth=2,
            )  # fmt: skip
    ax.axhline(len(BALANCED) - 0.5, color=style.colour("muted"), linewidth=0.8)
    ax.set(xscale="log", xlabel="imbalance")
    ax.set_title("At the end of training")
    ax.set_yticks(range(len(ORDER)), ORDER)
    ax.set_ylim(len(ORDER) - 0.5, -0.5)
    ax.grid(axis="y", visible=False)
    handles = [
        plt.Line2D([], [], linestyle="", marker="o", color=style.colour(look), label=what)
        for what, (look, _) in looks.items()
    ]
    fig.legend(handles=handles, loc="outside lower center", ncols=2)

    rows = table[table["condition"] == NORMALISED]
    mean_line(right, rows, "step", "left_1", style.colour("data"), "o")
    steps, lr, lam = rows["step"].max(), rows["lr"].iloc[0], rows["lam"].iloc[0]
    rates = lr * 0.5 * (1 + np.cos(np.pi * np.arange(steps) / steps))
    reference(right, np.arange(steps + 1), np.cumprod([1, *(1 - 2 * rates * lam) ** 2]))
    right.set(xlabel="steps", ylabel="share left", yscale="log", title="First layer, normalised")
    right.xaxis.set_major_locator(plt.MaxNLocator(3))
    return fig
