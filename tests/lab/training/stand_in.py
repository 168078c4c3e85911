"""A device that stands in for a GPU where there is none.

Torch's "meta" device knows where a tensor is and how large, computes no value, and runs the same
Python as a GPU. Fake tensors that say "cuda" would not do: a torch without CUDA can neither index
them nor take their gradients.
"""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

DEVICE = "meta"
_aten = torch.ops.aten
_MAKERS = {torch.tensor, torch.as_tensor, torch.asarray, torch.from_numpy, Tensor.new_tensor}
_READS = {torch.Tag.data_dependent_output, torch.Tag.dynamic_output_shape}


class Refused(Exception):
    """What a GPU does not do, or not without waiting."""


class Device(TorchDispatchMode):
    """Refuses an operation on tensors of two devices, but for copies; a value that is read is 0."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        kwargs = kwargs or {}
        places = places_of((args, kwargs))
        if len(places) > 1 and func is not _aten.copy_.default:
            raise Refused(f"{func} on {', '.join(sorted(places))}")
        if places == {DEVICE} and func is _aten._local_scalar_dense.default:
            return 0.0
        if _to_cpu(func, places, kwargs):
            return torch.zeros(args[0].shape, dtype=kwargs.get("dtype") or args[0].dtype)
        return func(*args, **kwargs)


class Unread(TorchDispatchMode):
    """Refuses to read a value of the device, for which the CPU would wait."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        kwargs = kwargs or {}
        places = places_of((args, kwargs))
        if DEVICE in places and (_reads(func, args) or _to_cpu(func, places, kwargs)):
            raise Refused(f"{func} reads a value")
        return func(*args, **kwargs)


class Recorded(Unread):
    """Refuses whatever is elsewhere, too: a repeated step would find it as it was."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        found = super().__torch_dispatch__(func, types, args, kwargs)
        if elsewhere := places_of((args, kwargs, found)) - {DEVICE}:
            raise Refused(f"{func} on {', '.join(elsewhere)}")
        return found


class Made(TorchFunctionMode):
    """Refuses a tensor of Python's or numpy's numbers: no operation of the stand-in makes it."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        if func in _MAKERS:
            raise Refused(f"{func} copies from the CPU")
        return func(*args, **(kwargs or {}))


def places_of(tree: Any) -> set[str]:
    """The devices of all tensors in it."""
    return {leaf.device.type for leaf in tree_leaves(tree) if isinstance(leaf, Tensor)}


def under(function: Callable[..., Any], *modes: type) -> Callable[..., Any]:
    """The function, called under the modes."""

    def called(*args: Any) -> Any:
        with ExitStack() as entered:
            for mode in modes:
                entered.enter_context(mode())
            return function(*args)

    return called


def _reads(func: Any, args: tuple) -> bool:
    """Whether its result, or the shape of it, needs a value; places by number do not, masks do."""
    if func is _aten.index.Tensor:
        return any(place is not None and place.dtype == torch.bool for place in args[1])
    return not _READS.isdisjoint(func.tags)


def _to_cpu(func: Any, places: set[str], kwargs: dict) -> bool:
    """Whether it copies from the device."""
    if func is _aten.copy_.default:
        return len(places) > 1
    device = kwargs.get("device")
    return (
        func is _aten._to_copy.default
        and DEVICE in places
        and device is not None
        and torch.device(device).type == "cpu"
    )
