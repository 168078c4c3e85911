"""What looks at the value of the cost, or at its whole gradient: a scheduler and a clip."""

from itertools import islice

import pandas as pd
import torch
from torch.nn.utils import clip_grad_norm_
from torch.optim.lr_scheduler import ReduceLROnPlateau

from l2scale.exhibits.frameworks.by_hand import Samples, loss, network, part, squares, start, stream
from l2scale.exhibits.frameworks.sweeps import SETTINGS
from l2scale.lab import machine
from l2scale.lab.sweeps import Measurement, observe

LAM = 0.005
CONSTANT = 50.0  # where the asker's cost started
RATE = 0.1
WATCHED = {
    "loss": "the loss",
    "constant": f"the loss + {CONSTANT:g}",
    "cost": "the cost, loss + λ‖w‖²",
}
CLIP = 0.25


def observations(scale: str) -> tuple[Measurement, ...]:
    """The measurements "watched" and "clipped", at a scale."""
    at = SETTINGS[scale]
    settings = network(0).columns | {"lam": LAM, "lr": RATE}
    seeds, steps = range(at["watch_seeds"]), at["watch_steps"]
    others, more = range(at["clip_seeds"]), at["clip_steps"]
    return (
        observe(
            "watched", lambda: watched(seeds, steps), len(WATCHED) * len(seeds),
            **settings | {"seed": list(seeds), "steps": steps, "batch_size": 0},
        ),
        observe(
            "clipped", lambda: clipped(others, more), 4 * len(others),
            **settings | {"seed": list(others), "steps": more, "clip": CLIP},
        ),
    )  # fmt: skip


def watched(seeds: range, steps: int) -> pd.DataFrame:
    """Gradient descent on all samples, with a scheduler that watches one of three numbers.

    Returns:
        One row per watched number, seed and tenth step: columns watched, seed, step, lr after
        it, train_loss, penalty_value, test_loss.
    """
    rows = []
    with machine.one_thread():
        for seed in seeds:
            run = network(seed)
            train, test = part(run, "train"), part(run, "test")
            for name in WATCHED:
                rows += [
                    {"watched": name, "seed": seed} | row
                    for row in descend(start(run), name, steps, train, test)
                ]
    return pd.DataFrame(rows)


def descend(
    weights: list[torch.Tensor], name: str, steps: int, train: Samples, test: Samples
) -> list[dict[str, float]]:
    """One training of `watched`."""
    rows = []
    optimiser = torch.optim.SGD(weights, lr=RATE)
    schedule = ReduceLROnPlateau(optimiser)
    for step in range(steps + 1):
        optimiser.zero_grad()
        data, penalty = loss(weights, train), LAM * squares(weights)
        (data + penalty).backward()
        if step % 10 == 0:
            with torch.no_grad():
                rows.append(
                    {
                        "step": step, "lr": optimiser.param_groups[0]["lr"],
                        "train_loss": data.item(), "penalty_value": penalty.item(),
                        "test_loss": loss(weights, test).item(),
                    }
                )  # fmt: skip
        optimiser.step()
        seen = {"loss": data, "constant": data + CONSTANT, "cost": data + penalty}
        schedule.step(seen[name].item())
    return rows


def clipped(seeds: range, steps: int) -> pd.DataFrame:
    """SGD with the penalty in the loss or as `weight_decay`, its gradient clipped or not.

    Returns:
        One row per place, bound and seed: columns where ("loss" or "decay"), clip (the bound, inf
        for none), seed, step, sq_norm, train_loss, test_loss, and clips: the share of steps in
        which the gradient was longer than the bound.
    """
    rows = []
    with machine.one_thread():
        for seed in seeds:
            run = network(seed)
            for where in ("loss", "decay"):
                for bound in (float("inf"), CLIP):
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
                    rows.append(there | ends | {"clips": long / steps})
    return pd.DataFrame(rows)
