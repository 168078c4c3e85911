"""Watches a running training: what decay does to each tensor, told at chosen steps.

It hooks into the optimiser's own step, so it serves a plain loop as well as a trainer that keeps
its loop to itself.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

Log = Callable[[str, float, int], Any]
"""What a number is told to: its name, the number, the step. TensorBoard's `add_scalar` is one."""


@contextmanager
def watch(model: nn.Module, optimiser: Optimizer, log: Log, *, every: int = 100) -> Iterator[None]:
    """Tell of each tensor with ``weight_decay`` at step 0 and each `every` steps, inside a block.

        with watch(model, optimiser, SummaryWriter().add_scalar, every=100):
            train(model, optimiser)

    For the tensor ``w`` with gradient ``g``, decay ``omega`` and rate ``eta`` of its group:

    - ``w/norm``: its length before the step;
    - ``w/force_ratio``: ``omega ||w|| / ||g||``, the decay's pull over the data's, which SGD and
      Adam add up. AdamW divides ``g`` and not the decay, so there it does not say which wins;
    - ``w/angle``: by how much the step turns it, radians;
    - ``w/forgotten``: ``eta omega`` added up over the steps so far, ``2 eta lam t`` at a steady
      rate. At 1 what decoupled decay, or SGD without momentum, has left of the start is 1/e.

    The gradient is the one that the step uses: clipped if it is clipped, and without the factor of
    a GradScaler. A step that this leaves out is not counted. Nothing of the training changes. What
    a telling costs is a few norms and a copy of the weights.

    Args:
        model: gives the tensors their names.
        optimiser: of it; its groups may change while it is watched.
        log: called with a name, a number and the step, from 0 on.
        every: steps from one telling to the next, 1 or more.

    Raises:
        ValueError: for another `every`, for what is no optimiser of PyTorch, and for that of
            another model.
    """
    if not isinstance(every, int) or isinstance(every, bool) or every < 1:
        raise ValueError(f"every is {every!r}: give a whole number of steps, 1 or more")
    if not isinstance(optimiser, Optimizer):
        raise ValueError(f"optimiser is {type(optimiser).__name__}: give one of torch.optim")
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    if not any(id(p) in names for group in optimiser.param_groups for p in group["params"]):
        raise ValueError(
            "the optimiser has no tensor of this model: give the model that it was made for"
        )
    forgotten: defaultdict[int, float] = defaultdict(float)  # by tensor
    before: dict[str, torch.Tensor] = {}
    steps = 0

    def decayed() -> Iterator[tuple[str, nn.Parameter, torch.Tensor, float, float]]:
        for group in optimiser.param_groups:
            omega, rate = float(group.get("weight_decay", 0.0)), float(group["lr"])
            for parameter in group["params"]:
                if omega and id(parameter) in names and parameter.grad is not None:
                    yield names[id(parameter)], parameter, parameter.grad, omega, rate

    @torch.no_grad()
    def look_before(*_: Any) -> None:
        if steps % every:
            return
        # A GradScaler leaves its factor to a fused optimiser, in this attribute.
        scale = float(getattr(optimiser, "grad_scale", None) or 1.0)
        for name, parameter, gradient, omega, _rate in decayed():
            before[name] = parameter.detach().clone()
            norm, pull = float(parameter.norm()), float(gradient.norm()) / scale
            log(f"{name}/norm", norm, steps)
            log(f"{name}/force_ratio", omega * norm / pull if pull else math.inf, steps)

    @torch.no_grad()
    def look_after(*_: Any) -> None:
        nonlocal steps
        if getattr(optimiser, "found_inf", None):  # and so does it say that there was no step
            return
        for name, parameter, _gradient, omega, rate in decayed():
            forgotten[id(parameter)] += rate * omega
            if name in before:
                log(f"{name}/angle", angle(before.pop(name), parameter), steps)
                log(f"{name}/forgotten", forgotten[id(parameter)], steps)
        steps += 1

    hooks = (
        optimiser.register_step_pre_hook(look_before),
        optimiser.register_step_post_hook(look_after),
    )
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def angle(a: torch.Tensor, b: torch.Tensor) -> float:
    """The angle between two tensors, radians; from their difference, as a cosine rounds it away."""
    apart = float((a / a.norm() - b / b.norm()).norm())
    return 2.0 * math.asin(min(1.0, apart / 2.0)) if math.isfinite(apart) else math.nan
