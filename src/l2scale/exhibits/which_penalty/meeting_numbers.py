"""What the prose quotes of where the widths have met, and of the clock."""

import pandas as pd

from l2scale.catalogue.numerals import listing, percent, plain
from l2scale.exhibits.which_penalty.meeting import (
    MET,
    MINIMUM,
    all_met,
    at,
    best,
    carrying,
    gap,
    largest_rise,
    meetings,
    met,
    met_at_best,
    near,
)
from l2scale.exhibits.which_penalty.sweeps import DIGITS
from l2scale.exhibits.which_penalty.typed import CRITERIA


def rises(by_lam: pd.Series) -> str:
    """Whether the width at which costs have met falls as lambda grows, as predicted."""
    steps = zip(by_lam.items(), list(by_lam.items())[1:], strict=False)
    found = [
        f"from {width} to {later} units between λ = {plain(lam)} and {plain(stronger)}"
        for (lam, width), (stronger, later) in steps
        if later > width
    ]
    if found:
        return f"Against the first point it rises with λ: {listing(found)}"
    first, last = by_lam.iloc[0], by_lam.iloc[-1]
    if first > last:
        return f"As the first point says it falls, from {first} to {last} units, and never rises"
    return f"Against the first point it stays with λ, at {first} units"


def short_numbers(table: pd.DataFrame, when: str, clock: float) -> dict[str, str]:
    """What the shortest horizon chose, by loss at the edge of the grid or in it, and by error."""
    first = at(table, when).drop_duplicates("width")
    inside = first.loc[first["edge_loss"] == "none", "best_loss"]
    ends = plain(first["best_error"].min()), plain(first["best_error"].max())
    return {
        "short_edges": f"{(first['edge_loss'] == 'low').sum()} of {len(first)}",
        "short_error": f"{ends[0]} to {ends[1]}",
        "short_inside": listing([plain(lam) for lam in inside]) or "none",
        "short_below": below(first, clock),
    }


def below(first: pd.DataFrame, clock: float) -> str:
    """In how many widths lambda* by loss is below the clock's number, against the prediction.

    One at the low edge of the grid is what was predicted where there is no best lambda.
    """
    inside = first[first["edge_loss"] == "none"]
    some = int((inside["best_loss"] < clock).sum())
    if not some:
        return "Inside the grid it is below that number in no width"
    widths = "both of these widths" if some == len(inside) == 2 else f"{some} of {len(inside)}"
    return f"It is below that number in {widths}, and there the prediction failed"


def horizon_numbers(table: pd.DataFrame) -> dict[str, str]:
    """Where the clock of each horizon puts lambda, and what the horizons chose."""
    horizons, found, clocks = list(table["when"].unique())[:-1], {}, []
    for key, when in zip(("short", "middle", "long"), horizons, strict=True):
        steps = int(when.removesuffix(" steps").replace(",", ""))
        clocks.append(1 / (2 * DIGITS.lr * steps))
        found |= {f"steps_{key}": f"{steps:,}", f"clock_{key}": plain(clocks[-1])}
    carried = {f"fall_{k}": f"{x:.3f}" for k, x in carrying(table, horizons[-1]).items()}
    return found | carried | short_numbers(table, horizons[0], clocks[0])


def meeting_numbers(table: pd.DataFrame) -> dict[str, str]:
    """What the prose quotes of these estimates."""
    from_on, by_lam = all_met(table), meetings(table)
    found = {
        "met_share": percent(MET),
        "all_met": plain(from_on) if from_on else "no strength tried",
        "weak": plain(by_lam.index.min()),
        "weak_met": f"{by_lam.iloc[0]}",
        "meeting_rises": rises(by_lam),
        "cost_rises": percent(largest_rise(table)),
        "imbalance": percent(at(table, MINIMUM)["imbalance"].max()),
    }
    for criterion in CRITERIA:
        lam = best(table, MINIMUM, criterion)
        widest = near(table, MINIMUM, lam).iloc[-1]
        found |= {
            f"minimum_{criterion}": plain(lam),
            f"met_{criterion}": f"{met_at_best(table, criterion)}",
            f"met_strict_{criterion}": f"{met(table, lam, MET / 2)}",
            f"met_loose_{criterion}": f"{met(table, lam, 2 * MET)}",
            f"gap_{criterion}": percent(gap(table, MINIMUM, lam)),
            f"loss_by_{criterion}": f"{widest['test_loss']:.2f}",
            f"error_by_{criterion}": percent(widest["test_error"]),
        }
    last = list(table["when"].unique())[-2]
    tuned = best(table, last, "error")
    for name, lam in (("weakest", at(table, last)["lam"].min()), ("best", tuned)):
        found[f"error_{name}"] = percent(near(table, last, lam).iloc[-1]["test_error"])
    return found | horizon_numbers(table)
