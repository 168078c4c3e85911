"""What makes a larger network underfit at the same lambda: one row for each suspected cause."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import plain
from l2scale.exhibits.underfit.excesses import (
    CHOICES,
    causes_table,
    deepest,
    depth_does,
    effect,
    of,
    ordered,
    short,
    width_ever,
    words_of,
)
from l2scale.exhibits.underfit.tables import SLACK

# choice of the strength -> colour, marker, words
LOOKS = {
    "none": ("muted", "x", "λ = 0"),
    "tuned": ("data", "o", "the small one's best λ"),
    "strong": ("penalty", "s", "the largest λ that suits the small one"),
}


def title(table: pd.DataFrame) -> str:
    """Whether depth does it and width does not."""
    if not depth_does(table):
        return "What a larger network's training loss exceeds the smaller one's by"
    deep = deepest(table)
    end = effect(table, deep, "strong").estimate
    lam = of(table, deep, "strong")["lam"].iloc[0]
    words = f"At λ = {plain(lam)}, {short(table, deep)} fit worse than two by {end:.1f} nats"
    return words if width_ever(table) else f"{words}; there no wider one with enough steps does"


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
        "95% intervals over seeds; right of 0 the large one underfits. λ is 0, the small network's "
        f"best by validation error, or the largest within {100 * SLACK:g} percentage point of it, "
        "which was chosen after the curves were seen. η/8 and the like: of the small one's "
        "learning rate; T steps unless another number is given. A point right of 0 at λ = 0 is not "
        "the penalty's doing."
    ),
    alt=alt,
)
def what_makes_it_underfit(table: pd.DataFrame) -> Figure:
    """Excess training loss by cause, at three strengths, the largest effect on top."""
    causes = ordered(table)[::-1]
    fig, ax = plt.subplots(figsize=(style.WIDTH, 0.46 * len(causes) + 1.3))
    ax.axvline(0, color=style.colour("ink"), linewidth=0.8)
    for choice, shift in zip(CHOICES, (0.28, 0.0, -0.28), strict=True):
        colour, marker, words = LOOKS[choice]
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
