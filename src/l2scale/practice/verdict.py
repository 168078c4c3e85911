"""Rules that turn the numbers of a diagnosis into two or three sentences, and say no more.

A value tells where the weights are against their start. It never tells whether lambda is too large:
forces do that in part, and held-out data alone in full.
"""

import math
from collections.abc import Mapping

import pandas as pd

ORDINARY = 1.1
"""Within this factor a value is that of the start: a sum of squares of a thousand weights scatters
by 3% to 5%, that of more by less."""

WEAK, STRONG = 0.1, 10.0
"""A force is weak below a tenth of the other's and strong above ten times: between them neither
can be left out. Where a ratio starts to matter depends on the data."""

BALANCED = 0.2
"""Forces balance where what is left of both together is a fifth of the larger. At a stationary
point nothing is left, but at a minimum of a ReLU network samples sit on kinks, where a gradient is
that of one side.
"""

COLLAPSED = 1e-6
"""A tensor is near zero if its sum of squares is a millionth of its start's: its weights are a
thousandth, and layers that multiply a signal so pass nothing on. Decay alone takes seven times the
forgetting time to get there."""


def verdict(table: pd.DataFrame, totals: Mapping[str, float], lam: float, lr: float | None) -> str:
    """The sentences for a diagnosis's `table` and `totals`."""
    if lam == 0:
        return "λ is 0: there is no penalty."
    said = [_value(totals), _collapse(table)]
    if not math.isnan(totals["data_force"]):
        said += [_force(totals), _scale_free(table)]
    if lr is not None:
        said.append(_clock(totals))
    return " ".join(filter(None, said))


def _value(totals: Mapping[str, float]) -> str:
    value, ratio = totals["value"], totals["value_over_expected"]
    part = f"The penalty is {_short(value)}"
    if not math.isnan(totals["value_share"]):
        part += f", {_percent(totals['value_share'])} of the cost of {_short(totals['cost'])}"
    if math.isnan(ratio):
        return f"{part}."
    moved = f"{ratio:.2g} times" if ratio > 1 else f"{_percent(ratio)} of"
    if 1 / ORDINARY <= ratio <= ORDINARY:
        moved = "as much as"
    return (
        f"{part}, {moved} the {_short(totals['expected_value'])} that initial weights give; a "
        "value alone says nothing about whether λ is too large."
    )


def _force(totals: Mapping[str, float]) -> str:
    ratio = totals["force_ratio"]
    if totals["data_force"] == 0:
        return "The data do not pull at all: the loss has no gradient here, and all weights shrink."
    if totals["unbalanced"] < BALANCED:
        return "Its force and the data’s balance: this is close to a stationary point of the cost."
    pulls = f"It pulls {_short(ratio)} times as hard as the data"
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
        f"The loss does not feel the scale of {_listed(names)}: there the penalty has no minimum, "
        "and only sets how far a step turns the weights."
    )


def _collapse(table: pd.DataFrame) -> str:
    near = table["value_over_expected"].le(COLLAPSED) | table["sum_of_squares"].eq(0)
    if not near.any():
        return ""
    return f"All but zero: {_listed(table.loc[near, 'name'])}. It began so, or has collapsed."


def _clock(totals: Mapping[str, float]) -> str:
    least, most = (totals[f"forget_steps_{end}"] for end in ("least", "most"))
    steps = _short(least) if most < 1.005 * least else f"{_short(least)} to {_short(most)}"
    return (
        f"Unopposed, weights fall to 37% in {steps} steps; a training much shorter than that "
        "hardly feels the penalty."
    )


def _listed(names: pd.Series) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"


def _short(value: float) -> str:
    return f"{float(f'{value:.3g}'):,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _percent(share: float) -> str:
    return f"{100 * share:.3g}%"
