"""Losses of R networks at once: outputs (R, k, B), targets (R, m, B), averages over the batch.

multiclass: softmax cross-entropy in nats, m = 1 holds the class; one_vs_rest: cross-entropy in nats
of k logits, summed over them, m = 1 holds the class whose answer is yes; binary: cross-entropy of
one logit in nats, m = k = 1 holds 0 or 1; regression: squared error summed over outputs, without
1/2.
"""

import torch
from torch import Tensor
from torch.nn import functional

TASKS = ("multiclass", "one_vs_rest", "binary", "regression")
CLASSES = ("multiclass", "one_vs_rest")


def task_of(task: str, outputs: str) -> str:
    """The loss of a data set's task under a run's `outputs`.

    Raises:
        ValueError: for sigmoid outputs where there are no classes to ask after.
    """
    if outputs == "softmax":
        return task
    if task != "multiclass":
        raise ValueError(f"outputs {outputs!r} are for three or more classes, and this is {task}")
    return "one_vs_rest"


def gradient(task: str, outputs: Tensor, targets: Tensor) -> Tensor:
    """Gradient of the mean loss with respect to the outputs, (R, k, B), written into `outputs`."""
    batch = outputs.shape[2]
    if task == "multiclass":
        torch.softmax(outputs, dim=1, out=outputs)
        outputs.scatter_add_(1, targets, outputs.new_full((1, 1, 1), -1.0).expand_as(targets))
        return outputs.mul_(1 / batch)
    if task == "one_vs_rest":
        return outputs.sigmoid_().sub_(_one_hot(outputs, targets)).mul_(1 / batch)
    if task == "binary":
        return outputs.sigmoid_().sub_(targets).mul_(1 / batch)
    return outputs.sub_(targets).mul_(2 / batch)


def mean_loss(task: str, outputs: Tensor, targets: Tensor) -> Tensor:
    """Mean loss of every network, (R,)."""
    if task == "multiclass":
        log_p = functional.log_softmax(outputs, dim=1)
        return -log_p.gather(1, targets).mean(dim=(1, 2))
    if task == "one_vs_rest":
        targets = _one_hot(outputs, targets)
    if task in ("one_vs_rest", "binary"):
        loss = functional.binary_cross_entropy_with_logits(outputs, targets, reduction="none")
        return loss.sum(dim=1).mean(dim=1)
    return (outputs - targets).square().sum(dim=1).mean(dim=1)


def noisy_loss(
    task: str, outputs: Tensor, targets: Tensor, loss: Tensor, label_noise: Tensor
) -> Tensor:
    """Mean loss, (R,), expected if these targets had label noise, as `datasets.load` describes it.

    Args:
        task: a name in TASKS.
        outputs: (R, k, B).
        targets: without noise, (R, m, B).
        loss: their mean loss, (R,).
        label_noise: of each network, (R,): the share of labels moved, each to any other class, or
            the standard deviation of what is added.
    """
    if task == "regression":
        return loss + label_noise**2 * outputs.shape[1]
    if task == "binary":
        others = mean_loss(task, outputs, 1 - targets)
    else:
        # The loss of a class is something common to all, less its output.
        own = outputs.gather(1, targets).mean(dim=(1, 2))
        rest = (outputs.sum(dim=1).mean(dim=1) - own) / (outputs.shape[1] - 1)
        others = loss + own - rest
    return loss + label_noise * (others - loss)


def evaluate(task: str, outputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Mean loss and error of every network, both (R,).

    The error is the misclassified share, in float64 so that equal counts are equal shares, or for
    regression the share of the targets' variance that is left unexplained.
    """
    loss = mean_loss(task, outputs, targets)
    if task in CLASSES:
        error = (outputs.argmax(dim=1, keepdim=True) != targets).double().mean(dim=(1, 2))
    elif task == "binary":
        error = ((outputs > 0) != (targets > 0.5)).double().mean(dim=(1, 2))
    else:
        centred = targets - targets.mean(dim=2, keepdim=True)
        error = loss / centred.square().sum(dim=1).mean(dim=1)
    return loss, error


def _one_hot(outputs: Tensor, classes: Tensor) -> Tensor:
    """1 at each sample's class and 0 at the others, as the outputs (R, k, B)."""
    return torch.zeros_like(outputs).scatter_(1, classes, 1.0)
