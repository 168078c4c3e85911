"""Networks diagnosed at their start, half way and at the end, one row per tensor."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from l2scale.exhibits.shared import funnel_layers
from l2scale.exhibits.your_model import networks
from l2scale.exhibits.your_model.sweeps import (
    BATCH,
    FIFTY,
    LAM,
    MOMENTUM,
    RATE,
    SETTINGS,
    sweeps,
)
from l2scale.exhibits.your_model.training import accuracy, train
from l2scale.exhibits.your_model.written_out import groups_table
from l2scale.lab import machine
from l2scale.lab.datasets import load
from l2scale.lab.runs import Run
from l2scale.lab.sweeps import Measurement, configuration, observe
from l2scale.practice import Diagnosis, diagnose, param_groups
from l2scale.theory.penalties import PENALTIES

CHUNK = 50  # samples that a diagnosis looks at together

TRAINED: dict[str, Callable[[int], nn.Module]] = {
    "convolutions": networks.convolutional,
    "transformer": networks.Transformer,
}

MINIMA = {"relu": "ReLU at its minimum", "tanh": "tanh at its minimum"}

Batches = list[tuple[Tensor, Tensor]]


def observations(scale: str) -> tuple[Measurement, ...]:
    """All of them at a scale."""
    at = SETTINGS[scale]
    seeds, epochs, (minima,) = at["seeds"], at["epochs"], sweeps(scale)
    large = replace(FIFTY, hidden=funnel_layers(at["big"]), steps=at["big_steps"])
    settings = {"lam": LAM, "lr": RATE, "momentum": MOMENTUM, "batch_size": BATCH, "epochs": epochs}
    return (
        observe(
            "fifty", lambda: fifty_table(scale, large.steps), networks=1, **large.columns
        ),
        observe(
            "trained", lambda: trained_table(seeds, epochs), networks=2 * seeds, data="digits",
            **settings,
        ),
        observe(
            "at_minimum",
            lambda: pd.concat(
                machine.each(minimum_rows, [(run,) for run in minima.runs]), ignore_index=True
            ),
            networks=len(minima.runs),
            **configuration(minima.runs),
        ),
        observe("groups", lambda: groups_table(seeds), networks=seeds * len(PENALTIES), lam=LAM),
    )  # fmt: skip


def fifty_data(seed: int = 0) -> Batches:
    """The training part of the first chapter's task, in batches."""
    task = load(FIFTY.data, seed=seed, n_train=FIFTY.n_train, label_noise=FIFTY.label_noise)
    x, y = (torch.tensor(part, dtype=torch.float32) for part in (task.x_train, task.y_train))
    return list(zip(x.split(CHUNK), y.split(CHUNK), strict=True))


def large_network(scale: str) -> nn.Module:
    """The first chapter's network before training."""
    return networks.funnel(SETTINGS[scale]["big"], seed=0)


def fifty_table(scale: str, steps: int) -> pd.DataFrame:
    """The large network before training and after some steps of plain SGD."""
    with machine.one_thread():
        network, data = large_network(scale), fifty_data()
        sgd = torch.optim.SGD(param_groups(network, lam=FIFTY.lam), lr=FIFTY.lr)
        rows = [_rows(fifty(network, data), "fully connected", 0, 0)]
        loss = binary_cross_entropy_with_logits
        train(network, sgd, loss, *map(torch.cat, zip(*data, strict=True)), steps)
        rows.append(_rows(fifty(network, data), "fully connected", 0, steps))
    return pd.concat(rows, ignore_index=True)


def fifty(network: nn.Module, data: Batches) -> Diagnosis:
    """Diagnosed at the strength of the question."""
    loss = binary_cross_entropy_with_logits
    return diagnose(network, loss, data, FIFTY.lam, lr=FIFTY.lr, start="glorot")


def trained_table(seeds: int, epochs: int) -> pd.DataFrame:
    """Both networks of PyTorch's modules, at the start, half way and at the end."""
    tasks = [(model, seed, epochs) for model in TRAINED for seed in range(seeds)]
    return pd.concat(machine.each(course, tasks), ignore_index=True)


def course(model: str, seed: int, epochs: int) -> pd.DataFrame:
    """One of them."""
    network = TRAINED[model](seed)
    split = load("digits", seed=seed)
    x, y = torch.tensor(split.x_train, dtype=torch.float32), torch.tensor(split.y_train)
    data = list(zip(x.split(CHUNK), y.split(CHUNK), strict=True))
    sgd = torch.optim.SGD(param_groups(network, lam=LAM), lr=RATE, momentum=MOMENTUM)
    half = epochs // 2 * (len(x) // BATCH)
    rows = []
    for step in (0, half, 2 * half):
        if step:
            train(network, sgd, cross_entropy, x, y, half)
        found = diagnose(network, cross_entropy, data, LAM, lr=RATE / (1 - MOMENTUM))
        rows.append(_rows(found, model, seed, step).assign(accuracy=accuracy(network, split)))
    return pd.concat(rows, ignore_index=True)


def minimum_rows(run: Run) -> pd.DataFrame:
    """A network of the lab at its start and at its minimum."""
    split = load(run.data, seed=run.seed, n_train=run.n_train)
    data = torch.tensor(split.x_train), torch.tensor(split.y_train)
    rows = []
    for steps in (0, run.steps):
        network = networks.lab_network(replace(run, steps=steps, checkpoints=()))
        found = diagnose(network, cross_entropy, data, run.lam, start=run.init)
        rows.append(_rows(found, MINIMA[run.activation], run.seed, steps))
    return pd.concat(rows, ignore_index=True)


def _rows(found: Diagnosis, model: str, seed: int, step: int) -> pd.DataFrame:
    """The rows of a diagnosis, with the totals in columns that begin with `all_`."""
    totals = {f"all_{name}": value for name, value in found.totals.items()}
    return found.table.assign(model=model, seed=seed, step=step, verdict=found.verdict, **totals)
