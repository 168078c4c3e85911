"""Training loss and test error against lambda for networks of two layers and more."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import percent, plain, points_span, span
from l2scale.exhibits.underfit.larger import draw_with_control
from l2scale.exhibits.underfit.tables import deeper_table, differences, excess, near_best
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


def gaps(table: pd.DataFrame, depth: int) -> pd.DataFrame:
    """The losses of one depth less those of two layers."""
    return differences(of_depth(table, depth), of_depth(table, depths(table)[0]))


def picks(table: pd.DataFrame) -> pd.DataFrame:
    """The strength that each seed's own two layers chose by validation error: lam and seed."""
    shallow = of_depth(table[table["lam"] > 0], depths(table)[0])
    shallow = shallow.sort_values("lam").reset_index(drop=True)
    return shallow.loc[shallow.groupby("seed")["val_error"].idxmin(), ["lam", "seed"]]


def own_picks(table: pd.DataFrame, depth: int) -> Interval:
    """The excess training loss, each seed at its own pick."""
    return mean_interval(gaps(table, depth).merge(picks(table))["train_loss"])


def level(table: pd.DataFrame, depth: int, lam: float, metric: str = "test_error") -> Interval:
    """The mean of a metric at one depth and strength."""
    rows = of_depth(table, depth)
    return mean_interval(rows.loc[rows["lam"] == lam, metric])


def crossing(table: pd.DataFrame, depth: int) -> float:
    """The strength at which the mean training loss passes that of two layers.

    Interpolated in log lambda, where the deeper network's loss is the higher one for the first
    time; nan where it is the higher one already at the least strength, or at none.
    """
    found = gaps(table, depth)
    above = found[found["lam"] > 0].groupby("lam")["train_loss"].mean()
    higher = above.to_numpy() > 0
    if higher[0] or not higher.any():
        return np.nan
    place = int(higher.argmax())
    logs, ends = np.log(above.index[place - 1 : place + 1]), above.iloc[place - 1 : place + 1]
    return float(np.exp(np.interp(0.0, ends, logs)))


def crossings(table: pd.DataFrame) -> str:
    """The span of the crossings over the depths."""
    found = [x for depth in depths(table)[1:] if np.isfinite(x := crossing(table, depth))]
    if not found:
        return "at none of the strengths"
    return f"at λ = {plain(min(found))} to {plain(max(found))}"


def title(table: pd.DataFrame) -> str:
    """What the deepest network's training loss does between two strengths."""
    deep, (_, best, most) = depths(table)[-1], plateau(table)
    one, other = (excess(gaps(table, deep), lam).estimate for lam in (best, most))
    return (
        f"{deep} layers less two: {one:+.2f} nats of training loss at λ = {plain(best)}, "
        f"{other:+.2f} at {plain(most)}"
    )


def alt(table: pd.DataFrame) -> str:
    """Errors of every depth at three strengths."""
    lams = (0.0, *plateau(table)[1:])
    rows = "; ".join(
        f"{depth} layers " + ", ".join(percent(level(table, depth, x).estimate) for x in lams)
        for depth in depths(table)
    )
    return (
        "Two panels against λ with a line for each depth: training loss and test error. A line "
        "marks the best λ of two layers and a band what is within a point of it. Test error "
        "without a penalty, at the best λ of "
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
        "left: λ = 0; dotted: guessing; bands are 95% over seeds. Vertical line: the best λ of two "
        f"layers by validation error, {plain(plateau(t)[1])}, a rule fixed before the curves were "
        "seen. Shaded: strengths within a percentage point of that, a tolerance chosen after; its "
        f"strong end is {plain(plateau(t)[2])}. Excess training loss of {depths(t)[-1]} layers "
        f"there: {span(excess(gaps(t, depths(t)[-1]), plateau(t)[1]))} and "
        f"{span(excess(gaps(t, depths(t)[-1]), plateau(t)[2]))} nats; excess test error: "
        f"{points_span(excess(gaps(t, depths(t)[-1]), plateau(t)[1], 'test_error'))} and "
        f"{points_span(excess(gaps(t, depths(t)[-1]), plateau(t)[2], 'test_error'))}. "
        f"Training losses pass those of two layers {crossings(t)}."
    ),
    alt=alt,
)
def deeper_at_same_lambda(table: pd.DataFrame) -> Figure:
    """Training loss and test error by strength, a line for each depth."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.8))
    found = depths(table)
    low, best, high = plateau(table)
    for ax, (metric, guess) in zip(axes, GUESSING.items(), strict=True):
        ax.axvspan(low, high, color=style.colour("grid"), linewidth=0)
        ax.axvline(best, color=style.colour("ink"), linewidth=0.9)
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
