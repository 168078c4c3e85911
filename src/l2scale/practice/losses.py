"""The loss of a model on a batch, which has to be a mean over samples."""

import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

Loss = Callable[[Tensor, Tensor], Tensor]
"""From a model's outputs and the targets to their mean loss, a single number."""

MEANS = ("mean", "batchmean")
"""Reductions of PyTorch's losses that are a mean over samples; `KLDivLoss` calls its own the
second."""


_PART = 4  # samples that are repeated
_SEEN, _SAME = 1e-4, 1e-2  # of the loss and of what a copy adds: above rounding, and within it


def check_reduction(loss_fn: Loss) -> None:
    """Refuse what is no loss, or says that it is no mean.

    Raises:
        ValueError: with what it is, or says.
    """
    if not callable(loss_fn):
        raise ValueError(
            f"loss_fn is {loss_fn!r}: give a function of outputs and targets, such as "
            "torch.nn.functional.mse_loss"
        )
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
        ValueError: for a loss that is none, or not finite, or one that broadcasts outputs and
            targets of two shapes.
    """
    outputs = model(inputs)
    loss = _unbroadcast(loss_fn, outputs, targets)
    if not torch.is_tensor(loss):
        raise ValueError(f"loss_fn gave {type(loss).__name__}: give a tensor, not its item()")
    if loss.numel() != 1 or loss.is_complex():
        raise ValueError(
            f"loss_fn gave {loss.dtype} of shape {tuple(loss.shape)}: give the mean over the "
            "batch, a real number"
        )
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
    return loss


def _unbroadcast(loss_fn: Loss, outputs: Tensor, targets: Tensor) -> Tensor:
    """The loss, if it compares each output with its own target.

    PyTorch's losses warn where they broadcast; a loss of the reader's own does not.
    """
    fault = ""
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="Using a target size")
        try:
            loss = loss_fn(outputs, targets)
        except UserWarning as warning:
            if "Using a target size" not in str(warning):
                raise
            fault = "the loss would broadcast them"
    if not fault and _may_mix(outputs, targets) and _mixes(loss_fn, outputs, targets):
        fault = "the loss would broadcast them, and compare every output with every target"
    if fault:
        raise ValueError(
            f"outputs have shape {tuple(outputs.shape)} and targets {tuple(targets.shape)}: "
            f"{fault}. Give both one shape, by reshape or squeeze"
        )
    return loss


def _may_mix(outputs: Tensor, targets: Tensor) -> bool:
    """Whether samples would meet other samples if these two were broadcast."""
    if not torch.is_tensor(outputs) or outputs.ndim == targets.ndim:
        return False
    try:
        both: torch.Size = torch.broadcast_shapes(outputs.shape, targets.shape)
    except RuntimeError:
        return False
    return math.prod(both) > min(outputs.numel(), targets.numel())


def _mixes(loss_fn: Loss, outputs: Tensor, targets: Tensor) -> bool:
    """Whether a loss is that of the broadcast pair, and not the mean over samples on their own.

    The outputs are drawn, for a model may give all samples the same.
    """
    drawn = torch.rand(outputs.shape, generator=torch.Generator().manual_seed(0))
    drawn = drawn.to(outputs.device, outputs.dtype)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = torch.as_tensor(loss_fn(drawn, targets))
        try:
            broadcast = torch.as_tensor(loss_fn(*torch.broadcast_tensors(drawn, targets)))
        except (IndexError, RuntimeError, TypeError, ValueError):
            return False  # a loss that takes shapes of its own, as cross-entropy takes classes
        alone = [loss_fn(drawn[i : i + 1], targets[i : i + 1]) for i in range(len(targets))]
    mean = torch.stack([torch.as_tensor(loss) for loss in alone]).mean()
    return torch.allclose(broadcast, whole, rtol=1e-4) and not torch.allclose(mean, whole, 1e-4)


def refuse_sum(model: nn.Module, loss_fn: Loss, inputs: Tensor, targets: Tensor) -> None:
    """Refuse a loss that grows with the samples of a batch, whatever shape the outputs have.

    A part of the batch is repeated: a mean stays, and each repetition adds as much to a sum, even
    beside a term that stays. It is seen in evaluation mode, where samples do not meet each other
    and nothing is random. Where a model takes no such batch, nothing is told.

    Raises:
        ValueError: for a sum.
    """
    samples = len(inputs) if inputs.ndim else 1
    if len(targets) % samples:
        return  # not so many targets for each sample, as the words of a text are for one
    part = inputs[:_PART], targets[: _PART * len(targets) // samples]
    with _evaluating(model), torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            once, twice, thrice = (
                float(loss_fn(model(torch.cat([part[0]] * n)), torch.cat([part[1]] * n)))
                for n in (1, 2, 3)
            )
        except (AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError):
            return  # of another form in evaluation mode, or for one size of batch: cannot be told
    added, again = twice - once, thrice - twice
    if abs(added) > _SEEN * abs(once) and abs(added - again) < _SAME * abs(added):
        raise ValueError(
            "loss_fn grows by as much with each copy of the samples: it is a sum, and lam is the "
            "strength beside a mean. Divide it by the samples"
        )


@contextmanager
def _evaluating(model: nn.Module) -> Iterator[None]:
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode
