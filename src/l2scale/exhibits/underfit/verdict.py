"""The verdict on the claim that a larger network underfits."""

import pandas as pd

from l2scale.catalogue.numerals import listing, plain, points_span, span
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.underfit.excesses import (
    CHOICES,
    by_penalty,
    causes_table,
    deepest,
    depth_does,
    effect,
    short,
    underfit_depths,
    width_ever,
)
from l2scale.exhibits.underfit.gradual import above_two, gradual_table
from l2scale.exhibits.underfit.larger import above_words, most_above
from l2scale.exhibits.underfit.tables import deeper_table, wider_table


@settles("C39", figure="what-makes-it-underfit", derivation="thm-uf-depth")
def larger_underfits(result: Result) -> Verdict:
    """Wider hardly does; deeper does at the strong end of what suits two layers."""
    table = causes_table(result)
    deep = deepest(table)
    tuned, strong = (effect(table, deep, choice) for choice in ("tuned", "strong"))
    numbers = {
        f"excess training loss, {cause}, {words}": effect(table, cause, choice).estimate
        for cause in ("sgd", "adamw", "slower", deep)
        for choice, words in zip(CHOICES, ("no penalty", "its best λ", "a strong λ"), strict=True)
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
    lams = table[table["cause"] == deep].groupby("choice")["lam"].first()
    starts = gradual_table(result)
    top = float(starts["lam"].max())
    raised = above_two(starts, deeper_table(result), top)
    errors = effect(table, deep, "strong", "test_error")
    return Verdict(
        "CONDITIONAL",
        "Nearly FALSE of a wider network with enough steps, on these digits: under SGD, "
        "layer normalisation, Adam and AdamW no interval of its excess training loss, at any λ, "
        f"reaches above {plain(most_above(wider_table(result)))} nats; the interval is above 0 "
        f"under {above_words(wider_table(result))}. With the learning rate "
        f"divided by the width, its excess without any penalty is {span(steps[0])} nats, and "
        f"{span(steps[1])} with as many times the steps. TRUE of depth near a collapse: at the "
        f"best λ of two layers, {plain(lams['tuned'])}, {short(table, deep)} have an excess of "
        f"{span(tuned)} nats; at {plain(lams['strong'])}, the largest within a percentage point "
        f"of validation error, {span(strong)}, the penalty adding "
        f"{span(by_penalty(table, deep, 'strong'))}, and {points_span(errors)} more test errors. "
        f"With λ raised to {plain(top)} step by step their excess is {span(raised)}. "
        f"At the best λ the penalty raises the training loss of {slightly(table)}. The first λ "
        "was fixed before the curves were seen, the second and its tolerance after: that part is "
        "exploratory.",
        numbers,
    )


def slightly(table: pd.DataFrame) -> str:
    """The depths that the penalty makes underfit at the best strength of two layers already."""
    found = [(short(table, c), effect(table, c, "tuned")) for c in underfit_depths(table, "tuned")]
    words = [f"{name} (by {span(interval, '.3f')} nats)" for name, interval in found]
    return listing(words) or "no depth"
