"""By what MLPClassifier divides its alpha, from the steps that it takes."""

import numpy as np
import pandas as pd
from sklearn.neural_network import MLPClassifier

from l2scale.lab.data.datasets import load

ALPHA = 8.0
BATCHES = (10, 50, 200)
SAMPLES = 200
RATE = 1e-6  # so small that the steps of an epoch add up
STILL = 1e-300  # a rate at which no digit of a weight moves


def observe_divided() -> pd.DataFrame:
    """One row per batch size: batch_size, seed, and lam, the strength that its epoch shows.

    A weight differs by 2 eta lambda w a step between an epoch with alpha and one without.
    """
    rows = []
    for size in BATCHES:
        before, without = decay_of_epoch(0.0, size, STILL), decay_of_epoch(0.0, size, RATE)
        lost = without - decay_of_epoch(ALPHA, size, RATE)
        steps = SAMPLES // size
        lam = float(lost @ before / (before @ before)) / (2 * RATE * steps)
        rows.append({"batch_size": size, "seed": 0, "lam": lam})
    return pd.DataFrame(rows)


def decay_of_epoch(alpha: float, size: int, rate: float) -> np.ndarray:
    """All weights after an epoch."""
    split = load("digits", seed=0, n_train=SAMPLES)
    settings = {"solver": "sgd", "momentum": 0.0, "nesterovs_momentum": False, "random_state": 0}
    classifier = MLPClassifier(
        (16,), alpha=alpha, batch_size=size, learning_rate_init=rate, **settings
    )
    classifier.partial_fit(split.x_train, split.y_train, classes=np.arange(10))
    return np.concatenate([layer.ravel() for layer in classifier.coefs_])
