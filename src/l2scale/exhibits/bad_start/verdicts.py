"""The verdicts on what becomes of decay and of the start: C44 and C45."""

import numpy as np
import pandas as pd

from l2scale.catalogue.numerals import listing, plain, points_span, span
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.bad_start.course import (
    INPUTS,
    SAME,
    alike,
    balance,
    balanced,
    balances,
    change,
    drift,
    end,
    ends_ratio,
    kept,
    long_table,
    noisy,
)
from l2scale.exhibits.bad_start.sweeps import STARTS
from l2scale.exhibits.bad_start.tables import at_end, at_epoch, learned, part, strength
from l2scale.lab.estimates import Interval, paired_interval

FADED = 0.05  # of its first value, or of the gradient: a force this small has vanished


@settles("C44", figure="forces-meet", derivation="bs-end")
def decay_vanishes(result: Result) -> Verdict:
    """It goes to where it balances the gradient, wherever a network learns."""
    table = long_table(result)
    listed, settled = learned(table), alike(table)
    numbers = {
        f"decay over gradient, {name} at 2λ = {strength(r)}": found.estimate
        for r in listed
        for name, found in balance(table, r).items()
    }
    if listed and all(faded(table, ratio) for ratio in listed):
        return Verdict(
            "TRUE",
            f"At every strength at which a network learns, decay ends below {FADED:.0%} of its "
            "first force and of the gradient's.",
            numbers,
        )
    if (
        not settled
        or any(faded(table, ratio) for ratio in listed)
        or not any(balanced(table, ratio) for ratio in listed)
    ):
        return Verdict(
            "OPEN",
            "At no strength do both starts end at one size, or at none do both forces end within "
            f"{SAME:.0%} of each other, or at some decay vanishes and not at all. More steps at a "
            "small learning rate would tell.",
            numbers,
        )
    ends = listing([
        "{:.2f} to {:.2f} at {}".format(*balances(table, [r]), strength(r)) for r in listed
    ])  # fmt: skip
    still = listing([
        "{:.1f} to {:.1f} at {}".format(*noisy(table, r), strength(r)) for r in settled
    ])  # fmt: skip
    moved = max(drift(table, r) for r in settled)
    top = settled[-1]
    return Verdict(
        "FALSE",
        "At no strength at which a network learns does decay vanish. Over the gradient its force "
        f"ends at {ends}, both layers and starts. At {strength(top)} it ends at "
        f"{plain(change(table, top, 'normal'))} times its first value from N(0, 1), at "
        f"{plain(change(table, top, 'lecun'))} times from N(0, 1/nᵢₙ). Where both starts end "
        f"alike, sizes stand still within {100 * moved:.1f}% before the rate falls, and the "
        f"gradient's norm is then {still} times the penalty's: its part along the weights has to "
        "balance decay, on average over steps. Only weights without a gradient go to 0.",
        numbers,
    )


def faded(table: pd.DataFrame, ratio: float) -> bool:
    """Whether decay ends small beside its start from N(0, 1) and beside the gradient."""
    forces = [found.estimate for found in balance(table, ratio).values()]
    return change(table, ratio, "normal") < FADED and max(forces) < FADED


@settles("C45", figure="forces-meet", derivation="bs-forget")
def decay_imitates_the_small_start(result: Result) -> Verdict:
    """Decay forgets the large start in time; its end is not the small start, but for one λ."""
    table = long_table(result)
    listed, forgets = learned(table), alike(table)
    sizes = {r: end(table, r, "normal", "rms_1").estimate for r in listed}
    numbers = {f"size of the first layer at 2λ = {strength(r)}": size for r, size in sizes.items()}
    if not forgets or np.ptp(list(sizes.values())) < SAME:
        return Verdict(
            "OPEN",
            "No strength was found at which both starts end at the same size, or all end at one. "
            "More steps would settle it.",
            numbers,
        )
    slow = listing([
        f"at {strength(r)} a weight without a gradient keeps {kept(table, r):.0%} of its start, "
        f"and the sizes differ by a factor {span(ends_ratio(table, r))}"
        for r in listed if r not in forgets
    ])  # fmt: skip
    free = [plain(end(table, 0.0, init, "rms_1").estimate) for init in STARTS]
    return Verdict(
        "CONDITIONAL",
        "TRUE in so far as the large start is forgotten after about five times 1/(2ηλ) steps: at "
        f"2λ = {listing([strength(r) for r in forgets])} both starts end at one size"
        + (f"; {slow}" if slow else "")
        + ". FALSE of the size: from N(0, 1) the first layer ends at "
        + listing([f"{plain(size)} at {strength(r)}" for r, size in sizes.items()])
        + f", and without decay at {free[0]}, from N(0, 1/nᵢₙ) at {free[1]}. It "
        f"equals 1/√nᵢₙ = {INPUTS**-0.5:g} {crossing(table)}. Of the errors: without decay, that "
        f"from N(0, 1) less that from N(0, 1/nᵢₙ) is {points_span(gap(table, 1))} after epoch 1, "
        f"{points_span(gap(table))} at the end.",
        numbers,
    )


def crossing(table: pd.DataFrame) -> str:
    """Where the end size from N(0, 1) is that of the small start, linear in log strength."""
    listed = learned(table)
    sizes = [end(table, ratio, "normal", "rms_1").estimate for ratio in listed]
    if not min(sizes) <= INPUTS**-0.5 <= max(sizes):
        return "at none of the strengths at which a network learns"
    at = np.interp(-(INPUTS**-0.5), -np.array(sizes), np.log(listed))
    return f"by interpolation at {np.exp(at):.2g} alone"


def gap(table: pd.DataFrame, epoch: float | None = None) -> Interval:
    """Error from N(0, 1) less that from N(0, 1/nᵢₙ), without a penalty, at the end or an epoch.

    Both are validation errors.
    """
    rows = [part(table, 0.0, init) for init in STARTS]
    one, other = (at_end(r) if epoch is None else at_epoch(r, epoch) for r in rows)
    return paired_interval(one["val_error"], other["val_error"])


def repair(table: pd.DataFrame) -> str:
    """Whether the large start leaves errors to repair at the end, without a penalty."""
    found = gap(table)
    return "has errors to repair" if found.low > 0 else "shows no more errors at the end"
