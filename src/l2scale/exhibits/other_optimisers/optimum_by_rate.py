"""The best lambda of AdamW against its learning rate: what the three readings predict of it."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import listing, portion, span
from l2scale.catalogue.results import Result, once
from l2scale.exhibits.drawing import log_ticks, note
from l2scale.exhibits.other_optimisers.cells import METRICS, Arm, end, under
from l2scale.exhibits.outcomes import interval, outcome
from l2scale.lab.estimates import Interval, optima
from l2scale.lab.transfer import exponents

READINGS = {"clock": -1.0, "ceiling": 0.0, "stretch": 1.0}  # powers of the rate
MARKERS = ("o", "s")  # of the narrowest and the widest network


def rows_by_rate(result: Result) -> pd.DataFrame:
    """AdamW at every rate tried, at the last look, for the widths and seeds they share."""
    others = end(result["rates"].table)
    base = end(under(result, Arm("adamw")))
    base = base[base["width"].isin(others["width"]) & base["seed"].isin(others["seed"])]
    columns = ["width", "lr", "lam", "seed", "diverged"]
    columns += [f"{split}_{metric}" for split in ("val", "test") for metric in METRICS]
    return pd.concat([base, others], ignore_index=True)[columns]


@once
def rates_table(result: Result) -> pd.DataFrame:
    """Per metric, width and rate: the best lambda; and its power of the rate at that width."""
    rows = rows_by_rate(result)
    found = []
    for metric in METRICS:
        select = f"val_{metric}"
        best = optima(rows, ["width", "lr"], select=select, report=f"test_{metric}")
        powers = exponents(rows, ["width"], x="lr", select=select).drop(columns="edges")
        found.append(best.merge(powers, on="width").assign(metric=metric))
    columns = ["metric", "width", "lr", "lam", "lam_low", "lam_high", "edge", "seeds"]
    return pd.concat(found, ignore_index=True)[[*columns, "exponent", "low", "high"]]


def power(table: pd.DataFrame, metric: str, width: int) -> Interval:
    """The power of the rate at one width; nan where an optimum is at an edge."""
    row = table[(table["metric"] == metric) & (table["width"] == width)].iloc[0]
    return Interval(row["exponent"], row["low"], row["high"], int(row["seeds"]), 0.95)


def said(found: Interval) -> str:
    """A power with its interval, or that there is none."""
    return "none (edge of the grid)" if np.isnan(found.estimate) else span(found)


def title(table: pd.DataFrame) -> str:
    """The four powers."""
    words = [
        f"by {metric} "
        + " and ".join(said(power(table, metric, w)) for w in sorted(table["width"].unique()))
        for metric in METRICS
    ]
    return f"AdamW's best λ as a power of the learning rate: {'; '.join(words)}"


@figure(
    id="optimum-by-rate",
    source=("rates", "rules"),
    data=rates_table,
    title=title,
    claim=lambda t: (
        "Two layers, wrong labels, "
        + " and ".join(f"{width}" for width in sorted(t["width"].unique()))
        + " hidden units, the same number of steps at each rate. Points: the λ of least validation "
        "error or loss, with 95% intervals over "
        f"the {t['seeds'].max()} seeds that all rates share; triangles are bounds. Dashed: the "
        "powers that the three readings predict, drawn from each line's first point."
    ),
    alt=lambda t: (
        "Two panels, best strength against learning rate on logarithmic axes, a line for each of "
        "two widths, with dashed slopes −1, 0 and 1. Powers, narrow then wide: "
        + "; ".join(
            f"by {metric} "
            + ", ".join(said(power(t, metric, w)) for w in sorted(t["width"].unique()))
            for metric in METRICS
        )
        + "."
    ),
)
def optimum_by_rate(table: pd.DataFrame) -> Figure:
    """One panel a metric, one line a width, and the slopes predicted."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 3.6), sharey=True)
    colour, muted = style.colour("adamw"), style.colour("muted")
    for ax, metric in zip(axes, METRICS, strict=True):
        ax.set_yscale("log")
        log_ticks(ax, table["lr"])
        rows = table[table["metric"] == metric]
        for (width, line), mark in zip(rows.groupby("width"), MARKERS, strict=True):
            line = line.sort_values("lr")
            reach = [(line["lam"] - line["lam_low"]).fillna(0), (line["lam_high"] - line["lam"])]
            ax.errorbar(line["lr"], line["lam"], yerr=[reach[0], reach[1].fillna(0)], fmt="-",
                        color=colour)  # fmt: skip
            for row in line.itertuples():
                shape = {"low": "v", "high": "^"}.get(row.edge, mark)
                ax.plot(row.lr, row.lam, shape, color=colour, markersize=6)
            first, last = line.iloc[0], line.iloc[-1]
            half = np.sqrt(last["lr"] / first["lr"])  # short, so that they do not cross
            for slope in READINGS.values():
                ax.plot(
                    [first["lr"], half * first["lr"]],
                    [first["lam"], first["lam"] * half**slope],
                    linestyle=(0, (4, 2)), linewidth=0.9,
                    color=muted, zorder=1,
                )  # fmt: skip
            ax.annotate(
                f"{width} units", (last["lr"], last["lam"]), xytext=(6, 0), va="center",
                textcoords="offset points", fontsize=9, color=colour,
            )  # fmt: skip
        ax.set(xlabel="learning rate", title=f"λ chosen by {metric}")
        low, high = table["lr"].min(), table["lr"].max()
        ax.set_xlim(low / 1.15, high * (high / low) ** 0.35)
    axes[0].set_ylabel("best λ")
    words = "dashed: slopes −1 (clock),\n0 (ceiling) and 1 (stretch)"
    note(axes[0], 0.35, 0.04, words, transform=axes[0].transAxes)
    return fig


def rate_numbers(result: Result) -> dict[str, str]:
    """What the prose quotes: the power of the rate by metric and width, that of width by rate."""
    table = rates_table(result)
    widths = sorted(table["width"].unique())
    rates = sorted(table["lr"].unique())
    found = {
        (metric, name): power(table, metric, width)
        for metric in METRICS
        for name, width in zip(("narrow", "wide"), widths, strict=True)
    }
    failed = {
        f"rate_failed_{name}": portion(
            sum(outcome(one, value) == "failed" for one in found.values()), len(found)
        )
        for name, value in READINGS.items()
    }
    by_rate = exponents(rows_by_rate(result), ["lr"], select="val_error").sort_values("lr")
    return (
        {f"rate_{metric}_{name}": said(one) for (metric, name), one in found.items()}
        | failed
        | {"rate_low": f"{rates[0]:g}", "rate_high": f"{rates[-1]:g}"}
        | {"width_by_rate": listing([said(interval(row)) for _, row in by_rate.iterrows()])}
    )
