"""By what a model has grown from a small one: the inputs of each tensor, or layers in a row."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import pairwise, permutations

from torch import nn

from l2scale.practice.checks import few
from l2scale.practice.layouts import LOOKUPS, TRANSPOSED, input_axis, stated
from l2scale.practice.pairing import Base, Paired
from l2scale.practice.placement import NORMS, place_one

_STACK = (
    "the rule is for fully connected layers that follow one another without normalisation, all "
    "hidden ones grown alike. For L layers, m times as wide, that only look otherwise give lam * m "
    "** ((L - 1) / L) with rule='constant'"
)


def input_growth(
    model: nn.Module, base: Base, tensor: Paired, fans: Mapping[str, tuple[int, int]]
) -> float:
    """By what the fan_in of a tensor's matrices has grown.

    It is 1 for a vector, and for a table in which rows are looked up, also where an output layer
    shares it.

    Args:
        model: the wide model.
        base: as in `l2scale.practice.pairing.pair`.
        tensor: one of `pair`.
        fans: ``(fan_in, fan_out)`` in the wide model of matrices that are unknown, by their names
            or patterns of them.

    Raises:
        ValueError: where a tensor has grown and its fans are unknown, or the axes do not tell which
            of them has the inputs; for a kernel that has grown; and for a transposed convolution
            in groups of which base gives the shape alone.
    """
    owners = [model.get_submodule(name.rpartition(".")[0]) for name in tensor.names]
    if set(tensor.ratios) <= {1.0} or any(isinstance(owner, LOOKUPS) for owner in owners):
        return 1.0
    name = tensor.names[0]
    axis = input_axis(owners[0], name.rpartition(".")[2], tensor.parameter)
    if axis is not None:
        if not set(tensor.ratios[2:]) <= {1.0}:
            raise ValueError(f"{tensor}: another kernel is no growth in width, give it the same")
        return tensor.ratios[axis] / _growth_of_groups(owners[0], base, tensor)
    given = [each for key, each in fans.items() if any(fnmatchcase(n, key) for n in tensor.names)]
    if given:
        return _stated_growth(tensor, given[0])
    placed = place_one(model, name, tensor.parameter)
    if placed is not None and placed.kind in ("bias", "norm"):
        return 1.0
    raise ValueError(
        f"{tensor}, and its fans are unknown. State those of the wide model, as "
        f"fans={{{name!r}: (fan_in, fan_out)}}"
    )


def _growth_of_groups(module: nn.Module, base: Base, tensor: Paired) -> float:
    """Of a transposed convolution, whose weight has the inputs of all groups on one axis."""
    if not isinstance(module, TRANSPOSED):
        return 1.0
    if isinstance(base, nn.Module):
        small = base.get_submodule(tensor.names[0].rpartition(".")[0])
        return module.groups / getattr(small, "groups", 1)
    if module.groups > 1:
        raise ValueError(f"{tensor}, and its shape does not tell groups: give a model as base")
    return 1.0


def _stated_growth(tensor: Paired, fans: tuple[int, int]) -> float:
    """Of the axis that has the inputs, as sizes tell it."""
    fan_out, fan_in = stated(tensor.names[0], tensor.parameter, fans)[0]
    shape = tensor.parameter.shape
    found = {
        tensor.ratios[i]
        for i, o in permutations(range(len(shape)), 2)
        if shape[i] % fan_in == 0 and shape[o] % fan_out == 0
    }
    if len(found) != 1:
        raise ValueError(
            f"{tensor}: its fans {fans} do not tell which axis has the inputs. Hold it in a Linear "
            "or, if rows are looked up, in an Embedding"
        )
    return found.pop()


def chain_growth(model: nn.Module, tensors: Sequence[Paired]) -> tuple[int, float]:
    """Number of weight layers, and growth in width, of a plain stack of fully connected layers.

    That layers follow one another is told from their fans, in the model's order. What is added or
    skipped between them has no tensor, and is not seen.

    Args:
        model: the wide model.
        tensors: all of it, by `l2scale.practice.pairing.pair`.

    Raises:
        ValueError: where a tensor is no weight or bias of such a layer, layers do not follow one
            another, the whole has other inputs or outputs than in base, and where hidden layers
            grow by different factors.
    """
    other = [name for name, module in model.named_modules() if isinstance(module, NORMS)]
    layers: list[Paired] = []
    for tensor in tensors:
        path, _, local = tensor.names[0].rpartition(".")
        linear = isinstance(model.get_submodule(path), nn.Linear) and local in ("weight", "bias")
        if not linear or len(tensor.names) > 1:
            other.append(tensor.names[0])
        elif local == "weight":
            layers.append(tensor)
    if other:
        raise ValueError(f"the model has {few(other)}: {_STACK}")
    for one, after in pairwise(layers):
        if one.parameter.shape[0] != after.parameter.shape[1] or one.before[0] != after.before[1]:
            raise ValueError(f"{one}; {after}, so that they do not follow one another: {_STACK}")
    for end, axis in ((layers[0], 1), (layers[-1], 0)):
        if end.ratios[axis] != 1:
            raise ValueError(f"{end}: inputs and outputs of the model are not its width: {_STACK}")
    growths = {layer.ratios[0] for layer in layers[:-1]}
    if len(growths) > 1:
        found = [f"{layer.names[0]} × {layer.ratios[0]:g}" for layer in layers[:-1]]
        raise ValueError(f"outputs grow by different factors, {few(found)}: {_STACK}")
    return len(layers), max(growths, default=1.0)
