"""The figures of ridge regression. Their words are in `text.toml`."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from l2scale.catalogue.figures import figure
from l2scale.exhibits.drawing import label_end, leave_room, log_ticks, mean_line, note, reference
from l2scale.exhibits.samples.exact import best_lambda_of, mean_risks, missed
from l2scale.exhibits.samples.figures import RULE_LOOKS
from l2scale.exhibits.samples.ridge import BAR
from l2scale.looks import style

LINES = {"kept": "λ kept", "over sqrt n": "over √n", "over n": "over n, the best"}


@figure(id="ridge-pairs", source="ridge_pairs", penalties=("sum",))
def ridge_pairs(table: pd.DataFrame) -> Figure:
    """Share by which each measured strength misses its prediction, and the bar."""
    found = missed(table)
    fig, ax = plt.subplots(figsize=(style.WIDTH, 0.34 * len(found) + 1.2))
    ax.axvspan(-BAR, BAR, color=style.colour("grid"), alpha=0.6, linewidth=0)
    ax.axvline(0, color=style.colour("ink"), linewidth=0.8)
    hue = style.colour("data")
    ax.hlines(found.index, found["low"], found["high"], color=hue)
    ax.plot(found["estimate"], found.index, style.marker("data"), color=hue)
    rows = found.itertuples()
    ax.set_yticks(found.index, [f"n = {row.n}, p = {row.p}: λ = {row.predicted:g}" for row in rows])
    reach = 1.15 * max(BAR, -found["low"].min(), found["high"].max())
    ax.set(
        xlim=(-reach, reach), ylim=(len(found) - 0.4, -0.6),
        xlabel="measured best λ less the predicted one (%), the bar in grey",
    )  # fmt: skip
    ax.xaxis.set_major_formatter(PercentFormatter(1, symbol=""))
    ax.grid(visible=False, axis="y")
    return fig


@figure(id="ridge-by-samples", source="ridge_risk", penalties=("sum",))
def ridge_by_samples(table: pd.DataFrame) -> Figure:
    """Risk by rule against n, with the floor of the strength that is kept."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 4.2))
    # Those n that double from the fewest; the others only draw the peak.
    doubled = np.log2(table["n"] / table["n"].min())
    log_ticks(ax, table.loc[doubled % 1 == 0, "n"])
    ax.set_yscale("log")
    for rule, (colour, marker) in RULE_LOOKS.items():
        rows, hue = table[table["rule"] == rule], style.colour(colour)
        mean_line(ax, rows, "n", "risk", hue, marker)
        label_end(ax, rows, "n", "risk", LINES[rule], hue)
    means = mean_risks(table)
    none = means[means["rule"] == "none"].set_index("n")["median"]
    ax.plot(none.index, none, ":", color=style.colour("muted"))
    # Beside where it leaves the frame; at its end it would cover the label of the best one.
    note(ax, none.idxmax() * 1.75, 3.4, f"λ = 0 (median; mean infinite at n = {none.idxmax()})")
    least_n, floor = table["n"].min(), means.loc[means["rule"] == "kept", "floor"].iloc[0]
    ends = [least_n, table["n"].max()]
    reference(ax, ends, [floor] * 2)
    note(ax, least_n, floor * 0.93, "floor of the λ kept", va="top")
    ax.set_ylim(0.6 * means["estimate"].min(), 5)
    leave_room(ax, 0.28)
    ax.set(xlabel="training samples n", ylabel="excess risk (squared target units)")
    return fig


@figure(id="negative-ridge", source="ridge_spike", penalties=("sum",))
def negative_ridge(table: pd.DataFrame) -> Figure:
    """Risk against strength, with lines at 0 and at the best."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.3))
    mean_line(ax, table, "lam", "risk", style.colour("data"))
    ax.axvline(0, color=style.colour("ink"), linewidth=0.8)
    lam, means = best_lambda_of(table), table.groupby("lam")["risk"].mean()
    ax.plot(lam, means[lam], style.marker("data"), color=style.colour("data"), markersize=7)
    top, words = 1.4 * means.iloc[-1], f"best: λ = {lam:.2g}".replace("-", "−")
    ax.set_ylim(0, top)
    note(ax, lam, 0.5 * means[lam], words, ha="left", va="center")
    note(ax, 0, 0.96 * top, " λ = 0", va="top")
    ax.set(xlabel="λ (ridge penalty)", ylabel="excess risk (squared target units)")
    return fig
