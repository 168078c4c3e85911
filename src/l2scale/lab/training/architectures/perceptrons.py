"""Multilayer perceptrons with normalisation: after each matrix, or before each residual block."""

from dataclasses import dataclass

from torch import Tensor

from l2scale.lab.training.architectures.parts import (
    ACTIVATIONS,
    Parameter,
    Weights,
    batch_norm,
    layer_norm,
    linear,
    linear_parameters,
    norm_parameters,
)

EXPANSION = 4  # a block's hidden units to its width, as in the transformer of Vaswani et al. (2017)


@dataclass(frozen=True)
class Normalised:
    """x -> matrix -> norm -> activation, for each hidden layer, and a linear head with biases.

    A matrix before a norm has no biases: those of the norm do their work. Its size has no effect
    on the loss, but for the norm's small constant beside the variance.

    Attributes:
        sizes: units from the inputs to the outputs.
        activation: a name in `ACTIVATIONS`.
        bias: whether norms and head have biases.
        norm: "batch" or "layer".
    """

    sizes: tuple[int, ...]
    activation: str
    bias: bool
    norm: str

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """See `l2scale.lab.training.architectures.build.Network`."""
        found: list[Parameter] = []
        for layer in range(1, len(self.sizes) - 1):
            found += linear_parameters(
                f"layer{layer}", *self.sizes[layer - 1 : layer + 1], bias=False
            )
            found += norm_parameters(
                f"norm{layer}", self.sizes[layer], bias=self.bias, running=self.norm == "batch"
            )
        return (*found, *linear_parameters("head", *self.sizes[-2:], bias=self.bias))

    def outputs(self, weights: Weights, x: Tensor, mode: str) -> Tensor:
        """See `l2scale.lab.training.architectures.build.Network`."""
        for layer in range(1, len(self.sizes) - 1):
            x = linear(weights, f"layer{layer}", x)
            if self.norm == "batch":
                x = batch_norm(weights, f"norm{layer}", x, mode)
            else:
                x = layer_norm(weights, f"norm{layer}", x)
            x = ACTIVATIONS[self.activation](x)
        return linear(weights, "head", x)


@dataclass(frozen=True)
class Residual:
    """A stem, pre-norm blocks h + down(activation(up(norm(h)))), a last norm and a linear head.

    Every norm is a layer norm with gains. Pre-norm: Xiong et al. (2020), figure 1b.

    Attributes:
        n_inputs: of the stem.
        width: d; a block's matrices are d -> 4 d -> d.
        blocks: how many.
        n_outputs: of the head.
        activation: a name in `ACTIVATIONS`.
        bias: whether matrices and norms have biases.
    """

    n_inputs: int
    width: int
    blocks: int
    n_outputs: int
    activation: str
    bias: bool

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """See `l2scale.lab.training.architectures.build.Network`."""
        found = [*linear_parameters("stem", self.n_inputs, self.width, bias=self.bias)]
        for block in range(1, self.blocks + 1):
            found += sublayer_parameters(f"block{block}", self.width, bias=self.bias)
        found += norm_parameters("norm", self.width, bias=self.bias)
        return (*found, *linear_parameters("head", self.width, self.n_outputs, bias=self.bias))

    def outputs(self, weights: Weights, x: Tensor, mode: str) -> Tensor:
        """See `l2scale.lab.training.architectures.build.Network`."""
        stream = linear(weights, "stem", x)
        for block in range(1, self.blocks + 1):
            stream = stream + sublayer(weights, f"block{block}", stream, self.activation)
        return linear(weights, "head", layer_norm(weights, "norm", stream))


def sublayer_parameters(name: str, width: int, *, bias: bool) -> tuple[Parameter, ...]:
    """A norm and the two matrices of a perceptron of one hidden layer."""
    return (
        *norm_parameters(f"{name}.norm", width, bias=bias),
        *linear_parameters(f"{name}.up", width, EXPANSION * width, bias=bias),
        *linear_parameters(f"{name}.down", EXPANSION * width, width, bias=bias),
    )


def sublayer(weights: Weights, name: str, stream: Tensor, activation: str) -> Tensor:
    """What such a perceptron adds to the stream (R, n, width)."""
    hidden = linear(weights, f"{name}.up", layer_norm(weights, f"{name}.norm", stream))
    return linear(weights, f"{name}.down", ACTIVATIONS[activation](hidden))
