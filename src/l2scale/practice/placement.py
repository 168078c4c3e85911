"""Where each tensor of a PyTorch model stands: which matrices it holds, and what they start from.

A coefficient depends on the fans of a matrix, not on how a library stores it. So a tensor counts
as the equal matrices that it stacks, each ``(fan_out, fan_in)``, and no weight is counted twice:

===================  =========================================  ==============================
module               matrices                                   variance at its own start
===================  =========================================  ==============================
Linear               1 of (out, in)                             1/(3 in)
Conv                 groups of (out/groups, in/groups * k)      1/(3 in/groups * k)
ConvTranspose        groups of (out/groups * k, in/groups)      1/(3 out/groups * k)
Embedding            1 of (dim, rows): a one-hot input          1
MultiheadAttention   3 of (dim, dim), or 1 for each of q, k, v  Glorot's, of the whole tensor
RNN, LSTM, GRU       1, 4 or 3 gates of (hidden, in)            1/(3 hidden)
Conv1D               1 of (out, in), stored as (in, out)        unknown
===================  =========================================  ==============================

A Linear that fuses queries, keys and values counts as one, as nothing tells, unless `fans` does.
Conv1D is that of transformers. Any other tensor with more than one axis is a matrix whose fans are
unknown, unless `fans` states them: "sum" and "mean" need none. One with a single axis is a vector,
such as a token or a factor on a layer, and counts with the weights of normalisation layers.

Here k is the positions of a kernel. A convolution multiplies each patch by its matrix, whose size
is the number of weights; its fan_in is that of ``torch.nn.init``, which counts fan_out k times. So
a convolution from Glorot's start has ``(n_out + k n_in)/(k (n_in + n_out))`` times the 2 that "fan"
gives a linear layer, and attention's fused tensor 1 for each matrix. "sum" and "mean" do not depend
on this choice.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from types import MappingProxyType

import torch
from torch import nn

from l2scale.practice.checks import BIASES_AND_NORMS, check_names, check_patterns, check_weight
from l2scale.theory.initialisation import variance
from l2scale.theory.penalties import Shape

_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
_TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
_RECURRENT = (nn.RNNBase, nn.RNNCellBase)
RECURRENT_WEIGHT = re.compile(r"weight_(ih|hh|hr)(_l\d+)?(_reverse)?")
"""Last part of the name of a recurrent layer's weight."""
REPARAMETRISED = re.compile(r"(^|\.)parametrizations\.|weight\w*_(g|v|orig)$")
"""Name of a part of which a weight is made, by weight_norm and the like."""

_NORMS = (
    nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm, nn.LayerNorm, nn.GroupNorm,
    nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d, nn.RMSNorm,
)  # fmt: skip


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
        found = _placed(model, own[0], parameter)
        given = [pair for each, pair in fans.items() if any(fnmatchcase(n, each) for n in own)]
        if found is None:
            hidden.append(own[0])
            continue
        if given:
            found = replace(found, kind="matrix", matrices=_stated(own[0], parameter, given[0]))
        if {"bias": "biases", "norm": "norms"}.get(found.kind) not in exclude:
            others = [_placed(model, name, parameter) for name in own[1:]]
            if any(other is None or other.kind != found.kind for other in others):
                found = replace(found, start_variance=math.nan)
            placed.append(found)
    if hidden:
        more = f" and {len(hidden) - 3} more" if len(hidden) > 3 else ""
        raise ValueError(
            f"{', '.join(hidden[:3])}{more}: no plain real weight, or a part of one. Run a lazy "
            "model once, take weight_norm and the like off with "
            "torch.nn.utils.parametrize.remove_parametrizations, or leave such tensors without a "
            f"penalty: exclude=(*BIASES_AND_NORMS, *{hidden!r})"
        )
    if not placed:
        raise ValueError(f"the model has no trainable weights left with exclude={tuple(exclude)!r}")
    return tuple(placed)


def _stated(name: str, weight: torch.Tensor, fans: tuple[int, int]) -> tuple[Shape, ...]:
    """The matrices ``(fan_out, fan_in)`` in a tensor whose fans the caller states."""
    pair = isinstance(fans, tuple) and len(fans) == 2
    if not (pair and all(isinstance(fan, int) and fan > 0 for fan in fans)):
        raise ValueError(f"fans of {name} are {fans!r}: give (fan_in, fan_out), as in (512, 2048)")
    count, rest = divmod(weight.numel(), math.prod(fans))
    if rest or not count:
        raise ValueError(
            f"fans of {name} are {fans}, and its shape {tuple(weight.shape)} holds no whole number "
            "of such matrices"
        )
    return ((fans[1], fans[0]),) * count


def init_fans(shape: Sequence[int]) -> Shape:
    """``(fan_out, fan_in)`` of a weight tensor as ``torch.nn.init`` reads them."""
    kernel = math.prod(shape[2:])
    return shape[0] * kernel, shape[1] * kernel


def _placed(model: nn.Module, name: str, parameter: nn.Parameter) -> Placed | None:
    """Place one tensor; None where its squares are no penalty on a weight."""
    path, _, local = name.rpartition(".")
    owners = list(_owners(model, path))
    module = owners[-1]
    if isinstance(parameter, nn.parameter.UninitializedParameter) or parameter.is_complex():
        return None
    if isinstance(module, _NORMS) and local == "weight":
        return Placed(name, parameter, "norm", (), math.nan)
    if "bias" in local.split("_"):
        return Placed(name, parameter, "bias", (), math.nan)
    if REPARAMETRISED.search(name):
        return None
    found = _layout(module, local, parameter)
    if found is None:
        # A vector scales or shifts, as the weights of any library's own normalisation do.
        vector = sum(size > 1 for size in parameter.shape) <= 1
        return Placed(name, parameter, "norm" if vector else "matrix", (), math.nan)
    kind, matrices, start = found
    if any(isinstance(owner, nn.Transformer) for owner in owners):
        start = _glorot(parameter)  # it draws the weights of all its layers anew
    return Placed(name, parameter, kind, matrices, start)


def _owners(model: nn.Module, path: str) -> Iterator[nn.Module]:
    """The model and the modules on the path to a parameter, outermost first."""
    yield model
    for part in filter(None, path.split(".")):
        model = getattr(model, part)
        yield model


def _layout(
    module: nn.Module, local: str, weight: torch.Tensor
) -> tuple[str, tuple[Shape, ...], float] | None:
    """Kind, matrices and variance at the start of a module's weight, if they are known."""
    if isinstance(module, nn.MultiheadAttention) and local.endswith("proj_weight"):
        stacked = 3 if local == "in_proj_weight" else 1
        return "attention", stack(local, weight, stacked), _glorot(weight)
    if isinstance(module, _RECURRENT) and RECURRENT_WEIGHT.fullmatch(local):
        hidden = module.hidden_size
        gates = weight.shape[0] // hidden if local.startswith(("weight_ih", "weight_hh")) else 1
        return "recurrent", stack(local, weight, gates), variance("pytorch", hidden, 1)
    if local != "weight":
        return None
    if type(module).__name__ == "Conv1D" and hasattr(module, "nf"):  # of transformers
        return "linear", ((weight.shape[1], weight.shape[0]),), math.nan
    own = 1.0 / (3.0 * math.prod(weight.shape[1:]))
    if isinstance(module, nn.Linear):
        return "linear", stack(local, weight, 1), own
    if isinstance(module, _CONVOLUTIONS):
        return "convolution", stack(local, weight, module.groups), own
    if isinstance(module, _TRANSPOSED):
        fan_out, fan_in = math.prod(weight.shape[1:]), weight.shape[0] // module.groups
        return "convolution", ((fan_out, fan_in),) * module.groups, own
    if isinstance(module, nn.Embedding | nn.EmbeddingBag):
        rows, dim = weight.shape
        # A padding row starts at 0 and stays there.
        share = 1 - (module.padding_idx is not None) / rows
        return "embedding", ((dim, rows),), variance("normal", rows, dim) * share
    return None


def stack(name: str, weight: torch.Tensor, count: int) -> tuple[Shape, ...]:
    """A weight tensor, outputs first, as a number of equal matrices ``(fan_out, fan_in)``.

    Raises:
        ValueError: if its rows cannot be shared out so.
    """
    rows = weight.shape[0]
    if count < 1 or rows % count:
        raise ValueError(
            f"{name} has shape {tuple(weight.shape)}, and its name says {count} equal matrices: "
            "give it another name, or exclude it"
        )
    return ((rows // count, math.prod(weight.shape[1:])),) * count


def _glorot(weight: torch.Tensor) -> float:
    fan_out, fan_in = init_fans(weight.shape)
    return variance("glorot", fan_in, fan_out)
