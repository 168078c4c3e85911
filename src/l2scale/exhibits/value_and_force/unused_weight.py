"""How fast a weight shrinks on which the data never pulls."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from l2scale.catalogue import style
from l2scale.catalogue.figures import figure
from l2scale.catalogue.numerals import percent
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.drawing import label_end, leave_room, mean_line, note, reference
from l2scale.lab.estimates import Interval, mean_interval
from l2scale.theory.penalties import decay_factor


def unused_table(result: Result) -> pd.DataFrame:
    """RMS weight on the pixels that never vary, as a share of its start."""
    table = result["unused"].table.sort_values(["run", "step"])
    start = table.groupby("run")["unused_1"].transform("first")
    return table[["lr", "lam", "seed", "step"]].assign(share=table["unused_1"] / start)


def decay_constant(table: pd.DataFrame) -> Interval:
    """K in "a step multiplies an unused weight by 1 - k lr lam", one estimate a network."""
    end = table[table["step"] == table["step"].max()]
    per_step = end["share"] ** (1 / end["step"])
    return mean_interval((1 - per_step) / (end["lr"] * end["lam"]))


@figure(
    id="unused-weight",
    source="unused",
    data=unused_table,
    title="An unused weight loses 2ηλ of itself at every step, not λ and not ηλ",
    claim=lambda t: (
        "First-layer weights on pixels that are blank in every training image, so that the data "
        f"never pulls on them; λ = {t['lam'].iloc[0]:g}, plain SGD at three learning rates η. "
        "Dashed: (1 − 2ηλ)ᵗ, predicted. Dotted: 0.1% a step, as claimed, whatever η is. The "
        f"share lost in a step, divided by ηλ, is {decay_constant(t).estimate:.4f}."
    ),
    alt="Share of the initial size left against steps, for learning rates 0.02, 0.1 and 0.5. Each "
    "measured line lies on its dashed prediction; the larger the learning rate, the faster the "
    "fall. A dotted line for 0.1 percent a step falls faster than the line for 0.1.",
)
def unused_weight(table: pd.DataFrame) -> Figure:
    """Decay of weights without a data gradient, against the closed form and the claim."""
    fig, ax = plt.subplots(figsize=(style.WIDTH, 3.6))
    lam, steps = table["lam"].iloc[0], np.linspace(0, table["step"].max(), 200)
    rates = sorted(table["lr"].unique())
    for lr, colour in zip(rates, style.shades(len(rates)), strict=True):
        rows = table[table["lr"] == lr]
        mean_line(ax, rows, "step", "share", colour, "o", "none")
        reference(ax, steps, decay_factor(lr, lam, 1.0) ** steps)
        label_end(ax, rows, "step", "share", f"η = {lr:g}", colour)
    ax.plot(steps, (1 - lam) ** steps, ":", color=style.colour("ink"), linewidth=3, alpha=0.6)
    at = steps[len(steps) // 2]
    note(ax, at * 1.05, (1 - lam) ** at, f"claimed for every η: {percent(lam)} a step")
    ax.set(xlabel="steps", ylabel="share of its initial size", yscale="log")
    ax.set_ylim(top=1.3)
    leave_room(ax, 0.06)
    return fig


def factor_two(table: pd.DataFrame) -> bool:
    """Whether the decay constant is 2, and neither 1 nor what λ alone would give."""
    return abs(decay_constant(table).estimate - 2) < 0.01


@settles("C05", figure="unused-weight", derivation="eq-one-weight")
def derivative(result: Result) -> Verdict:
    """The derivative of lam w^2 is 2 lam w."""
    table = unused_table(result)
    found = decay_constant(table)
    return Verdict(
        "FALSE" if factor_two(table) else "OPEN",
        "It is 2λw. A step of SGD moves an unused weight by η times the derivative; measured, it "
        f"is {found.estimate:.4f} times λw.",
        {"times λw": found.estimate},
    )


def lost_a_step(table: pd.DataFrame, lr: float) -> float:
    """Share of an unused weight lost at each step, mean over seeds."""
    end = table[(table["lr"] == lr) & (table["step"] == table["step"].max())]
    return float((1 - end["share"] ** (1 / end["step"])).mean())


@settles("C06", figure="unused-weight", derivation="eq-decay")
def tenth_of_a_percent(result: Result) -> Verdict:
    """The rate of an unused weight is 2 lr lam, not lam."""
    table = unused_table(result)
    losses = {lr: lost_a_step(table, lr) for lr in sorted(table["lr"].unique())}
    text = ", ".join(f"{percent(loss)} at η = {lr:g}" for lr, loss in losses.items())
    return Verdict(
        "FALSE" if factor_two(table) else "OPEN",
        f"An unused weight loses 2ηλ of itself at each step. Measured at λ = 0.001: {text}. It is "
        "0.1% where η = 1/2.",
        {f"share lost in a step at η = {lr:g}": loss for lr, loss in losses.items()},
    )


@settles("C29", figure="unused-weight", derivation="prop-local")
def only_the_error(result: Result) -> Verdict:
    """The penalty sends nothing through the layers and enters every update."""
    table = unused_table(result)
    end = table[(table["lr"] == table["lr"].max()) & (table["step"] == table["step"].max())]
    left = mean_interval(end["share"])
    return Verdict(
        "CONDITIONAL" if left.high < 1 else "TRUE",
        "TRUE that the penalty sends nothing backwards through the layers. FALSE if read as saying "
        f"that it moves no weights: those without any data gradient end at "
        f"{percent(left.estimate)} of their size after {end['step'].iloc[0]:,} steps at "
        f"η = {end['lr'].iloc[0]:g}.",
        {"share left": left.estimate},
    )


@settles("C33", figure="unused-weight", derivation="eq-decay")
def fixed_amount(result: Result) -> Verdict:
    """Weights shrink in proportion, and by 2 lr lam, not by lam."""
    table = unused_table(result)
    return Verdict(
        "FALSE" if factor_two(table) else "OPEN",
        "The amount is proportional to the weight, not fixed, and the share is 2ηλ, not λ: "
        f"measured, {decay_constant(table).estimate:.4f} times ηλ. That it does not depend on the "
        "size of the model is right.",
        {"times ηλ": decay_constant(table).estimate},
    )
