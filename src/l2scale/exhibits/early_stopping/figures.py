"""The chapter's figures. Their words are in `text.toml`."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.catalogue.figures import figure
from l2scale.exhibits.drawing import DASHED, best_lambdas, legend_below, log_ticks, reference
from l2scale.exhibits.early_stopping.clock import clock
from l2scale.exhibits.early_stopping.linear import ways
from l2scale.exhibits.early_stopping.tables import costs, fewer
from l2scale.looks import style

ROWS = {
    ("none", "few"): "no λ, full length",
    ("stop", "few"): "no λ, stopped",
    ("trick", "few"): "one estimate of λ",
    ("lambda", "few"): "some λ, full length",
    ("joint", "few"): "some λ, stopped",
    ("reused", "few"): "the same λ, not stopped",
    ("lambda", "all"): "all λ, full length",
    ("joint", "all"): "all λ, stopped",
    ("reused", "all"): "the same λ, not stopped",
}
MARKERS = ("o", "s", "D")
LINES = {
    "stop": ("data", "o", "the stop, no λ"),
    "lambda": ("penalty", "s", "λ at full length"),
    "joint": ("ink", "D", "both"),
}
WAYS = {
    "ridge": ("penalty", "ridge"),
    "half": ("muted", "half penalty, half stopped"),
    "stopped": ("data", "stopped, no penalty"),
}


@figure(id="what-a-search-costs", data=costs)
def what_a_search_costs(table: pd.DataFrame) -> Figure:
    """A row a protocol: its test error above the best, in each cell."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 4.6))
    hues = dict(zip(("no", "yes"), style.shades(2), strict=True))
    sizes = sorted(table["n_train"].unique(), reverse=True)
    cells = [(wrong, n) for wrong in hues for n in sizes]
    spent = []
    for y, plan in enumerate(ROWS):
        rows = table[(table["protocol"] == plan[0]) & (table["search"] == plan[1])]
        spent.append(rows["trainings"].iloc[0])
        for place, (wrong, n) in enumerate(cells):
            row = rows[(rows["wrong"] == wrong) & (rows["n_train"] == n)].iloc[0]
            at = y + 0.17 * (place - (len(cells) - 1) / 2)
            ax.plot([row["low"], row["high"]], [at, at], color=hues[wrong], lw=1.3)
            ax.plot(row["excess"], at, MARKERS[sizes.index(n)], color=hues[wrong], markersize=5)
    ax.axvline(0, color=style.colour("ink"), zorder=1, **DASHED)
    names = [f"{words}, {count}×" for words, count in zip(ROWS.values(), spent, strict=True)]
    ax.set_yticks(range(len(ROWS)), names)
    ax.set(ylim=(len(ROWS) - 0.5, -0.5), xlabel="test error above the best choice")
    ax.grid(visible=False, axis="y")
    ax.xaxis.set_major_formatter("{x:.0%}")
    ax.locator_params(axis="x", steps=[1, 2, 5, 10])  # whole percents
    handles = [
        plt.Line2D(
            [], [], color=hues[wrong], marker=MARKERS[sizes.index(n)], linestyle="",
            label=f"n = {n}, {'one label in five wrong' if wrong == 'yes' else 'right labels'}",
        )
        for wrong, n in cells
    ]  # fmt: skip
    fig.legend(handles=handles, loc="outside lower center", ncols=2)
    return fig


@figure(id="best-lambda-under-stopping", data=clock)
def best_lambda_under_stopping(table: pd.DataFrame) -> Figure:
    """The best lambda against steps and the clock's prediction, a panel a number of samples."""
    sizes = sorted(table["n_train"].unique(), reverse=True)
    fig, axes = plt.subplots(1, len(sizes), figsize=(style.WIDTH, 3.7), sharey=True)
    by_loss = table[table["labels"] == "alike"]
    hues = dict(zip(("no", "yes"), style.shades(2), strict=True))
    for ax, n in zip(axes, sizes, strict=True):
        for (wrong, hue), marker in zip(hues.items(), MARKERS, strict=False):
            rows = by_loss[(by_loss["n_train"] == n) & (by_loss["wrong"] == wrong)]
            best_lambdas(ax, rows["step"], rows, marker, hue)
            ax.plot(rows["step"], rows["predicted"].mask(rows["predicted"] <= 0), color=hue,
                    **DASHED)  # fmt: skip
        ax.set(yscale="log", title=f"n = {n}", xlabel="steps")
        log_ticks(ax, rows["step"])
        ax.set_ylim(by_loss["lam"].min() / 2, by_loss["lam"].max() * 2)
    axes[0].set_ylabel("best λ")
    axes[0].yaxis.set_major_formatter("{x:g}")
    first, second = hues.values()
    handles = [
        plt.Line2D([], [], color=first, marker=MARKERS[0], linestyle="", label="right labels"),
        plt.Line2D([], [], color=second, marker=MARKERS[1], linestyle="",
                   label="one label in five wrong"),
        plt.Line2D([], [], color=style.colour("ink"), label="predicted", **DASHED),
    ]  # fmt: skip
    fig.legend(handles=handles, loc="outside lower center", ncols=3)
    return fig


@figure(id="held-out-cut", data=fewer)
def held_out_cut(table: pd.DataFrame) -> Figure:
    """What a choice from fewer held-out samples adds, a panel a cell."""
    cells = table[["n_train", "wrong"]].drop_duplicates().sort_values(["wrong", "n_train"])
    fig, axes = plt.subplots(1, len(cells), figsize=(style.WIDTH, 3.4), sharey=True)
    for ax, (n, wrong) in zip(axes, cells.itertuples(index=False), strict=True):
        rows = table[(table["n_train"] == n) & (table["wrong"] == wrong)]
        for place, (name, (colour, marker, _)) in enumerate(LINES.items()):
            line = rows[rows["protocol"] == name].sort_values("held_out")
            draw_line(ax, line, style.colour(colour), marker, 1.05 ** (place - 1))
        reference(ax, rows["held_out"], 0 * rows["held_out"])
        labels = "wrong labels" if wrong == "yes" else "right labels"
        ax.set(title=f"n = {n},\n{labels}", xlabel="held out")
        log_ticks(ax, rows["held_out"])
        ax.margins(x=0.12)
    axes[0].set_ylabel("test error added")
    axes[0].yaxis.set_major_formatter("{x:.1%}")
    legend_below(fig, *((words, colour, {"marker": m}) for colour, m, words in LINES.values()))
    return fig


def draw_line(ax: Axes, line: pd.DataFrame, colour: str, marker: str, aside: float) -> None:
    """Differences with their intervals, a little aside, so that bars can be told apart."""
    reach = [line["estimate"] - line["low"], line["high"] - line["estimate"]]
    ax.errorbar(
        line["held_out"] * aside, line["estimate"], yerr=reach, color=colour, marker=marker,
        elinewidth=1, markersize=4.5, markeredgewidth=0,
    )  # fmt: skip


@figure(id="stopped-and-ridge", data=ways, penalties=("sum",))
def stopped_and_ridge(table: pd.DataFrame) -> Figure:
    """Exact risks of ridge, of a stopped flow, and of half of each, at one strength mu."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.6))
    for way, (colour, words) in WAYS.items():
        rows = table[table["way"] == way]
        ax.plot(rows["mu"], rows["risk"], color=style.colour(colour), label=words)
    ax.set(xscale="log", xlabel="λ + 1/(2ηt)", ylabel="excess risk over that of 0")
    ax.set_ylim(0, min(2.0, 1.05 * table["risk"].max()))
    ax.xaxis.set_major_formatter("{x:g}")
    fig.legend(loc="outside lower center", ncols=len(WAYS))
    return fig
