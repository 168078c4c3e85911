"""The digits' networks again, judged by held-out labels that are as often wrong as training ones.

The sweeps judge by right labels. That shifts the best strength, and this says by how much.
"""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import pandas as pd
from scipy.special import log_softmax

from l2scale.catalogue.results import Result
from l2scale.exhibits.samples.sweeps import MINIMUM, sweeps
from l2scale.lab import machine
from l2scale.lab.datasets import load
from l2scale.lab.estimates import Interval
from l2scale.lab.runs import Run
from l2scale.lab.sweeps import Measurement, observe
from l2scale.lab.training import trained_weights
from l2scale.lab.transfer import exponents

TASKS = ("logistic", "digits")
SEEDS = {"smoke": 2, "book": 12, "full": 64}


def observations(scale: str) -> tuple[Measurement, ...]:
    """The measurement "alike", at a scale."""
    groups = {
        sweep.name: [run for run in sweep.runs if run.seed < SEEDS[scale]]
        for sweep in sweeps(scale)
        if sweep.name in TASKS
    }
    networks = sum(len(runs) for runs in groups.values())
    return (observe("alike", lambda: judged(groups), networks, seeds=SEEDS[scale]),)


def judged(groups: dict[str, list[Run]]) -> pd.DataFrame:
    """One row per network: its held-out losses, expected over wrong labels (nats)."""
    rows = []
    with machine.one_thread():
        for task, runs in groups.items():
            ordered = sorted(runs, key=lambda run: (run.n_train, run.seed, run.lam))
            for (n, seed), group in groupby(ordered, key=lambda run: (run.n_train, run.seed)):
                split = load(MINIMUM.data, seed=seed, n_train=n, label_noise=MINIMUM.label_noise)
                same = list(group)
                for run, weights in zip(same, trained_weights(same), strict=True):
                    found = {"task": task, "n_train": n, "seed": seed, "lam": run.lam}
                    for part in ("val", "test"):
                        x, y = getattr(split, f"x_{part}"), getattr(split, f"y_{part}")
                        found[f"{part}_loss"] = expected_loss(weights, x, y, MINIMUM.label_noise)
                    rows.append(found)
    return pd.DataFrame(rows)


def expected_loss(
    weights: Sequence[np.ndarray], x: np.ndarray, y: np.ndarray, wrong: float
) -> float:
    """Mean cross-entropy (nats) if a share of the labels is wrong, each other class as likely.

    Args:
        weights: of a ReLU network, (n_out, n_in + 1) a layer, biases last.
        x: inputs, (n, d).
        y: right classes, (n,).
        wrong: the share, from 0 to below 1.
    """
    h = np.asarray(x, dtype=np.float64)
    for number, layer in enumerate(weights):
        h = (np.maximum(h, 0) if number else h) @ layer[:, :-1].T + layer[:, -1]
    losses = -log_softmax(h, axis=1)
    right = losses[np.arange(len(y)), np.asarray(y, dtype=int)]
    others = (losses.sum(axis=1) - right) / (h.shape[1] - 1)
    return float(((1 - wrong) * right + wrong * others).mean())


def rows_of(result: Result, task: str) -> pd.DataFrame:
    """The networks of one task."""
    table = result["alike"].table
    return table[table["task"] == task]


def power(result: Result, task: str, end: str = "") -> Interval:
    """The exponent of lambda* over all n or the `first` or `last` two, nan if one is at an edge."""
    rows = rows_of(result, task)
    sizes = sorted(rows["n_train"].unique())
    kept = {"": sizes, "first": sizes[:2], "last": sizes[-2:]}[end]
    found = exponents(rows[rows["n_train"].isin(kept)], ["task"], "n_train").iloc[0]
    return Interval(found["exponent"], found["low"], found["high"], rows["seed"].nunique())
