"""Least cost by width: every width from a start of its own, and from the one before, split."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from l2scale.exhibits.width_limit.sweeps import BASE, SETTINGS
from l2scale.lab.sweeps.measurement import Measurement, gathered, observe
from l2scale.lab.training.runs import Run
from l2scale.lab.training.starts import minimise_from, starting_weights
from l2scale.theory.width import split_units

KEYS = ("depth", "width", "seed")
COLUMNS = (*KEYS, "n_train", "lam", "weights", "cost")
KICK = 0.05  # relative size of the random change that tells the copies of a unit apart


def chains(scale: str) -> Measurement:
    """The measurement "chains": one row for each depth, seed, width and way to start."""
    at = SETTINGS[scale]
    seeds, steps, chains = range(at["chain_seeds"]), at["chain_steps"], at["chains"]
    tasks = [(n, chains[n], seed, steps) for n in sorted(chains, reverse=True) for seed in seeds]

    def look() -> pd.DataFrame:
        return gathered(chain, tasks).sort_values([*KEYS, "start"], ignore_index=True)

    networks = len(seeds) * sum(2 * len(widths) - 1 for widths in chains.values())
    varied = {
        "width": sorted({w for found in chains.values() for w in found}),
        "depth": sorted(chains),
    }
    settings = {k: v for k, v in BASE.columns.items() if k != "hidden"} | varied
    return observe("chains", look, networks, **settings | {"steps": steps, "seed": [*seeds]})


def chain(depth: int, widths: Sequence[int], seed: int, steps: int) -> list[dict[str, Any]]:
    """Minimise at rising widths, from an own start and from the best so far with its units split.

    Returns:
        Rows with the cost after half of the steps and after all; `split_cost`, the cost right after
        splitting, and `least`, the lowest cost known of a network of this width.
    """
    rows: list[dict[str, Any]] = []
    known: tuple[float, list[np.ndarray]] = (np.inf, [])
    for place, width in enumerate(widths):
        hidden = (width,) * (depth - 1)
        run = replace(BASE, hidden=hidden, seed=seed, steps=steps, checkpoints=(steps // 2, steps))
        starts, found, split_cost = {"own": starting_weights(run, 0)}, [], np.nan
        if place:
            copies = widened(known[1], width // widths[place - 1])
            split_cost = cost_of(run, copies)
            found.append((split_cost, copies))
            starts["split"] = kicked(copies, [seed, depth, width])
        ends = {name: minimise_from(run, weights) for name, weights in starts.items()}
        found += [(measured[-1]["cost"], weights) for weights, measured in ends.values()]
        before, known = known[0], min(found, key=lambda pair: pair[0])
        for name, (_, (half, end)) in ends.items():
            rows.append(
                {column: end[column] for column in COLUMNS}
                | {"start": name, "half_cost": half["cost"]}
                | {"squares": sum(end[f"sq_norm_{layer + 1}"] for layer in range(depth))}
                | {"split_cost": split_cost, "narrower": before, "least": known[0]}
            )
    return rows


def widened(weights: Sequence[np.ndarray], factor: int) -> list[np.ndarray]:
    """Every hidden unit split into `factor` copies; weights with the biases in the last column."""
    matrices, biases = [w[:, :-1] for w in weights], [w[:, -1] for w in weights]
    for layer in range(1, len(weights)):
        matrices, biases = split_units(matrices, biases, layer, [1 / factor] * factor)
    return [np.column_stack(pair) for pair in zip(matrices, biases, strict=True)]


def kicked(weights: Sequence[np.ndarray], key: Sequence[int]) -> list[np.ndarray]:
    """Every weight changed by a few percent, so that the copies of a unit can part."""
    rng = np.random.default_rng(key)
    return [w * (1 + KICK * rng.standard_normal(w.shape)) for w in weights]


def cost_of(run: Run, weights: Sequence[np.ndarray]) -> float:
    """The objective of a network as it is."""
    _, (measured,) = minimise_from(replace(run, steps=0, checkpoints=()), weights)
    return measured["cost"]
