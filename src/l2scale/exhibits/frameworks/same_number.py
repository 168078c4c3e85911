"""The same number, typed into every library: what it is in the book's units."""

from textwrap import fill

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import listing, percent, plain
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.frameworks.applied import BATCH, LR, VALUE
from l2scale.practice.settings import SETTINGS

PAPERS = "Books and papers"
KINDS = {
    "objective": "in the objective: λ in the book's units",
    "weights": "on the weights: share of a weight that a step takes",
}
LINEAR = ("sklearn-ridge", "sklearn-logistic", "sklearn-sgd")  # not of networks
APART = 10  # times: strengths that one name cannot cover
CLOSE = 1e-3  # how near a strength has to be to count as the same


def same_table(result: Result) -> pd.DataFrame:
    """What was applied, of the libraries alone."""
    table = result["applied"].table
    return table[table["family"] != PAPERS].reset_index(drop=True)


def largest_miss(table: pd.DataFrame) -> float:
    """How far any measured strength is from its record's, as a share."""
    return float((table["measured"] / table["predicted"] - 1).abs().max())


def ends(table: pd.DataFrame, where: str) -> tuple[float, float]:
    """Least and largest measured strength of a kind."""
    measured = table.loc[table["where"] == where, "measured"].dropna()
    return float(measured.min()), float(measured.max())


def times(table: pd.DataFrame, where: str) -> str:
    """How many times the least the largest is."""
    low, high = ends(table, where)
    return plain(float(f"{high / low:.3g}"))


def libraries(table: pd.DataFrame) -> list[str]:
    """The families whose libraries were run."""
    return list(table.loc[table["run"], "family"].unique())


def words(table: pd.DataFrame) -> str:
    """Per kind the strengths and the settings that have them."""
    return "; ".join(
        f"{plain(strength)}: {listing(list(rows['setting'].unique()))}"
        for where in KINDS
        for strength, rows in table[table["where"] == where].groupby("predicted")
    )


@figure(
    id="same-number",
    source="applied",
    penalties=("sum",),
    data=same_table,
    title=lambda t: (
        f"The same {VALUE:g} is a λ of {plain(ends(t, 'objective')[0])} in one place and "
        f"{times(t, 'objective')} times that in another"
    ),
    claim=lambda t: (
        f"A strength of {VALUE:g} (in scikit-learn's C, too) in {t['setting'].nunique()} places, "
        f"with {BATCH} samples a step and a learning rate of {LR:g}. Points: measured in "
        f"{listing(libraries(t))} on a logistic regression, or a ridge regression, of "
        f"{t['samples'].iloc[0]:,} samples, from one step of the library or from its minimum, "
        f"{t['seed'].nunique()} seeds; no measured strength is further than "
        f"{percent(largest_miss(t))} from what its record says. Rings and "
        "names in grey are not measured here: Adam's step is no multiple of the gradient, and of "
        "the others the source was read, or one function of it run. The names are those that "
        "convert takes; optax-add-last needs −0.01 to decay."
    ),
    alt=lambda t: f"Two panels of points on logarithmic axes, one row a strength. {words(t)}.",
)
def same_number(table: pd.DataFrame) -> Figure:
    """One row per strength, with the settings that have it."""
    counts = [table.loc[table["where"] == where, "predicted"].nunique() for where in KINDS]
    fig, axes = plt.subplots(
        2, 1, figsize=(style.WIDTH, 0.62 * sum(counts) + 1.7), height_ratios=counts
    )
    for ax, (where, label) in zip(axes, KINDS.items(), strict=True):
        _panel(ax, table[table["where"] == where])
        ax.set_xlabel(label)
    return fig


def _panel(ax: Axes, table: pd.DataFrame) -> None:
    strengths = sorted(table["predicted"].unique(), reverse=True)
    low, high = min(strengths), max(strengths)
    for place, strength in enumerate(strengths):
        rows = table[table["predicted"] == strength]
        run, read = (list(rows.loc[rows["run"] == is_run, "setting"].unique()) for is_run in (1, 0))
        look = {"color": style.colour("sum"), "markersize": 7}
        if run:
            ax.plot(rows["measured"], [place] * len(rows), "o", **look)
        else:
            ax.plot([strength], [place], "o", markerfacecolor="none", **look)
        # Towards the middle, so that names have room.
        right = strength * strength < low * high
        for names, ink, side, dy in ((run, "ink", "bottom", 1), (read, "muted", "top", -1)):
            text = fill(", ".join(names), 48, break_on_hyphens=False)
            ax.annotate(
                text, (strength, place), xytext=(9 if right else -9, dy if run and read else 0),
                textcoords="offset points", ha="left" if right else "right",
                va=side if run and read else "center", fontsize=8.5, color=style.colour(ink),
            )  # fmt: skip
    ax.set(xscale="log", yticks=[], ylim=(len(strengths) - 0.4, -0.6))
    ax.set_xlim(low / 2, high * 2)
    ax.grid(axis="y", visible=False)


def of_networks(table: pd.DataFrame) -> pd.DataFrame:
    """The settings that were run and are for networks."""
    return table[table["run"] & ~table["setting"].isin(LINEAR)]


def as_claimed(table: pd.DataFrame) -> list[str]:
    """The settings of networks that are the strength over 2n, as the claim has it."""
    run = of_networks(table)
    run = run[run["where"] == "objective"]
    claimed = VALUE / (2 * run["samples"])
    close = (run["measured"] / claimed - 1).abs() < CLOSE
    return list(run.loc[close.groupby(run["setting"]).transform("all"), "setting"].unique())


@settles("C22", figure="same-number", derivation="eq-fw-objective")
def over_two_m(result: Result) -> Verdict:
    """What libraries compute is not lambda/(2m) times the sum of squares."""
    table = same_table(result)
    nets = of_networks(table)
    run, found = nets["setting"].nunique(), as_claimed(table)
    numbers = {"settings": run, "of them as claimed": len(found)}
    of = f"of {run} settings for networks that were run in {listing(libraries(nets))}"
    if len(found) == run:
        return Verdict("TRUE", f"All {of} compute it.", numbers)
    if len(found) > 1:
        return Verdict("OPEN", f"{len(found)} {of} compute it, and the others do not.", numbers)
    names = listing([SETTINGS[id].api for id in found]) or "none"
    return Verdict(
        "FALSE",
        f"One {of} computes it: {names}. With the samples of a batch for m, its other solvers do. "
        "The others divide by something else or by nothing, or are no penalty."
        if found
        else f"None {of} computes it.",
        numbers,
    )


@settles("C25", figure="same-number")
def usual_values(result: Result) -> Verdict:
    """A value says nothing without its convention."""
    table = same_table(result)
    (low, high), (slow, fast) = (ends(table, where) for where in KINDS)
    numbers = {
        "least λ": low, "largest λ": high, "least share of a weight": slow,
        "largest share of a weight": fast,
    }  # fmt: skip
    if high / low < APART:
        statement = (
            f"The libraries that were run take {VALUE:g} for {plain(low)} to {plain(high)}: a "
            "value would have a meaning, and whether these are usual is another question."
        )
        return Verdict("OPEN", statement, numbers)
    return Verdict(
        "CONDITIONAL",
        f"On the convention, which the claim leaves out. {VALUE:g} was measured as a λ of "
        f"{plain(low)} in one library and of {plain(high)} in another, and as a share of "
        f"{plain(slow)} to {plain(fast)} of a weight a step where it is no penalty. Whether the "
        "best λ falls with the number of weights is another question.",
        numbers,
    )
