"""From a network's weights down to a local minimum of its objective, full batch.

L-BFGS (Liu & Nocedal 1989, as scipy has it) goes down one network at a time: its line search
asks each network a different question, so that nothing is gained in lockstep. The networks that
`l2scale.lab.kernels.minimise` knows go down there, compiled, and the tests hold it to this.

At a minimum of a ReLU network some samples lie on the kink of some unit, where the gradient jumps
and no small gradient can tell that the minimum is near. How near it is, is told by what a longer
run still gains and by the balance of the layers, see `l2scale.theory.rescaling`.
"""

from collections.abc import Sequence

import numpy as np
import torch
from scipy.optimize import minimize
from torch import Tensor

from l2scale.lab.kernels.constants import MEMORY
from l2scale.lab.training import losses
from l2scale.lab.training.batches import GroupData
from l2scale.lab.training.networks import Workspace
from l2scale.lab.training.runs import Run


def descend(
    runs: Sequence[Run],
    weights: Sequence[Tensor],
    force: Sequence[Tensor],
    data: GroupData,
    iterations: int,
) -> None:
    """Overwrite the weights [(R, n_out, n_in + 1)] of every network by those further down.

    Args:
        runs: the R networks, of one shape.
        weights: where to start; float64, since a line search compares costs to many digits.
        force: constants 2 lam c_l, [(R, 1, n_in + 1)].
        data: of the runs.
        iterations: of L-BFGS, at most; it stops earlier where no step goes down.
    """
    for r, run in enumerate(runs):
        replica = slice(r, r + 1)
        x, y = data.part("train", replica)
        found = _descend_one(
            run, [w[replica] for w in weights], [f[replica] for f in force], x, y,
            data.task, iterations,
        )  # fmt: skip
        for tensor, end in zip(weights, found, strict=True):
            tensor[replica] = end


def _descend_one(
    run: Run,
    start: list[Tensor],
    force: list[Tensor],
    x: Tensor,
    y: Tensor,
    task: str,
    iterations: int,
) -> list[Tensor]:
    """The weights that L-BFGS reaches from `start`, which stays as it is."""
    flat = torch.cat([w.flatten() for w in start])
    gradient = torch.empty_like(flat)
    decay = torch.cat([f.expand_as(w).flatten() for f, w in zip(force, start, strict=True)])
    weights, gradients = _views(flat, start), _views(gradient, start)
    space = Workspace(weights, run.activation, x.shape[1], bias=run.bias, norm=run.norm)

    def cost(point: np.ndarray) -> tuple[float, np.ndarray]:
        flat.copy_(torch.from_numpy(point))
        outputs = space.forward(x)
        loss = losses.mean_loss(task, outputs, y)
        delta = losses.gradient(task, outputs, y)
        for layer, layer_delta, inputs in space.backward(delta):
            torch.bmm(layer_delta, inputs, out=gradients[layer])
        pull = flat * decay
        gradient.add_(pull)
        return float(loss + torch.dot(flat, pull) / 2), gradient.cpu().numpy().copy()

    # No tolerance on the cost: at a kink L-BFGS gains nothing for many steps, and then goes on.
    limits = {"maxiter": iterations, "maxfun": 2 * iterations, "maxcor": MEMORY, "ftol": 0.0}
    begin = flat.cpu().numpy().copy()
    found = minimize(cost, begin, jac=True, method="L-BFGS-B", options=limits | {"gtol": 1e-12})
    flat.copy_(torch.from_numpy(found.x))
    return weights


def _views(flat: Tensor, like: Sequence[Tensor]) -> list[Tensor]:
    """Parts of a flat tensor in the shapes of others."""
    parts = flat.split([w.numel() for w in like])
    return [part.view(w.shape) for part, w in zip(parts, like, strict=True)]
