"""What makes a larger network underfit at the same lambda: one row for each suspected cause."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.drawing import percent_point_span, plain, span
from l2scale.exhibits.underfit.larger import ENOUGH, part
from l2scale.exhibits.underfit.tables import (
    ARMS,
    SLACK,
    deeper_table,
    factor,
    labelled,
    near_best,
    wider_table,
)
from l2scale.lab.estimates import Interval, mean_interval

EARLY = ("sgd", "slower")  # arms that are shown as they were at an eighth of the steps, too
# strength -> colour, marker, words
CHOICES = {
    "none": ("muted", "x", "λ = 0"),
    "tuned": ("data", "o", "the small one's best λ"),
    "strong": ("penalty", "s", "the largest λ that suits the small one"),
}


def causes_table(result: Result) -> pd.DataFrame:
    """Per cause, strength and seed, by how much the large network's measures exceed the small's.

    Columns: cause and its `words`, `kind` ("width", "haste" or "depth"), `choice` of the strength
    (see CHOICES), lam, seed, train_loss and test_error as differences.
    """
    wide, deep = wider_table(result), deeper_table(result)
    times = factor(wide)
    pairs = []
    for arm in ARMS:
        kind = "width" if arm in ENOUGH else "haste"
        words = f"{times}× wide, {labelled(arm, wide)}"
        pairs.append((arm, words, kind, *(part(wide, arm, s) for s in ("small", "large"))))
    for arm in EARLY:
        words = f"{times}× wide, {labelled(arm, wide)}, T/8"
        two = (part(wide, arm, size, "early") for size in ("small", "large"))
        pairs.append((f"{arm}, early", words, "haste", *two))
    first, *others = sorted(deep["depth"].unique())
    for depth in others:
        two = (deep[deep["depth"] == d] for d in (first, depth))
        pairs.append((f"depth {depth}", f"{depth} layers, not {first}", "depth", *two))
    rows = [
        differences(small, large).assign(cause=cause, words=words, kind=kind)
        for cause, words, kind, small, large in pairs
    ]
    return pd.concat(rows, ignore_index=True)


def differences(small: pd.DataFrame, large: pd.DataFrame) -> pd.DataFrame:
    """Large less small, seed by seed, without a penalty and at two strengths tuned on the small."""
    _, best, most = near_best(small)
    found = []
    for choice, lam in zip(CHOICES, (0.0, best, most), strict=True):
        one, other = (
            rows[rows["lam"] == lam].set_index("seed")[["train_loss", "test_error"]].sort_index()
            for rows in (large, small)
        )
        found.append((one - other).reset_index().assign(choice=choice, lam=lam))
    return pd.concat(found)


def effect(table: pd.DataFrame, cause: str, choice: str, metric: str = "train_loss") -> Interval:
    """The mean excess of one cause at one choice of strength."""
    rows = table[(table["cause"] == cause) & (table["choice"] == choice)]
    return mean_interval(rows[metric])


def of_kind(table: pd.DataFrame, kind: str) -> list[str]:
    """The causes of one kind."""
    return list(table.loc[table["kind"] == kind, "cause"].unique())


def deepest(table: pd.DataFrame) -> str:
    """The cause with the most layers."""
    return of_kind(table, "depth")[-1]


def words_of(table: pd.DataFrame, cause: str) -> str:
    """A cause as its row is labelled."""
    return str(table.loc[table["cause"] == cause, "words"].iloc[0])


def ordered(table: pd.DataFrame) -> list[str]:
    """The causes, the largest excess at the strong end first."""
    means = table[table["choice"] == "strong"].groupby("cause")["train_loss"].mean()
    return list(means.sort_values(ascending=False).index)


def underfits(table: pd.DataFrame, kind: str, choice: str) -> list[str]:
    """The causes of a kind whose excess training loss is beyond doubt at a strength."""
    return [cause for cause in of_kind(table, kind) if effect(table, cause, choice).low > 0]


def width_ever(table: pd.DataFrame) -> list[str]:
    """The wider networks that are beyond doubt above the small one where that one is tuned."""
    return [cause for choice in ("tuned", "strong") for cause in underfits(table, "width", choice)]


def depth_does(table: pd.DataFrame) -> bool:
    """Whether the deepest network is above two layers at the strong end, and not at 0 already."""
    deep = deepest(table)
    return effect(table, deep, "strong").low > 0 >= effect(table, deep, "none").low


def title(table: pd.DataFrame) -> str:
    """Whether depth does it and width does not."""
    if not depth_does(table):
        return "What a larger network's training loss exceeds the smaller one's by"
    end = effect(table, deepest(table), "strong").estimate
    words = f"{words_of(table, deepest(table)).split(',')[0]} fit worse by {end:.1f} nats"
    start = "At a strong λ that suits two layers"
    if width_ever(table):
        return f"{start}, {words}"
    return f"{start}, {words}; no wider network does"


def alt(table: pd.DataFrame) -> str:
    """Every row of the figure, in numbers."""
    rows = "; ".join(
        f"{words_of(table, cause)} "
        + ", ".join(f"{effect(table, cause, choice).estimate:z.2f}" for choice in CHOICES)
        for cause in ordered(table)
    )
    return (
        "Rows of points, one row for each way to make a network larger: training loss of the large "
        "less that of the small network in nats, without a penalty, at the small one's best λ, and "
        f"at the largest λ that suits it. {rows}."
    )


@figure(
    id="what-makes-it-underfit",
    source=("wider", "deeper"),
    data=causes_table,
    title=title,
    claim=lambda t: (
        "Training loss of the large network less that of the small one at the same λ, with paired "
        "95% intervals over seeds; right of 0 the large one underfits. λ is "
        f"0, the small network's best by validation error, or the largest within "
        f"{100 * SLACK:g} percentage point of it. η/8 and the like: of the small one's learning "
        "rate; T steps unless another number is given. A point right of 0 at λ = 0 is not the "
        "penalty's doing."
    ),
    alt=alt,
)
def what_makes_it_underfit(table: pd.DataFrame) -> Figure:
    """Excess training loss by cause, at three strengths, the largest effect on top."""
    causes = ordered(table)[::-1]
    fig, ax = plt.subplots(figsize=(style.WIDTH, 0.36 * len(causes) + 1.3))
    ax.axvline(0, color=style.colour("ink"), linewidth=0.8)
    for choice, shift in zip(CHOICES, (0.22, 0.0, -0.22), strict=True):
        colour, marker, words = CHOICES[choice]
        found = [effect(table, cause, choice) for cause in causes]
        y = np.arange(len(causes)) + shift
        hue = style.colour(colour)
        ax.hlines(y, [i.low for i in found], [i.high for i in found], color=hue, linewidth=1.4)
        ax.plot([i.estimate for i in found], y, marker, color=hue, markersize=4.5, label=words)
    ax.set_yticks(np.arange(len(causes)), [words_of(table, cause) for cause in causes])
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("training loss of the large less that of the small network (nats)")
    fig.legend(loc="outside lower center", ncols=3)
    return fig


@settles("C39", figure="what-makes-it-underfit")
def larger_underfits(result: Result) -> Verdict:
    """Wider does not; deeper does at the strong end of what suits two layers."""
    table = causes_table(result)
    deep = deepest(table)
    tuned, strong = (effect(table, deep, choice) for choice in ("tuned", "strong"))
    numbers = {
        f"{cause} {choice}": effect(table, cause, choice).estimate
        for cause in ("sgd", "adamw", "slower", deep)
        for choice in CHOICES
    }
    if width_ever(table) or not depth_does(table):
        return Verdict(
            "OPEN",
            "Whether the penalty makes a wider or a deeper network underfit is not clear at this "
            f"scale: the deepest is above two layers by {span(strong)} nats at the largest λ that "
            f"suits them, and by {span(effect(table, deep, 'none'))} without a penalty. Longer "
            "training and more seeds would settle it.",
            numbers,
        )
    steps = (effect(table, "slower", "none"), effect(table, "slower, longer", "none"))
    errors = effect(table, deep, "strong", "test_error")
    lams = table[(table["cause"] == deep)].groupby("choice")["lam"].first()
    return Verdict(
        "CONDITIONAL",
        "FALSE of a wider network with enough steps: at the λ that suits the small one its "
        "training loss is not above the small one's, under SGD, layer normalisation, Adam or "
        "AdamW. Too few steps are another matter: with the learning rate divided by the width its "
        f"excess without any penalty is {span(steps[0])} nats, and {span(steps[1])} with as many "
        "times the steps. TRUE of "
        "a deeper network where λ is at the strong end of what suits two layers: at λ = "
        f"{plain(lams['strong'])} {words_of(table, deep).split(',')[0]} have {span(strong)} nats "
        f"more training loss and {percent_point_span(errors)} more test error. At "
        f"the best λ of two layers, {plain(lams['tuned'])}, the training loss differs by "
        f"{span(tuned)}.",
        numbers,
    )
