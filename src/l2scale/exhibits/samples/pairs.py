"""Ridge's best strength, measured and predicted, at several n and p."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import percent
from l2scale.lab.estimates import Interval, mean_interval

BAR = 0.03  # the theorem is taken to be confirmed if every pair is this near


def ratios(table: pd.DataFrame) -> dict[tuple[int, int], Interval]:
    """Measured over predicted less 1, by (n, p), the fewest samples per input first."""
    found = {
        (int(n), int(p)): mean_interval(rows["lam"] / rows["predicted"] - 1)
        for (n, p), rows in table.groupby(["n", "p"])
    }
    return dict(sorted(found.items(), key=lambda item: (item[0][0] / item[0][1], item[0][1])))


def farthest(table: pd.DataFrame) -> float:
    """The largest share by which a mean over blocks misses its prediction."""
    return max(abs(found.estimate) for found in ratios(table).values())


def within_bar(table: pd.DataFrame) -> bool:
    """Whether every interval ends inside the bar."""
    return all(max(-found.low, found.high) < BAR for found in ratios(table).values())


def predicted(table: pd.DataFrame, n: int, p: int) -> float:
    """The strength predicted for n samples of p inputs."""
    return float(table.loc[(table["n"] == n) & (table["p"] == p), "predicted"].iloc[0])


@figure(
    id="ridge-pairs",
    source="ridge_pairs",
    penalties=("sum",),
    title=lambda t: (
        f"Ridge’s best λ is σ²p/(n‖β‖²), at n below, at and above p: {len(ratios(t))} measured "
        f"strengths are within {percent(farthest(t))} of it"
    ),
    claim=lambda t: (
        "Strength with the least mean excess risk in a block of draws of inputs and noise, less "
        "the one predicted, as a share of it; mean over blocks with a 95% interval. Inputs are "
        "standard normal, ‖β‖ = 1 and σ = 2. The bar set before was "
        f"{percent(BAR)}; the farthest is {percent(farthest(t))}."
    ),
    alt=lambda t: (
        "A row of points with intervals around a line at 0, one for each number of samples n and "
        "inputs p, the measured strength less the predicted one: "
        + "; ".join(f"n = {n}, p = {p}: {percent(i.estimate)}" for (n, p), i in ratios(t).items())
        + "."
    ),
)
def ridge_pairs(table: pd.DataFrame) -> Figure:
    """Share by which each measured strength misses its prediction, and the bar."""
    found = ratios(table)
    fig, ax = plt.subplots(figsize=(style.WIDTH, 0.34 * len(found) + 1.2))
    ax.axvspan(-BAR, BAR, color=style.colour("grid"), alpha=0.6, linewidth=0)
    ax.axvline(0, color=style.colour("ink"), linewidth=0.8)
    y = np.arange(len(found))
    hue = style.colour("data")
    ax.hlines(y, [i.low for i in found.values()], [i.high for i in found.values()], color=hue)
    ax.plot([i.estimate for i in found.values()], y, style.marker("data"), color=hue)
    ax.set_yticks(y, [f"n = {n}, p = {p}: λ = {predicted(table, n, p):g}" for n, p in found])
    reach = 1.15 * max(BAR, *(max(-i.low, i.high) for i in found.values()))
    ax.set(
        xlim=(-reach, reach), ylim=(len(found) - 0.4, -0.6),
        xlabel="measured best λ less the predicted one (%), the bar in grey",
    )  # fmt: skip
    ax.xaxis.set_major_formatter(PercentFormatter(1, symbol=""))
    ax.grid(visible=False, axis="y")
    return fig
