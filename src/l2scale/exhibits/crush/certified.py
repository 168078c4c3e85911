"""How sure one can be of the prediction: certified bounds, and where ascents end."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import percent
from l2scale.catalogue.results import Result
from l2scale.exhibits.drawing import note
from l2scale.lab.estimates import Interval, mean_interval

ATTAINED = 1e-3  # an ascent within this share of the best has reached it


def certified_table(result: Result) -> pd.DataFrame:
    """Both panels, told apart by `panel`: bounds by cells, and the ends of ascents by rank."""
    bounds, ends = result["certificates"].table, result["ascents"].table
    best = ends.groupby("seed")["found"].transform("max")
    ranks = ends.groupby("seed")["rank"].transform("max")
    return pd.concat(
        [
            bounds.assign(panel="certificate", gap=bounds["upper"] / bounds["found"] - 1),
            ends.assign(panel="ascents", of_best=ends["found"] / best, share=ends["rank"] / ranks),
        ],
        ignore_index=True,
    )


def last_bounds(table: pd.DataFrame) -> pd.DataFrame:
    """The tightest bounds of every seed and number of inputs."""
    rows = table[table["panel"] == "certificate"].sort_values("cells")
    return rows.groupby(["inputs", "seed"], as_index=False).last()


def worst_gap(table: pd.DataFrame) -> float:
    """How far above the ascent's maximum the certified bound is at worst, as a share."""
    return float(last_bounds(table)["gap"].max())


def reached(table: pd.DataFrame) -> Interval:
    """Share of the ascents that end at the best maximum that any of them found."""
    ends = table[table["panel"] == "ascents"]
    return mean_interval((ends["of_best"] > 1 - ATTAINED).groupby(ends["seed"]).mean())


@figure(
    id="threshold-certified",
    source=("certificates", "ascents"),
    penalties=("sum",),
    data=certified_table,
    title=lambda t: (
        f"With up to {t['inputs'].max():.0f} inputs no unit beats the ascents by more than "
        f"{percent(worst_gap(t))}; with 64, {100 * reached(t).estimate:.0f}% of them agree"
    ),
    claim=lambda t: (
        "Left: on the first principal components of the digits, how far the certified upper bound "
        "on M lies above the value that an ascent attained, against the cells examined; one line a "
        "data split. Right: on all 64 pixels, the local maxima that ascents from random directions "
        f"reach, in order; {100 * reached(t).estimate:.0f}% [{100 * reached(t).low:.0f}%, "
        f"{100 * reached(t).high:.0f}%] of them reach the largest to {percent(ATTAINED)}."
    ),
    alt="Left, a log-log plot: the gap between the certified upper bound and the attained value "
    "falls as more cells are examined, until the search stops, after more cells for more inputs. "
    "Right: local maxima sorted by size; a plateau at the largest value, then a drop.",
)
def threshold_certified(table: pd.DataFrame) -> Figure:
    """The gap of the certificate against cells, and the sorted ends of ascents."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(style.WIDTH, 3.4), width_ratios=(1.3, 1))
    bounds = table[table["panel"] == "certificate"]
    dimensions = sorted(bounds["inputs"].unique())
    for d, colour in zip(dimensions, style.shades(len(dimensions)), strict=True):
        rows = bounds[bounds["inputs"] == d]
        for _, line in rows.groupby("seed"):
            left.plot(line["cells"], line["gap"], color=colour, linewidth=1.2, alpha=0.9)
        end = rows[rows["cells"] == rows["cells"].max()].iloc[0]
        left.annotate(
            f"{d:.0f} inputs", (end["cells"], end["gap"]), xytext=(0, -15), color=colour,
            textcoords="offset points", ha="center", fontsize=9,
        )  # fmt: skip
    left.set(xscale="log", yscale="log", xlabel="cells examined", title="Certified from above")
    left.set_ylabel("upper bound over attained, − 1")
    left.set_ylim(bottom=bounds["gap"].min() / 4)
    left.set_xlim(right=bounds["cells"].max() * 4)
    ends = table[table["panel"] == "ascents"]
    for _, line in ends.groupby("seed"):
        right.plot(line["share"], line["of_best"], color=style.colour("data"), linewidth=1.4)
    note(right, 0.03, ends["of_best"].min(), "one line a data split", va="bottom")
    right.set(xlabel="share of the ascents", title="Local maxima, 64 inputs")
    right.set_ylabel("maximum over the largest")
    return fig
