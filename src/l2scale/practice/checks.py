"""Which tensors, names and patterns can be told from each other; the rest is refused."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

import torch

from l2scale.looks.numerals import nearest

BIASES_AND_NORMS: tuple[str, ...] = ("biases", "norms")
"""What carries no penalty by default: biases, and the weights of normalisation layers."""

_FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def few(names: Sequence[str]) -> str:
    """Up to three names, and how many more there are.

    >>> few(["a", "b", "c", "d"])
    'a, b, c and 1 more'
    """
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def check_names(names: Iterable[str]) -> None:
    """Refuse names that would do something to a terminal, or break a figure.

    Raises:
        ValueError: for the first that is no text, or holds control characters.
    """
    for name in names:
        if not isinstance(name, str) or not name.isprintable():
            raise ValueError(f"{name!r} is no name of a tensor: give it one of printable letters")


def check_patterns(
    exclude: Sequence[str], names: Sequence[str], setting: str = "exclude"
) -> list[str]:
    """What of `exclude` is a name or a pattern, and neither "biases" nor "norms".

    Raises:
        ValueError: if it is no sequence of texts, or one of them matches none of the names.
    """
    if isinstance(exclude, str):
        raise ValueError(f"exclude is a sequence of names: write ({exclude!r},)")
    if not (isinstance(exclude, Sequence) and all(isinstance(one, str) for one in exclude)):
        raise ValueError(f"exclude is {exclude!r}: give a sequence of names, () for none")
    patterns = [pattern for pattern in exclude if pattern not in BIASES_AND_NORMS]
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            words = f", or the words {', '.join(BIASES_AND_NORMS)}" if setting == "exclude" else ""
            near = nearest(pattern, names)
            raise ValueError(f"{setting}: {pattern!r} matches no tensor; there are {near}{words}")
    return patterns


def check_weight(name: str, weight: torch.Tensor) -> None:
    """Refuse a tensor whose squares cannot be added up as it is.

    Raises:
        ValueError: if it has no entries or none yet, or holds them in another form than one number
            each; the message says how to change that.
    """
    way_out = ""
    if weight.is_meta:
        way_out = "on the meta device and has no values yet: model.to_empty(device=...), load them"
    elif weight.layout != torch.strided:
        way_out = f"stored as {weight.layout}: make it dense with to_dense()"
    elif weight.is_quantized:
        way_out = f"quantised to {weight.dtype}: take it before that, or after dequantize()"
    elif weight.is_floating_point() and weight.dtype not in _FLOATS:
        way_out = f"stored as {weight.dtype}, beside a scale of its own: give it in float32"
    elif weight.numel() == 0:
        way_out = f"of shape {tuple(weight.shape)} and has no weights: leave that layer out"
    elif weight.numel() * weight.element_size() > weight.untyped_storage().nbytes():
        way_out = f"one stretch of memory seen as {tuple(weight.shape)}: clone() it"
    if way_out:
        raise ValueError(f"{name} is {way_out}, or exclude it")
