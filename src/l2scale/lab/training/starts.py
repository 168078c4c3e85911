"""The same objective minimised from several starting weights, data and all else alike.

A run's seed decides its data and its initial weights at once. Minima of narrow networks differ from
start to start, so a table of their least cost needs starts that share the data.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from l2scale.lab import machine
from l2scale.lab.training.batches import GroupData
from l2scale.lab.training.networks import generator, initial_weights, layer_shapes
from l2scale.lab.training.runs import Run
from l2scale.lab.training.trainer import train_from

FIRST_START = 10_000  # seeds of further starts, far from those of the runs


def starting_weights(run: Run, number: int) -> list[np.ndarray]:
    """The run's own initial weights for number 0, other draws from the same law above.

    Returns:
        One array per layer, (n_out, n_in + 1), the biases in the last column.

    Raises:
        ValueError: for a number below 0.
    """
    if number < 0:
        raise ValueError(f"starts are numbered from 0, and this is {number}")
    data = GroupData.of([run], "cpu")
    shapes = layer_shapes(data.inputs["train"].shape[2] - 1, run.hidden, data.n_outputs)
    seed = run.seed if number == 0 else FIRST_START * number + run.seed
    return [w.numpy() for w in initial_weights(replace(run, seed=seed), shapes)]


def spread_start(run: Run, number: int, reach: float) -> list[np.ndarray]:
    """A start whose first layer bends at random places of [-reach, reach], for one input.

    Initial biases of 0 would put every bend at 0.
    """
    weights = starting_weights(run, number)
    rng = generator(FIRST_START * number + run.seed, stream=3)
    places = torch.rand(len(weights[0]), generator=rng, dtype=torch.float64).numpy()
    weights[0][:, -1] = -weights[0][:, 0] * reach * (2 * places - 1)
    return weights


def minimise_from(
    run: Run, weights: Sequence[np.ndarray]
) -> tuple[list[np.ndarray], list[dict[str, Any]]]:
    """Minimise a run's objective by L-BFGS from given weights.

    Args:
        run: with optimiser "lbfgs"; it is measured at its checkpoints.
        weights: one array per layer, (n_out, n_in + 1), the biases in the last column.

    Returns:
        The final weights, and a row per checkpoint as `l2scale.lab.training.trainer.train` returns.

    Raises:
        ValueError: for another optimiser.
    """
    if run.optimiser != "lbfgs":
        raise ValueError(f"starts are for optimiser 'lbfgs', not {run.optimiser!r}: use train")
    with machine.one_thread():
        tensors = [torch.tensor(w, dtype=torch.float64)[None] for w in weights]
        rows = train_from([run], tensors)
    return [tensor[0].numpy() for tensor in tensors], rows
