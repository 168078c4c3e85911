"""A penalty as parameter groups: the coefficient of each tensor in the words of an optimiser."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import accumulate
from types import MappingProxyType
from typing import Any, TypeVar

from torch import nn

from l2scale.practice.checks import BIASES_AND_NORMS, few
from l2scale.practice.placement import Placed, place
from l2scale.theory import penalties
from l2scale.theory.penalties import check_lambda

Groups = list[dict[str, Any]]
_Key = TypeVar("_Key", bound=Hashable)

OF_VECTORS = ("sum", "mean")
"""Penalties that need no fans, and so reach biases and the weights of normalisation layers."""


def param_groups(
    model: nn.Module,
    penalty: str = "sum",
    *,
    lam: float,
    exclude: Sequence[str] = BIASES_AND_NORMS,
    fans: Mapping[str, tuple[int, int]] = MappingProxyType({}),
) -> Groups:
    """Parameter groups that give an optimiser of PyTorch the penalty ``lam * sum_l c_l ||W_l||^2``.

    ``weight_decay`` is ``2 lam c_l``. ``SGD`` (with momentum or without), ``Adam`` and all others
    that add ``weight_decay * w`` to the gradient then descend mean loss plus penalty. ``AdamW``
    and others with decoupled decay multiply each weight by ``1 - 2 lr lam c_l`` a step, the same
    share as SGD, but minimise no penalty. Of PyTorch's, `Muon` takes matrices alone, see
    `l2scale.practice.muon.muon_groups`; `LBFGS` takes no groups and `SparseAdam` no decay.

    Args:
        model: every trainable parameter of it is in exactly one group.
        penalty: a name in `l2scale.theory.penalties.PENALTIES`. "mean" divides by the number of
            all penalised weights, biases included where they are not excluded. The others depend on
            which matrices a tensor holds, as `l2scale.practice.layouts` tells them.
        lam: strength beside a mean loss, in the convention without 1/2.
        exclude: what gets ``weight_decay`` 0, as in `l2scale.practice.placement.place`.
        fans: ``(fan_in, fan_out)`` of matrices that are unknown, as there.

    Returns:
        Groups with `params`, `weight_decay` and `names`. Tensors of equal decay share one; the
        excluded ones come last.

    Raises:
        ValueError: as `place`, `tensor_coefficients` and `check_lambda`.
    """
    lam = check_lambda(lam)
    placed = place(model, exclude, fans)
    groups: dict[float, dict[str, Any]] = {}
    for tensor, c in zip(placed, tensor_coefficients(placed, penalty), strict=True):
        decay = 2.0 * lam * c
        group = groups.setdefault(decay, {"params": [], "weight_decay": decay, "names": []})
        group["params"].append(tensor.parameter)
        group["names"].append(tensor.name)
    penalised = {id(tensor.parameter) for tensor in placed}
    free = [
        (name, parameter)
        for name, parameter in model.named_parameters()
        if parameter.requires_grad and id(parameter) not in penalised
    ]
    found = list(groups.values())
    if free:
        names, params = zip(*free, strict=True)
        found.append({"params": list(params), "weight_decay": 0.0, "names": list(names)})
    return found


def split(groups: Groups, key: Callable[[nn.Parameter], _Key]) -> dict[_Key, Groups]:
    """The tensors of groups shared out by a key, each with its group's settings; none is empty."""
    parts: dict[_Key, Groups] = {}
    for group in groups:
        pairs: dict[_Key, list[tuple[str, nn.Parameter]]] = {}
        for pair in zip(group["names"], group["params"], strict=True):
            pairs.setdefault(key(pair[1]), []).append(pair)
        for part, own in pairs.items():
            names, params = map(list, zip(*own, strict=True))
            parts.setdefault(part, []).append({**group, "params": params, "names": names})
    return parts


def tensor_coefficients(placed: Sequence[Placed], penalty: str) -> list[float]:
    """The coefficient of each tensor; that of all the equal matrices which it stacks.

    Raises:
        ValueError: for an unknown penalty, or for a vector or unknown fans under one that needs
            them.
    """
    if not isinstance(penalty, str):
        raise ValueError(f"penalty is {penalty!r}: choose one of {', '.join(penalties.PENALTIES)}")
    if penalty in penalties.PENALTIES and penalty not in OF_VECTORS:
        _check_fans(placed, penalty)
    stacks = [tensor.matrices or ((tensor.parameter.numel(), 1),) for tensor in placed]
    c = penalties.coefficients(penalty, [shape for stack in stacks for shape in stack])
    firsts = accumulate(map(len, stacks[:-1]), initial=0)
    return [float(c[first]) for first in firsts]


def _check_fans(placed: Sequence[Placed], penalty: str) -> None:
    """Refuse what a penalty that needs fans gives no coefficient."""
    vectors = [t.name for t in placed if not t.matrices and t.kind != "matrix"]
    unknown = [t.name for t in placed if not t.matrices and t.kind == "matrix"]
    if vectors:
        raise ValueError(
            f"{', '.join(vectors)}: a vector has no fans, so {penalty!r} gives it no coefficient. "
            f"Exclude it, or choose one of {', '.join(OF_VECTORS)}"
        )
    if unknown:
        raise ValueError(
            f"the fans of {few(unknown)} are unknown, so {penalty!r} gives no "
            f"coefficient. State them, as fans={{{unknown[0]!r}: (fan_in, fan_out)}}; or choose "
            f"{' or '.join(OF_VECTORS)}, which need none; or leave these tensors without any "
            f"penalty: exclude=(*BIASES_AND_NORMS, *{unknown!r})"
        )
