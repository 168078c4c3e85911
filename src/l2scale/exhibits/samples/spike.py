"""A task on which ridge's best strength is below 0."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import percent, span
from l2scale.exhibits.drawing import mean_line, note
from l2scale.exhibits.samples.ridge import SPIKE
from l2scale.lab.estimates import Interval, paired_interval


def best(table: pd.DataFrame) -> float:
    """The strength of the grid with the least mean risk."""
    return float(table.groupby("lam")["risk"].mean().idxmin())


def least_positive(table: pd.DataFrame) -> float:
    """The best strength of the grid that is not below 0."""
    return best(table[table["lam"] >= 0])


def gain(table: pd.DataFrame) -> Interval:
    """The risk at the best strength from 0 up less that at the best of all, paired by draw."""
    at = table.pivot(index="seed", columns="lam", values="risk")
    return paired_interval(at[least_positive(table)], at[best(table)])


def share(table: pd.DataFrame) -> float:
    """The gain as a share of the risk at the best strength from 0 up."""
    risk = table.loc[table["lam"] == least_positive(table), "risk"].mean()
    return gain(table).estimate / risk


def title(table: pd.DataFrame) -> str:
    """The best strength and, where it is below 0, what it gains."""
    words = f"Where one strong input carries the signal, ridge’s best λ is {best(table):.2g}"
    if best(table) >= 0:
        return words
    return f"{words}: {percent(share(table))} less risk than at any λ of the grid from 0 up"


@figure(
    id="negative-ridge",
    source="ridge_spike",
    penalties=("sum",),
    title=title,
    claim=lambda t: (
        f"Excess risk against λ for few samples of many inputs, of which one has variance "
        f"{SPIKE:g} and all of the signal, and each other variance 1 and none; mean over draws of "
        f"the inputs with a 95% band. The best λ of the grid is {best(t):.2g}; the least risk at a "
        f"λ not below 0 is higher by {span(gain(t))}."
    ),
    alt=lambda t: (
        "A curve of excess risk against the strength, which runs from "
        f"{t['lam'].min():.2g} to {t['lam'].max():.2g}, with a line at 0. It is lowest at "
        f"{best(t):.2g} and rises to the right."
    ),
)
def negative_ridge(table: pd.DataFrame) -> Figure:
    """Risk against strength, with lines at 0 and at the best."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.3))
    mean_line(ax, table, "lam", "risk", style.colour("data"))
    ax.axvline(0, color=style.colour("ink"), linewidth=0.8)
    lam = best(table)
    means = table.groupby("lam")["risk"].mean()
    ax.plot(lam, means[lam], style.marker("data"), color=style.colour("data"), markersize=7)
    top = 1.4 * means[table["lam"].max()]
    ax.set_ylim(0, top)
    note(
        ax, lam, 0.5 * means[lam], f"best: λ = {lam:.2g}".replace("-", "−"), ha="left", va="center"
    )
    note(ax, 0, 0.96 * top, " λ = 0", va="top")
    ax.set(xlabel="λ (ridge penalty)", ylabel="excess risk (squared target units)")
    return fig
