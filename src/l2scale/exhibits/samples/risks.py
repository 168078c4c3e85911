"""Ridge's risk against the number of samples: tuned, kept, divided, and without a penalty."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import plain, span
from l2scale.exhibits.drawing import label_end, leave_room, log_ticks, mean_line, note
from l2scale.exhibits.samples.carrying import LOOKS
from l2scale.lab.estimates import Interval, mean_interval, paired_interval

WORDS = {"kept": "λ kept", "over sqrt n": "over √n", "over n": "over n, the best"}


def risk_at(table: pd.DataFrame, n: int, rule: str) -> Interval:
    """Mean excess risk at n under a rule."""
    return mean_interval(table.loc[(table["n"] == n) & (table["rule"] == rule), "risk"])


def floor(table: pd.DataFrame) -> float:
    """What the strength kept costs without any noise: lam^2 / (1 + lam)^2, at ||beta|| = 1."""
    lam = float(table.loc[table["rule"] == "kept", "lam"].iloc[0])
    return (lam / (1 + lam)) ** 2


def without(table: pd.DataFrame) -> pd.Series:
    """Median risk without a penalty by n: around n = p its mean is infinite, or nearly so."""
    return table[table["rule"] == "none"].groupby("n")["risk"].median()


def fall(table: pd.DataFrame, rule: str) -> Interval:
    """By how much the risk is lower at the largest n than at the one before, paired by seed."""
    before, last = sorted(table["n"].unique())[-2:]
    at = table[table["rule"] == rule].pivot(index="seed", columns="n", values="risk")
    return paired_interval(at[before], at[last])


def above_floor(table: pd.DataFrame) -> bool:
    """Whether the risk at the kept strength falls, and at no n is surely below its floor."""
    kept = table[table["rule"] == "kept"]
    means = kept.groupby("n")["risk"].mean()
    low = all(risk_at(table, n, "kept").high >= floor(table) for n in means.index)
    return bool(means.is_monotonic_decreasing and low)


def never_rises(table: pd.DataFrame) -> bool:
    """Whether the mean risk at the best strength falls from each n to the next."""
    means = table[table["rule"] == "over n"].groupby("n")["risk"].mean()
    return bool(means.is_monotonic_decreasing)


def title(table: pd.DataFrame) -> str:
    """Where the kept strength ends, and what tuning gives there."""
    last = table["n"].max()
    kept, tuned = (risk_at(table, last, rule).estimate for rule in ("kept", "over n"))
    return (
        f"Ridge with λ kept cannot fall below its bias: at n = {last} the risk is {kept:.3f}, of "
        f"which {floor(table):.3f} no data removes; with λ over n it is {tuned:.3f}"
    )


def alt(table: pd.DataFrame) -> str:
    """The ends of the lines, the peak and the floor."""
    sizes = sorted(table["n"].unique())
    ends = "; ".join(
        f"{words}: {plain(risk_at(table, sizes[0], rule).estimate)} to "
        f"{plain(risk_at(table, sizes[-1], rule).estimate)}"
        for rule, words in WORDS.items()
    )
    none = without(table)
    return (
        f"Lines of excess risk against samples, from {sizes[0]} to {sizes[-1]}, both axes "
        f"logarithmic. {ends}. The line without a penalty, of medians, goes from "
        f"{plain(none.iloc[0])} to {plain(none.iloc[-1])} and is largest at n = {none.idxmax()}. A "
        f"dashed line is the floor of the strength kept, {floor(table):.2f}."
    )


@figure(
    id="ridge-by-samples",
    source="ridge_risk",
    penalties=("sum",),
    title=title,
    claim=lambda t: (
        "Excess risk on standard normal inputs, σ = 1, ‖β‖ = 1, mean over draws of the inputs with "
        "95% bands; without a penalty the median, since the mean is infinite where n is as large "
        "as the inputs are many, and beyond the frame. λ is best at the fewest samples and then "
        "kept, or divided by the root of n or "
        f"by n; by n it stays best. From n = {sorted(t['n'].unique())[-2]} to {t['n'].max()} the "
        f"risk at the kept λ falls by {span(fall(t, 'kept'), '.3f')}."
    ),
    alt=alt,
)
def ridge_by_samples(table: pd.DataFrame) -> Figure:
    """Risk by rule against n, with the floor of the strength that is kept."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 4.2))
    # Those n that double from the fewest; the others only draw the peak.
    doubled = np.log2(table["n"] / table["n"].min())
    log_ticks(ax, table.loc[doubled % 1 == 0, "n"])
    ax.set_yscale("log")
    for rule, (colour, marker) in LOOKS.items():
        rows, hue = table[table["rule"] == rule], style.colour(colour)
        mean_line(ax, rows, "n", "risk", hue, marker)
        label_end(ax, rows, "n", "risk", WORDS[rule], hue)
    none = without(table)
    ax.plot(none.index, none, ":", color=style.colour("muted"))
    # Beside where it leaves the frame; at its end it would cover the label of the best one.
    note(ax, none.idxmax() * 1.75, 3.4, f"λ = 0 (median; mean infinite at n = {none.idxmax()})")
    sizes = table["n"].min(), table["n"].max()
    ax.plot(sizes, [floor(table)] * 2, linestyle=(0, (4, 2)), lw=1.2, color=style.colour("ink"))
    note(ax, sizes[0], floor(table) * 0.93, "floor of the λ kept", va="top")
    ax.set_ylim(0.6 * table.groupby(["n", "rule"])["risk"].mean().min(), 5)
    leave_room(ax, 0.28)
    ax.set(xlabel="training samples n", ylabel="excess risk (squared target units)")
    return fig
