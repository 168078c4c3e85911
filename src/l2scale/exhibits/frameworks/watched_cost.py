"""A scheduler that watches the cost, and a clip that shortens the whole gradient."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import listing, percent, plain, span, to_rounding
from l2scale.catalogue.results import Result
from l2scale.exhibits.frameworks.watching import CONSTANT, LAM, RATE, STILL, WATCHED
from l2scale.lab.estimates import Interval, mean_interval, paired_interval

HUES = {"loss": "data", "cost": "penalty", "constant": "ink"}
PLACES = {"loss": ("in the loss", "penalty"), "decay": ("weight_decay", "adamw")}


def both(result: Result) -> pd.DataFrame:
    """Both measurements in one table; `part` tells them apart."""
    parts = {name: result[name].table.assign(part=name) for name in ("watched", "clipped")}
    return pd.concat(parts.values(), ignore_index=True)


def watched(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Training with one watched number."""
    return table[(table["part"] == "watched") & (table["watched"] == name)]


def lowered(table: pd.DataFrame, name: str) -> pd.Series:
    """By seed, the look at which the rate was first seen lowered; the last look of all if never.

    How many never did is `never`.
    """
    rows = watched(table, name)
    last = table.loc[table["part"] == "watched", "step"].max()
    return rows["step"].where(rows["lr"] < RATE, last).groupby(rows["seed"]).min()


def never(table: pd.DataFrame, name: str) -> int:
    """Seeds in which the rate was not lowered."""
    rows = watched(table, name)
    return int((rows.groupby("seed")["lr"].min() >= RATE).sum())


def at_once(table: pd.DataFrame, name: str) -> int:
    """Seeds in which the rate is lowered together with that of who watches the loss alone."""
    return int((lowered(table, name) == lowered(table, "loss")).sum())


def end_loss(table: pd.DataFrame, name: str, metric: str) -> pd.Series:
    """A loss at the end, by seed."""
    return watched(table, name).sort_values("step").groupby("seed")[metric].last()


def earlier(table: pd.DataFrame, name: str) -> Interval:
    """Steps by which the rate is lowered before that of who watches the loss alone."""
    return paired_interval(lowered(table, "loss"), lowered(table, name))


def unfinished(table: pd.DataFrame, name: str, metric: str = "train_loss") -> Interval:
    """A loss at the end, over that of who watches the loss alone."""
    pair = (end_loss(table, each, metric) for each in (name, "loss"))
    return paired_interval(*pair, ratio=True)


def own_value(table: pd.DataFrame) -> float:
    """Mean value of the penalty at the end, watched with the loss."""
    return float(end_loss(table, "cost", "penalty_value").mean())


def ends(table: pd.DataFrame, where: str, bound: float, column: str) -> pd.Series:
    """What is measured at the end of the clipped trainings, by seed."""
    rows = table[(table["part"] == "clipped") & (table["where"] == where)]
    return rows[rows["clip"] == bound].set_index("seed")[column].sort_index()


def bounds(table: pd.DataFrame) -> list[float]:
    """The bounds on the gradient, the last of them infinite."""
    return sorted(table.loc[table["part"] == "clipped", "clip"].unique())


def compared(table: pd.DataFrame, bound: float, column: str = "sq_norm") -> Interval:
    """As weight_decay over in the loss, seed by seed."""
    return paired_interval(
        *(ends(table, where, bound, column) for where in ("decay", "loss")), ratio=True
    )


def unclipped(table: pd.DataFrame) -> float:
    """The largest relative difference of the two places without a bound."""
    one, other = (ends(table, where, np.inf, "sq_norm") for where in PLACES)
    return float((one / other - 1).abs().max())


def clips(table: pd.DataFrame, bound: float) -> float:
    """Share of the steps that a bound shortens, the penalty in the loss."""
    return float(ends(table, "loss", bound, "clips").mean())


def title(table: pd.DataFrame) -> str:
    """What a constant does, and what a clip does."""
    tight = bounds(table)[0]
    return (
        f"With {CONSTANT:g} added to what it watches, a scheduler lowers the rate "
        f"{span(earlier(table, 'constant'), '.0f')} steps earlier; clipped, weight_decay ends at "
        f"{span(compared(table, tight))} times the ‖w‖² of the same λ in the loss"
    )


def claim(table: pd.DataFrame) -> str:
    """The set-up and the numbers."""
    seeds = [table.loc[table["part"] == part, "seed"].nunique() for part in ("watched", "clipped")]
    words = [f"{percent(clips(table, bound))} for {plain(bound)}" for bound in bounds(table)[:-1]]
    return (
        f"Networks with λ = {plain(LAM)}. Left: gradient descent on all samples, {seeds[0]} seeds, "
        f"the rate by ReduceLROnPlateau from {plain(RATE)} down. It watches the validation loss, "
        f"that plus the penalty's value, or that plus {CONSTANT:g}; the gradient is the same. The "
        f"rate falls in {fallen(table)}. Training ends where the rate is below {STILL:g} of "
        "the first; watching the constant it ends at "
        f"{span(unfinished(table, 'constant'))} times the training loss of watching the loss. "
        f"Right: ‖w‖² after SGD in batches with the gradient clipped, 95% over {seeds[1]} seeds. A "
        "penalty in the loss is clipped with the rest, weight_decay is added afterwards. Without a "
        f"bound they differ by {to_rounding(unclipped(table))}. Share of steps clipped: "
        f"{listing(words)}."
    )


def fallen(table: pd.DataFrame) -> str:
    """In how many trainings the rate fell, in words."""
    rows = table[table["part"] == "watched"]
    trainings = len(rows[["watched", "seed"]].drop_duplicates())
    return f"{trainings - sum(never(table, name) for name in WATCHED)} of {trainings} trainings"


def alt(table: pd.DataFrame) -> str:
    """When the rate falls, and the sums of squares."""
    first = [f"{WATCHED[name]}: {lowered(table, name).mean():.0f}" for name in WATCHED]
    sums = [
        f"{plain(bound) if np.isfinite(bound) else 'none'}: "
        + " and ".join(f"{ends(table, where, bound, 'sq_norm').mean():.1f}" for where in PLACES)
        for bound in bounds(table)
    ]
    return (
        "Two panels. Left, learning rate against steps in stairs; mean step of the first seen "
        f"fall, by what is watched: {'; '.join(first)}. Right, sum of squares against the bound on "
        f"the gradient, penalty in the loss and as weight_decay: {'; '.join(sums)}."
    )


@figure(
    id="watched-cost",
    source=("watched", "clipped"),
    penalties=("sum",),
    data=both,
    title=title,
    claim=claim,
    alt=alt,
)
def watched_cost(table: pd.DataFrame) -> Figure:
    """Rates over the steps, and sums of squares by bound."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.8))
    draw_rates(axes[0], table)
    draw_clips(axes[1], table)
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return fig


def draw_rates(ax: Axes, table: pd.DataFrame) -> None:
    """The rates of every seed."""
    for name, hue in HUES.items():
        for place, (_, rows) in enumerate(watched(table, name).groupby("seed")):
            rows = rows.sort_values("step")
            ax.plot(
                rows["step"], rows["lr"], drawstyle="steps-post", linewidth=1.2,
                linestyle="--" if name == "cost" else "-", color=style.colour(hue),
                label=WATCHED[name] if place == 0 else None,
            )  # fmt: skip
    ax.set(xlabel="step", ylabel="learning rate", yscale="log", ylim=(RATE / 300, 2 * RATE))
    ax.set_title("A scheduler that watches a number")


def draw_clips(ax: Axes, table: pd.DataFrame) -> None:
    """Sums of squares with intervals, the places side by side."""
    limits = bounds(table)
    for shift, (where, (words, hue)) in zip((-0.06, 0.06), PLACES.items(), strict=True):
        found = [mean_interval(ends(table, where, bound, "sq_norm")) for bound in limits]
        means = np.array([one.estimate for one in found])
        errors = np.abs(np.array([(one.low, one.high) for one in found]).T - means)
        x = np.arange(len(limits)) + shift
        ax.errorbar(
            x, means, errors, marker=style.marker(hue), color=style.colour(hue), capsize=2,
            label=f"λ {words}" if where == "loss" else f"λ as {words}",
        )  # fmt: skip
    ax.set_xticks(range(len(limits)), [*(plain(bound) for bound in limits[:-1]), "none"])
    ax.set(xlabel="bound on the gradient's length", ylabel="‖w‖² at the end")
    ax.set_title("A clip")
    ax.legend(loc="lower right", fontsize=8.5)
