"""Networks diagnosed at their start, half way and at the end, one row per tensor."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy
from torch.optim import SGD

from l2scale.exhibits.shared import funnel_layers
from l2scale.exhibits.your_model import networks, sweeps
from l2scale.exhibits.your_model.networks import Loss, accuracy, train_model
from l2scale.exhibits.your_model.sweeps import BATCH, FIFTY, LAM, MOMENTUM, RATE, SETTINGS
from l2scale.exhibits.your_model.written_out import groups_table
from l2scale.lab import machine
from l2scale.lab.data.datasets import load
from l2scale.lab.sweeps.measurement import Measurement, configuration, observe
from l2scale.lab.training.runs import Run
from l2scale.practice import diagnose, param_groups
from l2scale.theory.penalties import PENALTIES

CHUNK = 50  # samples that a diagnosis looks at together
TRAINED: dict[str, Callable[[int], nn.Module]] = {
    "convolutions": networks.conv_model,
    "transformer": networks.Transformer,
}
MINIMA = {"relu": "ReLU at its minimum", "tanh": "tanh at its minimum"}

Batches = list[tuple[Tensor, Tensor]]


def observations(scale: str) -> tuple[Measurement, ...]:
    """All of them at a scale."""
    at = SETTINGS[scale]
    seeds, epochs, (minima,) = at["seeds"], at["epochs"], sweeps.sweeps(scale)
    large = replace(FIFTY, hidden=funnel_layers(at["big"]), steps=at["big_steps"])
    settings = {"lam": LAM, "lr": RATE, "momentum": MOMENTUM, "batch_size": BATCH, "epochs": epochs}
    small = [(model, seed, epochs) for model in TRAINED for seed in range(seeds)]

    def in_parallel(task: Callable[..., pd.DataFrame], arguments: list[Any]) -> pd.DataFrame:
        return pd.concat(machine.parallel_map(task, arguments), ignore_index=True)

    return (
        observe("fifty", lambda: fifty_table(scale, large.steps), 1, **large.columns),
        observe(
            "trained", lambda: in_parallel(observe_course, small), len(small), data="digits",
            **settings,
        ),
        observe(
            "at_minimum", lambda: in_parallel(minimum_rows, [(run,) for run in minima.runs]),
            len(minima.runs), **configuration(minima.runs),
        ),
        observe("groups", lambda: groups_table(seeds), seeds * len(PENALTIES), lam=LAM),
    )  # fmt: skip


def fifty_data(seed: int = 0) -> Batches:
    """The training part of the first chapter's task, in batches."""
    task = load(FIFTY.data, seed=seed, n_train=FIFTY.n_train, label_noise=FIFTY.label_noise)
    return chunks(*(torch.tensor(part).float() for part in (task.x_train, task.y_train)))


def chunks(x: Tensor, y: Tensor) -> Batches:
    """Samples as a diagnosis takes them."""
    return list(zip(x.split(CHUNK), y.split(CHUNK), strict=True))


def large_network(scale: str) -> nn.Module:
    """The first chapter's network before training."""
    return networks.funnel_model(SETTINGS[scale]["big"], seed=0)


def fifty_table(scale: str, steps: int) -> pd.DataFrame:
    """The large network before training and after some steps of plain SGD."""
    with machine.one_thread():
        network, loss = large_network(scale), binary_cross_entropy_with_logits
        sgd = SGD(param_groups(network, lam=FIFTY.lam), lr=FIFTY.lr)
        how = {"lam": FIFTY.lam, "lr": FIFTY.lr, "start": "glorot"}
        rows = pd.concat(followed(network, sgd, loss, fifty_data(), (0, steps), **how))
    return rows.assign(model="fully connected", seed=0).reset_index(drop=True)


def observe_course(model: str, seed: int, epochs: int) -> pd.DataFrame:
    """A network of PyTorch's modules at the start, half way and at the end."""
    network, split = TRAINED[model](seed), load("digits", seed=seed)
    data = chunks(torch.tensor(split.x_train).float(), torch.tensor(split.y_train))
    sgd = SGD(param_groups(network, lam=LAM), lr=RATE, momentum=MOMENTUM)
    half = epochs // 2 * (len(split.x_train) // BATCH)
    how = {"lam": LAM, "lr": RATE / (1 - MOMENTUM)}
    looks = followed(network, sgd, cross_entropy, data, (0, half, half), **how)
    rows = [found.assign(accuracy=accuracy(network, split)) for found in looks]
    return pd.concat(rows, ignore_index=True).assign(model=model, seed=seed)


def followed(
    network: nn.Module,
    optimiser: SGD,
    loss: Loss,
    data: Batches,
    steps: tuple[int, ...],
    **how: Any,
) -> Iterator[pd.DataFrame]:
    """What `diagnosis_rows` finds after each number of further steps."""
    x, y = (torch.cat(part) for part in zip(*data, strict=True))
    done = 0
    for more in steps:
        train_model(network, optimiser, loss, x, y, more)
        done += more
        yield diagnosis_rows(network, loss, data, **how).assign(step=done)


def minimum_rows(run: Run) -> pd.DataFrame:
    """A network of the lab at its start and at its minimum."""
    split = load(run.data, seed=run.seed, n_train=run.n_train)
    data = torch.tensor(split.x_train), torch.tensor(split.y_train)
    rows = []
    for steps in (0, run.steps):
        network = networks.lab_network(replace(run, steps=steps, checkpoints=()))
        found = diagnosis_rows(network, cross_entropy, data, lam=run.lam, start=run.init)
        rows.append(found.assign(model=MINIMA[run.activation], seed=run.seed, step=steps))
    return pd.concat(rows, ignore_index=True)


def diagnosis_rows(network: nn.Module, loss: Loss, data: Any, **how: Any) -> pd.DataFrame:
    """The rows of a diagnosis, with the totals in columns that begin with `all_`."""
    found = diagnose(network, loss, data, **how)
    totals = {f"all_{name}": value for name, value in found.totals.items()}
    return found.table.assign(verdict=found.verdict, **totals)
