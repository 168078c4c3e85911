"""The layers' imbalance over time, against exp(-4 lr lam t)."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import span
from l2scale.catalogue.results import Result
from l2scale.exhibits.drawing import label_end, leave_room, mean_line, reference
from l2scale.lab.estimates import Interval, mean_interval
from l2scale.theory.rescaling import imbalance_left, noise_gap

PAIRS = ((1, 2), (2, 3), (3, 4))


def clock_table(result: Result) -> pd.DataFrame:
    """What is left of the layers' imbalance: the root of the mean square over three pairs."""
    table = result["clock"].table.sort_values(["run", "step"])
    gaps = np.stack([table[f"sq_norm_{i}"] - table[f"sq_norm_{j}"] for i, j in PAIRS], axis=1)
    imbalance = np.sqrt(np.square(gaps).mean(axis=1))
    imbalance = pd.Series(imbalance, index=table.index)
    start = imbalance.groupby(table["run"]).transform("first")
    columns = ["batch_size", "lam", "lr", "seed", "step", "train_loss"]
    floors = table.apply(predicted_floor, axis=1) / start
    return table[columns].assign(left=imbalance / start, floor=floors)


def predicted_floor(row: pd.Series) -> float:
    """The imbalance that the batches' gradients at these weights would keep up.

    A batch is drawn without replacement, so its mean gradient has the squared norm of the full
    one, plus the samples' variance over the batch size times (n - B) / (n - 1).
    """
    layers = range(1, PAIRS[-1][-1] + 1)
    full, each = (
        np.array([row[f"{kind}_force_{layer}"] ** 2 for layer in layers])
        for kind in ("data", "sample")
    )
    n, batch = row["n_train"], row["batch_size"] or row["n_train"]
    noise = full + (each - full) / batch * (n - batch) / (n - 1)
    gaps = noise_gap(row["lr"], row["lam"], noise, np.ones(len(noise)))
    return float(np.sqrt(np.mean([(gaps[i - 1] - gaps[j - 1]) ** 2 for i, j in PAIRS])))


def law(table: pd.DataFrame) -> pd.Series:
    """What the law leaves at each row."""
    each = zip(table["lr"], table["lam"], table["step"], strict=True)
    return pd.Series([imbalance_left(*row) for row in each], index=table.index)


def rate(table: pd.DataFrame, batch_size: int) -> Interval:
    """Fitted rate of decay over the law's, while the law leaves 5 % or more.

    One slope a seed and strength, averaged by seed. The law's rate is -2 log(1 - 2 lr lam) a step,
    which is 4 lr lam (1 + lr lam) to second order.
    """
    rows = table.assign(law=law(table))
    rows = rows[(rows["batch_size"] == batch_size) & (rows["law"] >= 0.05)]
    ratios = []
    for _, seed in rows.groupby("seed"):
        slopes = [
            np.polyfit(np.log(run["law"]), np.log(run["left"]), 1)[0]
            for _, run in seed.groupby("lam")
        ]
        ratios.append(float(np.mean(slopes)))
    return mean_interval(ratios)


def at_every_lambda(table: pd.DataFrame) -> bool:
    """Whether the full batch's fitted rate is the law's to 3 % at each strength."""
    found = [rate(rows, 0) for _, rows in table.groupby("lam")]
    return all(one.low > 0.97 and one.high < 1.03 for one in found)


def fastest_end(table: pd.DataFrame, batch_size: int) -> pd.DataFrame:
    """The last checkpoint at the largest strength."""
    rows = table[(table["batch_size"] == batch_size) & (table["step"] == table["step"].max())]
    return rows[rows["lam"] == rows["lam"].max()]


def over_floor(table: pd.DataFrame, batch_size: int) -> Interval:
    """What is left at the end at the largest strength, over the floor predicted there."""
    rows = fastest_end(table, batch_size)
    return mean_interval(rows["left"] / rows["floor"])


def over_law(table: pd.DataFrame, batch_size: int) -> Interval:
    """What is left at the end at the largest strength, over what the law leaves."""
    rows = fastest_end(table, batch_size)
    return mean_interval(rows["left"] / law(rows))


def title(table: pd.DataFrame) -> str:
    """Whether the imbalance keeps the law's time, and to what end."""
    if not at_every_lambda(table):
        return "The layers' imbalance over time, against the rate 4ηλ"
    kept = "The layers' imbalance is a clock: it dies at the rate 4ηλ at every λ tried"
    full, batches = (over_law(table, size) for size in (0, table["batch_size"].max()))
    return f"{kept}; with batches the fastest stops early" if batches.low > full.high else kept


@figure(
    id="imbalance-clock",
    source="clock",
    data=clock_table,
    title=title,
    claim=lambda t: (
        "64-32-8-32-10 ReLU networks without biases, from He's start: the differences between "
        "neighbouring layers' sums of squares, as a share of the start, for three λ under the "
        f"plain sum, η = {t['lr'].iloc[0]:g}. Dashed: (1 − 2ηλ)²ᵗ, with nothing fitted. The fitted "
        f"rate over the dashed one is {span(rate(t, 0), '.3f')} with full batches and "
        f"{span(rate(t, t['batch_size'].max()), '.3f')} with batches of {t['batch_size'].max()}. "
        f"The fastest line ends at {span(over_law(t, 0))} times what the law leaves with full "
        f"batches, and at {span(over_law(t, t['batch_size'].max()), '.0f')} times with batches."
    ),
    alt="Two panels of the share of imbalance left against steps on a logarithmic axis, full batch "
    "and mini-batches. In both, three straight lines fall along dashed predictions, the faster the "
    "larger the strength. With mini-batches the lowest ends leave the prediction and flatten out.",
)
def imbalance_clock(table: pd.DataFrame) -> Figure:
    """Share of imbalance left over time, by strength, full batch and mini-batch."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.5), sharey=True)
    lams = sorted(table["lam"].unique())
    for ax, batch in zip(axes, sorted(table["batch_size"].unique()), strict=True):
        ax.set_yscale("log")
        for lam, colour in zip(lams, style.shades(len(lams)), strict=True):
            rows = table[(table["batch_size"] == batch) & (table["lam"] == lam)]
            mean_line(ax, rows, "step", "left", colour, "o", "none")
            ax.lines[-1].set_markersize(4)
            steps = np.linspace(0, rows["step"].max(), 100)
            reference(ax, steps, imbalance_left(rows["lr"].iloc[0], lam, steps))
            label_end(ax, rows, "step", "left", f"λ = {lam:g}", colour)
        ax.set(xlabel="steps", title=f"Batches of {batch}" if batch else "Full batch")
        last = int(table["step"].max())
        ax.set_xticks([0, last // 2, last])
        leave_room(ax, 0.27)
    axes[0].set_ylabel("imbalance, as a share of the start")
    return fig
