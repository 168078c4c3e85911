"""The best lambda over the course of training: steps or epochs, which of them tells it?"""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.results import Result
from l2scale.exhibits.batches.best_by_batch import points
from l2scale.exhibits.batches.sweeps import BASE
from l2scale.exhibits.drawing import leave_room, listing, log_ticks, plain
from l2scale.lab.estimates import optima

AXES = {"step": "steps", "epochs": "epochs"}
MARKERS = ("o", "s", "D", "P", "X", "h")
KNOWN = 2.0  # optima with wider intervals, up or down, are drawn and not compared


def course_table(result: Result) -> pd.DataFrame:
    """The best lambda by validation loss and error, at every look and batch size, at one rate."""
    table, found = result["kept"].table, []
    for metric in ("loss", "error"):
        select, report = f"val_{metric}", f"test_{metric}"
        best = optima(table, ["batch_size", "step"], select=select, report=report)
        found.append(best.drop(columns=[c for c in best if c.startswith("test")]))
        found[-1] = found[-1].assign(metric=metric)
    course = pd.concat(found, ignore_index=True)
    epochs = course["step"] * course["batch_size"] / BASE.n_train
    return course.assign(epochs=epochs.astype(int))


def by(table: pd.DataFrame, metric: str) -> pd.DataFrame:
    """The rows of one metric."""
    return table[table["metric"] == metric]


def known(rows: pd.DataFrame) -> pd.DataFrame:
    """The optima known to within a factor of `KNOWN`; one at an edge has a nan, and is not."""
    return rows[rows["lam_high"] < KNOWN**2 * rows["lam_low"]]


def early_stopping(table: pd.DataFrame) -> tuple[float, float, float]:
    """How the best lambda by loss goes with 1 / (rate x steps), if few steps act as a penalty.

    Returns:
        q and lambda_inf of the line lambda* = lambda_inf - q / (rate x steps) through all `known`
        optima, and the largest distance of one from it over lambda_inf.
    """
    rows = known(by(table, "loss"))
    inverse = 1 / (BASE.lr * rows["step"])
    slope, limit = np.polyfit(inverse, rows["lam"], 1)
    off = (rows["lam"] - limit - slope * inverse).abs().max()
    return float(-slope), float(limit), float(off / limit)


def disagreement(table: pd.DataFrame, x: str, metric: str = "loss") -> float:
    """The largest ratio of two batch sizes' best strengths at one number of steps or epochs.

    Of optima known to within a factor of `KNOWN` alone; nan where no number is shared.
    """
    rows = known(by(table, metric))
    shared = rows.groupby(x)["lam"].agg(["min", "max", "count"])
    shared = shared[shared["count"] > 1]
    return float((shared["max"] / shared["min"]).max())


def times(value: float) -> str:
    """A ratio in words."""
    return "an unknown factor" if np.isnan(value) else f"a factor of {value:.3g}"


def title(table: pd.DataFrame) -> str:
    """How far batch sizes disagree at equal steps, and at equal epochs."""
    steps, epochs = (times(disagreement(table, x)) for x in AXES)
    return (
        "Between batch sizes, the best λ by loss differs by up to "
        f"{steps} at equal steps, by {epochs} at equal epochs"
    )


def course(table: pd.DataFrame, metric: str, size: int) -> str:
    """One batch size's best strengths, in the order of steps."""
    rows = by(table, metric)
    rows = rows[rows["batch_size"] == size].sort_values("step")
    bound = {"low": "at most ", "high": "at least "}
    return " ".join(bound.get(row.edge, "") + plain(row.lam) for row in rows.itertuples())


@figure(
    id="steps-or-epochs",
    source="kept",
    data=course_table,
    title=title,
    claim=lambda t: (
        "λ of least validation loss over the course of training at one rate, with 95% intervals "
        f"over {t['seeds'].max()} seeds, cut at the frame; triangles are bounds. Left "
        "against steps, right against epochs: the same points. The title compares those known to "
        f"within a factor of {KNOWN:g}. The one chosen by validation error "
        f"is between {plain(by(t, 'error')['lam'].min())} and "
        f"{plain(by(t, 'error')['lam'].max())} for every batch size and look."
    ),
    alt=lambda t: (
        "Two panels of the best λ by loss with a line for each batch size: against steps "
        "and against epochs. In the order of steps: "
        + "; ".join(
            f"B = {size}: {course(t, 'loss', size)}" for size in sorted(t["batch_size"].unique())
        )
        + f". Steps: {listing([f'{step:,}' for step in sorted(t['step'].unique())])}."
    ),
)
def steps_or_epochs(table: pd.DataFrame) -> Figure:
    """The same best strengths against steps and against epochs."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.7), sharey=True)
    sizes = sorted(table["batch_size"].unique())
    for ax, (x, words) in zip(axes, AXES.items(), strict=True):
        ax.set(yscale="log", xlabel=words, title=f"At equal {words}")
        log_ticks(ax, table[x])
        for size, hue, mark in zip(sizes, style.shades(len(sizes)), MARKERS, strict=False):
            rows = by(table, "loss")
            rows = rows[rows["batch_size"] == size].sort_values("step")
            points(ax, rows, hue, mark, x=x)
        leave_room(ax, 0.06)
        ax.set_ylim(by(table, "loss")["lam"].min() / 3, None)
        ax.yaxis.set_major_formatter("{x:g}")
    axes[0].set_ylabel("best λ, by validation loss")
    handles = [
        plt.Line2D([], [], color=hue, marker=mark, label=f"batches of {size}")
        for size, hue, mark in zip(sizes, style.shades(len(sizes)), MARKERS, strict=False)
    ]
    fig.legend(handles=handles, loc="outside lower center", ncols=3)
    return fig
