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
from pathlib import Path
from pickle import UnpicklingError

import torch
from torch import Tensor

from l2scale.practice.placement import (
    BIASES_AND_NORMS,
    RECURRENT_WEIGHT,
    Placed,
    init_fans,
    stack,
)
from l2scale.theory.initialisation import variance

WRAPPERS = ("state_dict", "model_state_dict", "model")
"""Keys under which a checkpoint may hold its state dict."""

_TABLE = re.compile("emb|pos|tok|wte|wpe|member")  # in the name of an embedding, and of others
_HALF = re.compile(r"(.*\.)?(encoder|decoder)\.layers\.")
_REPARAMETRISED = re.compile(r"(^|\.)parametrizations\.|weight\w*_(g|v|orig)$")


def load_state(path: Path) -> dict[str, Tensor]:
    """Read the weights of a state dict, or of a checkpoint that holds one.

    Raises:
        ValueError: if there is no such file, or it holds anything else.
    """
    held = load_tensors(path, "Save the weights alone: torch.save(model.state_dict(), PATH)")
    for key in WRAPPERS:
        if isinstance(held, Mapping) and isinstance(held.get(key), Mapping):
            held = held[key]
    if not (isinstance(held, Mapping) and held and all(map(torch.is_tensor, held.values()))):
        raise ValueError(
            f"{path} holds no state dict, alone or under {', '.join(WRAPPERS)}: save one with "
            "torch.save(model.state_dict(), PATH)"
        )
    return dict(held)


def load_tensors(path: Path, way_out: str) -> object:
    """Read a file of `torch.save` without running code that it may hold.

    Raises:
        ValueError: if it cannot be read so; the message ends with the way out.
    """
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
    except UnpicklingError as error:
        raise ValueError(f"{path} holds more than tensors, and is not opened. {way_out}") from error


def place_state(state: Mapping[str, Tensor], exclude: Sequence[str] = ()) -> tuple[Placed, ...]:
    """The weights of two or more dimensions in a state dict, by their names, each tensor once.

    Args:
        state: tensors by name; vectors, weights with a bias of their own shape as normalisation
            has them, and what is not called a weight are left out.
        exclude: names or patterns of them, besides.

    Raises:
        ValueError: for a pattern that matches nothing, for reparametrised weights, or where
            nothing is left.
    """
    patterns = [pattern for pattern in exclude if pattern not in BIASES_AND_NORMS]
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in state):
            raise ValueError(f"exclude: {pattern!r} matches none of {', '.join([*state][:5])}, ...")
    kept = {
        name: tensor
        for name, tensor in state.items()
        if not any(fnmatchcase(name, pattern) for pattern in patterns)
    }
    hidden = [name for name in kept if _REPARAMETRISED.search(name)]
    if hidden:
        raise ValueError(
            f"{hidden[0]} is part of a reparametrised weight (weight_norm and the like): the "
            "penalised weight is not in the file. Take that off before you save, with "
            "torch.nn.utils.parametrize.remove_parametrizations, or exclude it"
        )
    shared: dict[tuple, list[str]] = {}
    for name, tensor in kept.items():
        if _is_weight(name, tensor, state):
            shared.setdefault(_memory(tensor), []).append(name)
    placed = tuple(_placed(names, kept[names[0]], state) for names in shared.values())
    if not placed:
        raise ValueError(
            "there is no tensor of two dimensions or more with weight in its name"
            + (f" left with exclude {', '.join(patterns)}" if patterns else "")
        )
    return placed


def left_out(state: Mapping[str, Tensor], placed: Sequence[Placed]) -> list[str]:
    """Names of the tensors of two dimensions or more in a state dict that are not placed."""
    found = {_memory(tensor.parameter) for tensor in placed}
    return [
        name
        for name, tensor in state.items()
        if tensor.ndim >= 2 and tensor.is_floating_point() and _memory(tensor) not in found
    ]


def _is_weight(name: str, tensor: Tensor, state: Mapping[str, Tensor]) -> bool:
    path, dot, local = name.rpartition(".")
    bias = state.get(f"{path}{dot}bias")
    of_norm = local == "weight" and bias is not None and bias.shape == tensor.shape
    return tensor.ndim >= 2 and tensor.is_floating_point() and "weight" in local and not of_norm


def _memory(tensor: Tensor) -> tuple:
    """Where a tensor lies: that of tied weights is the same."""
    place = tensor.untyped_storage().data_ptr(), tensor.storage_offset()
    return *place, tuple(tensor.shape), tensor.stride()


def _placed(names: list[str], weight: Tensor, state: Mapping[str, Tensor]) -> Placed:
    name = names[0]
    local = name.rpartition(".")[2]
    fan_out, fan_in = init_fans(weight.shape)
    if local.endswith("proj_weight"):
        stacked = 3 if local == "in_proj_weight" else 1
        return Placed(
            name, weight, "attention", stack(weight, stacked), variance("glorot", fan_in, fan_out)
        )
    if RECURRENT_WEIGHT.fullmatch(local):
        hidden = _hidden(name, state)
        gates = 1 if local.startswith("weight_hr") else weight.shape[0] // hidden
        return Placed(
            name, weight, "recurrent", stack(weight, gates), variance("pytorch", hidden, 1)
        )
    start = variance("pytorch", fan_in, fan_out)
    if len(names) > 1 or _redrawn(name, state):
        start = math.nan
    if weight.ndim > 2:
        return Placed(name, weight, "convolution", stack(weight, 1), start)
    if any(_TABLE.search(each) for each in names):
        # The coefficients are the same for both: fans enter each of them alike.
        return Placed(name, weight, "linear or embedding", stack(weight, 1), math.nan)
    return Placed(name, weight, "linear", stack(weight, 1), start)


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
        if other is not None:
            return other.shape[1]
    raise ValueError(f"{name} has no weight_hh beside it: exclude it")


def _renamed(name: str, inner: str) -> str:
    path, dot, local = name.rpartition(".")
    return f"{path}{dot}{inner}{local.removeprefix('weight_')[2:]}"
