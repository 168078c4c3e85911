"""The loss of a model on a batch, which has to be a mean over samples."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

Loss = Callable[[Tensor, Tensor], Tensor]
"""From a model's outputs and the targets to their mean loss, a single number."""

MEANS = ("mean", "batchmean")
"""Reductions of PyTorch's losses that are a mean over samples; `KLDivLoss` calls its own the
second."""


def check_reduction(loss_fn: Loss) -> None:
    """Refuse a loss that says it is no mean.

    Raises:
        ValueError: with what it says.
    """
    given = getattr(loss_fn, "keywords", {}).get("reduction", "mean")  # of functools.partial
    reduction = getattr(loss_fn, "reduction", given)
    if reduction not in MEANS:
        raise ValueError(
            f"loss_fn has reduction={reduction!r}, and lam is the strength beside a mean: "
            'give the same loss with reduction="mean"'
        )


def mean_loss(model: nn.Module, loss_fn: Loss, inputs: Tensor, targets: Tensor) -> Tensor:
    """The loss on a batch, a single number that can be differentiated.

    Raises:
        ValueError: for a loss that is none, or not finite, or a sum over samples.
    """
    outputs = model(inputs)
    loss = loss_fn(outputs, targets)
    if not torch.is_tensor(loss):
        raise ValueError(f"loss_fn gave {type(loss).__name__}: give a tensor, not its item()")
    if loss.numel() != 1:
        raise ValueError(f"loss_fn gave shape {tuple(loss.shape)}: give the mean over the batch")
    if not math.isfinite(loss.item()):
        raise ValueError(
            f"the loss is {loss.item()} on a batch of {len(targets)}: the model has diverged, or "
            "the data hold such values. Nothing can be said about a penalty before that is mended"
        )
    if not loss.requires_grad:
        raise ValueError(
            "the loss has no gradient: is the model's output detached, or is this called in "
            "torch.inference_mode?"
        )
    if torch.is_tensor(outputs) and outputs.shape[:1] == targets.shape[:1]:
        _refuse_sum(loss_fn, outputs.detach()[:4], targets[:4])
    return loss


def _refuse_sum(loss_fn: Loss, outputs: Tensor, targets: Tensor) -> None:
    once = float(loss_fn(outputs, targets))
    twice = float(loss_fn(torch.cat([outputs, outputs]), torch.cat([targets, targets])))
    if abs(twice - 2 * once) < 1e-3 * abs(once):
        raise ValueError(
            "loss_fn doubles where samples are doubled: it is a sum, and lam is the strength "
            "beside a mean"
        )
