"""A pre-norm transformer encoder for small images: each row of pixels is a token."""

from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional

from l2scale.lab.training.architectures.parts import (
    EMBEDDING,
    Parameter,
    Weights,
    layer_norm,
    linear,
    linear_parameters,
    norm_parameters,
)
from l2scale.lab.training.architectures.perceptrons import sublayer, sublayer_parameters
from l2scale.lab.training.fits import HEADS


@dataclass(frozen=True)
class Transformer:
    """A stem to each token, places added, blocks, a last norm, the tokens' mean, a linear head.

    A block adds attention(norm(h)), of four heads (Vaswani et al. 2017, section 3.2.2), and then a
    perceptron d -> 4 d -> d of norm(h), to the stream h; pre-norm as in Xiong et al. (2020).

    Attributes:
        side: pixels of a row, and rows.
        width: d, a multiple of four.
        blocks: how many.
        n_outputs: of the head.
        activation: a name in `l2scale.lab.training.architectures.parts.ACTIVATIONS`.
        bias: whether matrices and norms have biases.
    """

    side: int
    width: int
    blocks: int
    n_outputs: int
    activation: str
    bias: bool

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """See `l2scale.lab.training.architectures.build.Network`."""
        width, bias = self.width, self.bias
        found = [
            *linear_parameters("stem", self.side, width, bias=bias),
            Parameter("places", (self.side, width), EMBEDDING),
        ]
        for block in range(1, self.blocks + 1):
            found += norm_parameters(f"block{block}.attention.norm", width, bias=bias)
            for part in ("query", "key", "value", "out"):
                found += linear_parameters(
                    f"block{block}.attention.{part}", width, width, bias=bias
                )
            found += sublayer_parameters(f"block{block}", width, bias=bias)
        found += norm_parameters("norm", width, bias=bias)
        return (*found, *linear_parameters("head", width, self.n_outputs, bias=bias))

    def outputs(self, weights: Weights, x: Tensor, mode: str) -> Tensor:
        """See `l2scale.lab.training.architectures.build.Network`."""
        replicas, samples, _ = x.shape
        tokens = x.reshape(replicas, samples * self.side, self.side)
        stream = linear(weights, "stem", tokens).unflatten(1, (samples, self.side))
        stream = (stream + weights["places"][:, None]).flatten(1, 2)
        for block in range(1, self.blocks + 1):
            stream = stream + self._attention(weights, f"block{block}.attention", stream)
            stream = stream + sublayer(weights, f"block{block}", stream, self.activation)
        stream = layer_norm(weights, "norm", stream).unflatten(1, (samples, self.side))
        return linear(weights, "head", stream.mean(dim=2))

    def _attention(self, weights: Weights, name: str, stream: Tensor) -> Tensor:
        """What attention between a sample's tokens adds to the stream (R, B side, d)."""
        normal = layer_norm(weights, f"{name}.norm", stream)
        shape = (-1, self.side, HEADS, self.width // HEADS)
        query, key, value = (
            linear(weights, f"{name}.{part}", normal).reshape(shape).transpose(1, 2)
            for part in ("query", "key", "value")
        )
        mixed = functional.scaled_dot_product_attention(query, key, value).transpose(1, 2)
        return linear(weights, f"{name}.out", mixed.reshape(stream.shape))
