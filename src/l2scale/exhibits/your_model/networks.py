"""The networks that this chapter diagnoses, made and trained as a reader would: with `torch.nn`."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from l2scale.exhibits.shared import funnel_layers
from l2scale.exhibits.your_model.sweeps import BATCH
from l2scale.lab.data.datasets import Split
from l2scale.lab.training.runs import Run
from l2scale.lab.training.trainer import trained_weights

Loss = Callable[[Tensor, Tensor], Tensor]


def funnel_model(k: int, seed: int) -> nn.Module:
    """The ReLU network 64-11k-3k-1 of the first chapter, with Glorot's weights and no biases."""
    torch.manual_seed(seed)
    wide, narrow = funnel_layers(k)
    layers = [
        nn.Linear(64, wide, bias=False),
        nn.Linear(wide, narrow, bias=False),
        nn.Linear(narrow, 1, bias=False),
    ]
    for layer in layers:
        nn.init.xavier_normal_(layer.weight)
    first, second, third = layers
    return nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), third, nn.Flatten(0))


def conv_model(seed: int) -> nn.Module:
    """Three convolutions, each before a batch normalisation, and a linear layer."""
    torch.manual_seed(seed)
    blocks: list[nn.Module] = [nn.Unflatten(1, (1, 8, 8))]
    for channels, out, stride in ((1, 16, 1), (16, 32, 2), (32, 32, 2)):
        kernel = nn.Conv2d(channels, out, 3, stride=stride, padding=1, bias=False)
        blocks += [kernel, nn.BatchNorm2d(out), nn.ReLU()]
    return nn.Sequential(*blocks, nn.Flatten(), nn.Linear(128, 10))


class Transformer(nn.Module):
    """The eight rows of an image as tokens, two layers of attention, and a mean over tokens."""

    def __init__(self, seed: int, units: int = 32) -> None:
        """Draw PyTorch's own initial weights."""
        super().__init__()
        torch.manual_seed(seed)
        self.embed, self.position = nn.Linear(8, units), nn.Embedding(8, units)
        layer = nn.TransformerEncoderLayer(units, 4, 2 * units, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(units, 10)

    def forward(self, pixels: Tensor) -> Tensor:
        """Scores of the ten classes, from images (B, 64)."""
        tokens = self.embed(pixels.unflatten(1, (8, 8))) + self.position.weight
        return self.head(self.encoder(tokens).mean(dim=1))


def lab_network(run: Run) -> nn.Module:
    """A network that the lab has trained, as a module of the same dtype."""
    activation = {"relu": nn.ReLU, "tanh": nn.Tanh}[run.activation]
    layers: list[nn.Module] = []
    for matrix in map(torch.from_numpy, trained_weights([run])[0]):
        linear = nn.Linear(matrix.shape[1] - 1, matrix.shape[0], dtype=matrix.dtype)
        linear.load_state_dict({"weight": matrix[:, :-1], "bias": matrix[:, -1]})
        layers += [linear, activation()]
    return nn.Sequential(*layers[:-1])


def train_model(
    network: nn.Module,
    optimiser: torch.optim.Optimizer,
    loss: Loss,
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
