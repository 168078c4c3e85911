"""The book's objective at any weights one likes, of networks that sweeps do not train.

A network is a chain of layers ``h <- shape(W h + b)``. Its weights are matrices ``(fan_out,
fan_in)``; a kernel of 3 x 3 pixels is one row of ``9 * channels`` weights per output channel.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from l2scale.lab.data.datasets import Split
from l2scale.lab.training import losses
from l2scale.lab.training.networks import LEAKY_SLOPE
from l2scale.theory.penalties import Shape

KERNEL = 3  # pixels on a side
Outputs = Callable[[Sequence[Tensor], Sequence[Tensor], Tensor], Tensor]


@dataclass(frozen=True)
class Network:
    """A network's shapes and its function.

    Attributes:
        shapes: ``(fan_out, fan_in)`` of each layer.
        outputs: from weights, biases (one vector per layer) and inputs ``(n, 64)`` to ``(n, k)``.
    """

    shapes: tuple[Shape, ...]
    outputs: Outputs


def _normalised_relu(z: Tensor) -> Tensor:
    return torch.relu(functional.layer_norm(z, z.shape[1:]))


ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "linear": lambda z: z,
    "ReLU": torch.relu,
    "leaky ReLU": lambda z: functional.leaky_relu(z, LEAKY_SLOPE),
    "tanh": torch.tanh,
    "layer normalisation": _normalised_relu,
}


def dense(activation: str, hidden: Sequence[int], n_outputs: int) -> Network:
    """A multilayer perceptron on 64 inputs; the activation is a name in `ACTIVATIONS`.

    Raises:
        ValueError: for an unknown activation.
    """
    if activation not in ACTIVATIONS:
        known = ", ".join(ACTIVATIONS)
        raise ValueError(f"unknown activation {activation!r}: choose one of {known}")
    sizes = (64, *hidden, n_outputs)

    def outputs(weights: Sequence[Tensor], biases: Sequence[Tensor], x: Tensor) -> Tensor:
        for w, b in zip(weights[:-1], biases[:-1], strict=True):
            x = ACTIVATIONS[activation](x @ w.T + b)
        return x @ weights[-1].T + biases[-1]

    return Network(tuple((sizes[i + 1], sizes[i]) for i in range(len(sizes) - 1)), outputs)


def convolutional(channels: tuple[int, int], n_outputs: int) -> Network:
    """Two layers of 3 x 3 kernels on 8 x 8 pixels, ReLU, max-pooling by 2, then a linear layer."""
    one, two = channels

    def outputs(weights: Sequence[Tensor], biases: Sequence[Tensor], x: Tensor) -> Tensor:
        image = x.view(-1, 1, 8, 8)
        for w, b in zip(weights[:-1], biases[:-1], strict=True):
            kernels = w.view(len(w), -1, KERNEL, KERNEL)
            image = torch.relu(functional.conv2d(image, kernels, b, padding=1))
            image = functional.max_pool2d(image, 2)
        return image.flatten(1) @ weights[-1].T + biases[-1]

    area = KERNEL**2
    return Network(((one, area), (two, one * area), (n_outputs, two * 4)), outputs)


@dataclass(frozen=True)
class Objective:
    """Mean loss on a split's training part plus lam sum_l c_l ||W_l||^2.

    Attributes:
        network: the function.
        split: the data, with 64 inputs.
        lam: strength.
        c: one coefficient per layer.
        penalise_biases: whether a layer's c_l applies to its biases too.
    """

    network: Network
    split: Split
    lam: float
    c: tuple[float, ...]
    penalise_biases: bool = False

    def loss(self, weights: Sequence[Tensor], biases: Sequence[Tensor], part: str) -> Tensor:
        """Mean loss on a part, "train", "val" or "test"."""
        x, y = (torch.tensor(getattr(self.split, f"{axis}_{part}")) for axis in "xy")
        found = self.network.outputs(weights, biases, x).T[None]
        targets = y[None, None] if self.split.task == "multiclass" else y.to(found)[None, None]
        return losses.evaluate(self.split.task, found, targets)[0][0]

    def value(self, weights: Sequence[Tensor], biases: Sequence[Tensor]) -> Tensor:
        """The penalty."""
        squares = [w.square().sum() for w in weights]
        if self.penalise_biases:
            squares = [s + b.square().sum() for s, b in zip(squares, biases, strict=True)]
        # There are layers, so that this is no plain 0.
        total: Tensor = sum(c * s for c, s in zip(self.c, squares, strict=True))  # type: ignore[assignment]
        return self.lam * total

    def __call__(self, weights: Sequence[Tensor], biases: Sequence[Tensor]) -> Tensor:
        """E."""
        return self.loss(weights, biases, "train") + self.value(weights, biases)


def draw_weights(network: Network, rng: np.random.Generator) -> tuple[list[Tensor], list[Tensor]]:
    """Weights of He's variance and biases of variance 1/4, float64."""
    weights = [torch.from_numpy(rng.normal(0, (2 / s[1]) ** 0.5, s)) for s in network.shapes]
    return weights, [torch.from_numpy(rng.normal(0, 0.5, s[0])) for s in network.shapes]


def minimise_objective(
    objective: Objective, weights: Sequence[Tensor], steps: int, lr: float = 0.05
) -> list[Tensor]:
    """Weights after full-batch steps of Adam at a falling rate, without biases.

    The rate falls by a cosine: at kinks L-BFGS stalls, and falling steps go on. Free biases would
    drift for very long where they cost nothing.
    """
    found = [w.clone().requires_grad_() for w in weights]
    none = [w.new_zeros(len(w)) for w in weights]
    optimiser = torch.optim.Adam(found, lr=lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        optimiser.zero_grad()
        objective(found, none).backward()
        optimiser.step()
        schedule.step()
    return [w.detach() for w in found]
