"""What the prose quotes of depth: rows, strengths of collapse, and starts."""

import math

import numpy as np
import pandas as pd

from l2scale.catalogue.numerals import percent, plain, points_span, span
from l2scale.exhibits.outcomes import outcome_of_range
from l2scale.exhibits.underfit import gradual
from l2scale.exhibits.underfit.collapse import best, collapse, depth_exponent, inside
from l2scale.exhibits.underfit.deeper import (
    GUESSING,
    crossing,
    crossings,
    depths,
    gaps,
    level,
    of_depth,
    own_picks,
    picks,
    plateau,
)
from l2scale.exhibits.underfit.optimum import exponent_words, fall_words
from l2scale.exhibits.underfit.tables import excess
from l2scale.lab.estimates import Interval, optimum

LISTED = (3, 4, 5, 6, 8)  # depths with a row of their own
ABSENT = "not trained"


def depth_numbers(table: pd.DataFrame) -> dict[str, str]:
    """Two layers against the most at the strengths that suit two layers."""
    low, tuned, strong = plateau(table)
    listed = depths(table)
    deep = listed[-1]
    found = gaps(table, deep)
    penalised = of_depth(table[table["lam"] > 0], listed[0])
    by_loss = optimum(penalised).at
    passed = [crossing(table, depth) for depth in listed[1:]]
    picked = picks(table)["lam"]
    errors = level(table, deep, strong).estimate
    return {
        "deep": f"{deep}",
        "units": f"{table['width'].iloc[0]}",
        "deep_lr": plain(table["lr"].iloc[0]),
        "deep_steps": f"{table['steps'].iloc[0]:,}",
        "two_low": plain(low),
        "two_best": plain(tuned),
        "two_strong": plain(strong),
        "strong_over_best": f"{strong / tuned:.1f}",
        "deep_fits": fits(excess(found, tuned)),
        "deep_guesses": "only guesses"
        if errors > GUESSING["test_error"] - 0.02
        else f"errs on {percent(errors)}",
        "deeper_train_gap": span(excess(found, tuned)),
        "own_low": plain(picked.min()),
        "own_high": plain(picked.max()),
        "deeper_train_own": span(own_picks(table, deep)),
        "deeper_gap": points_span(excess(found, tuned, "test_error")),
        "deeper_gap_strong": points_span(excess(found, strong, "test_error")),
        "deeper_gap_control": points_span(excess(found, 0.0, "test_error")),
        "two_best_loss": plain(by_loss),
        "deeper_train_by_loss": span(excess(found, by_loss)),
        "crossings": crossings(table),
        "in_order": "in" if passed == sorted(passed) else "not in",
    }


def fits(found: Interval) -> str:
    """What an excess says of the fit."""
    if found.high < 0:
        return "still fits more closely"
    return "fits less closely" if found.low > 0 else "is not told apart"


def row_numbers(table: pd.DataFrame) -> dict[str, str]:
    """A row a depth: excess at three strengths, crossing, excess test error at two."""
    _, tuned, strong = plateau(table)
    found = {}
    for depth in LISTED:
        there = depth in depths(table)
        rows = gaps(table, depth) if there else table
        for name, lam in zip(("gap", "strong", "control"), (tuned, strong, 0.0), strict=True):
            found[f"layers_{depth}_{name}"] = span(excess(rows, lam), ".3f") if there else ABSENT
        passed = crossing(table, depth) if there else np.nan
        found[f"layers_{depth}_crossing"] = plain(passed) if np.isfinite(passed) else "none"
    for depth in (3, 5, 8):
        there = depth in depths(table)
        errors = excess(gaps(table, depth), tuned, "test_error") if there else None
        found[f"layers_{depth}_error"] = points_span(errors) if errors else ABSENT
    return found


def collapse_numbers(table: pd.DataFrame) -> dict[str, str]:
    """Optima, their exponents in depth, and the strengths of collapse."""
    ends = dict(zip(("shallow", "deep"), (depths(table)[0], depths(table)[-1]), strict=True))
    gone = collapse(table)
    found = {f"depth_exponent_{rule}": exponent_words(table, rule) for rule in ("loss", "error")}
    for end, depth in ends.items():
        for rule in ("loss", "error"):
            lam = best(table, rule).set_index("depth").loc[depth, "lam"]
            found[f"{rule}_{end}"] = plain(lam)
        first = gone.loc[depth, "any"]
        found[f"gone_{end}"] = plain(first) if np.isfinite(first) else "none of the strengths"
        found[f"path_{end}"] = plain(gone.loc[depth, "path_end"])
        found[f"expanded_{end}"] = plain(gone.loc[depth, "expanded_end"])
    within, known = inside(table, "path_end")
    high = gone["expanded_end"].iloc[-1] / gone["path_end"].iloc[-1] - 1
    for rule in ("loss", "error"):
        risen = outcome_of_range(depth_exponent(table, rule), 0, math.inf)
        found[f"rises_{rule}"] = {"held": "yes", "failed": "no", "undecided": "open"}[risen]
    best_lams = pd.concat(
        [best(table, rule).set_index("depth")["lam"] for rule in ("loss", "error")]
    )
    above = (gone["any"].reindex(best_lams.index) / best_lams)[best_lams.index > depths(table)[0]]
    found["over_best"] = f"{above.min():.1f} to {above.max():.0f}"
    return found | {
        "fall": fall_words(table),
        "path_inside": f"{within} of {known}",
        "expanded_inside": f"{inside(table, 'expanded_end')[0]} of {known}",
        "expanded_high": f"{100 * high:.0f}%",
    }


def start_numbers(table: pd.DataFrame, deep: pd.DataFrame) -> dict[str, str]:
    """The same strength from two starts."""
    lam = gradual.second(table)
    top = float(table["lam"].max())
    found = {way: span(gradual.level(table, way, lam)) for way in gradual.WAYS}
    return {f"start_{way}": words for way, words in found.items()} | {
        "start_lam": plain(lam),
        "start_first": plain(table["lam"].min()),
        "start_top": plain(top),
        "start_top_raised": span(gradual.level(table, "raised", top)),
        "start_top_he": span(gradual.level(table, "he", top)),
        "start_raised_excess": span(gradual.above_two(table, deep, lam)),
        "start_top_excess": span(gradual.above_two(table, deep, top)),
        "start_excess": span(gradual.lost_by_start(table, "longer", lam)),
    }
