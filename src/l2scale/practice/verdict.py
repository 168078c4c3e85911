"""Rules that turn the numbers of a diagnosis into two or three sentences, and say no more.

A value tells where the weights are against their start. It never tells whether lambda is too large:
forces do that in part, and held-out data alone in full.
"""

import math
from collections.abc import Mapping

import pandas as pd

from l2scale.looks.numerals import plain

CHANCE, ROUGHLY = 3.0, 0.02
"""A value is that of the start within so many standard deviations of a sum of squares of so many
Gaussian numbers, or within this share."""

WEAK, STRONG = 0.1, 10.0
"""A force is weak below a tenth of the other's and strong above ten times: between them neither
can be left out. Where a ratio starts to matter depends on the data."""

BALANCED = 0.2
"""Forces on a tensor balance where what is left of both together is a fifth of the larger. At a
stationary point nothing is left, but at a minimum of a ReLU network samples sit on kinks, where a
gradient is that of one side. Parameters without a penalty are not looked at.
"""

SLOW = 0.1
"""Share of a weight that a step may take for 1/(2 lr lam c) to be the time of decay, to 5%."""

COLLAPSED = 1e-6
"""A tensor is near zero if its sum of squares is a millionth of its start's: its weights are a
thousandth, and layers that multiply a signal so pass nothing on. Decay alone takes seven times the
forgetting time to get there."""


def verdict(
    table: pd.DataFrame, totals: Mapping[str, float], lam: float, lr: float | None, start: str
) -> str:
    """The sentences for a diagnosis's `table` and `totals`, against a start of `STARTS`."""
    if lam == 0:
        return "λ is 0: there is no penalty."
    said = [_value(totals, start), _unknown(table), _collapse(table)]
    if not math.isnan(totals["data_force"]):
        said += [_force(table, totals), _scale_free(table)]
    if lr is not None:
        said.append(_clock(totals, lr))
    return " ".join(filter(None, said))


def _value(totals: Mapping[str, float], start: str) -> str:
    value, ratio = totals["value"], totals["value_over_expected"]
    # A library's model may draw its weights in yet another way.
    start = "PyTorch’s default start" if start == "pytorch" else f"a start by {start}"
    part = f"The penalty is {plain(value)}"
    if not math.isnan(totals["value_share"]):
        part += f", {_percent(totals['value_share'])} of the cost of {plain(totals['cost'])}"
    elif totals["data_loss"] < 0:
        part += f" beside a data loss of {plain(totals['data_loss'])}"
    if math.isnan(ratio):
        return f"{part}."
    moved = f"{ratio:.2g} times" if ratio > 1 else f"{_percent(ratio)} of"
    chance = CHANCE * totals["start_scatter"]
    if abs(ratio - 1) < max(chance, ROUGHLY):
        moved = "as much as" if chance < 0.1 else "within chance of"
    return (
        f"{part}, {moved} the {plain(totals['expected_value'])} of {start}; a value "
        "alone says nothing about whether λ is too large."
    )


def _unknown(table: pd.DataFrame) -> str:
    names = table.loc[table["expected_value"].isna(), "name"]
    return "" if names.empty else f"What {_listed(names)} started from is unknown."


def _force(table: pd.DataFrame, totals: Mapping[str, float]) -> str:
    ratio = totals["force_ratio"]
    if totals["data_force"] == 0:
        return "The data do not pull at all: the loss has no gradient here, and all weights shrink."
    apart = table.loc[table["unbalanced"].gt(BALANCED), "name"]
    if apart.empty:
        return "On each penalised tensor its force and the data’s balance."
    if totals["unbalanced"] < BALANCED:
        return f"Its force and the data’s balance, but not on {_listed(apart)}."
    pulls = f"It pulls {plain(ratio)} times as hard as the data"
    if ratio < WEAK:
        return f"{pulls}: for now the data decide."
    if ratio > STRONG:
        return (
            f"{pulls}, all weights taken together. Data may need but few directions of these, so "
            "follow the data loss: if it stays at that of guessing, the penalty crushes it."
        )
    return f"{pulls}: neither can be left out, and no balance is reached."


def _scale_free(table: pd.DataFrame) -> str:
    names = table.loc[table["scale_free"], "name"]
    if names.empty:
        return ""
    return (
        f"The loss does not feel the scale of {_listed(names)}: at this scale nothing opposes "
        "the penalty, which only sets how far a step turns the weights."
    )


def _collapse(table: pd.DataFrame) -> str:
    near = table["value_over_expected"].le(COLLAPSED) | table["sum_of_squares"].eq(0)
    if not near.any():
        return ""
    return f"All but zero: {_listed(table.loc[near, 'name'])}. It began so, or has collapsed."


def _clock(totals: Mapping[str, float], lr: float) -> str:
    least, most = (totals[f"forget_steps_{end}"] for end in ("least", "most"))
    rate = 1 / least
    if rate == 0:
        return f"With lr {plain(lr)} nothing decays."
    if rate > 2:
        return (
            f"Unopposed, each step multiplies weights by up to {1 - rate:.3g}: plain SGD diverges. "
            "Lower lr or λ."
        )
    if rate > 1:
        return (
            f"Unopposed, a step takes weights past 0: it multiplies them by {1 - rate:.3g} or more."
        )
    if rate > SLOW:
        return f"Unopposed, a step of SGD or AdamW leaves {_percent(1 - rate)} of a weight or more."
    steps = plain(least) if most < 1.005 * least else f"{plain(least)} to {plain(most)}"
    return (
        f"Unopposed, weights fall to 37% in {steps} steps of SGD or AdamW (Adam has no such "
        "clock); a training much shorter than that hardly feels the penalty."
    )


def _listed(names: pd.Series) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"


def _percent(share: float) -> str:
    return f"{100 * share:.3g}%"
