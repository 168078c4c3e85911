"""The data loss of a model and its gradient over many batches; the model stays as it is."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from l2scale.practice.batches import Data, batches
from l2scale.practice.losses import Loss, check_reduction, mean_loss, refuse_sum

SQUARE = 0.01
"""A gradient is square to its weights if the cosine between both is smaller: a first sign that the
loss does not feel their scale. In large tensors it is often so by chance, hence the second sign.
"""

FACTORS = (0.5, 2.0, 4.0)
SAME_LOSS = 0.01
"""The second sign: a tensor times each factor moves the loss by less than this share of what a
change of its sign does. One factor alone may do so by chance. The constant that normalisation adds
to a variance moves a loss by far less.
"""

_SEED = 0  # of dropout, where losses with changed weights are compared


@dataclass(frozen=True)
class DataPull:
    """What the data say about some tensors of a model.

    Attributes:
        loss: mean over all samples.
        gradients: of that mean, one for each tensor.
        scale_free: which tensors can be scaled without a change of the loss, as those before a
            normalisation layer can.
    """

    loss: float
    gradients: tuple[Tensor, ...]
    scale_free: tuple[bool, ...]


def data_pull(
    model: nn.Module, loss_fn: Loss, data: Data, tensors: Mapping[str, Tensor]
) -> DataPull:
    """Measure the loss and its gradient, batch by batch, in the mode that the model is in.

    Args:
        model: its weights, buffers, gradients and mode stay, and so do PyTorch's random numbers.
        loss_fn: a mean over the batch; batches are weighted by their samples.
        data: moved to the model's device.
        tensors: by their names, those to differentiate by.

    Raises:
        ValueError: for a loss that is no mean or not finite, for no data, or for a hook that would
            change the model.
        RuntimeError: where a batch does not fit into memory.
    """
    check_reduction(loss_fn)
    device = next(iter(tensors.values())).device
    parameters = list(tensors.values())
    sums = [torch.zeros_like(p, dtype=_wide(p)) for p in parameters]
    total, samples, first = 0.0, 0, None
    with _kept(model, device), _own_gradients(model), torch.enable_grad():
        for inputs, targets in batches(data):
            batch = inputs.to(device), targets.to(device)
            try:
                if first is None:
                    refuse_sum(model, loss_fn, *batch)
                loss = mean_loss(model, loss_fn, *batch)
                gradients = _backward(loss, model, parameters)
            except torch.OutOfMemoryError:
                raise RuntimeError(
                    f"out of memory on {device} with a batch of {len(targets)}: "
                    "give the data in smaller batches"
                ) from None
            first = first or batch
            total += len(targets) * loss.item()
            samples += len(targets)
            for gradient, running in zip(gradients, sums, strict=True):
                if gradient is not None:
                    running.add_(gradient, alpha=len(targets))
        if first is None:
            raise ValueError("data has no batch: give one pair (inputs, targets), or several")
        mean = tuple(running.div_(samples) for running in sums)
        free = _scale_free(model, loss_fn, first, tensors, mean)
    return DataPull(total / samples, mean, free)


def _backward(loss: Tensor, model: nn.Module, parameters: Sequence[Tensor]) -> list[Tensor | None]:
    """Gradients as training takes them; None for a tensor that the loss does not use.

    `torch.autograd.grad` misses those that hooks of `backward` bring: of sharded tensors, and from
    behind a re-entrant checkpoint.
    """
    loss.backward()
    found = [p.grad for p in parameters]
    model.zero_grad(set_to_none=True)
    return found


@contextmanager
def _own_gradients(model: nn.Module) -> Iterator[None]:
    """No gradients inside, and those of before outside.

    Raises:
        ValueError: for a hook on a gradient that is complete, which may take a step of training.
    """
    held = [(name, p, p.grad) for name, p in model.named_parameters()]
    hooked = [name for name, p, _ in held if getattr(p, "_post_accumulate_grad_hooks", None)]
    if hooked:
        raise ValueError(
            f"{hooked[0]} has a hook on its finished gradient, which may change the weights: "
            "remove it, as hook.remove(), while you diagnose"
        )
    for _, p, _ in held:
        p.grad = None
    try:
        yield
    finally:
        for _, p, gradient in held:
            p.grad = gradient


def _scale_free(
    model: nn.Module,
    loss_fn: Loss,
    batch: tuple[Tensor, Tensor],
    tensors: Mapping[str, Tensor],
    gradients: Sequence[Tensor],
) -> tuple[bool, ...]:
    """Whether a tensor has a gradient, square to it, and the loss stays at other scales."""

    def moved(name: str, factor: float) -> float:
        return abs(_seeded_loss(model, loss_fn, batch, {name: factor * tensors[name]}) - plain)

    def stays(name: str) -> bool:
        same = SAME_LOSS * moved(name, -1.0)
        return all(moved(name, by) < same for by in FACTORS)

    with torch.no_grad():
        plain = _seeded_loss(model, loss_fn, batch, {})
        return tuple(
            abs(cosine(gradient, tensors[name])) < SQUARE and stays(name)
            for name, gradient in zip(tensors, gradients, strict=True)
        )


def _seeded_loss(
    model: nn.Module, loss_fn: Loss, batch: tuple[Tensor, Tensor], changed: dict[str, Tensor]
) -> float:
    torch.manual_seed(_SEED)
    outputs = torch.func.functional_call(model, changed, (batch[0],))
    return float(loss_fn(outputs, batch[1]))


def cosine(one: Tensor, other: Tensor) -> float:
    """Cosine of the angle between two tensors, nan where one is 0; added up in double precision."""
    lengths = length(one) * length(other)
    product = float((one * other).sum(dtype=torch.float64))
    return product / lengths if lengths > 0 else math.nan


def length(tensor: Tensor) -> float:
    """Euclidean norm of all entries, added up in double precision."""
    single = tensor.to(_wide(tensor))
    return float(torch.linalg.vector_norm(single, dtype=torch.float64))


def _wide(tensor: Tensor) -> torch.dtype:
    """The precision to add gradients up in: single at least."""
    return torch.promote_types(tensor.dtype, torch.float32)


@contextmanager
def _kept(model: nn.Module, device: torch.device) -> Iterator[None]:
    """Put back PyTorch's random numbers, the model's buffers, and rows that max_norm cuts short."""
    modules: Iterator[Any] = model.modules()  # any of which may limit its rows
    held = [
        (module, name, tensor, tensor.detach().clone())
        for module in modules
        for name, tensor in (
            *module.named_buffers(recurse=False),
            *([("weight", module.weight)] if getattr(module, "max_norm", None) else []),
        )
    ]
    try:
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            yield
    finally:
        for module, name, tensor, values in held:
            # An expanded buffer cannot be written to, so it is as it was.
            if not torch.equal(tensor, values):
                with torch.no_grad():
                    tensor.copy_(values)
            setattr(module, name, tensor)
