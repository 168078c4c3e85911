"""The work that every contender does: what it trains, from where, and what arithmetic it takes.

Contenders get their splits, initial weights and batch orders from here, by the seed of each run,
so that they differ only in how they train. Over full batches their networks end the same, weight
for weight.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from l2scale.lab.training.batches import split_of
from l2scale.lab.training.networks import initial_weights, layer_shapes
from l2scale.lab.training.runs import Run
from l2scale.theory.penalties import Shape

EPOCHS = 50
SAMPLES = 1077  # in the training part of digits

LAMBDAS = tuple(float(lam) for lam in np.geomspace(1e-5, 1e-3, 16))

Weights = list[np.ndarray]
"""One network: per layer (n_out, n_in + 1) in float32, the biases in the last column."""

Train = Callable[[Sequence[Run]], list[Weights]]
"""Trains networks of one shape in one process of one thread, and gives back their weights."""


@dataclass(frozen=True)
class Work:
    """A configuration to time.

    Attributes:
        name: of the configuration.
        run: what to train, for any seed and strength.
        size: networks a round, as a share of those of the base; larger networks take fewer.
    """

    name: str
    run: Run
    size: float = 1.0

    def runs(self, networks: int, first: int = 0) -> list[Run]:
        """As many runs as `varied` makes of this one."""
        return varied(self.run, networks, first)


def varied(run: Run, networks: int, first: int = 0) -> list[Run]:
    """As many runs: all strengths for one seed after the other, from `first` on."""
    return [
        replace(run, seed=first + i // len(LAMBDAS), lam=LAMBDAS[i % len(LAMBDAS)])
        for i in range(networks)
    ]


def next_seed(turn: int, networks: int) -> int:
    """The first seed of a turn, if turns of as many networks came before it."""
    return turn * -(-networks // len(LAMBDAS))


def _digits(hidden: tuple[int, ...] = (128,), batch_size: int | None = 32) -> Run:
    steps = EPOCHS * (SAMPLES // (batch_size or SAMPLES))
    return Run(data="digits", hidden=hidden, lr=0.1, batch_size=batch_size, steps=steps)


CONFIGURATIONS = (
    Work("base", _digits()),
    Work("width32", _digits(hidden=(32,))),
    Work("width512", _digits(hidden=(512,)), size=0.25),
    Work("full_batch", _digits(batch_size=None)),
    Work("depth3", _digits(hidden=(128, 128)), size=0.5),
)


def arrays(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """Training inputs (n, d) in float32 and classes (n,)."""
    split = split_of(run)
    return split.x_train.astype(np.float32), split.y_train.copy()


def shapes(run: Run) -> tuple[Shape, ...]:
    """Shapes (fan_out, fan_in) of the weight matrices."""
    split = split_of(run)
    return layer_shapes(split.x_train.shape[1], run.hidden, split.n_classes)


def start(run: Run) -> Weights:
    """The run's initial weights, those that `l2scale.lab.sweeps.sweep.measure` starts from."""
    return [layer.numpy() for layer in initial_weights(run, shapes(run))]


def batch_rows(run: Run) -> np.ndarray:
    """Rows of every step's batch, (steps, B): a new permutation an epoch, none left incomplete."""
    n = len(split_of(run).x_train)
    size = run.batch_size or n
    rng = np.random.default_rng(run.seed)
    epochs = -(-run.steps // (n // size))
    rows = [rng.permutation(n)[: n // size * size].reshape(-1, size) for _ in range(epochs)]
    return np.concatenate(rows)[: run.steps]


def accuracy(run: Run, weights: Weights) -> float:
    """Share of the test part that a network gets right."""
    split = split_of(run)
    x = split.x_test
    for layer in weights[:-1]:
        x = np.maximum(x @ layer[:, :-1].T + layer[:, -1], 0)
    answers = x @ weights[-1][:, :-1].T + weights[-1][:, -1]
    return float((answers.argmax(axis=1) == split.y_test).mean())


def flops(run: Run) -> float:
    """Floating-point operations to train one network: those of its matrix products.

    For a weight and a sample 2 forward, 2 for the weight's gradient and 2 for the inputs', which
    the first layer does not need.
    """
    sizes = [fan_out * fan_in for fan_out, fan_in in shapes(run)]
    return float((6 * sum(sizes) - 2 * sizes[0]) * _visits(run))


def traffic(run: Run) -> float:
    """Bytes to train one network if every product reads and writes its operands in main memory.

    For a step, forward reads the weights, the inputs' gradient reads all but the first layer's,
    and the update reads and writes them all. For a sample, each layer's inputs are read twice, and
    its outputs and their gradient are written once and read once.
    """
    layers = [(fan_out * (fan_in + 1), fan_out, fan_in + 1) for fan_out, fan_in in shapes(run)]
    weights = 4 * sum(size for size, *_ in layers) - layers[0][0]
    units = sum(4 * fan_out + 2 * fan_in for _, fan_out, fan_in in layers)
    return 4.0 * (weights * run.steps + units * _visits(run))


def _visits(run: Run) -> int:
    """Samples that a network is trained on, every time counted."""
    return run.steps * (run.batch_size or len(split_of(run).x_train))
