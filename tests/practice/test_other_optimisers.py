"""Records of other optimisers, against their own steps: a decay replaced by what the record says.

Each takes twelve steps with its own decay, at a falling rate. Without it the same steps follow
where a penalty is added to the gradient, or a share taken beside the step, by hand.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from l2scale.adapters.penalties import draw_task
from l2scale.practice.conversions import NoEquivalent, convert
from l2scale.practice.settings import SETTINGS

STEPS, LR, VALUE = 12, 0.05, 0.3
TASK = draw_task(0, 40, 5, STEPS)
RATES = [LR * 0.9**step for step in range(STEPS)]

Make = Callable[..., torch.optim.Optimizer]
"""(parameters, lr, weight_decay) to the optimiser."""


def decoupled(kind: Make) -> Make:
    return lambda *rest, **given: kind(*rest, decoupled_weight_decay=True, **given)


OPTIMISERS: dict[str, tuple[Make, ...]] = {
    "torch-adaptive": (
        torch.optim.RMSprop, torch.optim.Adagrad, torch.optim.Adadelta, torch.optim.Adamax,
        torch.optim.NAdam, torch.optim.RAdam,
    ),
    "torch-adamw": (decoupled(torch.optim.Adam),),
    "torch-adaptive-decoupled": (decoupled(torch.optim.NAdam), decoupled(torch.optim.RAdam)),
    "torch-adafactor": (torch.optim.Adafactor,),
}  # fmt: skip
CASES = [(id, make) for id, makes in OPTIMISERS.items() for make in makes]


def walk(id: str, make: Make, typed: float, by_hand: float) -> np.ndarray:
    """The weights after every step, `typed` into the optimiser or done as the record of `id` says.

    Shape (STEPS, d + 1).
    """
    setting = SETTINGS[id]
    weights = torch.tensor(TASK.start, requires_grad=True)
    optimiser = make([weights], lr=LR, weight_decay=typed)
    x = torch.from_numpy(np.column_stack([TASK.x, np.ones(len(TASK.x))]))
    y = torch.from_numpy(TASK.y).double()
    seen = []
    for lr, batch in zip(RATES, TASK.batches, strict=True):
        optimiser.param_groups[0]["lr"] = lr
        optimiser.zero_grad()
        binary_cross_entropy_with_logits(x[batch] @ weights, y[batch]).backward()
        amount = setting.strength.of({"value": by_hand, "lr": lr}) if by_hand else 0.0
        before = weights.detach().clone()
        if setting.where == "objective":
            weights.grad += 2 * amount * before  # type: ignore[operator]
        optimiser.step()
        if setting.where == "weights":
            weights.data -= amount * before
        seen.append(weights.detach().numpy().copy())
    return np.stack(seen)


def named(case: Any) -> str | None:
    return getattr(case, "__name__", None)


@pytest.mark.parametrize(("id", "make"), CASES, ids=named)
def test_by_hand_as_the_record_says_the_steps_are_the_optimisers_own(id: str, make: Make) -> None:
    path = walk(id, make, typed=VALUE, by_hand=0.0)
    assert walk(id, make, typed=0.0, by_hand=VALUE) == pytest.approx(path, abs=1e-12)
    assert np.abs(walk(id, make, typed=0.0, by_hand=0.0) - path).max() > 1e-6


@pytest.mark.parametrize(("id", "make"), CASES, ids=named)
def test_between_a_penalty_and_a_share_there_is_no_number(id: str, make: Make) -> None:
    other = "book" if SETTINGS[id].where == "weights" else "keras-weight-decay"
    with pytest.raises(NoEquivalent, match="No one number makes the two alike"):
        convert(VALUE, id, other, lr=LR)


@pytest.mark.parametrize(("id", "make"), CASES, ids=named)
def test_what_applies_if_nothing_is_said_is_what_the_record_has(id: str, make: Make) -> None:
    if id == "torch-adamw":  # Adam's own default is that of its penalty
        return
    group = make([torch.zeros(1, requires_grad=True)], lr=LR).param_groups[0]
    assert f"{group['weight_decay']:g}" == SETTINGS[id].default
