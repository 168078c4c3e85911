"""The best lambda against the batch size, for three ways to change it."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import listing, plain, span
from l2scale.exhibits.batches.arms import ARMS, METRICS, of_arm, optimum_table, power
from l2scale.exhibits.drawing import log_ticks
from l2scale.exhibits.outcomes import moves
from l2scale.lab.estimates import Interval

LOOKS = {"error": ("data", "o"), "loss": ("penalty", "s")}
WHERE = {
    "steps": "at equal steps",
    "scaled": "with η ∝ B",
    "epochs": "at equal epochs and η",
}


def said(found: Interval) -> str:
    """A power with its interval, or that there is none."""
    return span(found) if found.estimate == found.estimate else "none (edge of the grid)"


def where(table: pd.DataFrame, arm: str) -> str:
    """What the best lambda by loss does as batches grow, and by which power."""
    found = power(table, arm, "loss")
    verb = moves(found).replace("stays within its interval", "hardly moves")
    number = "none" if found.estimate != found.estimate else f"{found.estimate:z.2f}"
    return f"{verb} {WHERE[arm]} ({number})"


def title(table: pd.DataFrame) -> str:
    """What the best lambda by loss does in each panel, with its power of the batch size."""
    found = listing([where(table, arm) for arm in ARMS])
    return f"As B grows, the best λ by loss {found.replace('(', '(power ', 1)}"


def alt(table: pd.DataFrame) -> str:
    """Every best strength."""
    rows = "; ".join(
        f"{ARMS[arm]}: "
        + ", ".join(
            f"by {metric} "
            + " ".join(plain(lam) for lam in of_arm(table, arm, metric)["lam"])
            + f", power {said(power(table, arm, metric))}"
            for metric in METRICS
        )
        for arm in ARMS
    )
    sizes = listing([f"{size}" for size in sorted(table["batch_size"].unique())])
    return f"Three panels, best λ against batch sizes {sizes}, by error and by loss. {rows}."


@figure(
    id="best-lambda-by-batch",
    source=("kept", "scaled"),
    data=optimum_table,
    title=title,
    claim=lambda t: (
        "λ of least validation error (circles) and validation loss (squares), with 95% intervals "
        f"over {t['seeds'].max()} seeds; triangles are bounds. Left: "
        f"{of_arm(t, 'steps', 'error')['step'].iloc[0]:,} steps in batches of every size. "
        "Middle and right: as many epochs, so that larger batches take fewer steps; in the middle "
        "the rate grows with the batch. Powers of B by error, in this order: "
        f"{'; '.join(said(power(t, arm, 'error')) for arm in ARMS)}. By loss: "
        f"{'; '.join(said(power(t, arm, 'loss')) for arm in ARMS)}."
    ),
    alt=alt,
)
def best_by_batch(table: pd.DataFrame) -> Figure:
    """One panel for each way to change the batch size."""
    fig, axes = plt.subplots(1, 3, figsize=(style.WIDTH, 3.4), sharey=True)
    for ax, arm in zip(axes, ARMS, strict=True):
        ax.set(yscale="log", title=ARMS[arm].replace(", ", ",\n"), xlabel="batch size B")
        log_ticks(ax, table["batch_size"])
        ax.margins(x=0.12, y=0.13)
        for metric, (name, mark) in LOOKS.items():
            points(ax, of_arm(table, arm, metric), style.colour(name), mark)
    for metric, (name, _) in LOOKS.items():
        first = of_arm(table, "steps", metric).iloc[0]
        axes[0].annotate(
            f"by {metric}", (first["batch_size"], first["lam_high"]), xytext=(0, 4),
            textcoords="offset points", color=style.colour(name), fontsize=9, va="bottom",
        )  # fmt: skip
    axes[0].yaxis.set_major_formatter("{x:g}")
    axes[0].set_ylabel("best λ")
    return fig


def points(ax: Axes, rows: pd.DataFrame, colour: str, mark: str, x: str = "batch_size") -> None:
    """Best strengths along x with their intervals; a bound is a triangle."""
    low, high = (rows["lam"] - rows["lam_low"]).fillna(0), (rows["lam_high"] - rows["lam"])
    ax.errorbar(rows[x], rows["lam"], yerr=[low, high.fillna(0)], fmt="-", color=colour)
    for row in rows.itertuples():
        shape = {"low": "v", "high": "^"}.get(row.edge, mark)
        ax.plot(getattr(row, x), row.lam, shape, color=colour, markersize=6)
