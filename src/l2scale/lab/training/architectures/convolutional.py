"""A residual convolutional network with batch norm, for small images of one channel."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from l2scale.lab.training.architectures.parts import (
    ACTIVATIONS,
    Parameter,
    Weights,
    batch_norm,
    linear,
    linear_parameters,
    norm_parameters,
)

KERNEL = 3  # pixels, each way; the image is padded with zeros so that it keeps its size


@dataclass(frozen=True)
class Convolutional:
    """A stem, residual blocks, the mean over pixels, and a linear head.

    A block is h + norm(conv(activation(norm(conv(h))))), with an activation after the sum, as in
    He et al. (2016), figure 2, and the stem is activation(norm(conv(x))). A convolution before a
    norm has no biases. Its kernel is a matrix (9 channels in, channels out).

    Attributes:
        side: pixels of a row, and rows.
        channels: of the stem and of every block.
        blocks: how many.
        n_outputs: of the head.
        activation: a name in `ACTIVATIONS`.
        bias: whether norms and head have biases.
    """

    side: int
    channels: int
    blocks: int
    n_outputs: int
    activation: str
    bias: bool

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """See `l2scale.lab.training.architectures.build.Network`."""
        found: list[Parameter] = []
        names = [f"block{block}.{part}" for block in range(1, self.blocks + 1) for part in "ab"]
        for name in ("stem", *names):
            fan_in = KERNEL**2 * (1 if name == "stem" else self.channels)
            found += linear_parameters(name, fan_in, self.channels, bias=False)
            found += norm_parameters(f"{name}.norm", self.channels, bias=self.bias, running=True)
        return (*found, *linear_parameters("head", self.channels, self.n_outputs, bias=self.bias))

    def outputs(self, weights: Weights, x: Tensor, mode: str) -> Tensor:
        """See `l2scale.lab.training.architectures.build.Network`."""
        activate = ACTIVATIONS[self.activation]
        stream = activate(self._convolve(weights, "stem", x[..., None], mode))
        for block in range(1, self.blocks + 1):
            inner = activate(self._convolve(weights, f"block{block}.a", stream, mode))
            stream = activate(stream + self._convolve(weights, f"block{block}.b", inner, mode))
        return linear(weights, "head", stream.mean(dim=2))

    def _convolve(self, weights: Weights, name: str, x: Tensor, mode: str) -> Tensor:
        """Convolution and batch norm of x (R, B, side^2, channels in)."""
        replicas, samples, pixels, _ = x.shape
        image = functional.pad(x.unflatten(2, (self.side, self.side)), (0, 0, 1, 1, 1, 1))
        around = [
            image[:, :, row : row + self.side, column : column + self.side]
            for row in range(KERNEL)
            for column in range(KERNEL)
        ]
        patches = torch.cat(around, dim=-1).reshape(replicas, samples * pixels, -1)
        normal = batch_norm(weights, f"{name}.norm", linear(weights, name, patches), mode)
        found: Tensor = normal.unflatten(1, (samples, pixels))
        return found
