"""What R networks are made of: named tensors, linear maps, normalisations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from l2scale.lab.training.networks import LEAKY_SLOPE, NORM_EPS
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


def linear(weights: Weights, name: str, x: Tensor) -> Tensor:
    """What the matrix, and biases if it has any, make of x (R, n, fan_in): (R, n, fan_out)."""
    bias = weights.get(f"{name}.bias")
    if bias is None:
        return torch.bmm(x, weights[name])
    return torch.baddbmm(bias, x, weights[name])


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
