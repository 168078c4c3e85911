"""The least cost and its sum of squares against width, under the sum."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import percent, percent_point_span, span
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.drawing import label_end, leave_room, log_ticks, mean_line
from l2scale.exhibits.width_limit.chains import KICK
from l2scale.lab.estimates import Interval, mean_interval, paired_interval

FLOOR = 1e-4  # where an excess below it is drawn: at 0 a logarithm ends
LEVEL = 0.05  # a last change of the sum of squares that counts as none
LOOKS = {2: ("sum", "two layers"), 3: ("mean", "three layers")}  # depth -> colour, words


def least_table(result: Result) -> pd.DataFrame:
    """Per depth, width and seed: the least cost found, its sum of squares, what the solver leaves.

    `over_widest` is the least cost over that of the seed's widest network, less 1; `own_rise` by
    how much the cost from an own start exceeds that of the next narrower width; `gain` what the
    second half of the iterations still took off, relative to the cost.
    """
    table = result["chains"].table
    keys = ["depth", "width", "seed"]
    best = table.sort_values([*keys, "cost"]).drop_duplicates(keys).reset_index(drop=True)
    own = table[table["start"] == "own"].sort_values(keys)
    rise = own["cost"] / own.groupby(["depth", "seed"])["cost"].shift() - 1
    own = own[keys].assign(own_cost=own["cost"], own_rise=rise)
    best["gain"] = best["half_cost"] / best["cost"] - 1
    best = best.merge(own, on=keys)
    widest = best.groupby(["depth", "seed"])["least"].transform("min")
    columns = [
        *keys,
        "n_train",
        "lam",
        "weights",
        "start",
        "least",
        "squares",
        "own_cost",
        "own_rise",
        "gain",
    ]
    split = (best["split_cost"] / best["narrower"] - 1).where(best["split_cost"].notna())
    return best[columns].assign(over_widest=best["least"] / widest - 1, split_change=split)


def at_width(table: pd.DataFrame, depth: int, place: int) -> pd.DataFrame:
    """Rows of one depth at its `place`-th width, by seed; -1 is the widest."""
    rows = table[table["depth"] == depth]
    return rows[rows["width"] == sorted(rows["width"].unique())[place]].sort_values("seed")


def change(table: pd.DataFrame, depth: int, quantity: str, start: int, end: int) -> Interval:
    """Relative change of a quantity from one width to another, paired over seeds."""
    before, after = (at_width(table, depth, place)[quantity].to_numpy() for place in (start, end))
    return mean_interval(after / before - 1)


def ratio(table: pd.DataFrame, depth: int, quantity: str) -> Interval:
    """A quantity at the widest over that at the narrowest width, paired over seeds."""
    ends = (at_width(table, depth, place)[quantity] for place in (-1, 0))
    return paired_interval(*ends, ratio=True)


def gain(table: pd.DataFrame, depth: int) -> float:
    """What the solver still gained at the last two widths, the larger; means over seeds."""
    return float(max(at_width(table, depth, place)["gain"].mean() for place in (-2, -1)))


def title(table: pd.DataFrame) -> str:
    """What the last doubling of width takes off, where it is more than the solver still gained."""
    last = {depth: -change(table, depth, "least", -2, -1).estimate for depth in LOOKS}
    found = [fall for depth, fall in last.items() if fall > gain(table, depth)]
    return "As the network widens, the least cost under the sum falls towards a limit; " + (
        f"the last doubling takes off {percent(max(found))}"
        if found
        else "the last doubling changes it by less than the solver still gained"
    )


def alt(table: pd.DataFrame) -> str:
    """Where the lines of both panels begin and end."""
    ends = {depth: [at_width(table, depth, place) for place in (0, -2, -1)] for depth in LOOKS}
    above = ", and ".join(
        f"from {percent(first['over_widest'].mean())} to {percent(last['over_widest'].mean())} for "
        f"{LOOKS[depth][1]}"
        for depth, (first, last, _) in ends.items()
    )
    squares = ", and ".join(
        f"from {first['squares'].mean():.0f} to {last['squares'].mean():.0f} for {LOOKS[depth][1]}"
        for depth, (first, _, last) in ends.items()
    )
    left = " and ".join(percent(gain(table, depth)) for depth in LOOKS)
    return (
        "Two panels against hidden units. Left, on logarithmic axes, the excess of the least cost "
        f"over the widest network's goes {above}; dotted lines, what the solver still gained, "
        f"end at {left} at most. Right, the sum of squares goes {squares}."
    )


def rises(table: pd.DataFrame) -> str:
    """How often a cost from an own start was above that of the next narrower width."""
    steps = table["own_rise"].dropna()
    up = steps[steps > 0]
    found = f"{len(up)} of {len(steps)}"
    return f"{found}, by {percent(up.max())} at most" if len(up) else found


def split_error(table: pd.DataFrame) -> float:
    """Largest relative change of the cost as units are split."""
    return float(table["split_change"].abs().max())


@figure(
    id="least-cost-by-width",
    source="chains",
    data=least_table,
    title=title,
    claim=lambda t: (
        f"64-H-10 and 64-H-H-10 networks, {t['n_train'].iloc[0]} digits, one label in five wrong, "
        f"λ = {t['lam'].iloc[0]:g} under the sum. Left: the least cost found, over the least "
        f"at any width (drawn at {percent(FLOOR)} where below); dotted, what the second half of "
        "the iterations still took off: differences of this order may be the "
        "solver's. Right: the sum of squares there. Bands are 95% "
        "over seeds. Splitting the units of a network changed its cost by "
        f"{split_error(t):.0e} of itself at most."
    ),
    alt=alt,
)
def least_cost(table: pd.DataFrame) -> Figure:
    """Excess of the least cost over the widest network's, and the sum of squares, by width."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(style.WIDTH, 3.6))
    left.set_yscale("log")
    for ax in (left, right):
        log_ticks(ax, table["width"])
        ax.set_xlabel("hidden units")
    for depth, (name, words) in LOOKS.items():
        rows = table[table["depth"] == depth]
        colour, marker = style.colour(name), style.marker(name)
        above = rows[rows["width"] < rows["width"].max()]
        # Seeds differ by factors, so their mean and interval are those of the logarithm.
        centre = above.groupby("width")["over_widest"].apply(
            lambda v: paired_interval(v.clip(lower=FLOOR), np.ones(len(v)), ratio=True)
        )
        left.plot(centre.index, [i.estimate for i in centre], color=colour, marker=marker)
        left.fill_between(
            centre.index, [i.low for i in centre], [i.high for i in centre],
            color=colour, alpha=0.2, linewidth=0,
        )  # fmt: skip
        left.plot(rows.groupby("width")["gain"].mean(), ":", color=colour, linewidth=1.4)
        mean_line(right, rows, "width", "squares", colour, marker)
        label_end(right, rows, "width", "squares", words, colour)
    left.text(
        0.98, 0.96, "dotted: what the solver\nstill gained", transform=left.transAxes,
        ha="right", va="top", color=style.colour("muted"), fontsize=8.5,
    )  # fmt: skip
    left.set(ylabel="share above the widest", title="Least cost, over that of the widest")
    right.set(ylabel="sum of squares", title="Sum of squares at the least cost")
    right.set_ylim(bottom=0)
    leave_room(right, 0.38)
    return fig


@settles("C35", figure="least-cost-by-width", derivation="cor-wl-squares")
def both_right(result: Result) -> Verdict:
    """At a minimum the value has a limit too, so value and force agree on the sum."""
    table = least_table(result)
    last = {depth: change(table, depth, "squares", -2, -1) for depth in LOOKS}
    level = all(max(abs(found.low), abs(found.high)) < LEVEL for found in last.values())
    grown = at_width(table, 3, -1)["weights"].iloc[0] / at_width(table, 3, -2)["weights"].iloc[0]
    return Verdict(
        "TRUE" if level else "OPEN",
        "Each is right at another time. Before training the sum of squares grows with the "
        "network. At a minimum it has a limit, because the least cost has a limit at every λ, and "
        "the sum of squares is its slope in λ. Over the last doubling of width, in which a "
        f"three-layer network has {grown:.1f} times as many weights, it changes by "
        f"{percent_point_span(last[2])} in two layers and {percent_point_span(last[3])} in three"
        + (
            ". There the sum keeps both, its value and the force's coefficient 2λ."
            if level
            else f", which leaves open whether it is level to {percent(LEVEL)} at these widths."
        ),
        {
            f"change of the sum of squares, {depth} layers": found.estimate
            for depth, found in last.items()
        },
    )


@settles("C38", figure="least-cost-by-width", derivation="thm-wl-split")
def must_grow(result: Result) -> Verdict:
    """Splitting units multiplies the parameters and keeps the function and the sum of squares."""
    table = least_table(result)
    wide = at_width(table, 3, -1)
    before = at_width(table, 3, -2)["weights"].iloc[0]
    kept = split_error(table) < 1e-10
    return Verdict(
        "FALSE" if kept else "OPEN",
        "The number of parameters is not the size of a function. Splitting every hidden unit of a "
        f"three-layer network takes it from {before:,} to {wide['weights'].iloc[0]:,} weights and "
        f"changes its cost under the sum by {split_error(table):.0e} of itself at most. "
        "A penalty that had to grow there would "
        "tell apart two networks that are one function.",
        {"change of the cost": split_error(table)},
    )


def least_numbers(table: pd.DataFrame) -> dict[str, str]:
    """What the prose quotes of this figure."""
    numbers = {
        "samples": f"{table['n_train'].iloc[0]}",
        "lam": f"{table['lam'].iloc[0]:g}",
        "seeds": f"{table['seed'].nunique()}",
        "rises": rises(table),
        "kick": percent(KICK),
        "split_error": f"{split_error(table):.0e}",
    }
    for depth in LOOKS:
        narrow, wide = (at_width(table, depth, place) for place in (0, -1))
        numbers |= {
            f"narrow_{depth}": f"{narrow['width'].iloc[0]}",
            f"wide_{depth}": f"{wide['width'].iloc[0]}",
            f"before_{depth}": f"{at_width(table, depth, -2)['width'].iloc[0]}",
            f"cost_narrow_{depth}": f"{narrow['least'].mean():.3f}",
            f"cost_wide_{depth}": f"{wide['least'].mean():.3f}",
            f"last_cost_{depth}": percent_point_span(change(table, depth, "least", -2, -1)),
            f"last_squares_{depth}": percent_point_span(change(table, depth, "squares", -2, -1)),
            f"squares_ratio_{depth}": span(ratio(table, depth, "squares")),
            f"gain_{depth}": percent(gain(table, depth)),
            f"weights_ratio_{depth}": f"{wide['weights'].iloc[0] / narrow['weights'].iloc[0]:.0f}",
        }
    return numbers
