"""Steps of R networks in lockstep, whose gradients autograd finds."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from l2scale.lab.training import losses, muon, optimisers
from l2scale.lab.training.architectures.build import Network, network
from l2scale.lab.training.architectures.measures import measure
from l2scale.lab.training.architectures.parts import MATRIX, TRAIN, Parameter
from l2scale.lab.training.batches import GroupData, gather, rows_by_step
from l2scale.lab.training.runs import Run
from l2scale.theory.penalties import coefficients

ANGLE_STEPS = 32  # before a checkpoint, whose angles are averaged


def walker(
    runs: Sequence[Run], tensors: list[Tensor], factor: Callable[[int], float], data: GroupData
) -> tuple[Callable[[range], None], Callable[[], list[dict[str, Any]]]]:
    """A function that takes the steps it is given, and one that measures all runs.

    Args:
        runs: as in `l2scale.lab.training.trainer.train`.
        tensors: of the networks, (R, a, b) each, which the steps overwrite.
        factor: on the learning rates at a step, see `l2scale.lab.training.trainer.schedule_factor`.
        data: of the runs.
    """
    steps = _Steps(runs, tensors, factor, data)

    def look() -> list[dict[str, Any]]:
        elapsed = [steps.elapsed * run.lr for run in runs]
        return measure(runs, steps.net, tensors, steps.full, elapsed, steps.angles(), data)

    return steps.walk, look


class _Steps:
    """What training keeps from step to step.

    Attributes:
        net: the network.
        full: constants 2 lam c_l of every trained tensor (R, 1, 1), 0 where it is not decayed.
        elapsed: sum of the schedule's factors over the steps in which the penalty acted.
    """

    def __init__(
        self,
        runs: Sequence[Run],
        tensors: list[Tensor],
        factor: Callable[[int], float],
        data: GroupData,
    ) -> None:
        """As `walker`."""
        first = runs[0]
        self.net: Network = network(first, data.inputs["train"].shape[2] - 1, data.n_outputs)
        self.elapsed = 0.0
        self._first, self._factor, self._data = first, factor, data
        self._source = rows_by_step(runs, data)
        self._named = dict(zip([p.name for p in self.net.parameters], tensors, strict=True))
        trained = [p for p in self.net.parameters if p.trained]
        self._weights = [self._named[p.name] for p in trained]
        self._matrices = [self._named[p.name] for p in trained if p.kind == MATRIX]
        self.full = force_constants(runs, trained, tensors[0])
        self._force = [each.clone() for each in self.full]
        self._rates = learning_rates(runs, trained, tensors[0])
        self._optimiser = (
            muon.Muon(first, trained, self._weights, self._force)
            if first.optimiser.startswith("muon")
            else optimisers.make(first, self._weights, self._force)
        )
        # Over the last steps: how many, and the sum of their squared angles (R, matrices).
        self._looked_at = 0
        self._squares = tensors[0].new_zeros(len(runs), len(self._matrices), dtype=torch.float64)

    def walk(self, steps: range) -> None:
        """Take these steps."""
        start, end = self._first.decay_steps or (0, self._first.steps)
        self._looked_at, self._squares = 0, torch.zeros_like(self._squares)
        for at in steps:
            if at in (start, end) or at == 0:
                for now, full in zip(self._force, self.full, strict=True):
                    now.copy_(full * (start <= at < end))
            near = steps.stop - at <= ANGLE_STEPS
            before = [w.clone() for w in self._matrices] if near else []
            self._step(self._factor(at))
            self.elapsed += self._factor(at) * (start <= at < end)
            if near:
                turned = [angles(*pair) for pair in zip(before, self._matrices, strict=True)]
                self._looked_at += 1
                self._squares += torch.stack(turned, dim=1).square()

    def angles(self) -> Tensor:
        """Root mean square angle of a step, (R, matrices); nan before any step."""
        return (self._squares / self._looked_at).sqrt()

    def _step(self, factor: float) -> None:
        x, y = gather(self._data, next(self._source))
        for w in self._weights:
            w.requires_grad_()
        outputs = self.net.outputs(self._named, x[:, :, :-1], TRAIN).transpose(1, 2)
        delta = losses.gradient(self._data.task, outputs.detach().clone(), y)
        grads = torch.autograd.grad(outputs, self._weights, delta)
        for place, (w, grad) in enumerate(zip(self._weights, grads, strict=True)):
            w.requires_grad_(False)
            self._optimiser.descend(place, grad, self._rates[place] * factor)


def angles(before: Tensor, after: Tensor) -> Tensor:
    """Angle in radians between each network's matrix before (R, a, b) and after, (R,), float64.

    From the chord between unit vectors: a cosine near 1 would keep no digits of a small angle. One
    network after the other, so that none is summed up in another order than alone.
    """
    found = []
    for pair in zip(before, after, strict=True):
        flat = [w.to(torch.float64).flatten() for w in pair]
        chord = (flat[1] / flat[1].norm() - flat[0] / flat[0].norm()).norm()
        found.append(2 * torch.asin((chord / 2).clamp(max=1)))
    return torch.stack(found)


def force_constants(
    runs: Sequence[Run], parameters: Sequence[Parameter], like: Tensor
) -> list[Tensor]:
    """2 lam c_l of every parameter, (R, 1, 1) each; 0 of those that `Run.decayed` leaves out."""
    shapes = [p.fans for p in parameters if p.kind == MATRIX]
    rest = float(runs[0].decayed == "all")  # which goes with the plain sum
    per_run = []
    for run in runs:
        of_matrices = iter(coefficients(run.penalty, shapes))
        per_run.append(
            [2 * run.lam * (next(of_matrices) if p.kind == MATRIX else rest) for p in parameters]
        )
    return [like.new_tensor(each)[:, None, None] for each in np.array(per_run).T]


def learning_rates(
    runs: Sequence[Run], parameters: Sequence[Parameter], like: Tensor
) -> list[Tensor]:
    """Every parameter's and run's learning rate, (R, 1, 1) each; see `Run.layer_lr`."""
    matrices = [p.name for p in parameters if p.kind == MATRIX]
    places = [p.name.removesuffix(".bias") for p in parameters]
    per_run = []
    for run in runs:
        factors = dict(zip(matrices, run.layer_lr or (1.0,) * len(matrices), strict=True))
        per_run.append([run.lr * factors.get(place, 1.0) for place in places])
    return [like.new_tensor(each)[:, None, None] for each in np.array(per_run).T]
