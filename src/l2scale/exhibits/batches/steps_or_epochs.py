"""The best lambda over the course of training: steps or epochs, which of them tells it?"""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import listing, plain, span
from l2scale.catalogue.results import Result
from l2scale.exhibits.batches.best_by_batch import points
from l2scale.exhibits.batches.sweeps import BASE
from l2scale.exhibits.drawing import leave_room, log_ticks
from l2scale.lab.estimates import Interval, optima
from l2scale.lab.transfer import exponents

AXES = {"step": "steps", "epochs": "epochs"}
METRICS = ("loss", "error", "loss_noisy")
KNOWN = 2.0  # a ratio that is known less well than to this factor cannot be said to stay at 1
MARKERS = ("o", "s", "D", "P", "X", "h")


def looks(result: Result) -> pd.DataFrame:
    """The networks at one rate, at every look, with their epochs."""
    table = result["kept"].table
    return table.assign(epochs=table["step"] * table["batch_size"] // BASE.n_train)


def course_table(result: Result) -> pd.DataFrame:
    """The best lambda by each validation metric, at every look and batch size, at one rate.

    Of a metric, `step_ratio` is the best lambda of the largest batches over that of the smallest at
    the last steps that both have, `epochs_ratio` the same for epochs, and `course_ratio` that of
    the smallest batches at the last look over the first; each has bounds, _low and _high.
    """
    table, found = looks(result), []
    ends = table[table["batch_size"].isin((table["batch_size"].min(), table["batch_size"].max()))]
    small = table[table["batch_size"] == table["batch_size"].min()]
    pairs = {x: (last_of_both(ends, x), "batch_size") for x in AXES} | {"course": (small, "step")}
    for metric in METRICS:
        select, report = f"val_{metric}", f"test_{metric}"
        best = optima(table, ["batch_size", "step", "epochs"], select=select, report=report)
        best = best.drop(columns=[c for c in best if c.startswith("test")]).assign(metric=metric)
        for name, (rows, along) in pairs.items():
            bounds = (f"{name}_{bound}" for bound in ("ratio", "low", "high"))
            best = best.assign(**dict(zip(bounds, ratio_of_ends(rows, along, select), strict=True)))
        found.append(best)
    return pd.concat(found, ignore_index=True)


def last_of_both(ends: pd.DataFrame, x: str) -> pd.DataFrame:
    """The networks at the last x that batches of both sizes have."""
    sizes = ends.groupby(x)["batch_size"].nunique()
    return ends[ends[x] == sizes[sizes == 2].index.max()]


def ratio_of_ends(rows: pd.DataFrame, x: str, select: str) -> tuple[float, float, float]:
    """The best lambda at the largest x over that at the least, with bounds; nan at an edge."""
    ends = rows[x].min(), rows[x].max()
    pair = rows[rows[x].isin(ends)].assign(of="ends")
    power = exponents(pair, ["of"], x=x, select=select).iloc[0]
    bounds = (power[name] for name in ("exponent", "low", "high"))
    return tuple(float((ends[1] / ends[0]) ** bound) for bound in bounds)


def by(table: pd.DataFrame, metric: str) -> pd.DataFrame:
    """The rows of one metric."""
    return table[table["metric"] == metric]


def ratio(table: pd.DataFrame, name: str, metric: str = "loss") -> Interval:
    """One of the ratios of `course_table`: "step", "epochs" or "course"."""
    row = by(table, metric).iloc[0]
    bounds = (row[f"{name}_{bound}"] for bound in ("ratio", "low", "high"))
    return Interval(*bounds, n=int(row["seeds"]))


def times(found: Interval) -> str:
    """A ratio with its interval, or that there is none."""
    return "unknown times" if np.isnan(found.estimate) else f"{span(found)} times"


def direction(found: Interval) -> str:
    """What a ratio of two best strengths says: of the later or larger over the other."""
    if found.low > 1 or found.high < 1:
        return "rises" if found.low > 1 else "falls"
    known = found.high < KNOWN**2 * found.low  # false of nan, too
    return "stays within its interval" if known else "is left open"


def title(table: pd.DataFrame) -> str:
    """The largest batches against the smallest, at equal steps and at equal epochs."""
    small, large = table["batch_size"].min(), table["batch_size"].max()
    steps, epochs = (times(ratio(table, x)) for x in AXES)
    return (
        f"At one rate, the best λ by loss for B = {large} is {steps} that for B = {small} "
        f"after as many steps, and {epochs} after as many epochs"
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
        "against steps, right against epochs: the same points. The title compares the last "
        "steps, and the last epochs, that both have. The one chosen by validation error "
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
