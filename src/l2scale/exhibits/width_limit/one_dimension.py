"""One input: the limit of wide networks, computed without any network, and networks beside it."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import percent, plain
from l2scale.catalogue.results import Result
from l2scale.exhibits.drawing import log_ticks
from l2scale.exhibits.width_limit.lines import GRID
from l2scale.lab.datasets import load

SHOWN = 3  # widths drawn as curves: the narrowest, one between, the widest
FLOOR = 1e-16  # an excess of 0 has no place on a logarithmic axis


def line_table(result: Result) -> pd.DataFrame:
    """Rows of panel "excess" by width and seed, and of panel "curve" with x and y for seed 0."""
    table = result["line"].table
    columns = ["seed", "kind", "width", "lam", "limit", "bound", "cost", "excess", "median_excess"]
    columns += ["squares", "integral", "spline_squares", "gentle_squares"]
    excess = table[columns].assign(panel="excess", x=np.nan, y=np.nan)
    first = table[(table["seed"] == 0) & (table["kind"] != "built")]
    widths = sorted(first.loc[first["kind"] == "trained", "width"])
    some = {widths[0], widths[len(widths) // 2], widths[-1]}
    curves = [
        pd.DataFrame({"x": GRID, "y": [row[f"curve_{i}"] for i in range(len(GRID))]}).assign(
            seed=0, kind=row["kind"], width=row["width"], panel="curve"
        )
        for _, row in first.iterrows()
        if row["kind"] == "limit" or row["width"] in some
    ]
    data = load("zigzag", seed=0)
    points = pd.DataFrame({"x": data.x_train[:, 0], "y": data.y_train[:, 0]})
    points = points.assign(seed=0, kind="data", width=0, panel="curve")
    return pd.concat([excess, *curves, points], ignore_index=True)


def excesses(table: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The rows of one kind, sorted by width and seed."""
    rows = table[(table["panel"] == "excess") & (table["kind"] == kind)]
    return rows.sort_values(["width", "seed"])


def certainty(table: pd.DataFrame) -> float:
    """Largest relative gap between the limit's cost and its bound from below."""
    rows = excesses(table, "limit")
    return float((rows["cost"] / rows["bound"] - 1).abs().max())


def below(table: pd.DataFrame) -> float:
    """How far below the bound any network got, as a share of it; 0 where none did."""
    rows = table[(table["panel"] == "excess") & (table["kind"] != "limit")]
    return float(max(0.0, (1 - rows["cost"] / rows["bound"]).max()))


def apart(table: pd.DataFrame) -> pd.Series:
    """Relative difference of each trained network's half sum of squares and its bends."""
    rows = excesses(table, "trained")
    return (rows["squares"] / 2 / rows["integral"] - 1).abs()


def typical(table: pd.DataFrame, width: int, column: str = "median_excess") -> float:
    """Mean over seeds of an excess at one width."""
    rows = excesses(table, "trained")
    return float(rows.loc[rows["width"] == width, column].mean())


@figure(
    id="one-dimension",
    source="line",
    data=line_table,
    title=lambda t: (
        f"On the line, {span_of_units(t)} hidden units reach what no width can beat"
        if below(t) < 1e-9 and excesses(t, "built")["excess"].abs().max() < 1e-9
        else "On the line, networks and the computed limit disagree"
    ),
    claim=lambda t: (
        "Ten points, squared error, λ = "
        f"{excesses(t, 'limit')['lam'].iloc[0]:g} under the sum, free biases. Left: the best "
        "function of all, from a convex problem without any network, and the best trained "
        "networks of three widths (first seed). Right: cost above that limit, best of several "
        "starts (solid, one line a seed) and the median start (dashed, mean over seeds); diamonds, "
        "the limit written as a network. "
        + (
            "No network is below the limit's certified bound by more than rounding."
            if below(t) < 1e-9
            else f"A network is {below(t):.1e} of the limit's certified bound below it."
        )
    ),
    alt=lambda t: (
        "Left, ten zigzag points with the best function in dashes, which bends only at points, "
        "and three trained networks. Right, the relative excess over the limit against hidden "
        f"units on logarithmic axes: from {min(widths_of(t))} to {max(widths_of(t))} units the "
        f"median start's goes from {percent(typical(t, min(widths_of(t))))} to "
        f"{percent(typical(t, max(widths_of(t))))}, the best start's from "
        f"{percent(typical(t, min(widths_of(t)), 'excess'))} to "
        f"{percent(typical(t, max(widths_of(t)), 'excess'))}; diamonds at {span_of_units(t)} units "
        f"are off by {excesses(t, 'built')['excess'].abs().max():.0e} at most."
    ),
)
def one_dimension(table: pd.DataFrame) -> Figure:
    """Data, the limit and networks on the left; excess over the limit on the right."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(style.WIDTH, 3.9))
    curves = table[table["panel"] == "curve"]
    points = curves[curves["kind"] == "data"]
    left.plot(points["x"], points["y"], "o", color=style.colour("muted"), label="data")
    widths = sorted(curves.loc[curves["kind"] == "trained", "width"].unique())
    for width, colour in zip(widths, style.shades(len(widths)), strict=True):
        rows = curves[(curves["kind"] == "trained") & (curves["width"] == width)]
        left.plot(rows["x"], rows["y"], color=colour, label=f"H = {width:.0f}")
    rows = curves[curves["kind"] == "limit"]
    left.plot(
        rows["x"], rows["y"], linestyle=(0, (4, 2)), color=style.colour("ink"), linewidth=1.3,
        label="limit",
    )  # fmt: skip
    left.set(xlabel="x", ylabel="f(x)", title="The function")
    left.legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=3)
    trained = excesses(table, "trained")
    right.set_yscale("log")
    log_ticks(right, trained["width"])
    widths = sorted(trained["width"].unique())
    right.set_xticks(widths, [f"{width:.0f}" for width in widths])
    for _, rows in trained.groupby("seed"):
        right.plot(
            rows["width"], rows["excess"].abs().clip(lower=FLOOR), "o-",
            color=style.colour("sum"), linewidth=1, markersize=3.5,
        )  # fmt: skip
    middle = trained.groupby("width")["median_excess"].mean()
    right.plot(middle, "s--", color=style.colour("mean"), linewidth=1.2, markersize=4)
    built = excesses(table, "built")
    right.plot(
        built["width"], built["excess"].abs().clip(lower=FLOOR), "D", color=style.colour("fan"),
    )  # fmt: skip
    right.set(xlabel="hidden units", ylabel="share above the limit", title="Cost above the limit")
    handles = [
        plt.Line2D([], [], color=style.colour("sum"), marker="o", markersize=3.5, label="best"),
        plt.Line2D([], [], color=style.colour("mean"), marker="s", ls="--", label="median start"),
        plt.Line2D([], [], color=style.colour("fan"), marker="D", ls="none", label="written down"),
    ]
    right.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=3)
    return fig


def widths_of(table: pd.DataFrame) -> list[int]:
    """Widths of the trained networks, rising."""
    return sorted(int(width) for width in excesses(table, "trained")["width"].unique())


def span_of_units(table: pd.DataFrame) -> str:
    """Fewest and most hidden units of the limits written as networks: 3 to 5."""
    units = excesses(table, "built")["width"]
    low, high = int(units.min()), int(units.max())
    return f"{low} to {high}" if low < high else f"{low}"


def turn(table: pd.DataFrame, narrow: int, wide: int, column: str) -> str:
    """Whether an excess falls from one width to another, in how many of the seeds."""
    rows = excesses(table, "trained").pivot(index="seed", columns="width", values=column)
    nearer = int((rows[wide] < rows[narrow]).sum())
    return f"comes nearer in {nearer} of {len(rows)} seeds"


def line_numbers(table: pd.DataFrame) -> dict[str, str]:
    """What the prose quotes of this figure."""
    limits, built = (excesses(table, kind) for kind in ("limit", "built"))
    narrow, *_, before, wide = widths_of(table)
    gentle = (limits["gentle_squares"] / limits["spline_squares"] - 1).abs().max()
    return {
        "line_lam": f"{limits['lam'].iloc[0]:g}",
        "line_gap": f"{certainty(table):.0e}",
        "line_units": span_of_units(table),
        "line_built": f"{built['excess'].abs().max():.0e}",
        "line_below": f"{below(table):.0e}" if below(table) else "0",
        "line_narrow": f"{narrow}",
        "line_before": f"{before}",
        "line_wide": f"{wide}",
        "line_median_turn": turn(table, before, wide, "median_excess"),
        "line_best_turn": turn(table, before, wide, "excess"),
        "line_median_narrow": percent(typical(table, narrow)),
        "line_median_before": percent(typical(table, before)),
        "line_median_wide": percent(typical(table, wide)),
        "line_best_narrow": percent(typical(table, narrow, "excess")),
        "line_best_before": percent(typical(table, before, "excess")),
        "line_best_wide": percent(typical(table, wide, "excess")),
        "line_apart": percent(apart(table).max()),
        "line_apart_median": percent(apart(table).median()),
        "spline_squares": plain(limits["spline_squares"].iloc[0]),
        "gentle_apart": f"{gentle:.0e}",
    }
