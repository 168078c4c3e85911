"""Which starts end at zero in deeper networks, and where the standard ones stand."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import plain, span
from l2scale.catalogue.results import Result
from l2scale.exhibits.crush.ends import ALIVE, lowest_by_seed
from l2scale.exhibits.crush.limits import limit
from l2scale.exhibits.drawing import log_ticks, note
from l2scale.lab.estimates import Interval
from l2scale.lab.networks import layer_shapes
from l2scale.lab.slopes import loglog_slope
from l2scale.theory.collapse import basin
from l2scale.theory.initialisation import expected_sum_of_squares

INITS = {"he": "He", "lecun": "LeCun", "glorot": "Glorot", "pytorch": "PyTorch"}


def start_squares(hidden: str, init: str = "he", scale: float = 1.0) -> float:
    """Expected sum of squares of a start, all layers."""
    shapes = layer_shapes(16, tuple(int(width) for width in hidden.split("-")), 1)
    return float(expected_sum_of_squares(init, shapes, scale).sum())


def levels(hidden: str) -> list[tuple[str, float]]:
    """Names and sums of squares of the initialisations; those within a fifth share a line."""
    found: list[tuple[str, float]] = []
    for init, name in INITS.items():
        level = start_squares(hidden, init)
        if found and abs(np.log(level / found[-1][1])) < 0.2:
            found[-1] = (f"{found[-1][0]}, {name}", found[-1][1])
        else:
            found.append((name, level))
    return found


def basin_table(result: Result) -> pd.DataFrame:
    """Start and end of every network, with the ball that surely ends at zero."""
    table = result["basin"].table
    found = [limit(r.data, r.n_train, r.seed) for r in table.itertuples()]
    return table[["depth", "hidden", "seed", "lam", "init_scale", "diverged"]].assign(
        start=[start_squares(r.hidden, "he", r.init_scale) for r in table.itertuples()],
        squares=table[[f"sq_norm_{layer}" for layer in (1, 2, 3, 4)]].sum(axis=1, min_count=1),
        sure=[
            basin(r.lam, r.depth, f.ceiling) for r, f in zip(table.itertuples(), found, strict=True)
        ],
    )


def border(table: pd.DataFrame, depth: int) -> pd.DataFrame:
    """By strength and seed: the start between the largest that ended at zero and the next.

    Strengths at which a border is missing for some seed are left out.
    """
    rows = []
    for (lam, seed), group in table[table["depth"] == depth].groupby(["lam", "seed"]):
        zero = group[(group["squares"] < ALIVE) & ~group["diverged"]]["start"]
        above = group[group["start"] > zero.max()]["start"] if len(zero) else zero
        if len(above):
            rows.append({"lam": lam, "seed": seed, "start": np.sqrt(zero.max() * above.min())})
    found = pd.DataFrame(rows, columns=["lam", "seed", "start"])
    whole = found.groupby("lam")["seed"].transform("count") == table["seed"].nunique()
    return found[whole]


def border_exponent(table: pd.DataFrame, depth: int) -> Interval | None:
    """D log start / d log lambda along the border; None where there are fewer than two points."""
    found = border(table, depth)
    return loglog_slope(found, "lam", "start") if found["lam"].nunique() > 1 else None


def exponent_in_words(table: pd.DataFrame, depth: int) -> str:
    """The border's exponent with its interval, or that there is none."""
    found = border_exponent(table, depth)
    return span(found) if found else "not known (no border inside the grid)"


def strengths_with_border(table: pd.DataFrame, depth: int) -> str:
    """How many strengths have a border for every seed: 4 of 7."""
    return f"{border(table, depth)['lam'].nunique()} of {table['lam'].nunique()}"


def border_step(table: pd.DataFrame) -> str:
    """The factor between neighbouring sums of squares of the starts."""
    starts = np.sort(table[table["depth"] == 3]["start"].unique())
    return f"{np.exp(np.diff(np.log(starts)).max()):.1f}"


def first_over(table: pd.DataFrame, depth: int, init: str) -> float:
    """The least strength at which the mean border is above an initialisation; nan if none."""
    level = start_squares(table[table["depth"] == depth]["hidden"].iloc[0], init)
    mean = np.log(border(table, depth).set_index("lam")["start"]).groupby("lam").mean()
    return float(mean[mean > np.log(level)].index.min())


def first_crushed(table: pd.DataFrame, depth: int, init: str) -> str:
    """From which strength on the mean border is above an initialisation, as a clause."""
    first = first_over(table, depth, init)
    if np.isnan(first):
        most = border(table, depth)["lam"].max()
        known = f"up to {plain(most)}" if most > 0 else "none has a border"
        return f"at no strength of the grid ({known})"
    return f"from λ = {plain(first)} on"


def crushed_of_jump(table: pd.DataFrame, jumps: pd.DataFrame, depth: int, init: str) -> str:
    """The clause of `first_crushed`, with the strength over that of the measured jump."""
    first = first_over(table, depth, init)
    middles = lowest_by_seed(jumps, depth).mean(axis=1, skipna=False)
    jump = float((middles * jumps.groupby("seed")["pull"].first() / 2).mean())
    share = "" if np.isnan(first) else f", {first / jump:.2f} of the jump"
    return first_crushed(table, depth, init) + share


def alt(table: pd.DataFrame) -> str:
    """What the figure shows, with the slopes as they were measured."""
    three, four = border_exponent(table, 3), border_exponent(table, 4)
    steeper = three and four and three.low > four.high
    return (
        "Two panels with strength on the horizontal and initial sum of squares on the vertical "
        "axis, both logarithmic. Filled marks, which ended at zero, lie below a rising border and "
        "open marks above it. "
        + ("The border is steeper with three layers than with four. " if steeper else "")
        + "Horizontal lines mark standard initialisations."
    )


@figure(
    id="deep-basin",
    source="basin",
    data=basin_table,
    title="In deeper networks the size of the start decides what ends at zero",
    claim=lambda t: (
        "16-16-16-1 (left) and 16-16-16-16-1 (right) networks under gradient descent with momentum "
        "0.9, by λ and the sum of squares of the start. Filled: ended at zero, as a share of "
        f"{t['seed'].nunique()} seeds. Line: the border; dashed: its predicted power of λ, 2 and "
        "1; dotted: below it the end is certain under gradient flow. Measured powers: "
        f"{exponent_in_words(t, 3)} and {exponent_in_words(t, 4)}, from the "
        f"{strengths_with_border(t, 3)} and {strengths_with_border(t, 4)} strengths with a border "
        f"for every seed; the starts are in steps of {border_step(t)}."
    ),
    alt=alt,
)
def deep_basin(table: pd.DataFrame) -> Figure:
    """Which starts end at zero, by strength."""
    fig, axes = plt.subplots(1, 2, figsize=(style.WIDTH, 4.0), sharey=True)
    for ax, depth in zip(axes, sorted(table["depth"].unique()), strict=True):
        rows = table[(table["depth"] == depth) & ~table["diverged"]]
        cells = rows.groupby(["lam", "start"])["squares"].agg(lambda s: (s < ALIVE).mean())
        cells = cells.reset_index(name="crushed")
        ax.scatter(
            cells["lam"], cells["start"], c=[mixed(share) for share in cells["crushed"]], s=22,
            edgecolors=style.colour("penalty"), linewidths=0.8,
        )  # fmt: skip
        lams = np.sort(rows["lam"].unique())
        edge = np.log(border(table, depth).set_index("lam")["start"]).groupby("lam").mean()
        if len(edge):
            ax.plot(edge.index, np.exp(edge), color=style.colour("data"))
            power = 2 / (depth - 2)
            middle = np.exp((edge - power * np.log(edge.index)).mean())
            ax.plot(
                lams, middle * lams**power, linestyle=(0, (4, 2)), linewidth=1.2, zorder=3,
                color=style.colour("ink"),
            )  # fmt: skip
        sure = rows.groupby("lam")["sure"].min()
        ax.plot(sure.index, sure, ":", color=style.colour("ink"), linewidth=1.4)
        for label, level in levels(rows["hidden"].iloc[0]):
            ax.axhline(level, color=style.colour("muted"), linewidth=0.8, zorder=0)
            note(ax, lams.max() * 1.2, level * 1.06, label, va="bottom")
        ax.set_yscale("log")
        log_ticks(ax, [float(f"{lam:.2g}") for lam in lams])
        ax.set_xlim(lams.min() / 1.3, lams.max() * 3.8)
        ax.set(title=f"{depth} layers", xlabel="λ (sum penalty)")
    axes[0].set_ylabel("sum of squares of the start")
    return fig


def mixed(share: float) -> tuple[float, float, float, float]:
    """The penalty's colour, as opaque as the share of networks that ended at zero."""
    code = style.colour("penalty").lstrip("#")
    red, green, blue = (int(code[i : i + 2], 16) / 255 for i in (0, 2, 4))
    return red, green, blue, float(share)
