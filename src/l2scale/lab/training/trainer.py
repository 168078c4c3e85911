"""Train R networks of one shape together: compiled on a CPU, in lockstep anywhere."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from l2scale.lab.training import compiled, losses, minima, optimisers
from l2scale.lab.training.architectures import build, differentiated
from l2scale.lab.training.batches import GroupData, gather, rows_by_step, split_of
from l2scale.lab.training.cuda_graph import capture
from l2scale.lab.training.dropout import Dropout
from l2scale.lab.training.measures import measure_group
from l2scale.lab.training.networks import Workspace, apart, initial_weights, layer_shapes
from l2scale.lab.training.runs import Run
from l2scale.theory.penalties import Shape, coefficients


def train(runs: Sequence[Run], device: str = "cpu") -> list[dict[str, Any]]:
    """Train the runs together and measure each at its checkpoints.

    Args:
        runs: networks that may share a group, see `l2scale.lab.sweeps.groups.group_key`.
        device: "cpu", "cuda" or "cuda:0".

    Returns:
        One row per run and checkpoint, in the order of the runs: the run's settings and what
        `l2scale.lab.training.measures.measure_group` measures. A diverged network is a row that
        says so.
    """
    return train_from(runs, initial(runs, device), device)


def trained_weights(runs: Sequence[Run], device: str = "cpu") -> list[list[np.ndarray]]:
    """Final weights of every run: per layer (n_out, n_in + 1), the biases in the last column."""
    weights = initial(runs, device)
    train_from(runs, weights, device)
    return [[layer[r].cpu().numpy() for layer in weights] for r in range(len(runs))]


def initial(runs: Sequence[Run], device: str = "cpu") -> list[Tensor]:
    """The runs' own initial weights, per layer (R, n_out, n_in + 1).

    Of what is no "mlp", all tensors (R, a, b), see `l2scale.lab.training.architectures.build`.
    """
    split = split_of(runs[0])
    if runs[0].architecture != "mlp":
        network = build.network(runs[0], split.x_train.shape[1], split.n_classes)
        return build.start(runs, network.parameters, device)
    shapes = layer_shapes(split.x_train.shape[1], runs[0].hidden, split.n_classes)
    per_run = [initial_weights(run, shapes) for run in runs]
    return [apart(torch.stack(layer).to(device)) for layer in zip(*per_run, strict=True)]


def train_from(
    runs: Sequence[Run], weights: list[Tensor], device: str = "cpu"
) -> list[dict[str, Any]]:
    """As `train`, from given weights, which are overwritten by those at the end.

    Args:
        runs: as in `train`.
        weights: per layer (R, n_out, n_in + 1), the biases in the last column, on the device and
            of the runs' dtype; as `initial` lays them out, or what becomes of a network that is
            not compiled depends in its last digits on the others.
        device: as in `train`.

    Returns:
        As `train`.
    """
    first = runs[0]
    data = GroupData.of(runs, device)

    def factor(step: int) -> float:
        return schedule_factor(first.schedule, step, first.steps, first.warmup)

    if first.architecture == "mlp":
        walk, look = _perceptrons(runs, weights, factor, data, device)
    else:
        walk, look = differentiated.walker(runs, weights, factor, data)

    rows: list[dict[str, Any]] = []
    done = 0
    for stop in sorted({*first.measured_at, first.steps}):
        if stop > done:  # asked for no iteration, scipy's L-BFGS takes one
            walk(range(done, stop))
        done = stop
        if stop in first.measured_at:
            rows += [row | {"step": stop} for row in look()]
    replicas = len(runs)
    return [row for r in range(replicas) for row in rows[r::replicas]]


def _perceptrons(
    runs: Sequence[Run],
    weights: list[Tensor],
    factor: Callable[[int], float],
    data: GroupData,
    device: str,
) -> tuple[Callable[[range], None], Callable[[], list[dict[str, Any]]]]:
    """Functions that take the steps they are given, and that measure."""
    shapes = [(layer.shape[1], layer.shape[2] - 1) for layer in weights]
    force = force_constants(runs, shapes, weights)
    rates = learning_rates(runs, weights)
    if compiled.suits(runs[0], device):
        walk = compiled.walker(runs, weights, force, rates, factor, data)
    elif runs[0].optimiser == "lbfgs":
        walk = _minimiser(runs, weights, force, data)
    else:
        walk = _stepper(runs, weights, force, rates, factor, data)
    return walk, lambda: measure_group(runs, weights, force, data)


def _stepper(
    runs: Sequence[Run],
    weights: list[Tensor],
    force: list[Tensor],
    rates: Tensor,
    factor: Callable[[int], float],
    data: GroupData,
) -> Callable[[range], None]:
    """A function that takes the steps it is given with the runs' optimiser."""
    first = runs[0]
    optimiser = optimisers.make(first, weights, force)
    source = rows_by_step(runs, data)
    rows, rates_now = next(source).clone(), rates * factor(0)
    whole = data.part("train", slice(None)) if first.batch_size is None else None
    space = Workspace(weights, first.activation, rows.shape[1], bias=first.bias, norm=first.norm)
    dropout = Dropout(runs, rows.shape[1], weights[0])

    def step() -> None:
        x, y = whole or gather(data, rows)
        delta = losses.gradient(data.task, space.forward(x, dropout.factors()), y)
        for layer, layer_delta, inputs in space.backward(delta):
            optimiser.update(layer, layer_delta, inputs, rates_now[layer])

    take = capture(step, [*weights, *optimiser.state])

    def walk(steps: range) -> None:
        for at in steps:
            if at > 0:
                rows.copy_(next(source))
                rates_now.copy_(rates * factor(at))
                dropout.taken.fill_(at)
            take()

    return walk


def _minimiser(
    runs: Sequence[Run], weights: list[Tensor], force: list[Tensor], data: GroupData
) -> Callable[[range], None]:
    """A function that takes as many iterations of L-BFGS as it is given."""
    return lambda steps: minima.descend(runs, weights, force, data, len(steps))


def force_constants(
    runs: Sequence[Run], shapes: Sequence[Shape], weights: Sequence[Tensor]
) -> list[Tensor]:
    """2 lam c_l per layer as (R, 1, n_in + 1); the bias column is 0 unless biases are penalised."""
    constants = []
    per_run = np.array([2 * run.lam * coefficients(run.penalty, shapes) for run in runs])
    for layer, tensor in enumerate(weights):
        constant = tensor.new_tensor(per_run[:, layer]).view(-1, 1, 1).repeat(1, 1, tensor.shape[2])
        if not runs[0].penalise_biases:
            constant[:, :, -1] = 0
        constants.append(constant)
    return constants


def learning_rates(runs: Sequence[Run], weights: Sequence[Tensor]) -> Tensor:
    """Every layer's and run's learning rate, (layers, R, 1, 1)."""
    even = (1.0,) * len(weights)
    per_run = np.array([run.lr * np.array(run.layer_lr or even) for run in runs])
    return weights[0].new_tensor(per_run.T)[:, :, None, None]


def schedule_factor(schedule: str, step: int, steps: int, warmup: int = 0) -> float:
    """Factor on the learning rate at `step` (from 0) of `steps`; see `Run.schedule`."""
    if step < warmup:
        return (step + 1) / warmup
    if schedule == "warmup_cosine":
        return schedule_factor("cosine", step - warmup, steps - warmup)
    if schedule == "cosine":
        return 0.5 * (1 + math.cos(math.pi * step / max(steps, 1)))
    if schedule == "step":
        return 0.1 ** ((step >= steps / 2) + (step >= steps * 3 / 4))
    return 1.0
