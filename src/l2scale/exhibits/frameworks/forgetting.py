"""What PyTorch's optimisers do to a weight whose data gradient is 0."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import pandas as pd
import torch
from torch import Tensor
from torch.optim import SGD, Adam, AdamW, Optimizer

RATE = 0.01
LAMS = (0.01, 0.1)
MOMENTUM = 0.9
STARTS = tuple(10.0**power for power in range(-3, 4))
STEPS = 300


@dataclass(frozen=True)
class Way:
    """A way to say lambda to PyTorch.

    Attributes:
        words: for a legend.
        hue: its colour's name.
        make: an optimiser of some weights from its `weight_decay`.
        in_loss: whether lambda ||w||^2 is added to the loss by hand, and the optimiser has none.
    """

    words: str
    hue: str
    make: Callable[..., Optimizer]
    in_loss: bool = False


WAYS = {
    "loss": Way("SGD, λ‖w‖² in the loss", "sgd", partial(SGD, lr=RATE), in_loss=True),
    "sgd": Way("SGD, weight_decay", "sgd", partial(SGD, lr=RATE)),
    "momentum": Way("SGD with momentum", "momentum", partial(SGD, lr=RATE, momentum=MOMENTUM)),
    "adam": Way("Adam", "adam", partial(Adam, lr=RATE)),
    "adamw": Way("AdamW", "adamw", partial(AdamW, lr=RATE)),
}


def forgotten() -> pd.DataFrame:
    """One row per way, lambda, initial weight and step.

    Returns:
        Columns way, lam, start, step, weight; seed, which is 0: nothing here is drawn.
    """
    rows = []
    for name, way in WAYS.items():
        for lam in LAMS:
            # Each optimiser here treats every entry of a tensor on its own.
            path = follow(way, lam, torch.tensor(STARTS, dtype=torch.float64))
            for step, weights in enumerate(path):
                there = {"way": name, "lam": lam, "step": step, "seed": 0}
                pairs = zip(STARTS, weights.tolist(), strict=True)
                rows += [there | {"start": start, "weight": weight} for start, weight in pairs]
    return pd.DataFrame(rows)


def follow(way: Way, lam: float, start: Tensor) -> Iterable[Tensor]:
    """The weights before the first step and after each."""
    weights = start.clone().requires_grad_()
    optimiser = way.make([weights], weight_decay=0.0 if way.in_loss else 2 * lam)
    for _ in range(STEPS):
        yield weights.detach().clone()
        optimiser.zero_grad()
        penalty = lam * weights.square().sum() if way.in_loss else 0.0
        (0.0 * weights.sum() + penalty).backward()
        optimiser.step()
    yield weights.detach().clone()
