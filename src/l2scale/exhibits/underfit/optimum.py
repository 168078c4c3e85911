"""The best lambda and the strength of collapse against depth: the room between them."""

from functools import lru_cache

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.results import Result
from l2scale.exhibits.drawing import plain, span
from l2scale.exhibits.other_optimisers.sweeps import BASE
from l2scale.exhibits.underfit.deeper import depths
from l2scale.exhibits.underfit.tables import deeper_table
from l2scale.lab.datasets import load
from l2scale.lab.estimates import Interval, optima
from l2scale.lab.transfer import exponents
from l2scale.theory.collapse import Path, path
from l2scale.theory.response import slopes
from l2scale.theory.threshold import maxima

GUESSES = 0.95 * np.log(10)  # nats of training loss from which a network counts as guessing
RESTARTS = 8
RULES = {
    "loss": ("val_loss", "data", "best by loss"),
    "error": ("val_error", "penalty", "by error"),
}


@lru_cache(maxsize=256)
def one_path(n_train: int, seed: int) -> Path:
    """One unit a layer, through the unit that the training set of a seed pulls at the most."""
    split = load(BASE.data, seed=seed, n_train=n_train, label_noise=BASE.label_noise)
    g = slopes(split.y_train, split.task)
    units, found = maxima(split.x_train, g, restarts=RESTARTS)
    return path(split.x_train, g, units[int(found.argmax())], split.task)


def room_table(result: Result) -> pd.DataFrame:
    """The penalised networks by depth; `path_end` is where one path's non-zero minimum ceases."""
    table = deeper_table(result)
    table = table[table["lam"] > 0].reset_index(drop=True)
    keys = zip(table["n_train"], table["seed"], table["depth"], strict=True)
    return table.assign(
        path_end=[one_path(int(n), int(seed)).jump(int(depth))[1] for n, seed, depth in keys]
    )


def best(table: pd.DataFrame, rule: str) -> pd.DataFrame:
    """The best strength at every depth by validation "loss" or "error"."""
    return optima(table, ["depth"], select=RULES[rule][0])


def depth_exponent(table: pd.DataFrame, rule: str) -> Interval:
    """The slope of log lambda* in log depth; nan where an optimum is at an edge of the grid."""
    row = exponents(table.assign(all=0), ["all"], x="depth", select=RULES[rule][0]).iloc[0]
    return Interval(row["exponent"], row["low"], row["high"], table["seed"].nunique())


def exponent_words(table: pd.DataFrame, rule: str) -> str:
    """The exponent with its interval, or that an edge forbids one."""
    found = depth_exponent(table, rule)
    return span(found) if np.isfinite(found.estimate) else "not known (an optimum is at an edge)"


def collapse(table: pd.DataFrame) -> pd.DataFrame:
    """Per depth the strengths between which the networks of all seeds come to guess.

    Returns:
        Columns none (the last strength below which no network guesses), any (the next), all (the
        first from which all do; nan where there is none on the grid) and path_end (mean over
        seeds), indexed by depth.
    """
    guesses = (table["train_loss"] > GUESSES).groupby([table["depth"], table["lam"]])
    some, every = guesses.any().unstack(), guesses.all().unstack()
    lasting = every.iloc[:, ::-1].cummin(axis=1)
    reached = some.cummax(axis=1)
    rows = {
        depth: {
            "none": reached.columns[~reached.loc[depth]].max(),
            "any": reached.columns[reached.loc[depth]].min(),
            "all": lasting.columns[lasting.loc[depth]].min(),
        }
        for depth in reached.index
    }
    ends = table.groupby("depth")["path_end"].mean()
    return pd.DataFrame.from_dict(rows, orient="index", dtype=float).assign(path_end=ends)


def room(table: pd.DataFrame, depth: int) -> float:
    """The first strength at which a network guesses, over the best by error.

    Not a number if no network guesses, or the best is at an edge of the grid.
    """
    found = best(table, "error").set_index("depth").loc[depth]
    known = found["lam"] if pd.isna(found["edge"]) else np.nan
    return float(collapse(table).loc[depth, "any"] / known)


def room_words(table: pd.DataFrame, depth: int) -> str:
    """The room as a factor."""
    found = room(table, depth)
    return f"{found:.1f}" if np.isfinite(found) else "not known"


def inside(table: pd.DataFrame) -> str:
    """At how many depths the path's end lies in the band, ends included."""
    found = collapse(table).dropna()
    within = (found["none"] <= found["path_end"]) & (found["path_end"] <= found["all"])
    return f"{within.sum()} of {len(found)}"


def over_path(table: pd.DataFrame) -> str:
    """The band's middle over the path's end: its span over the depths."""
    found = collapse(table).dropna()
    ratio = np.sqrt(found["none"] * found["all"]) / found["path_end"]
    return f"{ratio.min():.2f} to {ratio.max():.2f}" if len(ratio) else "not known"


def title(table: pd.DataFrame) -> str:
    """By how much the strength of collapse falls with depth."""
    shallow, deep = depths(table)[0], depths(table)[-1]
    gone = collapse(table)["any"]
    if not gone[deep] < gone[shallow]:
        return "Best λ and the strength at which training collapses, by depth"
    return (
        f"From {shallow} to {deep} layers, the λ at which training collapses falls by a factor "
        f"{gone[shallow] / gone[deep]:.1f}"
    )


def alt(table: pd.DataFrame) -> str:
    """All three lines in numbers."""
    by = {rule: best(table, rule).set_index("depth")["lam"] for rule in RULES}
    gone, path_ends = (collapse(table)[column] for column in ("any", "path_end"))
    rows = "; ".join(
        f"{depth} layers: {plain(by['loss'][depth])}, {plain(by['error'][depth])}, "
        + (plain(gone[depth]) if np.isfinite(gone[depth]) else "none")
        for depth in depths(table)
    )
    return (
        "One panel of strength, on a logarithmic axis, against layers. Best λ by validation "
        f"loss, by validation error, and the first λ at which a network guesses: {rows}. A dashed "
        f"line, where the closed form of one path ends, goes from {plain(path_ends.iloc[0])} to "
        f"{plain(path_ends.iloc[-1])}."
    )


@figure(
    id="optimum-by-depth",
    source="deeper",
    data=room_table,
    title=title,
    claim=lambda t: (
        "The networks of the figure before. Circles and squares: the strength with the least "
        "validation loss and the least validation error, with 95% intervals over seeds, which may "
        "leave the axes. Exponents in depth: "
        f"{exponent_words(t, 'loss')} by loss, {exponent_words(t, 'error')} by error. Shaded: "
        "from the last strength at which no network guesses (a training loss above 95% of ln 10) "
        "to the first from which all do. Dashed: where the non-zero minimum of one unit a layer, "
        "computed from the training set alone, ceases to exist: inside the band at "
        f"{inside(t)} depths. The band's middle is {over_path(t)} times that."
    ),
    alt=alt,
)
def optimum_by_depth(table: pd.DataFrame) -> Figure:
    """Best strength by two measures, and the band of collapse, against the number of layers."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 4.2))
    ax.set_yscale("log")
    gone = collapse(table)
    shaded = gone.dropna()
    ink, muted = style.colour("ink"), style.colour("muted")
    ax.fill_between(
        shaded.index, shaded["none"], shaded["all"], color=muted, alpha=0.3, linewidth=0
    )
    ax.plot(gone.index, gone["path_end"], linestyle=(0, (4, 2)), color=ink, linewidth=1.2)
    ends = {}
    for (rule, (_, colour, words)), shift in zip(RULES.items(), (-0.04, 0.04), strict=True):
        found = best(table, rule)
        markers = (
            found["edge"].map({"low": "v", "high": "^"}).fillna({"data": "o"}.get(colour, "s"))
        )
        for row, mark in zip(found.itertuples(), markers, strict=True):
            bounds = (row.lam_low, row.lam_high)
            low, high = (x if np.isfinite(x) else row.lam for x in bounds)
            ax.plot([row.depth + shift] * 2, [low, high], color=style.colour(colour), linewidth=1.4)
            ax.plot(row.depth + shift, row.lam, mark, color=style.colour(colour))
        ax.plot(found["depth"] + shift, found["lam"], color=style.colour(colour), linewidth=0.9)
        ends[words] = (found["lam"].iloc[-1], style.colour(colour))
    listed = depths(table)
    ax.set_xticks(listed, [str(depth) for depth in listed])
    ax.set_xlim(listed[0] - 0.3, listed[-1] + 0.2 * (listed[-1] - listed[0]))
    ax.set_ylim(table["lam"].min() * 0.8, table["lam"].max() * 1.8)
    ax.yaxis.set_major_formatter("{x:.3g}")
    ends["one path"] = (gone["path_end"].iloc[-1], ink)
    spread(ax, ends, listed[-1] + 0.025 * (listed[-1] - listed[0]))
    if len(shaded):
        top = shaded.iloc[0]
        ax.annotate(
            "guessing", (shaded.index[0], top["all"]), xytext=(14, 6), textcoords="offset points",
            color=muted, fontsize=9,
        )  # fmt: skip
    ax.set(xlabel="layers", ylabel="λ (sum penalty)")
    return fig


def spread(ax: plt.Axes, labels: dict[str, tuple[float, str]], x: float) -> None:
    """Labels at their heights on a logarithmic axis, or above one that would be in the way."""
    below = 0.0
    for words, (y, colour) in sorted(labels.items(), key=lambda item: item[1][0]):
        below = max(y, below * 1.25)
        ax.text(x, below, words, color=colour, va="center", fontsize=9)
