"""How fast weights go to zero above the threshold."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import percent, span
from l2scale.catalogue.results import Result
from l2scale.exhibits.crush.limits import limit
from l2scale.exhibits.drawing import label_end, leave_room, mean_line, reference
from l2scale.lab.estimates import Interval, mean_interval
from l2scale.theory.collapse import contraction, stepped

FLOOR, SMALL = 1e-20, 1e-2  # sums of squares between which the rate is read off


def clock_table(result: Result) -> pd.DataFrame:
    """Sum of squares over time, with the rate that the theorem bounds it by."""
    table = result["clock"].table
    tops = np.array([limit(r.data, r.n_train, r.seed).threshold for r in table.itertuples()])
    ratio = (table["lam"] / tops).round(6)
    rates = [
        contraction(lam, 2 * top) if over > 1 else np.nan
        for lam, top, over in zip(table["lam"], tops, ratio, strict=True)
    ]
    return table[["seed", "step", "lam"]].assign(
        ratio=ratio,
        time=table["step"] * table["lr"],
        squares=table["sq_norm_1"] + table["sq_norm_2"],
        rate=rates,
        stepped=stepped(np.array(rates), table["lr"].to_numpy()),
    )


def measured_rates(table: pd.DataFrame) -> pd.DataFrame:
    """For each strength above the threshold and seed: the late rate, over the bound.

    `stepped` is what the finite step makes of the bound, over the bound.
    """
    rows = []
    for (ratio, seed), line in table[table["ratio"] > 1].groupby(["ratio", "seed"]):
        late = line[line["squares"].between(FLOOR, SMALL)].tail(3)
        if len(late) > 1:
            rate = -np.polyfit(late["time"], np.log(late["squares"]), 1)[0]
            first = late.iloc[0]
            over, exact = rate / first["rate"], first["stepped"] / first["rate"]
            rows.append({"ratio": ratio, "seed": seed, "over": over, "stepped": exact})
    return pd.DataFrame(rows, columns=["ratio", "seed", "over", "stepped"])


def rate_over_bound(table: pd.DataFrame, ratio: float) -> Interval:
    """Late rate over the bound at one strength, over seeds."""
    rates = measured_rates(table)
    return mean_interval(rates[rates["ratio"] == ratio]["over"])


def rates_in_words(table: pd.DataFrame) -> str:
    """The late rates over their bound, by strength."""
    ratios = sorted(measured_rates(table)["ratio"].unique())
    parts = [f"{span(rate_over_bound(table, ratio), '.3f')} at {ratio:g}" for ratio in ratios]
    return ", ".join(parts)


def finite_step(table: pd.DataFrame) -> str:
    """By how much the finite step raises the rate, least and most."""
    shares = measured_rates(table)["stepped"] - 1
    return f"{percent(shares.min())} to {percent(shares.max())}"


def remainder(table: pd.DataFrame) -> str:
    """By how much a late rate is above the bound with the finite step, at most."""
    rates = measured_rates(table)
    return percent((rates["over"] - rates["stepped"]).max())


def some_stay(table: pd.DataFrame) -> bool:
    """Whether every network below the threshold ends with weights."""
    ends = table[(table["ratio"] < 1) & (table["step"] == table["step"].max())]["squares"]
    return bool(len(ends)) and bool((ends > SMALL).all())


def title(table: pd.DataFrame) -> str:
    """The finding, as far as the measured rates bear it out."""
    rates = measured_rates(table)["over"]
    if len(rates) and rates.between(0.99, 1.05).all() and some_stay(table):
        return (
            "Above the threshold all weights shrink, at the guaranteed rate in the end; below it "
            "some stay"
        )
    return "How fast weights shrink above the threshold, and below it"


@figure(
    id="crush-clock",
    source="clock",
    data=clock_table,
    title=title,
    claim=lambda t: (
        "Sum of squares of 16-64-1 networks under full-batch gradient descent, from He's start, "
        "against learning rate times steps; labels are λ over the threshold. Dashed: slopes of the "
        "guaranteed rate 2(2λ − M). The late rate over the guaranteed one is "
        f"{rates_in_words(t)}."
    ),
    alt=lambda t: (
        "Sum of squares on a logarithmic axis against time, a line for each strength, with dashed "
        "lines of the guaranteed rate beside those above the threshold. Their late rates over it: "
        f"{rates_in_words(t)}. Below the threshold "
        f"{'all networks keep weights' if some_stay(t) else 'not every network keeps weights'}."
    ),
)
def crush_clock(table: pd.DataFrame) -> Figure:
    """Sum of squares over time, by strength over threshold."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.6))
    ax.set_yscale("log")
    ratios = sorted(table["ratio"].unique())
    apart = {0.9: 9, 1.1: -9}  # in a short training the lines all but meet
    for ratio, colour in zip(ratios, style.shades(len(ratios)), strict=True):
        rows = table[(table["ratio"] == ratio) & (table["squares"] > FLOOR)]
        whole = rows.groupby("time").filter(lambda g: len(g) == table["seed"].nunique())
        mean_line(ax, whole, "time", "squares", colour)
        label_end(ax, whole, "time", "squares", f"{ratio:g}", colour, apart.get(ratio, 0))
        if ratio > 1:
            # A slope, not a fit: through the mean of the first point of the straight part.
            late = whole[whole["squares"] < SMALL]
            first = late[late["time"] == late["time"].min()]
            x = np.array([first["time"].iloc[0], whole["time"].max()])
            start = np.exp(np.log(first["squares"]).mean()) * 5
            reference(ax, x, start * np.exp(-rows["rate"].mean() * (x - x[0])))
    leave_room(ax, 0.06)
    ax.set(xlabel="learning rate × steps", ylabel="sum of squares")
    return fig
