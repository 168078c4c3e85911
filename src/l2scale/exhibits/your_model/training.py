"""A plain training loop, as a reader would write it, and the share of right answers."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from l2scale.exhibits.your_model.sweeps import BATCH
from l2scale.lab.datasets import Split


def train(
    network: nn.Module,
    optimiser: torch.optim.Optimizer,
    loss: Callable[[Tensor, Tensor], Tensor],
    x: Tensor,
    y: Tensor,
    steps: int,
) -> None:
    """Steps on batches of random samples, without replacement within an epoch."""
    order = torch.randperm(0)
    for _ in range(steps):
        if len(order) < BATCH:
            order = torch.randperm(len(x))
        chosen, order = order[:BATCH], order[BATCH:]
        optimiser.zero_grad()
        loss(network(x[chosen]), y[chosen]).backward()
        optimiser.step()


def accuracy(network: nn.Module, split: Split) -> float:
    """Share of right answers on the test part, in evaluation mode."""
    network.eval()
    with torch.no_grad():
        scores = network(torch.tensor(split.x_test, dtype=torch.float32))
    network.train()
    return float((scores.argmax(dim=1).numpy() == split.y_test).mean())
