"""Records of other optimisers, against their own steps: a decay replaced by what the record says.

Each takes twelve steps with its own decay, at a falling rate. Without it the same steps follow
where a penalty is added to the gradient, or a share taken beside the step, by hand.
"""

import logging
import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from lifting import lifted
from lion_pytorch import Lion
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


COMPOSER = lifted(
    "mosaicml", "composer/optim/decoupled_weight_decay.py", "DecoupledAdamW", "DecoupledSGDW",
    torch=torch, math=math, log=logging.getLogger("composer"), required=None,
    AdamW=torch.optim.AdamW, SGD=torch.optim.SGD,
)  # fmt: skip
OPTIMISERS: dict[str, tuple[Make, ...]] = {
    "torch-adaptive": (
        torch.optim.RMSprop, torch.optim.Adagrad, torch.optim.Adadelta, torch.optim.Adamax,
        torch.optim.NAdam, torch.optim.RAdam,
    ),
    "torch-adamw": (decoupled(torch.optim.Adam),),
    "torch-adaptive-decoupled": (decoupled(torch.optim.NAdam), decoupled(torch.optim.RAdam)),
    "torch-adafactor": (torch.optim.Adafactor,),
    "lion": (Lion,),
    "lion-decoupled": (decoupled(Lion),),
    "composer-adamw": (COMPOSER.DecoupledAdamW,),
    "composer-sgdw": (partial(COMPOSER.DecoupledSGDW, momentum=0.9),),
}  # fmt: skip
OPTAX = {
    "optax-lion": ("lion", "weight_decay"),
    "optax-adafactor": ("adafactor", "weight_decay_rate"),
}
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
        before = weights.detach().clone()
        if setting.where == "objective":
            weights.grad += 2 * amount_of(id, by_hand, lr) * before  # type: ignore[operator]
        optimiser.step()
        if setting.where == "weights":
            weights.data -= amount_of(id, by_hand, lr) * before
        seen.append(weights.detach().numpy().copy())
    return np.stack(seen)


def walk_in_optax(id: str, typed: float, by_hand: float) -> np.ndarray:
    """The same for an optimiser of optax."""
    import jax
    import optax

    name, argument = OPTAX[id]
    x, y = np.column_stack([TASK.x, np.ones(len(TASK.x))]), TASK.y

    def loss(weights: Any, batch: np.ndarray) -> Any:
        return optax.sigmoid_binary_cross_entropy(x[batch] @ weights, y[batch]).mean()

    with jax.enable_x64(True):
        rates = jax.numpy.asarray(RATES)
        rule = getattr(optax, name)(lambda step: rates[step], **{argument: typed})
        weights = jax.numpy.asarray(TASK.start)
        state, seen = rule.init(weights), []
        for lr, batch in zip(RATES, TASK.batches, strict=True):
            updates, state = rule.update(jax.grad(loss)(weights, batch), state, weights)
            weights = weights + updates - amount_of(id, by_hand, lr) * weights
            seen.append(np.asarray(weights))
    return np.stack(seen)


def amount_of(id: str, value: float, lr: float) -> float:
    """The lambda or the share that the record has for a value at a rate."""
    return SETTINGS[id].strength.of({"value": value, "lr": lr, "lr0": LR}) if value else 0.0


def named(case: Any) -> str | None:
    return getattr(case, "__name__", None)


@pytest.mark.parametrize(("id", "make"), CASES, ids=named)
def test_by_hand_as_the_record_says_the_steps_are_the_optimisers_own(id: str, make: Make) -> None:
    path = walk(id, make, typed=VALUE, by_hand=0.0)
    assert walk(id, make, typed=0.0, by_hand=VALUE) == pytest.approx(path, abs=1e-12)
    assert np.abs(walk(id, make, typed=0.0, by_hand=0.0) - path).max() > 1e-6


@pytest.mark.xdist_group("frameworks")  # one process: JAX takes seconds to start
@pytest.mark.parametrize("id", OPTAX)
def test_by_hand_as_the_record_says_the_steps_are_those_of_optax(id: str) -> None:
    path = walk_in_optax(id, typed=VALUE, by_hand=0.0)
    assert walk_in_optax(id, typed=0.0, by_hand=VALUE) == pytest.approx(path, abs=1e-12)
    assert np.abs(walk_in_optax(id, typed=0.0, by_hand=0.0) - path).max() > 1e-3


@pytest.mark.parametrize(("id", "make"), CASES, ids=named)
def test_between_a_penalty_and_a_share_there_is_no_number(id: str, make: Make) -> None:
    other = "book" if SETTINGS[id].where == "weights" else "keras-weight-decay"
    why = "With momentum" if SETTINGS[id].optimiser == "sgd" else "No one number makes the two"
    with pytest.raises(NoEquivalent, match=why):
        convert(VALUE, id, other, lr=LR, lr0=LR, momentum=0.9)


@pytest.mark.parametrize(("id", "make"), CASES, ids=named)
def test_what_applies_if_nothing_is_said_is_what_the_record_has(id: str, make: Make) -> None:
    if id == "torch-adamw":  # Adam's own default is that of its penalty
        return
    group = make([torch.zeros(1, requires_grad=True)], lr=LR).param_groups[0]
    assert float(SETTINGS[id].default) == group["weight_decay"]
