"""What can be known of a problem before it is tuned: its yardsticks, and its loss at the start."""

from dataclasses import replace
from typing import Any

import numpy as np

from l2scale.exhibits.atlas.problems import is_regression
from l2scale.exhibits.atlas.sweeps import SETTINGS, SGD, problems
from l2scale.lab.data.datasets import load
from l2scale.lab.sweeps.measurement import Measurement, gathered, observe
from l2scale.lab.training.runs import Run
from l2scale.lab.training.trainer import train
from l2scale.theory.yardsticks import YARDSTICKS

SAID = {"null": "shuffled"}  # a table's file would read "null" as missing
PROBLEM = ["data", "n_train", "label_noise"]


def observations(scale: str) -> tuple[Measurement, ...]:
    """Yardsticks of each problem, on the training part of its first seed."""
    at = SETTINGS[scale]
    cells = [(run, at["widths"]) for run in problems(SGD, at)]
    return (observe("before", lambda: gathered(before_rows, cells)),)


def before_rows(run: Run, widths: tuple[int, ...]) -> list[dict[str, Any]]:
    """One row a width: what the problem's data tell, and the loss of networks at the start.

    `classes` is 1 of a regression.
    """
    split = load(run.data, seed=run.seed, n_train=run.n_train, label_noise=run.label_noise)
    told = {
        SAID.get(name, name): yardstick(split.x_train, split.y_train, split.task)
        for name, yardstick in YARDSTICKS.items()
    }
    classes = 1 if is_regression(run.data) else max(split.n_classes, 2)
    row = {name: getattr(run, name) for name in (*PROBLEM, "seed")}
    row |= told | {"inputs": split.x_train.shape[1], "classes": classes}
    return [row | {"width": width, "start": start_loss(run, width)} for width in widths]


def start_loss(run: Run, width: int) -> float:
    """The training loss of untrained networks, geometric mean over four seeds of one split."""
    first = replace(run, hidden=(width,), steps=0)
    losses = [train([replace(first, seed=seed)])[0]["train_loss"] for seed in range(4)]
    return float(np.exp(np.mean(np.log(losses))))
