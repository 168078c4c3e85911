"""A penalty in the loss beside a share of every weight taken at each step, batch for batch."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch
from torch import Tensor

from l2scale.exhibits.frameworks.by_hand import (
    initial_tensors,
    loss,
    relative_distance,
    run_of_seed,
    samples_of_part,
    squares,
    stream,
)
from l2scale.exhibits.frameworks.forgetting import MOMENTUM
from l2scale.exhibits.frameworks.sweeps import BASE, STRONG
from l2scale.lab.training.runs import Run

ADAM_RATE = 1e-3
LOOKS = 8
SPREAD = (1, 4, 16, 20, 24, 28, 32, 40, 64, 256)  # of Adam's share 2 eta lambda, close where near


@dataclass(frozen=True)
class Arm:
    """One of the trainings that are compared.

    Attributes:
        optimiser: "sgd", "momentum" or "adam".
        where: "loss"; "weights" for the share 2 eta lambda; "late" for that over 1 - mu; "none".
        lam: strength of the penalty in the loss.
        share: of each weight, taken beside each step.
    """

    optimiser: str
    where: str
    lam: float = 0.0
    share: float = 0.0

    def make(self, weights: list[Tensor]) -> torch.optim.Optimizer:
        """The optimiser, which knows no weight decay of its own."""
        if self.optimiser == "adam":
            return torch.optim.Adam(weights, lr=ADAM_RATE)
        mu = MOMENTUM if self.optimiser == "momentum" else 0.0
        # Over many steps momentum then goes as far as SGD without it.
        return torch.optim.SGD(weights, lr=BASE.lr * (1 - mu), momentum=mu)


TAKEN = 2 * BASE.lr * STRONG
ARMS = (
    Arm("sgd", "loss", lam=STRONG),
    Arm("sgd", "weights", share=TAKEN),
    Arm("momentum", "loss", lam=STRONG),
    Arm("momentum", "weights", share=TAKEN * (1 - MOMENTUM)),
    Arm("momentum", "late", share=TAKEN),
    Arm("adam", "loss", lam=STRONG),
    Arm("adam", "none"),
    *(Arm("adam", "weights", share=2 * ADAM_RATE * STRONG * factor) for factor in SPREAD),
)


def arm_rows(seed: int, steps: int) -> list[dict[str, Any]]:
    """The rows of one seed, one for each arm and look.

    Returns:
        Columns optimiser, where, lam, share, seed, step; sq_norm, the sum of squares over that of
        the start; unused, the same of the first layer's weights on inputs that are the same in
        all training samples; distance from the optimiser's arm "loss", see `by_hand.distance`.
    """
    rows = []
    run = run_of_seed(seed)
    x, _ = samples_of_part(run, "train")
    blank = x.std(dim=0) == 0
    inside: list[list[Tensor]] = []
    for arm in ARMS:
        found = list(islice(trajectory(run, arm, steps), 0, None, steps // LOOKS))
        inside = found if arm.where == "loss" else inside
        first = found[0]
        for place, (weights, others) in enumerate(zip(found, inside, strict=True)):
            unused = weights[0][:, blank].square().sum() / first[0][:, blank].square().sum()
            measured = {
                "sq_norm": float(squares(weights) / squares(first)),
                "unused": float(unused),
                "distance": relative_distance(weights, others),
            }
            there = vars(arm) | {"seed": seed, "step": place * (steps // LOOKS)}
            rows.append(there | measured)
    return rows


def trajectory(run: Run, arm: Arm, steps: int) -> Iterator[list[Tensor]]:
    """The weights before every step of an arm and after the last."""
    weights = initial_tensors(run)
    optimiser = arm.make(weights)
    for samples in islice(stream(run), steps):
        yield [w.detach().clone() for w in weights]
        optimiser.zero_grad()
        (loss(weights, samples) + arm.lam * squares(weights)).backward()
        with torch.no_grad():
            for w in weights:
                w.mul_(1 - arm.share)
        optimiser.step()
    yield [w.detach().clone() for w in weights]
