"""The network that a run names, and where its weights start."""

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

import torch
from torch import Tensor

from l2scale.lab.training.architectures.convolutional import Convolutional
from l2scale.lab.training.architectures.parts import (
    EMBEDDING,
    GAIN,
    MATRIX,
    STATISTICS,
    VARIANCE,
    Parameter,
)
from l2scale.lab.training.architectures.perceptrons import Normalised, Residual
from l2scale.lab.training.architectures.transformer import Transformer
from l2scale.lab.training.networks import apart, generator
from l2scale.lab.training.runs import Run
from l2scale.theory.initialisation import variance

EMBEDDING_DEVIATION = 0.02  # as in GPT-2 and in vision transformers


class Network(Protocol):
    """R networks of one shape."""

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """All their tensors, matrices from the inputs to the outputs."""

    def outputs(self, weights: Mapping[str, Tensor], x: Tensor, mode: str) -> Tensor:
        """Outputs (R, n, k) for inputs x (R, n, d).

        Args:
            weights: by name, (R, a, b) each.
            x: of n samples.
            mode: of batch norms, see `l2scale.lab.training.architectures.parts.batch_norm`.
        """


def network(run: Run, n_inputs: int, n_outputs: int) -> Network:
    """The network that `run` names, for data of these sizes."""
    if run.architecture == "residual":
        return Residual(
            n_inputs, run.hidden[0], len(run.hidden), n_outputs, run.activation, run.bias
        )
    if run.architecture in ("transformer", "convolutional"):
        side, width, blocks = math.isqrt(n_inputs), run.hidden[0], len(run.hidden)
        build = Transformer if run.architecture == "transformer" else Convolutional
        return build(side, width, blocks, n_outputs, run.activation, run.bias)
    sizes = (n_inputs, *run.hidden, n_outputs)
    return Normalised(sizes, run.activation, run.bias, run.architecture.removesuffix("_norm"))


def start(runs: Sequence[Run], parameters: Sequence[Parameter], device: str) -> list[Tensor]:
    """The runs' own initial tensors (R, a, b), in the order of the parameters.

    Matrices are Gaussian with the variance of `Run.init`, embeddings with standard deviation 0.02;
    both are drawn in float64, in their order, from the run's own seed. Gains and running variances
    are 1, all else 0.
    """
    each = [_start_one(run, parameters) for run in runs]
    stacked = [torch.stack(tensors).to(device) for tensors in zip(*each, strict=True)]
    return [
        tensor if one.kind in STATISTICS else apart(tensor)
        for one, tensor in zip(parameters, stacked, strict=True)
    ]


def _start_one(run: Run, parameters: Sequence[Parameter]) -> list[Tensor]:
    rng = generator(run.seed, stream=1)
    tensors = []
    for one in parameters:
        if one.kind in (MATRIX, EMBEDDING):
            deviation = EMBEDDING_DEVIATION
            if one.kind == MATRIX:
                fan_in, fan_out = one.shape
                deviation = variance(run.init, fan_in, fan_out, run.init_scale) ** 0.5
            tensor = torch.randn(*one.shape, generator=rng, dtype=torch.float64) * deviation
        else:
            tensor = torch.full(one.shape, float(one.kind in (GAIN, VARIANCE)), dtype=torch.float64)
        tensors.append(tensor.to(getattr(torch, run.dtype)))
    return tensors
