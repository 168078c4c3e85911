"""What the prose quotes."""

import pandas as pd

from l2scale.catalogue.numerals import listing, plain, points_span, span
from l2scale.catalogue.results import Result
from l2scale.exhibits.optimisers import BASE
from l2scale.exhibits.underfit import gradual
from l2scale.exhibits.underfit.collapse import collapse_table
from l2scale.exhibits.underfit.excesses import (
    CHOICES,
    by_penalty,
    causes_table,
    deepest,
    effect,
    of_kind,
    underfit_depths,
    words_of,
)
from l2scale.exhibits.underfit.larger import above_words, most_above, part, surely_above
from l2scale.exhibits.underfit.predictions import kept
from l2scale.exhibits.underfit.quoted_depth import (
    collapse_numbers,
    depth_numbers,
    row_numbers,
    start_numbers,
)
from l2scale.exhibits.underfit.tables import (
    ARMS,
    deeper_table,
    factor,
    near_best,
    wider_table,
)

NAMES = {"tuned": "gap", "strong": "strong", "none": "control"}  # choice -> end of its key


def numbers(result: Result) -> dict[str, str]:
    """What the prose quotes."""
    wide, causes = wider_table(result), causes_table(result)
    deep, gone = deeper_table(result), collapse_table(result)
    starts = gradual.gradual_table(result)
    return (
        wide_numbers(wide)
        | cause_numbers(causes)
        | depth_numbers(deep)
        | row_numbers(deep)
        | collapse_numbers(gone)
        | start_numbers(starts, deep)
        | kept(wide, deep, gone)
    )


def wide_numbers(table: pd.DataFrame) -> dict[str, str]:
    """The set-up of the wider networks, and where the slow one lags."""
    small = part(table, "sgd", "small")
    lam = near_best(small)[1]
    clocks = 2 * small["lr"].iloc[0] * lam * small["steps"].iloc[0]
    lagging = surely_above(table, "slower")
    rates = {arm: plain(part(table, arm, "small")["lr"].iloc[0]) for arm in ("sgd", "adam")}
    return {
        "factor": f"{factor(table)}",
        "small": f"{small['width'].iloc[0]}",
        "batch": f"{BASE.batch_size}",
        "samples": f"{small['n_train'].iloc[0]}",
        "lr": rates["sgd"],
        "lr_adam": rates["adam"],
        "steps": f"{small['steps'].iloc[0]:,}",
        "sgd_best": plain(lam),
        "clocks": f"{clocks:.1f}",
        "slow_clocks": f"{clocks / factor(table):.2f}",
        "lag": f"up to λ = {plain(max(lagging))}" if lagging else "at no strength for certain",
        "most_above": plain(most_above(table)),
        "above": above_words(table),
    }


def cause_numbers(table: pd.DataFrame) -> dict[str, str]:
    """The excess of every wide network at three strengths, early ones among them."""
    found = {}
    for cause in (*ARMS, "sgd, early", "slower, early"):
        for choice in CHOICES:
            key = f"wider_{cause.replace(', ', '_')}_{NAMES[choice]}"
            found[key] = span(effect(table, cause, choice))
    sizes = {arm: effect(table, arm, "tuned") for arm in of_kind(table, "width")}
    largest = sorted(sizes, key=lambda arm: -abs(sizes[arm].estimate))[:2]
    arms = [f"{words_of(table, arm).split(', ', 1)[1]} ({span(sizes[arm])})" for arm in largest]
    return found | {
        "most_changed": listing(arms),
        "wider_error": points_span(effect(table, "sgd", "tuned", "test_error")),
        "slightly": listing([c.split()[-1] for c in underfit_depths(table, "tuned")]) or "no",
        "deep_by_penalty": span(by_penalty(table, deepest(table), "strong")),
    }
