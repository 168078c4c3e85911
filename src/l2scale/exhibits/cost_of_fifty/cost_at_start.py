"""What the cost is before the first step, by initialisation and by convention."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import plain
from l2scale.catalogue.results import Result
from l2scale.exhibits.cost_of_fifty.sweeps import shapes_of
from l2scale.exhibits.drawing import reference
from l2scale.theory.initialisation import expected_value

FIFTY = (40.0, 62.5)  # within a factor of 1.25 of 50
GUESSING = float(np.log(2))  # binary cross-entropy of a coin, nats
# What multiplies sum of squares * lambda; n is the number of training samples, P of weights.
CONVENTIONS = ("λ Σw²", "λ/2 Σw²", "λ/(2n) Σw²", "λ mean w²")
NAMES = {
    "normal": "N(0, 1)", "he": "He", "lecun": "LeCun", "glorot": "Glorot (Keras)",
    "pytorch": "PyTorch Linear",
}  # fmt: skip


def start_table(result: Result) -> pd.DataFrame:
    """Cost at the start of every untrained network under every convention, and its prediction."""
    table = result["start"].table
    samples = result["start"].configuration["n_train"]
    frames = []
    for convention in CONVENTIONS:
        factor = {
            "λ Σw²": 1.0, "λ/2 Σw²": 0.5, "λ/(2n) Σw²": 0.5 / samples,
            "λ mean w²": 1 / table["weights"],
        }[convention]  # fmt: skip
        expected = [
            expected_value(row.lam, "sum", row.init, shapes_of(row.hidden))
            for row in table.itertuples()
        ]
        frames.append(
            table[["init", "hidden", "weights", "lam", "seed"]].assign(
                convention=convention,
                data_loss=table["train_loss"],
                penalty=table["penalty_value"] * factor,
                predicted=GUESSING + np.array(expected) * factor,
            )
        )
    stacked = pd.concat(frames, ignore_index=True)
    return stacked.assign(cost=stacked["data_loss"] + stacked["penalty"])


def mean_costs(table: pd.DataFrame) -> pd.Series:
    """Mean cost over seeds by initialisation and convention."""
    return table.groupby(["init", "convention"])["cost"].mean()


def start_off(table: pd.DataFrame) -> float:
    """The largest share by which a mean cost is off the one predicted, over initialisations."""
    means = table.groupby(["init", "convention"])[["cost", "predicted"]].mean()
    return float((means["cost"] / means["predicted"] - 1).abs().max())


def near_fifty(table: pd.DataFrame) -> pd.Index:
    """The pairs (initialisation, convention) whose cost lies within a factor of 1.25 of 50."""
    costs = mean_costs(table)
    return costs[(costs >= FIFTY[0]) & (costs <= FIFTY[1])].index


def listed(table: pd.DataFrame) -> str:
    """The pairs near 50 in words, as "Glorot with ..."."""
    pairs = (f"{NAMES[init]} with {convention}" for init, convention in near_fifty(table))
    return "; ".join(pairs) or "none"


def cost_title(table: pd.DataFrame) -> str:
    """The finding, from the pairs near 50."""
    costs, found = mean_costs(table), near_fifty(table)
    span = f"from {plain(costs.min())} to {plain(costs.max())}"
    if found.empty:
        return f"Before training this network costs {span}, and nowhere near 50"
    inits = " and ".join(NAMES[init].split(" (")[0] for init in found.unique("init"))
    return f"Near 50 is where {inits} start this network; other choices cost it {span}"


@figure(
    id="cost-at-start",
    source="start",
    data=start_table,
    title=cost_title,
    claim=lambda t: (
        f"Cost before the first step of a network with {t['weights'][0]:,} weights at "
        f"λ = {t['lam'][0]:g}, where guessing alone costs {GUESSING:.3f}. Shaded: within a factor "
        "of 1.25 of 50. Upright lines: predicted from the shapes, with the data loss of guessing; "
        "from N(0, 1) the data loss alone is in the thousands. Near 50: "
        f"{listed(t)}."
    ),
    alt="Dots on a logarithmic scale of cost, one row for each of five initialisations, one "
    "colour for each of four conventions. With the plain sum, Glorot and PyTorch lie in the "
    "shaded band near 50, LeCun and He above it and N(0, 1) in the hundreds of thousands. The "
    "mean and the sum divided by the samples lie near the cost of guessing in most rows.",
)
def cost_at_start(table: pd.DataFrame) -> Figure:
    """Cost at the start by initialisation (rows) and convention (colours)."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.8))
    ax.set_xscale("log")
    ax.axvspan(*FIFTY, color=style.colour("muted"), alpha=0.2, linewidth=0)
    order = list(mean_costs(table).groupby("init").max().sort_values().index)
    looks = dict(zip(CONVENTIONS, style.shades(len(CONVENTIONS))[::-1], strict=True))
    for offset, (convention, colour) in enumerate(looks.items()):
        rows = table[table["convention"] == convention]
        for place, init in enumerate(order):
            y = place + 0.27 - 0.18 * offset
            some = rows[rows["init"] == init]
            ax.plot(
                some["cost"], [y] * len(some), "oDs^"[offset], color=colour,
                label=convention if place == 0 else None, linestyle="none",
            )  # fmt: skip
            reference(ax, [some["predicted"].mean()] * 2, [y - 0.09, y + 0.09])
            ax.lines[-1].set_linestyle("-")
    ax.set_yticks(range(len(order)), [NAMES[init] for init in order])
    ax.set_ylim(-0.5, len(order) - 0.4)
    ax.grid(axis="y", visible=False)
    ax.set_xlabel("cost before training (nats)")
    ax.text(50, len(order) - 0.45, "50", ha="center", va="bottom", fontsize=9)
    ax.axvline(GUESSING, color=style.colour("muted"), linewidth=0.8, zorder=0)
    ax.text(GUESSING, len(order) - 0.45, "guessing", ha="left", va="bottom", fontsize=9)
    fig.legend(loc="outside lower center", ncols=4)
    return fig


def start_cost(table: pd.DataFrame, init: str, convention: str = CONVENTIONS[0]) -> str:
    """One mean cost, for the prose."""
    return plain(mean_costs(table)[init, convention])
