"""The best lambda against width, for each optimiser and learning-rate rule."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.results import Result
from l2scale.exhibits.drawing import log_ticks, plain, reference
from l2scale.exhibits.other_optimisers.cells import KEYS, WORDS, arm, end, labelled, named
from l2scale.lab.estimates import optima
from l2scale.theory.parametrisation import RULES

PANELS = ((2, "sgd"), (2, "momentum"), (2, "adam"), (2, "adamw"), (3, "adamw"))
LINES = {"constant": "-", "inverse_width": ":", "maximal_update": "-."}
MARKERS = {"constant": "o", "inverse_width": "s", "maximal_update": "D"}
SHIFT = {"constant": 1.0, "inverse_width": 0.93, "maximal_update": 1.07}  # intervals side by side


def optima_table(result: Result) -> pd.DataFrame:
    """Per layers, optimiser, rule and width: the lambda of least validation error, and bounds."""
    table = end(labelled(result))
    found = optima(table, [*KEYS, "width"], select="val_error", report="test_error")
    cells = table.groupby([*KEYS, "width"])
    tried = cells["lam"].agg(grid_low="min", grid_high="max").reset_index()
    return found.merge(tried, on=[*KEYS, "width"])


def ends(table: pd.DataFrame, layers: int, cell: str, rule: str) -> tuple[str, str, str]:
    """The best lambda at the least and at the largest width, in words, and that width."""
    rows = arm(table, cell, rule, layers).sort_values("width")
    say = {"low": "at most ", "high": "at least "}
    first, last = (
        say.get(row.edge, "") + plain(row.lam) for row in rows.iloc[[0, -1]].itertuples()
    )
    return first, last, f"{rows['width'].iloc[-1]}"


def factor(table: pd.DataFrame, cell: str, layers: int = 2) -> float | None:
    """Best lambda at the largest over that at the least width, constant rate; None at an edge."""
    rows = arm(table, cell, "constant", layers).sort_values("width")
    if rows["edge"].notna().any():
        return None
    return float(rows["lam"].iloc[-1] / rows["lam"].iloc[0])


def title(table: pd.DataFrame) -> str:
    """By how much the best lambda of AdamW and of SGD goes from the narrowest to the widest."""
    adamw, sgd = factor(table, "adamw"), factor(table, "sgd")
    widths = table.loc[table["layers"] == 2, "width"]
    if adamw is None or sgd is None:
        return "Best λ against width: some optima are at the edge of their grid"
    return (
        f"From {widths.min()} to {widths.max()} units, the best λ by error goes to {adamw:.1f} "
        f"times itself under AdamW and to {sgd:.1f} times under SGD, at a constant rate"
    )


def alt(table: pd.DataFrame) -> str:
    """Where the lines of each panel begin and end."""
    said = []
    for layers, cell in PANELS:
        rules = [rule for rule in RULES if len(arm(table, cell, rule, layers))]
        found = {rule: ends(table, layers, cell, rule) for rule in rules}
        first, _, width = found[rules[0]]
        lines = ", ".join(f"{last} ({WORDS[rule]})" for rule, (_, last, _) in found.items())
        said.append(f"{named(layers, cell)}: from {first} at the least width to {lines} at {width}")
    return (
        "Five panels, best strength against hidden units on logarithmic axes, with dashed lines of "
        f"slopes 0, one half and 1. {'; '.join(said)}."
    )


@figure(
    id="optimum-by-optimiser",
    source=("rules", "hidden"),
    data=optima_table,
    title=title,
    claim="The λ of least validation error at the end of training, with 95% intervals over seeds; "
    "triangles: the optimum is at the end of the grid and lies there or beyond. Lines differ in "
    "what the learning rate does as the network widens. Dashed: λ as it was, times the root of the "
    "width, and times the width.",
    alt=alt,
)
def optimum_by_optimiser(table: pd.DataFrame) -> Figure:
    """One panel an optimiser, one line a rule, and the slopes 0, 1/2 and 1."""
    fig, axes = plt.subplots(2, 3, figsize=(style.WIDTH, 5.2))
    for ax, (layers, cell) in zip(axes.flat, PANELS, strict=False):
        panel(ax, table[(table["layers"] == layers) & (table["cell"] == cell)])
        ax.set_title(named(layers, cell), fontsize=9.5)
    for ax in axes[:, 0]:
        ax.set_ylabel("best λ")
    for ax in (*axes[1, :2], axes[0, 2]):
        ax.set_xlabel("hidden units")
    key = axes[1, 2]
    key.axis("off")
    ink = style.colour("ink")
    lines = [
        Line2D([], [], color=ink, linestyle=LINES[rule], marker=MARKERS[rule], label=WORDS[rule])
        for rule in RULES
    ]
    key.legend(handles=lines, loc="center", title="learning rate", alignment="left")
    return fig


def panel(ax: Axes, table: pd.DataFrame) -> None:
    """The rules of one optimiser."""
    cell = table["cell"].iloc[0]
    ax.set_yscale("log")
    log_ticks(ax, table["width"])
    for rule in RULES:
        rows = table[table["rule"] == rule].sort_values("width")
        if rows.empty:
            continue
        at = rows["width"] * SHIFT[rule]
        ax.plot(at, rows["lam"], LINES[rule], color=style.colour(cell), linewidth=1.4)
        for x, row in zip(at, rows.itertuples(), strict=True):
            reach = (row.lam - row.lam_low, row.lam_high - row.lam)
            ax.errorbar(
                x, row.lam, yerr=[[max(0, np.nan_to_num(r))] for r in reach],
                fmt={"low": "v", "high": "^"}.get(row.edge, MARKERS[rule]), markersize=5,
                color=style.colour(cell),
            )  # fmt: skip
    first = table.sort_values("width").iloc[0]
    low, high = first["width"], table["width"].max()
    for power, words in ((0.0, "0"), (0.5, "½"), (1.0, "1")):
        top = first["lam"] * (high / low) ** power
        reference(ax, (low, high), (first["lam"], top))
        ax.annotate(
            words, (high, top), xytext=(8, 0), textcoords="offset points", va="center",
            fontsize=8.5, color=style.colour("muted"),
        )  # fmt: skip
    # The same reach in every panel, so that slopes compare; more where a point needs it.
    ax.set_ylim(
        min(first["lam"] / 8, 0.7 * table["lam"].min()),
        max(first["lam"] * 28, 1.4 * table["lam"].max()),
    )
    ax.set_xlim(low / (high / low) ** 0.08, high * (high / low) ** 0.18)
