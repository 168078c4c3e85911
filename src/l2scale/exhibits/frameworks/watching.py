"""What looks at the value of the cost, or at its whole gradient: a scheduler and a clip."""

from collections.abc import Iterator
from itertools import islice, product
from typing import Any

import pandas as pd
import torch
from torch.nn.utils import clip_grad_norm_
from torch.optim.lr_scheduler import ReduceLROnPlateau

from l2scale.exhibits.frameworks.by_hand import loss, network, part, squares, start, stream
from l2scale.exhibits.frameworks.sweeps import SETTINGS
from l2scale.lab.sweeps import Measurement, gathered, observe

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
BOUNDS = (0.5, 1.0, 2.0, float("inf"))  # on the length of a gradient


def observations(scale: str) -> tuple[Measurement, ...]:
    """The measurements "watched" and "clipped", at a scale."""
    at = SETTINGS[scale]
    settings = network(0).columns | {"lam": LAM, "lr": RATE}
    seeds, steps = range(at["watch_seeds"]), at["watch_steps"]
    others, more = range(at["clip_seeds"]), at["clip_steps"]
    listed = [str(bound) for bound in BOUNDS]
    return (
        observe(
            "watched", lambda: watched(seeds, steps), len(WATCHED) * len(seeds),
            **settings | {"seed": list(seeds), "steps": steps, "batch_size": 0},
        ),
        observe(
            "clipped", lambda: clipped(others, more), 2 * len(BOUNDS) * len(others),
            **settings | {"seed": list(others), "steps": more, "clip": listed},
        ),
    )  # fmt: skip


def watched(seeds: range, steps: int) -> pd.DataFrame:
    """Gradient descent on all samples, with a scheduler that watches one of three numbers.

    It ends at the first look at which the rate is below STILL times RATE, or after `steps`.

    Returns:
        One row per watched number, seed and look: columns watched, seed, step, lr, train_loss,
        val_loss, penalty_value, test_loss.
    """
    return gathered(descend, [(seed, name, steps) for seed in seeds for name in WATCHED])


def descend(seed: int, name: str, steps: int) -> list[dict[str, Any]]:
    """The rows of one training of `watched`."""
    return [{"watched": name, "seed": seed} | row for row in looks(seed, name, steps)]


def looks(seed: int, name: str, steps: int) -> Iterator[dict[str, float]]:
    """What is seen at the looks of one training of `watched`."""
    run = network(seed)
    weights = start(run)
    train, val, test = (part(run, each) for each in ("train", "val", "test"))
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
                yield {
                    "step": step, "lr": rate,
                    "train_loss": data.item(), "val_loss": held_out.item(),
                    "penalty_value": penalty.item(), "test_loss": loss(weights, test).item(),
                }  # fmt: skip
                if rate < STILL * RATE:
                    return
        seen = {"loss": held_out, "cost": held_out + penalty, "constant": held_out + CONSTANT}
        schedule.step(seen[name].item())
        optimiser.step()


def clipped(seeds: range, steps: int) -> pd.DataFrame:
    """SGD with the penalty in the loss or as `weight_decay`, its gradient clipped or not.

    Returns:
        One row per place, bound and seed: columns where ("loss" or "decay"), clip (the bound, inf
        for none), seed, step, sq_norm, train_loss, test_loss, and clips: the share of steps in
        which the gradient was longer than the bound.
    """
    arms = product(seeds, ("loss", "decay"), BOUNDS)
    return gathered(clip, [(*arm, steps) for arm in arms])


def clip(seed: int, where: str, bound: float, steps: int) -> list[dict[str, Any]]:
    """The row of one training of `clipped`."""
    run = network(seed)
    weights = start(run)
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
            "train_loss": loss(weights, part(run, "train")).item(),
            "test_loss": loss(weights, part(run, "test")).item(),
        }
    there = {"where": where, "clip": bound, "seed": seed, "step": steps}
    return [there | ends | {"clips": long / steps}]
