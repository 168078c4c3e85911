"""The chapter's figures. Their words are in `text.toml`."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue.figures import figure
from l2scale.exhibits.drawing import (
    label_end,
    label_ends,
    leave_room,
    log_ticks,
    mean_line,
    note,
    reference,
)
from l2scale.exhibits.width_limit.sweeps import BASE
from l2scale.exhibits.width_limit.tables import FLOOR, least, line, of_kind, others
from l2scale.lab.estimates.intervals import paired_interval
from l2scale.looks import style
from l2scale.theory.penalties import PENALTIES

DEPTHS = {2: ("sum", "two layers"), 3: ("mean", "three layers")}  # depth -> colour, words
ROUNDING = 1e-16  # an excess of 0 has no place on a logarithmic axis


@figure(id="least-cost-by-width", data=least)
def least_cost(table: pd.DataFrame) -> Figure:
    """Excess of the least cost over the widest network's, and the sum of squares, by width."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(style.WIDTH, 3.6))
    left.set_yscale("log")
    for ax in (left, right):
        log_ticks(ax, table["width"])
        ax.set_xlabel("hidden units")
    for depth, (name, words) in DEPTHS.items():
        rows = table[table["depth"] == depth]
        colour, marker = style.colour(name), style.marker(name)
        above = rows[rows["width"] < rows["width"].max()]
        # Seeds differ by factors, so their mean and interval are those of the logarithm.
        centre = above.groupby("width")["over_widest"].apply(
            lambda v: paired_interval(v.clip(lower=FLOOR), np.ones(len(v)), ratio=True)
        )
        left.plot(centre.index, [i.estimate for i in centre], color=colour, marker=marker)
        low, high = [i.low for i in centre], [i.high for i in centre]
        left.fill_between(centre.index, low, high, color=colour, alpha=0.2, linewidth=0)
        left.plot(rows.groupby("width")["gain"].mean(), ":", color=colour, linewidth=1.4)
        mean_line(right, rows, "width", "squares", colour, marker)
        label_end(right, rows, "width", "squares", words, colour)
    words, at = "dotted: what the solver\nstill gained", {"transform": left.transAxes}
    note(left, 0.98, 0.96, words, ha="right", va="top", **at)
    left.set(ylabel="share above the widest", title="Least cost, over that of the widest")
    right.set(ylabel="sum of squares", title="Sum of squares at the least cost")
    right.set_ylim(bottom=0)
    leave_room(right, 0.38)
    return fig


@figure(id="one-dimension", data=line)
def one_dimension(table: pd.DataFrame) -> Figure:
    """Data, the limit and networks on the left; excess over the limit on the right."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(style.WIDTH, 3.9))
    curves = dict(list(table[table["panel"] == "curve"].groupby("kind")))
    points, best = curves["data"], curves["limit"]
    left.plot(points["x"], points["y"], "o", color=style.colour("muted"), label="data")
    drawn = curves["trained"].groupby("width")
    for (width, rows), colour in zip(drawn, style.shades(len(drawn)), strict=True):
        left.plot(rows["x"], rows["y"], color=colour, label=f"H = {width:.0f}")
    left.plot(
        best["x"], best["y"], color=style.colour("ink"), ls=(0, (4, 2)), lw=1.3, label="limit"
    )
    left.set(xlabel="x", ylabel="f(x)", title="The function")
    trained, built = of_kind(table, "trained"), of_kind(table, "built")
    right.set_yscale("log")
    log_ticks(right, trained["width"])
    widths = sorted(trained["width"].unique())
    right.set_xticks(widths, [f"{width:.0f}" for width in widths])
    one, many, exact = (style.colour(name) for name in ("sum", "mean", "fan"))
    for seed, rows in trained.groupby("seed"):
        excess = rows["excess"].abs().clip(lower=ROUNDING)
        words = "" if seed else "best"
        right.plot(rows["width"], excess, "o-", color=one, lw=1, markersize=3.5, label=words)
    middle = trained.groupby("width")["median_excess"].mean()
    right.plot(middle, "s--", color=many, linewidth=1.2, markersize=4, label="median start")
    excess = built["excess"].abs().clip(lower=ROUNDING)
    right.plot(built["width"], excess, "D", color=exact, label="written down")
    right.set(xlabel="hidden units", ylabel="share above the limit", title="Cost above the limit")
    for ax in (left, right):
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=3)
    return fig


@figure(id="what-others-tend-to", data=others)
def what_others_tend_to(table: pd.DataFrame) -> Figure:
    """Least cost and training error of five penalties by width, each with its twin sum dashed."""
    fig, axes = plt.subplots(2, 2, figsize=(style.WIDTH, 5.6), sharex="col")
    guide = {"linestyle": ":", "color": style.colour("muted"), "linewidth": 1}
    for (top, bottom), (depth, cells) in zip(axes.T, table.groupby("depth"), strict=True):
        top.set_yscale("log")
        ends = {}
        for ax, kind in ((top, "cost"), (bottom, "error")):
            measured = kind if ax is top else f"train_{kind}"
            log_ticks(ax, cells["width"])
            for penalty in PENALTIES:
                rows, colour = cells[cells["penalty"] == penalty], style.colour(penalty)
                mean_line(ax, rows, "width", measured, colour, style.marker(penalty))
                dashed = rows.groupby("width")[f"twin_{kind}"].mean()
                reference(ax, dashed.index, dashed)
                if ax is top:
                    last = rows[rows["width"] == rows["width"].max()]
                    ends[style.words(penalty)] = (last[measured].mean(), colour)
            ax.set_ylabel("")
        top.axhline(np.log(10), **guide)
        leave_room(top, 0.6)  # of both: they share the axis
        label_ends(top, ends, 1.1 * cells["width"].max(), gap=0.07)
        top.set_title(DEPTHS[depth][1].capitalize())
        bottom.set(xlabel="hidden units", ylim=(-0.01, None))
        bottom.axhline(BASE.label_noise, **guide)
        top.yaxis.set_major_formatter("{x:.2g}")
    for ax, words, y, dy, va in (
        (axes[0, 0], "guessing", np.log(10), -4, "top"),
        (axes[1, 0], "wrong labels", BASE.label_noise, 3, "baseline"),
    ):
        ax.annotate(
            words, (1, y), xycoords=("axes fraction", "data"), xytext=(-2, dy), va=va,
            textcoords="offset points", ha="right", fontsize=8.5, color=style.colour("muted"),
        )  # fmt: skip
    axes[0, 0].set_ylabel("least cost (nats)")
    axes[1, 0].set_ylabel("training error")
    return fig
