"""The verdicts on what becomes of decay and of the start: C44 and C45."""

import numpy as np

from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.bad_start.meet import (
    INPUTS,
    SAME,
    balance,
    balanced,
    change,
    end,
    ends_ratio,
    kept,
    learned,
    same,
    shown,
)
from l2scale.exhibits.bad_start.tables import decay_table, strength
from l2scale.exhibits.drawing import listing, plain, span


@settles("C44", figure="forces-meet")
def decay_vanishes(result: Result) -> Verdict:
    """It does not: it meets the gradient."""
    table = decay_table(result)
    top = shown(table)
    found = balance(table, top)
    numbers = {name: interval.estimate for name, interval in found.items()}
    words = listing([f"{span(interval)} in {name}" for name, interval in found.items()])
    if not balanced(table, top):
        return Verdict(
            "OPEN",
            f"At 2λ = {strength(top)} the penalty's force ends at {words} times the gradient. "
            "More steps at a small learning rate would tell whether they meet.",
            numbers,
        )
    return Verdict(
        "FALSE",
        f"Decay ends as strong as the gradient: at 2λ = {strength(top)} its force is "
        f"{min(numbers.values()):.3f} to {max(numbers.values()):.3f} times that of the data, over "
        "both layers and starts. On the first layer it ends at "
        f"{plain(change(table, top, 'normal'))} times its value at the start from N(0, 1) and at "
        f"{plain(change(table, top, 'lecun'))} times from N(0, 1/nᵢₙ). It is the sum of the two "
        "that vanishes. Only the weights without a gradient go to 0.",
        numbers,
    )


@settles("C45", figure="forces-meet")
def decay_imitates_the_small_start(result: Result) -> Verdict:
    """Both starts end at one size in time, which is not that of the small start."""
    table = decay_table(result)
    alike = [ratio for ratio in learned(table) if same(table, ratio)]
    sizes = {r: end(table, r, "lecun", "rms_1").estimate for r in learned(table)}
    numbers = {f"size {strength(r)}": size for r, size in sizes.items()}
    if not alike or np.ptp(list(sizes.values())) < SAME:
        return Verdict(
            "OPEN",
            "No strength was found at which both starts end at the same size, or all end at one. "
            "More steps would settle it.",
            numbers,
        )
    slow = [ratio for ratio in learned(table) if ratio not in alike]
    remains = "".join(
        f" At {strength(r)} a weight without a gradient still has {kept(table, r):.0%} of its "
        "start, and the sizes differ by a factor "
        f"{span(ends_ratio(table, r))}."
        for r in slow
    )
    return Verdict(
        "CONDITIONAL",
        "TRUE in so far as the large start is forgotten after many times 1/(2ηλ) steps: at 2λ = "
        f"{listing([strength(r) for r in alike])} both starts end at one size.{remains} FALSE of "
        f"the size: from the small start too it ends at {listing([f'{plain(s)} at {strength(r)}' for r, s in sizes.items()])}"  # noqa: E501
        f" and so moves with λ, which 1/√nᵢₙ = {INPUTS**-0.5:g} does not.",
        numbers,
    )
