"""What looks at the value of the cost, or at its whole gradient: a scheduler and a clip."""

from itertools import islice
from typing import Any

import torch
from torch.nn.utils import clip_grad_norm_
from torch.optim.lr_scheduler import ReduceLROnPlateau

from l2scale.exhibits.frameworks.by_hand import (
    initial_tensors,
    loss,
    run_of_seed,
    samples_of_part,
    squares,
    stream,
)

LAM = 0.005
CONSTANT = 50.0  # where the asker's cost started
RATE = 0.1
STILL = 1e-6  # of RATE: below, nothing moves, and training ends
WATCHED = {
    "loss": "the loss",
    "cost": "the loss + λ‖w‖²",
    "constant": f"the loss + {CONSTANT:g}",
}
LOOK = 10  # steps between two looks
PLACES = ("loss", "decay")  # of the penalty
BOUNDS = (0.5, 1.0, 2.0, float("inf"))  # on the length of a gradient


def train_watched(seed: int, name: str, steps: int) -> list[dict[str, Any]]:
    """Gradient descent on all samples, with a scheduler that watches one of three numbers.

    It ends at the first look at which the rate is below STILL times RATE, or after `steps`.

    Returns:
        One row a look: columns watched, seed, step, lr, train_loss, val_loss, penalty_value,
        test_loss.
    """
    rows: list[dict[str, Any]] = []
    run = run_of_seed(seed)
    weights = initial_tensors(run)
    train, val, test = (samples_of_part(run, each) for each in ("train", "val", "test"))
    optimiser = torch.optim.SGD(weights, lr=RATE)
    schedule = ReduceLROnPlateau(optimiser)
    for step in range(steps + 1):
        optimiser.zero_grad()
        data, penalty = loss(weights, train), LAM * squares(weights)
        (data + penalty).backward()
        with torch.no_grad():
            held_out = loss(weights, val)
            rate = optimiser.param_groups[0]["lr"]
            if step % LOOK == 0:
                row = {"watched": name, "seed": seed, "step": step, "lr": rate}
                row |= {"train_loss": data.item(), "val_loss": held_out.item()}
                row |= {"penalty_value": penalty.item(), "test_loss": loss(weights, test).item()}
                rows.append(row)
                if rate < STILL * RATE:
                    break
        seen = {"loss": held_out, "cost": held_out + penalty, "constant": held_out + CONSTANT}
        schedule.step(seen[name].item())
        optimiser.step()
    return rows


def clip(seed: int, where: str, bound: float, steps: int) -> list[dict[str, Any]]:
    """SGD with the penalty in the loss or as `weight_decay`, its gradient clipped or not.

    Returns:
        One row: columns where ("loss" or "decay"), clip (the bound, inf for none), seed, step,
        sq_norm, train_loss, test_loss, and clips: the share of steps in which the gradient was
        longer than the bound.
    """
    run = run_of_seed(seed)
    weights = initial_tensors(run)
    decay = 2 * LAM if where == "decay" else 0.0
    optimiser = torch.optim.SGD(weights, lr=RATE, weight_decay=decay)
    long = 0
    for samples in islice(stream(run), steps):
        optimiser.zero_grad()
        penalty = LAM * squares(weights) if where == "loss" else 0.0
        (loss(weights, samples) + penalty).backward()
        long += int(clip_grad_norm_(weights, bound) > bound)
        optimiser.step()
    with torch.no_grad():
        ends = {
            "sq_norm": squares(weights).item(),
            "train_loss": loss(weights, samples_of_part(run, "train")).item(),
            "test_loss": loss(weights, samples_of_part(run, "test")).item(),
        }
    there = {"where": where, "clip": bound, "seed": seed, "step": steps}
    return [there | ends | {"clips": long / steps}]
