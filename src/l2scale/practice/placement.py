"""Where each tensor of a PyTorch model stands: which matrices it holds, and what they start from.

`l2scale.practice.layouts` says which those are for each kind of module.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from types import MappingProxyType

import torch
from torch import nn

from l2scale.practice.checks import BIASES_AND_NORMS, check_names, check_patterns, check_weight, few
from l2scale.practice.layouts import REPARAMETRISED, glorot, layout, stated
from l2scale.theory.penalties import Shape

NORMS = (
    nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm, nn.LayerNorm, nn.GroupNorm,
    nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d, nn.RMSNorm,
)  # fmt: skip
"""Modules that normalise. Those of libraries are known by their weights alone, as vectors."""


@dataclass(frozen=True, eq=False)
class Placed:
    """A tensor that carries the penalty.

    Attributes:
        name: of the parameter in the model.
        parameter: the tensor itself.
        kind: "linear", "convolution", "embedding", "attention", "recurrent", "matrix", "bias" or
            "norm".
        matrices: ``(fan_out, fan_in)`` of the equal matrices that it stacks; none for a vector, and
            where they are unknown.
        start_variance: of a weight under the module's own initialisation; nan for a vector, and
            where it is unknown.
    """

    name: str
    parameter: torch.Tensor
    kind: str
    matrices: tuple[Shape, ...]
    start_variance: float


def place(
    model: nn.Module,
    exclude: Sequence[str] = BIASES_AND_NORMS,
    fans: Mapping[str, tuple[int, int]] = MappingProxyType({}),
) -> tuple[Placed, ...]:
    """The trainable tensors of the model that carry the penalty, each once, in the model's order.

    A tensor that modules of two kinds share has the place of the first and an unknown start: which
    of them drew it cannot be seen.

    Args:
        model: its parameters with ``requires_grad`` False are left out.
        exclude: what carries no penalty: the words "biases" and "norms", and names of parameters
            or patterns of them, such as ``"*.pos_embed"``.
        fans: ``(fan_in, fan_out)`` of the matrices in tensors by their names or patterns of them,
            such as ``{"*.experts.*": (512, 2048)}``; a tensor holds as many as it has room for.

    Raises:
        ValueError: for what is no model, a pattern that matches nothing, names that cannot be
            printed, fans that do not fit, tensors whose penalty would be on something else or that
            `check_weight` refuses, or where nothing is left.
    """
    if not isinstance(model, nn.Module):
        raise ValueError(f"model is {type(model).__name__}: give a torch nn.Module")
    names: dict[nn.Parameter, list[str]] = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        if parameter.requires_grad:
            names.setdefault(parameter, []).append(name)
    if not names:
        count = len(list(model.parameters()))
        raise ValueError(
            f"nothing can be trained: all {count} parameters have requires_grad False"
            if count
            else "the model has no parameters"
        )
    every = [name for group in names.values() for name in group]
    check_names(every)
    patterns = check_patterns(exclude, every)
    check_patterns([*fans], every, "fans")
    placed, hidden = [], []
    for parameter, own in names.items():
        if any(fnmatchcase(name, pattern) for name in own for pattern in patterns):
            continue
        if not isinstance(parameter, nn.parameter.UninitializedParameter):
            check_weight(own[0], parameter)
        found = place_one(model, own[0], parameter)
        if found is None:
            hidden.append(own[0])
            continue
        given = [pair for each, pair in fans.items() if any(fnmatchcase(n, each) for n in own)]
        if given:
            kind = found.kind if found.matrices else "matrix"
            found = replace(found, kind=kind, matrices=stated(own[0], parameter, given[0]))
        if {"bias": "biases", "norm": "norms"}.get(found.kind) not in exclude:
            others = [place_one(model, name, parameter) for name in own[1:]]
            if any(other is None or other.kind != found.kind for other in others):
                found = replace(found, start_variance=math.nan)
            placed.append(found)
    if hidden:
        raise ValueError(
            f"{few(hidden)}: no plain real weight, or a part of one. Run a lazy "
            "model once, take weight_norm and the like off with "
            "torch.nn.utils.parametrize.remove_parametrizations, or leave such tensors without a "
            f"penalty: exclude=(*BIASES_AND_NORMS, *{hidden!r})"
        )
    if not placed:
        raise ValueError(f"the model has no trainable weights left with exclude={tuple(exclude)!r}")
    return tuple(placed)


def place_one(model: nn.Module, name: str, parameter: nn.Parameter) -> Placed | None:
    """Place one tensor; None where its squares are no penalty on a weight."""
    path, _, local = name.rpartition(".")
    owners = list(_owners(model, path))
    module = owners[-1]
    if isinstance(parameter, nn.parameter.UninitializedParameter) or parameter.is_complex():
        return None
    if isinstance(module, NORMS) and local == "weight":
        return Placed(name, parameter, "norm", (), math.nan)
    if "bias" in local.split("_"):
        return Placed(name, parameter, "bias", (), math.nan)
    if REPARAMETRISED.search(name):
        return None
    found = layout(module, local, parameter)
    if found is None:
        # A vector scales or shifts, as the weights of any library's own normalisation do.
        vector = sum(size > 1 for size in parameter.shape) <= 1
        return Placed(name, parameter, "norm" if vector else "matrix", (), math.nan)
    kind, matrices, start = found
    if any(isinstance(owner, nn.Transformer) for owner in owners):
        start = glorot(parameter)  # it draws the weights of all its layers anew
    return Placed(name, parameter, kind, matrices, start)


def _owners(model: nn.Module, path: str) -> Iterator[nn.Module]:
    """The model and the modules on the path to a parameter, outermost first."""
    yield model
    for part in filter(None, path.split(".")):
        model = getattr(model, part)
        yield model
