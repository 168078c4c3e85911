"""Muon (Jordan et al. 2024) of R networks at once, as torch.optim.Muon has it.

It steps matrices, all or the hidden ones, along an approximately orthogonal matrix near their
averaged gradient, and leaves all else to AdamW. Decay is decoupled: by 1 - 2 lr lam c_l, whatever
factor is on the step.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from l2scale.lab.training.architectures.parts import MATRIX, Parameter
from l2scale.lab.training.networks import apart, empty, multiply
from l2scale.lab.training.optimisers import Adam
from l2scale.lab.training.runs import Run
from l2scale.theory.muon import NEWTON_SCHULZ, step_factor

MOMENTUM = 0.95
ITERATIONS = 5
EPS = 1e-7


class Muon:
    """Torch's Muon, Nesterov's form, in the precision of the run where torch rounds to bfloat16.

    Attributes:
        state: the tensors that it keeps from step to step.
    """

    def __init__(
        self,
        run: Run,
        parameters: Sequence[Parameter],
        weights: Sequence[Tensor],
        force: Sequence[Tensor],
    ) -> None:
        """A run of one of `l2scale.lab.training.fits.MUON`; weights and forces by parameter."""
        self.weights, self.force = weights, force
        setting = run.optimiser.removeprefix("muon_")
        matrices = [p for p in parameters if p.kind == MATRIX]
        mine = set(matrices[1:-1] if run.muon_on == "hidden" else matrices)
        self.factors = [step_factor(setting, *p.fans) if p in mine else None for p in parameters]
        places = [place for place, factor in enumerate(self.factors) if factor is None]
        self.rest = {place: i for i, place in enumerate(places)}
        self.adam = Adam([weights[i] for i in places], [force[i] for i in places], decoupled=True)
        self.average = [torch.zeros_like(w) for w in weights]
        self.state = [*self.average, *self.adam.state]

    def update(self, layer: int, delta: Tensor, inputs: Tensor, lr: Tensor) -> None:
        """See `l2scale.lab.training.optimisers.Optimiser`."""
        self.descend(layer, torch.bmm(delta, inputs), lr)

    def descend(self, layer: int, grad: Tensor, lr: Tensor) -> None:
        """See `l2scale.lab.training.optimisers.Optimiser`."""
        factor = self.factors[layer]
        if factor is None:
            self.adam.descend(self.rest[layer], grad, lr)
            return
        average = self.average[layer].lerp_(grad, 1 - MOMENTUM)
        along = orthogonalised(torch.lerp(grad, average, MOMENTUM))
        weights = self.weights[layer].mul_(1 - lr * self.force[layer])
        weights.addcmul_(along, lr * factor, value=-1)


def orthogonalised(grad: Tensor) -> Tensor:
    """Each of the matrices (R, a, b) with its singular values moved to about 1."""
    tall = grad.shape[1] > grad.shape[2]
    x = grad.transpose(1, 2) if tall else grad
    x = apart(x / x.square().sum(dim=(1, 2), keepdim=True).sqrt().clamp(min=EPS))
    a, b, c = NEWTON_SCHULZ
    square, whole = (len(x), x.shape[1], x.shape[1]), x.shape
    for _ in range(ITERATIONS):
        gram = multiply(x, x.transpose(1, 2), out=empty(x, *square))
        bent = torch.baddbmm(gram, gram, gram, beta=b, alpha=c, out=empty(x, *square))
        x = torch.baddbmm(x, bent, x, beta=a, out=empty(x, *whole))
    return x.transpose(1, 2) if tall else x
