"""What one number does in each library: measured on its own steps and minima."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from l2scale.adapters.penalties import Task, draw_task, minima, trajectories
from l2scale.lab import machine
from l2scale.practice.settings import SETTINGS, Setting

VALUE = 0.01
BATCH, LR = 100, 0.01
LATER = (
    "torch-adaptive", "torch-adaptive-decoupled", "torch-adafactor", "optax-lion",
    "optax-adafactor", "lion", "lion-decoupled", "composer-adamw", "composer-sgdw",
    "sklearn-elasticnet", "sklearn-linear-svc",
)  # fmt: skip
"""Settings that joined the records after the predictions had been judged without them."""


def observe_applied(samples: int, seeds: int) -> pd.DataFrame:
    """One row per setting and seed.

    Returns:
        Columns setting, family, where, seed, samples, run (whether the library itself was),
        predicted, what the record says, and measured, nan where it was not run: the book's lambda
        of an objective, or the share of a weight that a step takes.
    """
    rows: list[dict[str, Any]] = []
    with machine.one_thread():
        for seed in range(seeds):
            task = draw_task(seed, samples, BATCH, 1)
            found = dict(_measured(task))
            for setting in SETTINGS.values():
                if "n_weights" in setting.strength.powers or setting.id in LATER:
                    continue  # the first depends on the tensor
                known = {"lr": LR, "n_samples": samples, "batch_size": BATCH}
                known["value"] = value_of(setting)
                rows.append(
                    {
                        "setting": setting.id, "family": setting.family, "where": setting.where,
                        "seed": seed, "samples": samples, "run": setting.id in found,
                        "predicted": setting.strength.of(known),
                        "measured": found.get(setting.id, np.nan),
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)


def value_of(setting: Setting) -> float:
    """The number, with the sign that decays."""
    return VALUE if setting.strength.coefficient > 0 else -VALUE


def _measured(task: Task) -> Iterator[tuple[str, float]]:
    for id, walk in trajectories().items():
        setting = SETTINGS[id]
        own = replace(task, batches=task.batches[:, :1]) if id == "sklearn-sgd" else task
        if setting.where == "weights":
            yield id, _share(own, walk(own, value_of(setting), LR, 0.0), walk(own, 0.0, LR, 0.0))
        elif setting.optimiser != "adam":  # whose step is no multiple of the gradient
            yield id, _strength(own, walk(own, value_of(setting), LR, 0.0))
    for id, rest in minima().items():
        weights = rest(task, VALUE)
        slope = _squares(task, weights) if id == "sklearn-ridge" else _logistic(task, weights)
        yield id, float(-slope @ weights[:-1] / (2 * weights[:-1] @ weights[:-1]))


def _share(task: Task, path: np.ndarray, free: np.ndarray) -> float:
    """What the first step took of the weights beyond what it takes without decay."""
    start = task.start[:-1]
    return float((free[1] - path[1])[:-1] @ start / (start @ start))


def _strength(task: Task, path: np.ndarray) -> float:
    """Lambda of the first step, -a (gradient of the mean loss) - 2 a lambda w, by least squares."""
    start, batch = path[0], task.batches[0]
    slope = _logistic(replace(task, x=task.x[batch], y=task.y[batch]), start)
    parts = np.column_stack([slope, 2 * start[:-1]])
    (rate, force), *_ = np.linalg.lstsq(parts, (path[0] - path[1])[:-1], rcond=None)
    return float(force / rate)


def _logistic(task: Task, weights: np.ndarray) -> np.ndarray:
    """Gradient of the mean logistic loss of all samples, without that of the bias."""
    chance = 1 / (1 + np.exp(-(task.x @ weights[:-1] + weights[-1])))
    return task.x.T @ (chance - task.y) / len(task.y)


def _squares(task: Task, weights: np.ndarray) -> np.ndarray:
    """Gradient of the mean of squares, without that of the bias."""
    return 2 * task.x.T @ (task.x @ weights[:-1] + weights[-1] - task.y) / len(task.y)
