"""The strength that would crush a network which sees nothing but the noise."""

from typing import Any

import numpy as np
import pandas as pd

from l2scale.exhibits.samples.sweeps import MINIMUM, SETTINGS, SIGMA
from l2scale.lab.data.datasets import load
from l2scale.lab.sweeps.measurement import Measurement, gathered, observe
from l2scale.theory.threshold import maxima

RESTARTS = 12
SEEDS = {"smoke": 2, "book": 4, "full": 24}
TASKS = ("digits", "teacher", "line")


def observations(scale: str) -> tuple[Measurement, ...]:
    """The crush threshold of the noise alone, by task and number of samples."""
    return (observe("yardstick", lambda: observe_thresholds(scale), restarts=RESTARTS),)


def observe_thresholds(scale: str) -> pd.DataFrame:
    """One row per task, number of samples and seed; `crush` = M/2 of the noise's slopes."""
    at: dict[str, Any] = SETTINGS[scale]
    seeds = range(SEEDS[scale])
    return gathered(
        threshold_rows, [(task, n, seed) for task in TASKS for n in at[task] for seed in seeds]
    )


def threshold_rows(task: str, n: int, seed: int) -> list[dict[str, Any]]:
    """The row of one seed, see `observe_thresholds`."""
    x, slopes = noise_alone(task, n, seed)
    top = maxima(x, slopes, restarts=RESTARTS, seed=seed)[1].max()
    return [{"task": task, "n_train": n, "seed": seed, "crush": float(top) / 2}]


def noise_alone(task: str, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs (n, d), and how the noise in the targets alone slopes the loss at the truth, (n, k).

    On digits the truth is a label's probability of being what it is.
    """
    share = MINIMUM.label_noise if task == "digits" else SIGMA
    clean = load(task, seed=seed, n_train=n)
    noisy = load(task, seed=seed, n_train=n, label_noise=share)
    if task != "digits":
        return noisy.x_train, 2 * (noisy.y_train - clean.y_train)
    k = clean.n_classes
    chances = np.full((n, k), share / (k - 1))
    chances[np.arange(n), clean.y_train] = 1 - share
    return noisy.x_train, np.eye(k)[noisy.y_train] - chances
