"""Which matrices a tensor of a PyTorch module holds, and what they start from.

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
from collections.abc import Sequence

import torch
from torch import nn

from l2scale.theory.initialisation import variance
from l2scale.theory.penalties import Shape

_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
LOOKUPS = (nn.Embedding, nn.EmbeddingBag)
"""Modules that look rows up: of all their inputs one is on."""
_RECURRENT = (nn.RNNBase, nn.RNNCellBase)
RECURRENT_WEIGHT = re.compile(r"weight_(ih|hh|hr)(_l\d+)?(_reverse)?")
"""Last part of the name of a recurrent layer's weight."""
REPARAMETRISED = re.compile(r"(^|\.)parametrizations\.|weight\w*_(g|v|orig)$")
"""Name of a part of which a weight is made, by weight_norm and the like."""


def layout(
    module: nn.Module, local: str, weight: torch.Tensor
) -> tuple[str, tuple[Shape, ...], float] | None:
    """Kind, matrices and variance at the start of a module's weight, if they are known."""
    if isinstance(module, nn.MultiheadAttention) and local.endswith("proj_weight"):
        stacked = 3 if local == "in_proj_weight" else 1
        return "attention", stack(local, weight, stacked), glorot(weight)
    if isinstance(module, _RECURRENT) and RECURRENT_WEIGHT.fullmatch(local):
        hidden = module.hidden_size
        gates = weight.shape[0] // hidden if local.startswith(("weight_ih", "weight_hh")) else 1
        return "recurrent", stack(local, weight, gates), variance("pytorch", hidden, 1)
    if local != "weight":
        return None
    if _is_conv1d(module):
        return "linear", ((weight.shape[1], weight.shape[0]),), math.nan
    own = 1.0 / (3.0 * math.prod(weight.shape[1:]))
    if isinstance(module, nn.Linear):
        return "linear", stack(local, weight, 1), own
    if isinstance(module, _CONVOLUTIONS):
        return "convolution", stack(local, weight, module.groups), own
    if isinstance(module, TRANSPOSED):
        fan_out, fan_in = math.prod(weight.shape[1:]), weight.shape[0] // module.groups
        return "convolution", ((fan_out, fan_in),) * module.groups, own
    if isinstance(module, LOOKUPS):
        rows, dim = weight.shape
        # A padding row starts at 0 and stays there.
        share = 1 - (module.padding_idx is not None) / rows
        return "embedding", ((dim, rows),), variance("normal", rows, dim) * share
    return None


def input_axis(module: nn.Module, local: str, weight: torch.Tensor) -> int | None:
    """Which axis of a module's weight has the inputs of its matrices, 0 or 1, if that is known.

    The other one has the outputs, also of matrices that are stacked; any more are positions.
    """
    if layout(module, local, weight) is None:
        return None
    first = isinstance(module, (*TRANSPOSED, *LOOKUPS)) or _is_conv1d(module)
    return 0 if first else 1


def _is_conv1d(module: nn.Module) -> bool:
    """Whether it is the linear layer of transformers that stores its weight as (in, out)."""
    return type(module).__name__ == "Conv1D" and hasattr(module, "nf")


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


def glorot(weight: torch.Tensor) -> float:
    """The variance that ``torch.nn.init.xavier_uniform_`` gives a weight tensor."""
    fan_out, fan_in = init_fans(weight.shape)
    return variance("glorot", fan_in, fan_out)


def stated(name: str, weight: torch.Tensor, fans: tuple[int, int]) -> tuple[Shape, ...]:
    """The matrices ``(fan_out, fan_in)`` in a tensor whose fans the caller states.

    Args:
        name: of the tensor.
        weight: the tensor.
        fans: ``(fan_in, fan_out)`` of each matrix in it.

    Raises:
        ValueError: for what is no pair of whole numbers above 0, or does not fill the tensor.
    """
    pair = isinstance(fans, tuple) and len(fans) == 2
    if not (pair and all(isinstance(fan, int) and fan > 0 for fan in fans)):
        raise ValueError(f"fans of {name} are {fans!r}: give (fan_in, fan_out), as in (512, 2048)")
    count, rest = divmod(weight.numel(), math.prod(fans))
    if rest or not count or weight.ndim < 2:
        raise ValueError(
            f"fans of {name} are {fans}, and its shape {tuple(weight.shape)} holds no whole number "
            "of such matrices"
        )
    return ((fans[1], fans[0]),) * count


def init_fans(shape: Sequence[int]) -> Shape:
    """``(fan_out, fan_in)`` of a weight tensor as ``torch.nn.init`` reads them."""
    kernel = math.prod(shape[2:])
    return shape[0] * kernel, shape[1] * kernel
