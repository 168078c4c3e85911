"""How far from normal the second layer's pre-activations are, over draws of both layers; C46."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from scipy import stats

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import listing, percent_span, plain, span
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.bad_start.draws import OUTSIDE
from l2scale.exhibits.drawing import label_end, leave_room, log_ticks, mean_line, reference
from l2scale.exhibits.outcomes import excludes
from l2scale.lab.estimates import Interval, mean_interval
from l2scale.lab.slopes import loglog_slope

LOOKS = {"linear": "penalty", "sigmoid": "data"}
NORMAL_TAIL = float(2 * stats.norm.sf(OUTSIDE))
NEAR = 0.1  # an exponent this near to -1 is taken for it


def of(table: pd.DataFrame, activation: str) -> pd.DataFrame:
    """The rows of one activation."""
    return table[table["activation"] == activation]


def at(table: pd.DataFrame, activation: str, width: int, column: str) -> Interval:
    """A column's mean at one width."""
    rows = of(table, activation)
    return mean_interval(rows.loc[rows["width"] == width, column])


def slope(table: pd.DataFrame, activation: str) -> Interval:
    """Exponent of the excess kurtosis in the width."""
    return loglog_slope(of(table, activation), "width", "kurtosis")


def title(table: pd.DataFrame) -> str:
    """From a product to a wide sum."""
    most = int(table["width"].max())
    one, wide = (at(table, "linear", width, "kurtosis").estimate for width in (1, most))
    return (
        f"One product of normals has excess kurtosis {one:.1f}, a sum of {most} of them "
        f"{wide:.2f}, of {most} sigmoid units {at(table, 'sigmoid', most, 'kurtosis').estimate:.2f}"
    )


def alt(table: pd.DataFrame) -> str:
    """All means in numbers."""

    def row(activation: str) -> str:
        means = of(table, activation).groupby("width")["kurtosis"].mean()
        return listing([f"{plain(value)} at H = {width}" for width, value in means.items()])

    rows = "; ".join(f"{activation}: {row(activation)}" for activation in LOOKS)
    return (
        "One panel of excess kurtosis against width, both logarithmic. A line for each activation, "
        f"beside a dashed one for what is predicted. {rows}."
    )


@figure(
    id="preactivation-kurtosis",
    source="preactivations",
    title=title,
    claim=lambda t: (
        "Excess kurtosis of what enters a unit of the second layer for one image a seed, over "
        "draws of both layers from N(0, 1); 95% intervals over seeds. Dashed: predicted, "
        "3(E a⁴/(E a²)² − 1)/H. "
        f"Exponents: {span(slope(t, 'linear'))} linear, {span(slope(t, 'sigmoid'))} sigmoid. "
        f"Beyond {OUTSIDE} standard deviations, sigmoid: "
        f"{100 * at(t, 'sigmoid', 1, 'outside').estimate:.2f}% with one unit, "
        f"{100 * at(t, 'sigmoid', int(t['width'].max()), 'outside').estimate:.2f}% with "
        f"{t['width'].max()}; a normal variable has {100 * NORMAL_TAIL:.2f}%."
    ),
    alt=alt,
)
def preactivation_kurtosis_by_width(table: pd.DataFrame) -> Figure:
    """Excess kurtosis against width for both activations."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.9))
    for activation, look in LOOKS.items():
        rows, colour = of(table, activation), style.colour(look)
        mean_line(ax, rows, "width", "kurtosis", colour, style.marker(look))
        expected = rows.groupby("width")["predicted"].mean()
        reference(ax, expected.index, expected)
        label_end(ax, rows, "width", "kurtosis", activation, colour)
    ax.set_yscale("log")
    ticks = [power for power in (0.1, 0.2, 0.5, 1, 2, 5) if power > 0.7 * table["kurtosis"].min()]
    ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.set_yticks([], minor=True)
    log_ticks(ax, table["width"])
    leave_room(ax, 0.14)
    ax.set(xlabel="hidden units H", ylabel="excess kurtosis")
    return fig


@settles("C46", figure="preactivation-kurtosis", derivation="eq-bs-mixture")
def products_break_the_argument(result: Result) -> Verdict:
    """True of one product and of few units; sums over many come near normal as 1/H."""
    table = result["preactivations"].table
    most = int(table["width"].max())
    slopes = {name: slope(table, name) for name in LOOKS}
    flat = at(table, "sigmoid", most, "slope")
    numbers = {f"power of H, {name} units": found.estimate for name, found in slopes.items()}
    one, wide = (at(table, "sigmoid", width, "kurtosis") for width in (1, most))
    if not all(
        excludes(found, 0.0) and abs(found.estimate + 1) < NEAR for found in slopes.values()
    ):
        return Verdict(
            "OPEN",
            "The excess kurtosis does not fall as 1/H in these draws. More draws would settle it.",
            numbers,
        )
    return Verdict(
        "CONDITIONAL",
        "TRUE of one product of normals, with excess kurtosis "
        f"{span(at(table, 'linear', 1, 'kurtosis'))}, and of few units; FALSE of wide layers. Over "
        "draws of both layers the excess of a pre-activation, a sum over H units, falls with "
        f"exponent {span(slopes['linear'])} in H, and {span(slopes['sigmoid'])} for sigmoid units, "
        f"from {span(one)} to {span(wide)} at H = {most}. Within one network, for one image, the "
        "law over units is exactly normal. What the argument needs, the mean square slope of the "
        f"sigmoid, is at H = {most} {percent_span(flat)} of that for a normal variable. Deeper "
        "layers were not measured.",
        numbers,
    )
