"""What the prose quotes."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.exhibits.drawing import percent, percent_point_span, plain, span
from l2scale.exhibits.underfit.causes import CHOICES, causes_table, deepest, effect
from l2scale.exhibits.underfit.deeper import crossings, depths, gap, level, of_depth, plateau
from l2scale.exhibits.underfit.larger import most_above, part, surely_above
from l2scale.exhibits.underfit.optimum import exponent_words, inside, over_path, room_words
from l2scale.exhibits.underfit.room import best, collapse, room_table
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
    deep, room = deeper_table(result), room_table(result)
    return wide_numbers(wide) | cause_numbers(causes) | depth_numbers(deep) | room_numbers(room)


def wide_numbers(table: pd.DataFrame) -> dict[str, str]:
    """The set-up of the wider networks, and where the slow one lags."""
    small = part(table, "sgd", "small")
    lam = near_best(small)[1]
    clocks = 2 * small["lr"].iloc[0] * lam * small["steps"].iloc[0]
    lagging = surely_above(table, "slower")
    return {
        "factor": f"{factor(table)}",
        "small": f"{small['width'].iloc[0]}",
        "steps": f"{small['steps'].iloc[0]:,}",
        "sgd_best": plain(lam),
        "clocks": f"{clocks:.1f}",
        "slow_clocks": f"{clocks / factor(table):.2f}",
        "lag": f"up to λ = {plain(max(lagging))}" if lagging else "at no strength for certain",
        "most_above": plain(most_above(table)),
    }


def cause_numbers(table: pd.DataFrame) -> dict[str, str]:
    """The excess of every wide network at three strengths, early ones among them."""
    found = {}
    for cause in (*ARMS, "sgd, early", "slower, early"):
        for choice in CHOICES:
            key = f"wider_{cause.replace(', ', '_')}_{NAMES[choice]}"
            found[key] = span(effect(table, cause, choice))
    found |= {
        f"deeper_train_{NAMES[choice]}": span(effect(table, deepest(table), choice))
        for choice in CHOICES
    }
    return found


def depth_numbers(table: pd.DataFrame) -> dict[str, str]:
    """Two layers against more at the strengths that suit two layers."""
    low, tuned, strong = plateau(table)
    listed = depths(table)
    deep = listed[-1]
    penalised = of_depth(table[table["lam"] > 0], listed[0])
    by_loss = float(penalised.groupby("lam")["val_loss"].mean().idxmin())
    # One step of the grid above the best: how far the finding hangs on the tolerance of tuning.
    following = float(penalised.loc[penalised["lam"] > tuned, "lam"].min())
    errors = [percent(level(table, depth, strong).estimate) for depth in listed]
    return {
        "deep": f"{deep}",
        "depths": listing([str(depth) for depth in listed]),
        "units": f"{table['width'].iloc[0]}",
        "two_low": plain(low),
        "two_best": plain(tuned),
        "two_strong": plain(strong),
        "errors_strong": listing(errors),
        "deeper_gap": percent_point_span(gap(table, deep, tuned, "test_error")),
        "deeper_gap_strong": percent_point_span(gap(table, deep, strong, "test_error")),
        "deeper_gap_control": percent_point_span(gap(table, deep, 0.0, "test_error")),
        "two_best_loss": plain(by_loss),
        "two_next": plain(following),
        "deeper_train_next": span(gap(table, deep, following)),
        "deeper_train_by_loss": span(gap(table, deep, by_loss)),
        "crossings": crossings(table),
    }


def room_numbers(table: pd.DataFrame) -> dict[str, str]:
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
        found[f"room_{end}"] = room_words(table, depth)
    return found | {"path_inside": inside(table), "over_path": over_path(table)}


def listing(words: list[str]) -> str:
    """Words with commas, and an and before the last."""
    return ", ".join(words[:-1]) + " and " + words[-1]
