"""What R networks are made of: named tensors, linear maps, normalisations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from l2scale.lab.training.networks import LEAKY_SLOPE, NORM_EPS, apart, empty, multiply
from l2scale.theory.penalties import Shape

MATRIX, EMBEDDING, GAIN, BIAS, MEAN, VARIANCE = (
    "matrix", "embedding", "gain", "bias", "mean", "variance",
)  # fmt: skip
STATISTICS = (MEAN, VARIANCE)  # running averages of a batch norm, which no optimiser steps
TRAIN, LOOK, EVALUATE = "train", "look", "evaluate"
RUNNING_SHARE = 0.1  # of a batch in the running averages, as in torch.nn.BatchNorm1d

Weights = Mapping[str, Tensor]
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu,
    "leaky_relu": lambda z: functional.leaky_relu(z, LEAKY_SLOPE),
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "linear": lambda z: z,
}


@dataclass(frozen=True)
class Parameter:
    """One tensor of a network.

    Attributes:
        name: such as "block1.up"; what belongs to a part begins with the part's name.
        shape: (fan_in, fan_out) of a matrix, so that no product needs a transposed copy;
            (1, units) of gains, biases and statistics; (tokens, units) of an embedding.
        kind: MATRIX, EMBEDDING, GAIN, BIAS, MEAN or VARIANCE.
    """

    name: str
    shape: Shape
    kind: str

    @property
    def fans(self) -> Shape:
        """(fan_out, fan_in) of a matrix."""
        return self.shape[1], self.shape[0]

    @property
    def trained(self) -> bool:
        """Whether an optimiser steps it."""
        return self.kind not in STATISTICS


def linear_parameters(name: str, fan_in: int, fan_out: int, *, bias: bool) -> tuple[Parameter, ...]:
    """A matrix, and biases where asked for."""
    matrix = Parameter(name, (fan_in, fan_out), MATRIX)
    return (matrix, Parameter(f"{name}.bias", (1, fan_out), BIAS)) if bias else (matrix,)


def norm_parameters(
    name: str, units: int, *, bias: bool, running: bool = False
) -> tuple[Parameter, ...]:
    """Gains, biases where asked for, and the running averages of a batch norm."""
    kinds = (GAIN, *(BIAS,) * bias, *STATISTICS * running)
    return tuple(Parameter(f"{name}.{kind}", (1, units), kind) for kind in kinds)


class Product(torch.autograd.Function):
    """x (R, n, a) @ weights (R, a, b), each network's part laid out as it would be alone."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weights: Tensor) -> Tensor:
        """The products (R, n, b)."""
        x = apart(x)
        ctx.save_for_backward(x, weights)
        return multiply(x, weights, out=empty(x, *x.shape[:2], weights.shape[2]))

    @staticmethod
    def backward(ctx: Any, *deltas: Tensor) -> tuple[Tensor | None, Tensor]:
        """Their gradients, from that of the products."""
        x, weights = ctx.saved_tensors
        delta = apart(deltas[0])
        below = None
        if ctx.needs_input_grad[0]:
            below = multiply(delta, weights.transpose(1, 2), out=empty(x, *x.shape))
        return below, multiply(x.transpose(1, 2), delta, out=empty(x, *weights.shape))


def linear(weights: Weights, name: str, x: Tensor) -> Tensor:
    """What the matrix, and biases if it has any, make of x (R, n, fan_in): (R, n, fan_out)."""
    bias = weights.get(f"{name}.bias")
    product: Tensor = Product.apply(x, weights[name])  # type: ignore[no-untyped-call]
    return product if bias is None else product + bias


def layer_norm(weights: Weights, name: str, x: Tensor) -> Tensor:
    """As torch.nn.LayerNorm over the last axis of x (R, n, units)."""
    normal = functional.layer_norm(x, x.shape[-1:], eps=NORM_EPS)
    bias, gain = weights.get(f"{name}.bias"), weights[f"{name}.gain"]
    return normal * gain if bias is None else torch.addcmul(bias, normal, gain)


def batch_norm(weights: Weights, name: str, x: Tensor, mode: str) -> Tensor:
    """As torch.nn.BatchNorm1d over the n rows of x (R, n, units), each network's by themselves.

    TRAIN takes the batch's mean and variance and moves the running ones; LOOK takes the batch's and
    moves nothing; EVALUATE takes the running ones.
    """
    replicas, rows, units = x.shape
    mean, variance = (weights[f"{name}.{kind}"].view(-1) for kind in STATISTICS)
    bias = weights.get(f"{name}.bias")
    normal = functional.batch_norm(
        x.transpose(0, 1).reshape(rows, replicas * units),
        None if mode == LOOK else mean,
        None if mode == LOOK else variance,
        weights[f"{name}.gain"].reshape(-1),
        None if bias is None else bias.reshape(-1),
        training=mode != EVALUATE,
        momentum=RUNNING_SHARE,
        eps=NORM_EPS,
    )
    return normal.view(rows, replicas, units).transpose(0, 1)
