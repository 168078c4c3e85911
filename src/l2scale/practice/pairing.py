"""A small model and a wide one of the same kind: each tensor beside its shape in the small one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import nn

from l2scale.practice.checks import few

Base = nn.Module | Mapping[str, Sequence[int | None]]


@dataclass(frozen=True, eq=False)
class Paired:
    """A tensor of the wide model.

    Attributes:
        names: in the model, more than one where it is shared; the first is in the small one too.
        parameter: the tensor.
        before: its shape in the small model.
    """

    names: tuple[str, ...]
    parameter: nn.Parameter
    before: tuple[int, ...]

    @property
    def ratios(self) -> tuple[float, ...]:
        """Growth of each axis."""
        return tuple(n / b for n, b in zip(self.parameter.shape, self.before, strict=True))

    def __str__(self) -> str:
        return f"{self.names[0]} is {tuple(self.parameter.shape)}, in base {self.before}"


def pair(model: nn.Module, base: Base) -> tuple[Paired, ...]:
    """Every tensor of the model, once, in its order.

    Args:
        model: the wide model.
        base: the small one, on any device; or the shapes of its tensors by their names, where None
            stands for a size that does not grow, as in the base shapes that mup saves.

    Raises:
        ValueError: for a base that is neither, a tensor without a shape, and names or numbers of
            axes that are not the same in both.
    """
    names: dict[nn.Parameter, list[str]] = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        names.setdefault(parameter, []).append(name)
    shapes = _shapes(base)
    every = {name for own in names.values() for name in own}
    alone = [own[0] for own in names.values() if shapes.keys().isdisjoint(own)]
    left = [name for name in shapes if name not in every]
    if alone or left:
        there = [
            f"{few(found)} only in {where}"
            for found, where in ((alone, "model"), (left, "base"))
            if found
        ]
        raise ValueError(
            f"model and base are of two kinds, with {' and '.join(there)}: make both by one "
            "function, at two widths"
        )
    pairs = []
    for parameter, own in names.items():
        own.sort(key=lambda name: name not in shapes)
        now, then = _shape(own[0], parameter), shapes[own[0]]
        if len(now) != len(then):
            raise ValueError(
                f"{own[0]} has {len(now)} axes, and {len(then)} in base, {then}: give one of the "
                "same kind"
            )
        before = tuple(n if b is None else b for n, b in zip(now, then, strict=True))
        pairs.append(Paired(tuple(own), parameter, before))
    return tuple(pairs)


def _shapes(base: Base) -> dict[str, tuple[int | None, ...]]:
    """The shapes in a small model, by every name that a tensor has."""
    if isinstance(base, nn.Module):
        named = base.named_parameters(remove_duplicate=False)
        return {name: _shape(name, parameter) for name, parameter in named}
    if not isinstance(base, Mapping):
        raise ValueError(
            f"base is {type(base).__name__}: give the small model, or shapes by names of tensors"
        )
    for name, shape in base.items():
        listed = isinstance(shape, Sequence) and not isinstance(shape, str)
        if not listed or not all(n is None or (isinstance(n, int) and n > 0) for n in shape):
            raise ValueError(
                f"base has {shape!r} for {name}: give a shape, as in (512, 128), with None for a "
                "size that does not grow"
            )
    return {name: tuple(shape) for name, shape in base.items()}


def _shape(name: str, parameter: nn.Parameter) -> tuple[int, ...]:
    if isinstance(parameter, nn.parameter.UninitializedParameter):
        raise ValueError(f"{name} has no shape yet: run a lazy model once")
    return tuple(parameter.shape)
