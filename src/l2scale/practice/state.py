"""What the weights in a file tell without their model: shapes by name, and a start to compare with.

Names of PyTorch's own modules are read: ``in_proj_weight`` of attention, ``weight_ih`` and
``weight_hh`` of recurrent layers. Groups of a convolution cannot be seen and count as one.
"""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from pickle import UnpicklingError

import torch
from torch import Tensor

from l2scale.practice.placement import BIASES_AND_NORMS, Placed, init_fans, stack
from l2scale.theory.initialisation import variance

WRAPPERS = ("state_dict", "model_state_dict", "model")
"""Keys under which a checkpoint may hold its state dict."""


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
    """The weights of two or more dimensions in a state dict, by their names.

    Args:
        state: tensors by name; vectors and what is not called a weight are left out.
        exclude: names or patterns of them, besides.

    Raises:
        ValueError: for a pattern that matches nothing, or where nothing is left.
    """
    patterns = [pattern for pattern in exclude if pattern not in BIASES_AND_NORMS]
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in state):
            raise ValueError(f"exclude: {pattern!r} matches none of {', '.join([*state][:5])}, ...")
    placed = tuple(
        _placed(name, tensor, state)
        for name, tensor in state.items()
        if tensor.ndim >= 2 and tensor.is_floating_point() and "weight" in name.rpartition(".")[2]
        if not any(fnmatchcase(name, pattern) for pattern in patterns)
    )
    if not placed:
        raise ValueError("there is no tensor of two dimensions or more with weight in its name")
    return placed


def _placed(name: str, weight: Tensor, state: Mapping[str, Tensor]) -> Placed:
    local = name.rpartition(".")[2]
    fan_out, fan_in = init_fans(weight.shape)
    if local.endswith("proj_weight"):
        stacked = 3 if local == "in_proj_weight" else 1
        return Placed(
            name, weight, "attention", stack(weight, stacked), variance("glorot", fan_in, fan_out)
        )
    if local.startswith(("weight_ih", "weight_hh", "weight_hr")):
        hidden = _hidden(name, state)
        gates = 1 if local.startswith("weight_hr") else weight.shape[0] // hidden
        return Placed(
            name, weight, "recurrent", stack(weight, gates), variance("pytorch", hidden, 1)
        )
    if weight.ndim == 2 and "emb" in name:
        rows, dim = weight.shape
        return Placed(name, weight, "embedding", ((dim, rows),), variance("normal", rows, dim))
    kind = "linear" if weight.ndim == 2 else "convolution"
    return Placed(name, weight, kind, stack(weight, 1), variance("pytorch", fan_in, fan_out))


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
