"""Whether networks of all widths leave zero at the strength that the data set predicts."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import plain
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.crush.ends import deep_holds, jump_table, lowest_to
from l2scale.exhibits.crush.limits import biased_threshold, limit
from l2scale.exhibits.drawing import reference
from l2scale.lab.estimates import Interval, mean_interval

SHOWN = 0.75  # the figure begins here
ZERO = 1e-3  # of the sum of squares at the lowest strength: less counts as zero
ARMS = {
    "digits": "Cross-entropy",
    "teacher": "Squared error",
    "biased": "With free biases",
}


def widths_table(result: Result) -> pd.DataFrame:
    """Sum of squares and gain over zero weights at the minimum, by strength over prediction."""
    parts = []
    for name in ("widths", "biased"):
        table = result[name].table
        sets = list(table[["data", "n_train", "seed"]].itertuples(index=False))
        limits = [limit(*each) for each in sets]
        if name == "biased":
            predicted = np.array([biased_threshold(*each) for each in sets])
        else:
            predicted = np.array([found.threshold for found in limits])
        # One unit: S = 2 p with p = (M - 2 lam) / (2 stiffness).
        slope = [2 * f.threshold / f.path.stiffness for f in limits]
        columns = ["width", "seed", "init", "lam", "cost", "weights"]
        parts.append(
            table[columns].assign(
                arm=table["data"] if name == "widths" else "biased",
                predicted=predicted,
                ratio=(table["lam"] / predicted).round(6),
                squares=table["sq_norm_1"] + table["sq_norm_2"],
                slope=slope if name == "widths" else np.nan,
            )
        )
    whole = pd.concat(parts, ignore_index=True)
    keys = ["arm", "width", "seed", "init"]
    top = whole.sort_values("ratio").groupby(keys)["squares"].transform("first").sort_index()
    return whole.assign(zero=whole["squares"] < ZERO * top)


def best_start(table: pd.DataFrame) -> pd.DataFrame:
    """The start with the lowest cost, for every training set, width and strength."""
    keys = ["arm", "width", "seed", "ratio"]
    return table.sort_values("cost").groupby(keys, as_index=False).first()


def brackets(table: pd.DataFrame) -> pd.DataFrame:
    """For each arm and width: the ratio up to which all left zero, and from which none did."""
    rows = []
    for (arm, width), group in table.groupby(["arm", "width"]):
        best = best_start(group)
        some_zero = best[best["zero"]]["ratio"]
        alive = group[~group["zero"]]["ratio"]
        below = best[best["ratio"] < some_zero.min()]["ratio"] if len(some_zero) else best["ratio"]
        above = group[group["ratio"] > alive.max()]["ratio"] if len(alive) else group["ratio"]
        rows.append({"arm": arm, "width": width, "alive_to": below.max(), "zero_from": above.min()})
    return pd.DataFrame(rows)


def bracket(table: pd.DataFrame) -> tuple[float, float]:
    """The widest bracket of the widths and arms, as ratios to the prediction; nan if open."""
    found = brackets(table)
    return float(found["alive_to"].min(skipna=False)), float(found["zero_from"].max(skipna=False))


def thresholds(table: pd.DataFrame, arm: str) -> Interval:
    """The predicted threshold of an arm, over training sets."""
    return mean_interval(table[table["arm"] == arm].groupby("seed")["predicted"].first())


def on_the_line(table: pd.DataFrame, arm: str) -> Interval:
    """Sum of squares over that of one path, nearest below the threshold, over training sets."""
    best = best_start(table[(table["arm"] == arm) & (table["ratio"] < 1)])
    near = best[best["ratio"] == best["ratio"].max()]
    share = near["squares"] / (near["slope"] * (1 - near["ratio"]))
    return mean_interval(share.groupby(near["seed"]).mean())


def span_of_widths(table: pd.DataFrame) -> str:
    """Narrowest and widest, in words."""
    return f"{table['width'].min():,} to {table['width'].max():,}"


def starts(table: pd.DataFrame) -> str:
    """From how many starts, by width and arm."""
    counts = table.groupby(["arm", "width"])["init"].nunique().reset_index()
    several = counts[counts["init"] > 1]
    if several.empty:
        return "from one start"
    return (
        f"from {several['init'].max()} starts up to {several['width'].max()} units without biases, "
        "from one otherwise"
    )


def title(table: pd.DataFrame) -> str:
    """The finding, or that there is none."""
    low, high = bracket(table)
    if np.isfinite(low) and np.isfinite(high):
        return (
            f"From {span_of_widths(table)} hidden units, all networks leave zero between {low:g} "
            f"and {high:g} times the predicted λ"
        )
    return "Where networks of several widths leave zero, against the prediction"


@figure(
    id="threshold-by-width",
    source=("widths", "biased"),
    data=widths_table,
    title=title,
    claim=lambda t: (
        "Sum of squares of 64-H-10 networks (digits; left and right) and 16-H-1 networks (teacher; "
        f"middle) at the lowest minimum found ({starts(t)}), mean over {t['seed'].nunique()} "
        "training sets, against λ over the threshold predicted from that training set. Rings with "
        "one centre are several widths on one value. At zero means under "
        f"{ZERO:g} of the sum of squares at {t['ratio'].min():g}. Dashed: one unit in each layer, "
        "which is where a network that leaves zero begins. With free biases the threshold is "
        "another, predicted as well."
    ),
    alt="Three panels of sum of squares against the strength divided by its predicted threshold. "
    "In each, rings for all widths sit on one another, fall towards zero at ratio one, and stay "
    "there beyond. In the first two a dashed straight line runs into zero at ratio one.",
)
def threshold_by_width(table: pd.DataFrame) -> Figure:
    """Sum of squares at the minimum against strength over prediction, one ring a width."""
    fig, axes = plt.subplots(1, 3, figsize=(style.WIDTH, 3.5))
    widths = sorted(table["width"].unique())
    sizes = 2.5 + 1.6 * np.arange(len(widths))
    looks = dict(zip(widths, zip(style.shades(len(widths)), sizes, strict=True), strict=True))
    for ax, (arm, label) in zip(axes, ARMS.items(), strict=True):
        rows = best_start(table[table["arm"] == arm])
        for width, (colour, size) in looks.items():
            mean = rows[rows["width"] == width].groupby("ratio")["squares"].mean()
            ax.plot(
                mean.index, mean, "o", markersize=size, markerfacecolor="none", color=colour,
                markeredgewidth=1.0,
            )  # fmt: skip
        if rows["slope"].notna().any():
            x = np.array([rows["ratio"].min(), 1.0])
            reference(ax, x, rows.groupby("seed")["slope"].first().mean() * (1 - x))
        ax.axvline(1, color=style.colour("muted"), linewidth=0.8)
        near = rows[rows["ratio"] > SHOWN]["squares"].max()
        ax.set(title=label, xlim=(SHOWN, 2 - SHOWN), ylim=(-0.06 * near, 1.15 * near))
    axes[1].set_xlabel("λ over the predicted threshold")
    axes[0].set_ylabel("sum of squares at the minimum")
    handles = [
        plt.Line2D(
            [], [], marker="o", linestyle="", color=colour, markerfacecolor="none",
            markersize=size, label=f"H = {width:,}",
        )
        for width, (colour, size) in looks.items()
    ]  # fmt: skip
    fig.legend(handles=handles, loc="outside lower center", ncols=len(handles))
    return fig


@settles("C24", figure="threshold-by-width", derivation="thm-crush-threshold")
def strong_enough(result: Result) -> Verdict:
    """Two layers have a threshold without width; more layers have a jump."""
    table = widths_table(result)
    low, high = bracket(table)
    jumps = jump_table(result)
    deep = {depth: lowest_to(jumps, depth) for depth in (3, 4)}
    holds = low >= 0.95 and high <= 1.05 and deep_holds(jumps)
    return Verdict(
        "CONDITIONAL" if holds else "OPEN",
        "TRUE from a threshold on, which the data set and the loss decide and not the number of "
        "weights. With two ReLU layers without biases zero is the optimum from half the largest "
        "pull of the data on one hidden unit "
        f"(λ = {plain(thresholds(table, 'digits').estimate)} for the digits); "
        f"trained networks with {span_of_widths(table)} hidden units, with free biases as well, "
        f"leave zero below {low:g} and end at it above {high:g} of their prediction. With three or "
        "more layers without biases zero is a minimum at every λ above 0, and the lowest one from "
        "a smaller λ on: of the "
        f"two-layer threshold {deep[3].estimate:.2f} with three and {deep[4].estimate:.2f} with "
        "four layers on one task.",
        {
            "of the λ predicted: not 0 below": low,
            "of the λ predicted: 0 above": high,
            "three layers, of the λ of two": deep[3].estimate,
        },
    )
