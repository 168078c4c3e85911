"""Exponents by loss, judged by labels that are right or as often wrong as those in training."""

from typing import Any

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue.predictions import outcomes
from l2scale.exhibits.drawing import legend_below
from l2scale.exhibits.regrets import edge_note, relative_regret
from l2scale.lab.estimates.optimal_lambda import optima
from l2scale.lab.estimates.transfer import exponents
from l2scale.looks import style

LABELS = {"right": "", "alike": "_noisy"}
"""Held-out labels that judge, and how the lab's column of their loss ends."""
LOOKS = {"right": ("muted", "o", "right"), "alike": ("sum", "s", "as wrong as in training")}


def matched_table(cells: dict[str, tuple[pd.DataFrame, float]]) -> pd.DataFrame:
    """Per cell and labels: exponent in width of the typed lambda* by loss, less the one predicted.

    Args:
        cells: name -> networks, one row per width, lambda and seed, and the exponent predicted.

    Returns:
        Columns cell, labels, predicted; exponent, low, high (less `predicted`), `outcome` of the
        prediction, edges, seeds; `power`, the exponent itself; narrow and wide, lambda* at the
        ends; kept and own, the grid's lambda best at the ends, and edge of the latter; and cost,
        cost_low, cost_high: of keeping the narrowest's at the widest, as a share of what tuning
        again reaches.
    """
    rows = []
    for cell, (table, predicted) in cells.items():
        for labels, suffix in LABELS.items():
            select, report = f"val_loss{suffix}", f"test_loss{suffix}"
            found = exponents(table.assign(cell=cell), ["cell"], select=select).iloc[0]
            kept = relative_regret(table, select, report).iloc[-1]
            best = optima(table, ["width"], select=select)["lam"]
            rows.append(
                {"cell": cell, "labels": labels, "predicted": predicted}
                | {name: found[name] - predicted for name in ("exponent", "low", "high")}
                | {"edges": found["edges"] or "none", "seeds": table["seed"].nunique()}
                | {"narrow": best.iloc[0], "wide": best.iloc[-1]}
                | {name: kept[name] for name in ("kept", "own", "edge")}
                | {"cost": kept["excess"], "cost_low": kept["low"], "cost_high": kept["high"]}
                | {"cost_note": kept["note"], "note": edge_note(pd.Series(found["edges"])).iloc[0]}
                | {
                    "power": found["exponent"],
                    "power_low": found["low"],
                    "power_high": found["high"],
                }
            )
    table = pd.DataFrame(rows)
    return table.assign(outcome=outcomes(table, "exponent"))


def farthest(table: pd.DataFrame) -> pd.DataFrame:
    """Per kind of labels: how far an estimate is from the exponent predicted, at most."""
    far = table.assign(off=table["exponent"].abs()).groupby("labels", sort=False)["off"].max()
    return far.reset_index()


def draw_matched(table: pd.DataFrame) -> Figure:
    """One row a cell: the exponent by both kinds of labels, and a bar at the one predicted."""
    names = table["cell"].unique()
    fig, ax = plt.subplots(figsize=(style.WIDTH, 1.3 + 0.42 * len(names)))
    bar: dict[str, Any] = {"linestyle": "", "marker": "|", "markersize": 20, "mew": 1.6}
    predicted = table.drop_duplicates("cell")["predicted"]
    ax.plot(predicted, range(len(names)), color=style.colour("ink"), zorder=1, **bar)
    key = [("predicted", "ink", bar)]
    for (labels, (name, marker, words)), shift in zip(LOOKS.items(), (-0.14, 0.14), strict=True):
        rows, colour = table[table["labels"] == labels].set_index("cell"), style.colour(name)
        for y, row in enumerate(rows.loc[names].itertuples()):
            ax.plot([row.power_low, row.power_high], [y + shift] * 2, color=colour, lw=1.4)
            ax.plot(row.power, y + shift, marker, color=colour, markeredgewidth=0)
        key.append((f"labels that choose: {words}", name, {"marker": marker}))
    ax.set_yticks(range(len(names)), [style.words(name) for name in names])
    ax.grid(visible=False, axis="y")
    ax.set(ylim=(len(names) - 0.5, -0.5), xlabel="exponent in width of the best λ by loss")
    legend_below(fig, *key)
    return fig
