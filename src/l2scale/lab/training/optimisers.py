"""Optimisers of R networks at once, with the penalty where each of them has it.

Coupled (SGD, Adam): the force 2 lam c_l w joins the data gradient. Decoupled (AdamW): weights are
multiplied by 1 - 2 lr lam c_l and the gradient stays the data's. Learning rates and forces are
tensors with one entry a network, so that one loop trains a whole grid of lambdas.
"""

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from l2scale.lab.kernels.constants import BETAS, EPS
from l2scale.lab.training.networks import as_alone, empty, multiply
from l2scale.lab.training.runs import Run


class Optimiser(Protocol):
    """Updates one layer of every network after its backward pass.

    Attributes:
        state: the tensors that it keeps from step to step.
    """

    state: list[Tensor]

    def update(self, layer: int, delta: Tensor, inputs: Tensor, lr: Tensor) -> None:
        """Step `layer` with gradient delta @ inputs and learning rates lr (R, 1, 1)."""

    def descend(self, layer: int, grad: Tensor, lr: Tensor) -> None:
        """Step `layer` with a gradient of its shape, which it may overwrite."""


class Sgd:
    """w <- w - lr (g + 2 lam c w), in two in-place passes and no gradient tensor."""

    def __init__(self, weights: Sequence[Tensor], force: Sequence[Tensor]) -> None:
        """Weights [(R, n_out, n_in + 1)] and force constants 2 lam c_l [(R, 1, n_in + 1)]."""
        self.weights, self.force = weights, force
        self.state: list[Tensor] = []

    def update(self, layer: int, delta: Tensor, inputs: Tensor, lr: Tensor) -> None:
        """See `Optimiser`; overwrites delta."""
        weights = self.weights[layer].mul_(1 - lr * self.force[layer])
        for w, d, x in as_alone(delta.shape[2], weights, delta.mul_(lr), inputs):
            w.baddbmm_(d, x, alpha=-1)

    def descend(self, layer: int, grad: Tensor, lr: Tensor) -> None:
        """See `Optimiser`."""
        self.weights[layer].mul_(1 - lr * self.force[layer]).sub_(grad.mul_(lr))


class Momentum:
    """v <- mu v + g + 2 lam c w; w <- w - lr v. PyTorch's form, without dampening."""

    def __init__(self, weights: Sequence[Tensor], force: Sequence[Tensor], momentum: float) -> None:
        """As `Sgd`, and the momentum mu."""
        self.weights, self.force, self.momentum = weights, force, momentum
        self.velocity = self.state = [empty(w, *w.shape).zero_() for w in weights]

    def update(self, layer: int, delta: Tensor, inputs: Tensor, lr: Tensor) -> None:
        """See `Optimiser`."""
        for v, d, x in as_alone(delta.shape[2], self.velocity[layer], delta, inputs):
            v.baddbmm_(d, x, beta=self.momentum)
        self._step(layer, lr)

    def descend(self, layer: int, grad: Tensor, lr: Tensor) -> None:
        """See `Optimiser`."""
        self.velocity[layer].mul_(self.momentum).add_(grad)
        self._step(layer, lr)

    def _step(self, layer: int, lr: Tensor) -> None:
        weights, velocity = self.weights[layer], self.velocity[layer]
        velocity.addcmul_(weights, self.force[layer])
        weights.addcmul_(velocity, lr, value=-1)


class Adam:
    """Adam (Kingma & Ba 2015) with coupled L2, or decoupled as AdamW (Loshchilov & Hutter 2019)."""

    def __init__(
        self, weights: Sequence[Tensor], force: Sequence[Tensor], *, decoupled: bool
    ) -> None:
        """As `Sgd`; `decoupled` chooses AdamW."""
        self.weights, self.force, self.decoupled = weights, force, decoupled
        self.mean = [torch.zeros_like(w) for w in weights]
        self.square = [torch.zeros_like(w) for w in weights]
        self.grad = [empty(w, *w.shape) for w in weights]
        # Tensors, so that a captured step counts on; in double precision, as Python's numbers are.
        self.steps = [w.new_zeros((), dtype=torch.float64) for w in weights]
        self.state = [*self.mean, *self.square, *self.steps]

    def update(self, layer: int, delta: Tensor, inputs: Tensor, lr: Tensor) -> None:
        """See `Optimiser`."""
        self.descend(layer, multiply(delta, inputs, out=self.grad[layer]), lr)

    def descend(self, layer: int, grad: Tensor, lr: Tensor) -> None:
        """See `Optimiser`."""
        weights, mean, square = self.weights[layer], self.mean[layer], self.square[layer]
        if self.decoupled:
            weights.mul_(1 - lr * self.force[layer])
        else:
            grad.addcmul_(weights, self.force[layer])
        self.steps[layer] += 1
        beta1, beta2 = BETAS
        mean.lerp_(grad, 1 - beta1)
        square.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
        correction1 = 1 - beta1 ** self.steps[layer]
        correction2 = 1 - beta2 ** self.steps[layer]
        scale = torch.sqrt(square, out=grad).mul_(correction2.rsqrt()).add_(EPS)
        weights.addcmul_(mean / scale, lr / correction1, value=-1)


def make(run: Run, weights: Sequence[Tensor], force: Sequence[Tensor]) -> Optimiser:
    """The optimiser that `run` names, for its whole group."""
    if run.optimiser == "sgd":
        return Momentum(weights, force, run.momentum) if run.momentum else Sgd(weights, force)
    return Adam(weights, force, decoupled=run.optimiser == "adamw")
