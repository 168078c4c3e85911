"""Losses of R networks at once: outputs (R, k, B), targets (R, m, B), averages over the batch.

multiclass: softmax cross-entropy in nats, m = 1 holds the class; binary: cross-entropy of one
logit in nats, m = k = 1 holds 0 or 1; regression: squared error summed over outputs, without 1/2.
"""

import torch
from torch import Tensor
from torch.nn import functional

TASKS = ("multiclass", "binary", "regression")


def gradient(task: str, outputs: Tensor, targets: Tensor) -> Tensor:
    """Gradient of the mean loss with respect to the outputs, (R, k, B), written into `outputs`."""
    batch = outputs.shape[2]
    if task == "multiclass":
        torch.softmax(outputs, dim=1, out=outputs)
        outputs.scatter_add_(1, targets, outputs.new_full((1, 1, 1), -1.0).expand_as(targets))
        return outputs.mul_(1 / batch)
    if task == "binary":
        return outputs.sigmoid_().sub_(targets).mul_(1 / batch)
    return outputs.sub_(targets).mul_(2 / batch)


def mean_loss(task: str, outputs: Tensor, targets: Tensor) -> Tensor:
    """Mean loss of every network, (R,)."""
    if task == "multiclass":
        log_p = functional.log_softmax(outputs, dim=1)
        return -log_p.gather(1, targets).mean(dim=(1, 2))
    if task == "binary":
        loss = functional.binary_cross_entropy_with_logits(outputs, targets, reduction="none")
        return loss.mean(dim=(1, 2))
    return (outputs - targets).square().sum(dim=1).mean(dim=1)


def evaluate(task: str, outputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Mean loss and error of every network, both (R,).

    The error is the misclassified share, in float64 so that equal counts are equal shares, or for
    regression the share of the targets' variance that is left unexplained.
    """
    loss = mean_loss(task, outputs, targets)
    if task == "multiclass":
        error = (outputs.argmax(dim=1, keepdim=True) != targets).double().mean(dim=(1, 2))
    elif task == "binary":
        error = ((outputs > 0) != (targets > 0.5)).double().mean(dim=(1, 2))
    else:
        centred = targets - targets.mean(dim=2, keepdim=True)
        error = loss / centred.square().sum(dim=1).mean(dim=1)
    return loss, error
