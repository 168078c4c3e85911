"""What the weights in a file tell without their model: shapes by name, and a start to compare with.

Names of PyTorch's own modules are read: ``in_proj_weight`` of attention, ``weight_ih`` and
``weight_hh`` of recurrent layers. Groups of a convolution cannot be seen and count as one. A start
stays unknown where names do not tell it: a matrix may be an embedding or a linear layer, a tensor
may be shared, and `torch.nn.Transformer` draws the weights of its linear layers anew.
"""

import math
import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

import torch
from torch import Tensor

from l2scale.practice.checks import check_patterns, check_weight
from l2scale.practice.layouts import RECURRENT_WEIGHT, REPARAMETRISED, init_fans, stack
from l2scale.practice.placement import Placed
from l2scale.theory.initialisation import variance

_TABLE = re.compile("emb|pos|tok|wte|wpe|member")  # in the name of an embedding, and of others
_GATES = (1, 3, 4)  # of an RNN, a GRU and an LSTM
_HALF = re.compile(r"(.*\.)?(encoder|decoder)\.layers\.")


def place_state(state: Mapping[str, Tensor], exclude: Sequence[str] = ()) -> tuple[Placed, ...]:
    """The weights of two or more dimensions in a state dict, by their names, each tensor once.

    Args:
        state: tensors by name; vectors, weights with a bias of their own shape as normalisation
            has them, and what is not called a weight are left out.
        exclude: names or patterns of them, besides.

    Raises:
        ValueError: for a pattern that matches nothing, for reparametrised weights and those that
            `check_weight` refuses, for shapes that a name does not fit, or where nothing is left.
    """
    patterns = check_patterns(exclude, list(state))
    kept = {
        name: tensor
        for name, tensor in state.items()
        if not any(fnmatchcase(name, pattern) for pattern in patterns)
    }
    hidden = [name for name in kept if REPARAMETRISED.search(name)]
    if hidden:
        raise ValueError(
            f"{hidden[0]} is part of a reparametrised weight (weight_norm and the like): the "
            "penalised weight is not in the file. Take that off before you save, with "
            "torch.nn.utils.parametrize.remove_parametrizations, or exclude it"
        )
    shared: dict[tuple[object, ...], list[str]] = {}
    for name, tensor in kept.items():
        if _is_weight(name, tensor, state):
            check_weight(name, tensor)
            shared.setdefault(_memory(tensor), []).append(name)
    placed = tuple(_placed(names, kept[names[0]], state) for names in shared.values())
    if not placed:
        held = [f"{name} {tuple(t.shape)} of {t.dtype}" for name, t in [*kept.items()][:3]]
        raise ValueError(
            "there is no real tensor of two dimensions or more with weight in its name"
            + (f" left with exclude {', '.join(patterns)}" if patterns else "")
            + f": there is {', '.join(held) or 'none'}"
        )
    return placed


def left_out(state: Mapping[str, Tensor], placed: Sequence[Placed]) -> list[str]:
    """Names of the tensors of two dimensions or more in a state dict that are not placed."""
    found = {_memory(tensor.parameter) for tensor in placed}
    return [
        name for name, tensor in state.items() if tensor.ndim >= 2 and _memory(tensor) not in found
    ]


def _is_weight(name: str, tensor: Tensor, state: Mapping[str, Tensor]) -> bool:
    path, dot, local = name.rpartition(".")
    bias = state.get(f"{path}{dot}bias")
    of_norm = local == "weight" and bias is not None and bias.shape == tensor.shape
    real = tensor.is_floating_point() or tensor.is_quantized
    return tensor.ndim >= 2 and real and "weight" in local and not of_norm


def _memory(tensor: Tensor) -> tuple[object, ...]:
    """Where a tensor lies: that of tied weights is the same."""
    if tensor.layout != torch.strided:
        return (id(tensor),)
    place = tensor.untyped_storage().data_ptr(), tensor.storage_offset()
    return *place, tuple(tensor.shape), tensor.stride()


def _placed(names: list[str], weight: Tensor, state: Mapping[str, Tensor]) -> Placed:
    name = names[0]
    local = name.rpartition(".")[2]
    fan_out, fan_in = init_fans(weight.shape)
    if local.endswith("proj_weight"):
        stacked = 3 if local == "in_proj_weight" else 1
        start = variance("glorot", fan_in, fan_out)
        return Placed(name, weight, "attention", stack(name, weight, stacked), start)
    if RECURRENT_WEIGHT.fullmatch(local):
        hidden = _hidden(name, state)
        gates = 1 if local.startswith("weight_hr") else weight.shape[0] / hidden
        if gates not in _GATES:
            raise ValueError(
                f"{name} has {weight.shape[0]} rows for {hidden} units, and the layers of PyTorch "
                f"have {', '.join(map(str, _GATES))} for each: exclude it"
            )
        start = variance("pytorch", hidden, 1)
        return Placed(name, weight, "recurrent", stack(name, weight, int(gates)), start)
    start = variance("pytorch", fan_in, fan_out)
    if len(names) > 1 or _redrawn(name, state):
        start = math.nan
    if weight.ndim > 2:
        return Placed(name, weight, "convolution", stack(name, weight, 1), start)
    if any(_TABLE.search(each) for each in names):
        # The coefficients are the same for both: fans enter each of them alike.
        return Placed(name, weight, "linear or embedding", stack(name, weight, 1), math.nan)
    return Placed(name, weight, "linear", stack(name, weight, 1), start)


def _redrawn(name: str, state: Mapping[str, Tensor]) -> bool:
    """Whether a name may be of a `torch.nn.Transformer`, which has an encoder and a decoder."""
    found = _HALF.match(name)
    return found is not None and all(
        any(other.startswith(f"{found[1] or ''}{half}.layers.") for other in state)
        for half in ("encoder", "decoder")
    )


def _hidden(name: str, state: Mapping[str, Tensor]) -> int:
    """Units of a recurrent layer: inputs of its projection, or of its recurrent weights."""
    for inner in ("weight_hr", "weight_hh"):
        other = state.get(_renamed(name, inner))
        if other is not None and other.ndim == 2 and other.shape[1]:
            return other.shape[1]
    raise ValueError(f"{name} has no matrix weight_hh beside it: exclude it")


def _renamed(name: str, inner: str) -> str:
    path, dot, local = name.rpartition(".")
    return f"{path}{dot}{inner}{local.removeprefix('weight_')[2:]}"
