"""Small models of each kind, with the data that they take."""

import pytest
import torch
from torch import nn


class Tokens(nn.Module):
    """Word vectors, a transformer, and classes from their mean."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(11, 8)
        layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(8, 3)

    def forward(self, tokens):
        return self.head(self.encoder(self.embedding(tokens)).mean(dim=1))


class Recurrent(nn.Module):
    """An LSTM and classes from its last state."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(4, 6, batch_first=True)
        self.head = nn.Linear(6, 3)

    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1])


def mlp():
    return nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 6), nn.ReLU(), nn.Linear(6, 3))


def cnn():
    return nn.Sequential(
        nn.Conv2d(2, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 8, 3, groups=4),
        nn.ReLU(), nn.ConvTranspose2d(8, 4, 2, groups=2), nn.Flatten(), nn.Linear(36, 3),
    )  # fmt: skip


def inputs(kind, n):
    if kind == "transformer":
        return torch.randint(11, (n, 4))
    shape = {"mlp": (5,), "cnn": (2, 6, 6), "lstm": (3, 4)}[kind]
    return torch.randn(n, *shape, dtype=torch.float64)


MAKE = {"mlp": mlp, "cnn": cnn, "transformer": Tokens, "lstm": Recurrent}


def example(kind, n=10):
    torch.manual_seed(3)
    model = MAKE[kind]().double()
    return model, inputs(kind, n), torch.randint(3, (n,))


@pytest.fixture(params=MAKE)
def case(request):
    """A float64 model with one batch: model, inputs, targets."""
    return example(request.param)
