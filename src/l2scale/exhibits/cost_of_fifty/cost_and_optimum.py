"""Whether a network whose cost starts higher wants a smaller strength."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import plain, span
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.cost_of_fifty.sweeps import BASE, LAM, shapes_of
from l2scale.exhibits.drawing import log_ticks, mean_line, reference
from l2scale.lab.estimates import Interval, mean_interval, optima
from l2scale.lab.slopes import exponent
from l2scale.theory.initialisation import expected_value

CRUSHED = 0.01
"""A sum of squares below it is zero. Networks end far above or far below; the cut is in the gap.

It was put there after the sums of squares had been seen: see `around_the_cut`.
"""


def strengths_table(result: Result) -> pd.DataFrame:
    """Final losses by width and strength, and the cost each network would start with at 0.01."""
    table = result["strengths"].table
    starts = {
        shape: np.log(2) + expected_value(LAM, "sum", BASE.init, shapes_of(shape))
        for shape in table["hidden"].unique()
    }
    sizes = table[[name for name in table.columns if name.startswith("sq_norm_")]].sum(axis=1)
    columns = ["width", "weights", "lam", "seed", "diverged", "val_loss", "test_loss", "test_error"]
    return table[columns].assign(
        start_cost=table["hidden"].map(starts),
        sum_of_squares=sizes,
        start_squares=(table["hidden"].map(starts) - np.log(2)) / LAM,
    )


def best(table: pd.DataFrame) -> pd.DataFrame:
    """One row a width: its cost at the start and its best strength, with interval and edge."""
    return optima(table, ["width", "start_cost"])


def optimum_exponent(table: pd.DataFrame) -> str:
    """The slope d log lambda* / d log width in words, or that the grid's edge forbids it."""
    if best(table)["edge"].notna().any():
        return "not known: an optimum lies at the edge of the grid"
    found = exponent(table)
    return f"{found.estimate:z.2f} [{found.low:z.2f}, {found.high:z.2f}]"


def crushed(table: pd.DataFrame) -> float | None:
    """The least strength from which on every network of every width ends at zero."""
    zero = table["sum_of_squares"] < CRUSHED
    by_lam = zero.groupby(table["lam"]).all().sort_index()
    alive = by_lam[~by_lam].index
    above = [lam for lam in by_lam.index if not len(alive) or lam > alive.max()]
    return float(min(above)) if above else None


def half_crushed(table: pd.DataFrame) -> str:
    """At the largest strength where some network is not at zero: how many are, by width."""
    zero = table["sum_of_squares"] < CRUSHED
    below = table["lam"][~zero].max()
    counts = zero[table["lam"] == below].groupby(table["width"]).agg(["sum", "size"])
    parts = [f"{row['sum']} of {row['size']} at H = {width}" for width, row in counts.iterrows()]
    return f"{', '.join(parts)}, at λ = {plain(below)}"


def around_the_cut(table: pd.DataFrame) -> tuple[float, float]:
    """The largest sum of squares that counts as zero, and the least that does not."""
    squares = table["sum_of_squares"]
    return float(squares[squares < CRUSHED].max()), float(squares[squares >= CRUSHED].min())


def widest(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the widest network."""
    return table[table["width"] == table["width"].max()]


def gain(table: pd.DataFrame, metric: str, at: float, instead: float) -> Interval:
    """A test metric of the widest network at one strength minus at another, paired over seeds."""
    wide = widest(table).pivot(index="seed", columns="lam", values=metric)
    return mean_interval(wide[at] - wide[instead])


def error_at(table: pd.DataFrame, lam: float) -> Interval:
    """Held-out error of the widest network at one strength."""
    rows = widest(table)
    return mean_interval(rows[rows["lam"] == lam]["test_error"])


def optimum_span(table: pd.DataFrame) -> str:
    """Smallest and largest best strength among the widths."""
    found = best(table)["lam"]
    return f"{plain(found.min())} to {plain(found.max())}"


def over_asked(table: pd.DataFrame) -> str:
    """The best strength of the widest network over the 0.01 of the question, with its interval."""
    row = best(table).iloc[-1]
    return span(Interval(*(row[name] / LAM for name in ("lam", "lam_low", "lam_high")), n=0))


def optimum_reach(table: pd.DataFrame) -> str:
    """From the least lower to the largest upper bound of the best strengths."""
    found = best(table)
    return f"{plain(found['lam_low'].min())} to {plain(found['lam_high'].max())}"


def start_span(table: pd.DataFrame) -> float:
    """Largest over smallest penalty at the start."""
    return float(table["start_squares"].max() / table["start_squares"].min())


@figure(
    id="cost-and-optimum",
    source="strengths",
    data=strengths_table,
    title=lambda t: (
        f"The penalty's value at the start grows {start_span(t):.0f}-fold with the network; the "
        f"best λ stays within {optimum_span(t)}"
    ),
    claim=lambda t: (
        "Left: test loss of networks with two hidden layers of H and 3H/11 units after training, "
        "against the strength of the sum; dotted, guessing. Right: the strength with the least "
        "validation loss, against the value at the start, with 95% intervals; dashed, what "
        "dividing λ by the number of weights would ask for. Exponent of the best λ in width: "
        f"{optimum_exponent(t)}."
    ),
    alt=lambda t: (
        "Left, test loss against strength for several widths: valleys, and at the largest "
        "strengths all curves end on the dotted line of guessing. Right, the best strength against "
        f"the value at the start: points between {optimum_span(t)} while the value grows "
        f"{start_span(t):.0f}-fold, and a dashed line that falls as one over the weights."
    ),
)
def cost_and_optimum(table: pd.DataFrame) -> Figure:
    """Held-out loss against strength, and the best strength against the value at the start."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(style.WIDTH, 3.6), width_ratios=(1.25, 1))
    widths = sorted(table["width"].unique())
    colours = dict(zip(widths, style.shades(len(widths)), strict=True))
    left.set(xscale="log", yscale="log")
    for width, colour in colours.items():
        mean_line(left, table[table["width"] == width], "lam", "test_loss", colour)
    left.axhline(np.log(2), linestyle=":", color=style.colour("muted"), linewidth=1)
    left.axvline(LAM, color=style.colour("muted"), linewidth=0.8)
    left.text(
        LAM, 0.99, f" λ = {LAM:g}", transform=left.get_xaxis_transform(), va="top", fontsize=8.5
    )
    left.set(xlabel="λ (sum penalty)", ylabel="test loss (nats)", title="After training")
    left.yaxis.set_major_formatter("{x:.2g}")
    left.yaxis.set_minor_formatter("{x:.1g}")
    found = best(table)
    right.set_yscale("log")
    starts = LAM * found["width"].map(table.groupby("width")["start_squares"].first())
    log_ticks(right, [float(f"{start:.2g}") for start in starts])
    for row in found.itertuples():
        start = LAM * table[table["width"] == row.width]["start_squares"].iloc[0]
        below = row.lam - row.lam_low if np.isfinite(row.lam_low) else 0
        above = row.lam_high - row.lam if np.isfinite(row.lam_high) else 0
        mark = {"low": "v", "high": "^"}.get(row.edge, "o")
        right.errorbar(
            start, row.lam, yerr=[[below], [above]], fmt=mark, color=colours[row.width],
            label=f"H = {row.width:,}",
        )  # fmt: skip
    tops = found["lam_high"].fillna(found["lam"])
    for start, lam, top in zip(starts, found["lam"], tops, strict=True):
        right.annotate(
            f"{lam:.3g}", (start, top), xytext=(0, 6), textcoords="offset points", ha="center",
            fontsize=8.5,
        )  # fmt: skip
    sizes = table.drop_duplicates("width").sort_values("width")
    first = found["lam"].iloc[0] * sizes["weights"].iloc[0]
    reference(right, LAM * sizes["start_squares"], first / sizes["weights"])
    right.set_ylim(top=4 * tops.max())
    right.set_xlim(starts.min() / 2, starts.max() * 2)  # room for the outer labels
    right.text(0.45, 0.3, "λ ∝ 1/P", transform=right.transAxes, fontsize=9, ha="right")
    right.set(xlabel=f"value at the start (nats, λ = {LAM:g})", title="Best λ")
    fig.legend(loc="outside lower center", ncols=len(widths))
    return fig


@settles("C28", figure="cost-and-optimum", derivation="thm-crush-threshold")
def cannot_crush(result: Result) -> Verdict:
    """The force does not know the size, and yet it crushes."""
    table = strengths_table(result)
    gone = crushed(table)
    if gone is None:
        return Verdict("OPEN", "No strength that was tried brings every network to zero weights.")
    return Verdict(
        "CONDITIONAL",
        "TRUE that the force on a weight does not depend on how many weights there are, and of "
        "networks that widen that more weights do not make crushing easier. FALSE that the weights "
        f"cannot be crushed: from λ = {plain(gone)} upwards all networks of all widths end at "
        f"zero, and just below it {half_crushed(table)}. Zero is a sum of squares below "
        f"{CRUSHED:g}: none ends between "
        "{} and {}.".format(*map(plain, around_the_cut(table))),
        {"the λ from which it is crushed": gone},
    )
