"""What this chapter computes by other means than sweeps: costs at points, and minima of kernels."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import torch

from l2scale.exhibits.one_lambda.sweeps import FELT, SETTINGS
from l2scale.lab.data.datasets import load
from l2scale.lab.sweeps.measurement import Measurement, gathered, observe
from l2scale.lab.training.landscape import (
    Network,
    Objective,
    convolutional,
    dense,
    draw_weights,
    minimise_objective,
)
from l2scale.theory.penalties import coefficients, effective_lambda
from l2scale.theory.rescaling import rescale, rescaling_factors

KERNEL_PENALTIES = ("sum", "tensor_mean")  # a step of this network costs as much as of ten others
HIDDEN, CHANNELS, SAMPLES, DECADES = (20, 12), (4, 6), 100, 1.0
NETWORKS: dict[str, Network] = {
    "linear": dense("linear", HIDDEN, 10),
    "ReLU": dense("ReLU", HIDDEN, 10),
    "leaky ReLU": dense("leaky ReLU", HIDDEN, 10),
    "kernels and max-pooling": convolutional(CHANNELS, 10),
    "tanh": dense("tanh", HIDDEN, 10),
    "layer normalisation": dense("layer normalisation", HIDDEN, 10),
    "ReLU, biases penalised": dense("ReLU", HIDDEN, 10),
}
HOMOGENEOUS = ("linear", "ReLU", "leaky ReLU", "kernels and max-pooling")


def observations(scale: str) -> tuple[Measurement, ...]:
    """Both, at a scale."""
    at = SETTINGS[scale]
    draws, seeds, steps = at["draws"], at["kernel_seeds"], at["kernel_steps"]
    at_points = observe(
        "points", lambda: observe_points(draws), lam=FELT, data="digits", n_train=SAMPLES,
        hidden=HIDDEN, channels=CHANNELS, draws=draws, decades=DECADES,
    )  # fmt: skip
    at_minima = observe(
        "kernels", lambda: kernels(seeds, steps), networks=seeds * len(KERNEL_PENALTIES), lam=FELT,
        data="digits_parity", n_train=SAMPLES, channels=CHANNELS, steps=steps,
    )  # fmt: skip
    drawn = len(at_points.table)
    return replace(at_points, networks=drawn, untrained=drawn), at_minima


def observe_points(draws: int) -> pd.DataFrame:
    """E at random weights under the sum, and at the rescaled weights under random coefficients."""
    rows = []
    for name, network in NETWORKS.items():
        for seed in range(draws):
            rng = np.random.default_rng([seed, 7])
            split = load("digits", seed=seed % 8, n_train=SAMPLES)
            c = tuple(10 ** rng.uniform(-DECADES, DECADES, len(network.shapes)))
            weights, biases = draw_weights(network, rng)
            w, b = ([array.numpy() for array in part] for part in (weights, biases))
            there = rescale(w, b, rescaling_factors(c))
            penalised = name.endswith("biases penalised")
            ones = (1.0,) * len(c)
            plain = Objective(network, split, FELT * effective_lambda(1.0, c), ones, penalised)
            other = Objective(network, split, FELT, c, penalised)
            rows.append(
                {"network": name, "seed": seed, "least_c": min(c), "largest_c": max(c)}
                | {"sum": float(plain(weights, biases))}
                | {"other": float(other(*([torch.from_numpy(w) for w in part] for part in there)))}
            )
    return pd.DataFrame(rows)


def kernels(seeds: int, steps: int) -> pd.DataFrame:
    """What each layer of a network with kernels adds to the penalty after a long descent."""
    tasks = [(seed, penalty, steps) for seed in range(seeds) for penalty in KERNEL_PENALTIES]
    return gathered(kernel_rows, tasks)


def kernel_rows(seed: int, penalty: str, steps: int) -> list[dict[str, Any]]:
    """One row a layer of one network."""
    split = load("digits_parity", seed=seed, n_train=SAMPLES)
    network = convolutional(CHANNELS, split.n_classes)
    weights, _ = draw_weights(network, np.random.default_rng([seed, 8]))
    c = coefficients(penalty, network.shapes)
    objective = Objective(network, split, FELT / effective_lambda(1.0, c), tuple(c))
    found = minimise_objective(objective, weights, steps)
    return [
        {"penalty": penalty, "seed": seed, "layer": layer}
        | {"value": objective.lam * k * float(w.square().sum())}
        for layer, (k, w) in enumerate(zip(c, found, strict=True), 1)
    ]
