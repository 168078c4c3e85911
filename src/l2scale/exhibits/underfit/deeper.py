"""Training loss and test error against lambda for networks of two layers and more."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.exhibits.drawing import percent, percent_point_span, plain, span
from l2scale.exhibits.underfit.larger import draw_with_control
from l2scale.exhibits.underfit.tables import deeper_table, excess, near_best
from l2scale.lab.estimates import Interval, mean_interval

GUESSING = {"train_loss": np.log(10), "test_error": 0.9}


def of_depth(table: pd.DataFrame, depth: int) -> pd.DataFrame:
    """The rows of one depth."""
    return table[table["depth"] == depth]


def depths(table: pd.DataFrame) -> list[int]:
    """The depths, the least first."""
    return sorted(int(depth) for depth in table["depth"].unique())


def plateau(table: pd.DataFrame) -> tuple[float, float, float]:
    """The strengths that suit two layers: the least, the best and the largest."""
    return near_best(of_depth(table, depths(table)[0]))


def gap(table: pd.DataFrame, depth: int, lam: float, metric: str = "train_loss") -> Interval:
    """A metric at one depth less that of two layers, at one strength."""
    return excess(of_depth(table, depth), of_depth(table, depths(table)[0]), lam, metric)


def level(table: pd.DataFrame, depth: int, lam: float, metric: str = "test_error") -> Interval:
    """The mean of a metric at one depth and strength."""
    rows = of_depth(table, depth)
    return mean_interval(rows.loc[rows["lam"] == lam, metric])


def crossing(table: pd.DataFrame, depth: int) -> float:
    """The strength at which the mean training loss passes that of two layers; nan where none.

    Interpolated in log lambda, where the deeper network's loss is the higher one for the first
    time.
    """
    penalised = table[table["lam"] > 0]
    curves = penalised.pivot_table(index="lam", columns="depth", values="train_loss")
    above = curves[depth] - curves[depths(table)[0]]
    place = int(np.argmax(above.to_numpy() > 0))
    if place == 0:
        return np.nan
    logs, ends = np.log(above.index[place - 1 : place + 1]), above.iloc[place - 1 : place + 1]
    return float(np.exp(np.interp(0.0, ends, logs)))


def crossings(table: pd.DataFrame) -> str:
    """The span of the crossings over the depths."""
    found = [x for depth in depths(table)[1:] if np.isfinite(x := crossing(table, depth))]
    if not found:
        return "at none of the strengths"
    return f"at λ = {plain(min(found))} to {plain(max(found))}"


def title(table: pd.DataFrame) -> str:
    """What the deepest network does at the strong end of two layers' plateau."""
    deep, lam = depths(table)[-1], plateau(table)[2]
    errors = [percent(level(table, depth, lam).estimate) for depth in (depths(table)[0], deep)]
    return (
        f"At λ = {plain(lam)} test error is {errors[0]} with two layers and {errors[1]} with {deep}"
    )


def alt(table: pd.DataFrame) -> str:
    """Errors of every depth at three strengths."""
    lams = (0.0, *plateau(table)[1:])
    rows = "; ".join(
        f"{depth} layers " + ", ".join(percent(level(table, depth, x).estimate) for x in lams)
        for depth in depths(table)
    )
    return (
        "Two panels against λ with a line for each depth: training loss and test error. A band "
        "marks the strengths that suit two layers. Test error without a penalty, at the best λ of "
        f"two layers, and at the band's strong end: {rows}."
    )


@figure(
    id="deeper-at-same-lambda",
    source="deeper",
    data=deeper_table,
    title=title,
    claim=lambda t: (
        f"Networks without biases, {t['width'].iloc[0]} units a hidden layer, "
        f"{t['n_train'].iloc[0]} digits, one label in five wrong, the sum and SGD. Dots at the "
        "left: λ = 0; dotted: guessing; bands are 95% over seeds. Shaded: strengths whose "
        "validation error with two layers is within a percentage point of its least. At its best "
        f"λ = {plain(plateau(t)[1])}, {depths(t)[-1]} layers have a training loss higher than two "
        f"by {span(gap(t, depths(t)[-1], plateau(t)[1]))} nats (below 0: lower), at its strong end "
        f"by {span(gap(t, depths(t)[-1], plateau(t)[2]))}; test error by "
        f"{percent_point_span(gap(t, depths(t)[-1], plateau(t)[1], 'test_error'))} and "
        f"{percent_point_span(gap(t, depths(t)[-1], plateau(t)[2], 'test_error'))}. "
        f"Training losses pass those of two layers {crossings(t)}."
    ),
    alt=alt,
)
def deeper_at_same_lambda(table: pd.DataFrame) -> Figure:
    """Training loss and test error by strength, a line for each depth."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.8))
    found = depths(table)
    low, _, high = plateau(table)
    for ax, (metric, guess) in zip(axes, GUESSING.items(), strict=True):
        ax.axvspan(low, high, color=style.colour("grid"), linewidth=0)
        for depth, colour in zip(found, style.shades(len(found)), strict=True):
            rows = of_depth(table, depth)
            draw_with_control(ax, rows, metric, colour)
        ax.axhline(guess, linestyle=":", color=style.colour("muted"), linewidth=1)
        ax.set_xlabel("λ (sum penalty)")
    axes[0].set(ylabel="training loss (nats)", title="Training loss")
    axes[1].set(ylabel="test error", title="Test error")
    looks = zip(found, style.shades(len(found)), strict=True)
    handles = [plt.Line2D([], [], color=colour, label=f"{depth}") for depth, colour in looks]
    fig.legend(handles=handles, title="layers", loc="outside lower center", ncols=len(found))
    return fig
