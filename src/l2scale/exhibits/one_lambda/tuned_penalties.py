"""Held-out loss and error of SGD under four penalties, each with its own best strength."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import listing, percent, span
from l2scale.exhibits.drawing import mean_line
from l2scale.exhibits.one_lambda.sweeps import COMPARED, TUNED
from l2scale.exhibits.one_lambda.tuning import (
    METRICS,
    MINIMUM,
    OTHERS,
    SGD,
    TOGETHER,
    at_edge,
    at_one,
    chosen,
    costs_apart,
    detected,
    difference,
    in_words,
    level,
    relative,
    settled_at,
    sgd,
    tuned_table,
)
from l2scale.lab.estimates import Interval


def title(table: pd.DataFrame) -> str:
    """What tuning leaves, where 95% is to hold for all differences together."""
    loss, error = (detected(table, metric, TOGETHER) for metric in METRICS)
    if loss:
        return (
            "With λ tuned, the penalties' held-out losses differ from the sum's by "
            f"{percent(relative(table))} at most"
        )
    many = f"With λ tuned and {len(OTHERS) * len(METRICS)} comparisons allowed for, no test loss"
    if error:
        return f"{many} can be told from the sum's; the test error is {listing(error)}"
    return f"{many} or error can be told from the sum's"


@figure(
    id="tuned-penalties",
    source=("tuned", "settled"),
    data=tuned_table,
    title=title,
    claim=lambda t: (
        "64-32-16-10 networks trained by SGD on 200 digits, one label in five wrong. Each penalty "
        "at the λ of its own least validation loss, less the sum, with 95% intervals of the paired "
        "differences over seeds. Test loss: "
        + ", ".join(f"{p} {span(difference(t, p), '.4f')}" for p in OTHERS)
        + f", against {level(t, 'test_loss').estimate:.3f}. Where an interval excludes 0: "
        + in_words(t)
        + ". Where it does if 95% is to hold for all six together: "
        + in_words(t, TOGETHER)
        + "."
        + at_edge(t)
        + " Below right: at one λ·c̄ the costs differ from the sum's by up to "
        f"{percent(costs_apart(t, SGD))} under SGD (filled) and by up to "
        f"{percent(costs_apart(t, MINIMUM))} where L-BFGS ends from the same starts (hollow)."
    ),
    alt=lambda t: (
        "Four panels. Top left, four valleys of validation loss against the effective strength, "
        f"lowest at {', '.join(f'{chosen(t, p)} ({p})' for p in COMPARED)}. Top right and bottom "
        "left, for tensor mean, fan and prior, the difference of test loss and of test error from "
        "the sum, with intervals, beside a line at zero. Bottom right, the relative difference of "
        f"the cost at one effective strength, up to {percent(costs_apart(t, SGD))} for SGD and "
        f"{percent(costs_apart(t, MINIMUM))} for L-BFGS."
    ),
)
def tuned_penalties(table: pd.DataFrame) -> Figure:
    """Validation loss against effective strength, paired differences, and costs at one strength."""
    fig, ((ax, loss), (error, cost)) = plt.subplots(2, 2, figsize=(style.WIDTH, 5.4))
    for penalty in COMPARED:
        rows = sgd(table)
        rows = rows[rows["penalty"] == penalty]
        mean_line(ax, rows, "felt", "val_loss", style.colour(penalty), style.marker(penalty))
    ax.set(xlabel="λ·c̄", ylabel="nats", title="Validation loss", xscale="log")
    ticks = (10 ** TUNED[0], settled_at(table), 10 ** TUNED[1])
    ax.set_xticks(ticks, [f"{tick:.2g}" for tick in ticks])
    ax.set_xticks([], minor=True)
    ax.xaxis.set_minor_formatter(plt.NullFormatter())  # with any other, 1, 2 and 5 are labelled
    for one, metric, label in ((loss, "test_loss", "loss (nats)"), (error, "test_error", "error")):
        for place, penalty in enumerate(OTHERS):
            bar(one, place, difference(table, penalty, metric), penalty, True)
        one.set_title(f"Test {label}, less the sum's")
    for place, penalty in enumerate(OTHERS):
        for arm, shift in ((SGD, -0.12), (MINIMUM, 0.12)):
            found = at_one(table, arm, penalty)
            bar(cost, place + shift, found, penalty, arm == SGD)
            word = "SGD" if arm == SGD else "L-BFGS"
            at = (place + shift, found.high)
            cost.annotate(
                word, at, xytext=(0, 3), textcoords="offset points", fontsize=7.5,
                ha="right" if arm == SGD else "left", color=style.colour("muted"),
            )  # fmt: skip
    cost.margins(y=0.15)
    cost.set_title("Cost at one λ·c̄, over the sum's, less 1")
    for one in (loss, error, cost):
        one.axhline(0, color=style.colour("ink"), linestyle=(0, (4, 2)), linewidth=1.0)
        one.set_xticks(range(len(OTHERS)), OTHERS)
        one.set_xlim(-0.6, len(OTHERS) - 0.4)
        one.grid(axis="x", visible=False)
    handles = [
        plt.Line2D([], [], marker=style.marker(p), color=style.colour(p), label=p) for p in COMPARED
    ]
    fig.legend(handles=handles, loc="outside lower center", ncols=len(COMPARED))
    return fig


def bar(ax: Axes, x: float, found: Interval, penalty: str, filled: bool) -> None:
    """An estimate with its interval."""
    colour = style.colour(penalty)
    ax.plot([x, x], [found.low, found.high], color=colour, linewidth=2)
    face = colour if filled else style.colour("paper")
    ax.plot(
        x, found.estimate, style.marker(penalty), color=colour, markersize=7, markerfacecolor=face
    )
