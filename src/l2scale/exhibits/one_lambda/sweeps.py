"""What this chapter trains."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import numpy as np

from l2scale.lab.sweeps.sweep import Sweep
from l2scale.lab.training.batches import split_of
from l2scale.lab.training.networks import layer_shapes
from l2scale.lab.training.runs import Run, grid
from l2scale.theory.penalties import coefficients, effective_lambda

SETTINGS: dict[str, dict[str, Any]] = {
    "smoke": {
        "draws": 4, "kernel_steps": 60, "kernel_seeds": 1,
        "minima_seeds": 1, "minima_samples": 256, "iterations": 200, "digits_iterations": 40,
        "digits_steps": 200,
        "break_seeds": 2, "break_iterations": 150, "break_steps": 400,
        "clock_seeds": 2, "clock_steps": 400,
        "tuned_seeds": 3, "tuned_steps": 200, "per_decade": 4, "settled": (3, 60),
    },
    "book": {
        "draws": 40, "kernel_steps": 4000, "kernel_seeds": 1,
        "minima_seeds": 2, "minima_samples": 2048, "iterations": 1200, "digits_iterations": 600,
        "digits_steps": 10_000,
        "break_seeds": 3, "break_iterations": 800, "break_steps": 2000,
        "clock_seeds": 5, "clock_steps": 4000,
        "tuned_seeds": 24, "tuned_steps": 1000, "per_decade": 8, "settled": (12, 300),
    },
    "full": {
        "draws": 400, "kernel_steps": 20000, "kernel_seeds": 4,
        "minima_seeds": 4, "minima_samples": 4096, "iterations": 4000, "digits_iterations": 4000,
        "digits_steps": 40_000,
        "break_seeds": 16, "break_iterations": 4000, "break_steps": 20000,
        "clock_seeds": 16, "clock_steps": 8000,
        "tuned_seeds": 128, "tuned_steps": 8000, "per_decade": 12, "settled": (64, 2000),
    },
}  # fmt: skip

COMPARED = ("sum", "tensor_mean", "fan", "prior")  # at one size the mean is the sum renamed
SHAPES = {"square": (24, 24), "funnel": (48, 12), "hour-glass": (32, 6, 32)}
STARTS = ("glorot", "pytorch")  # besides he: how far apart one penalty's minima lie
UNEQUAL = (0.1, 1.0, 10.0)  # in every order, on the square
FELT = 1e-2  # lambda times the geometric mean, in all minima of the chapter

MINIMUM = Run(data="teacher", optimiser="lbfgs", batch_size=None, dtype="float64")
NOISY = Run(n_train=200, label_noise=0.2, hidden=(32, 16), lr=0.2)
TUNED = (-2.25, -1.25)  # log10 of the grid's ends, in lambda times the geometric mean
SETTLED_AT = 10**-1.75  # a strength of that grid

# Conditions of the figure on what breaks balance; "yes" where theory says balance.
EXACT = replace(MINIMUM, hidden=(32, 16), lam=FELT)
FIRST_ORDER = replace(EXACT, optimiser="sgd", lr=0.05, schedule="cosine")
CONDITIONS = {
    "linear": replace(EXACT, activation="linear"),
    "leaky ReLU": replace(EXACT, activation="leaky_relu"),
    "ReLU": EXACT,
    "ReLU, Adam": replace(FIRST_ORDER, optimiser="adam", lr=0.03),
    "ReLU, biases penalised": replace(EXACT, penalise_biases=True),
    "tanh": replace(EXACT, activation="tanh"),
    "ReLU, AdamW": replace(FIRST_ORDER, optimiser="adamw", lr=0.03),
    "layer normalisation": replace(FIRST_ORDER, norm="layer", bias=False),
}
BALANCED = ("linear", "leaky ReLU", "ReLU", "ReLU, Adam")


def shapes_of_run(run: Run) -> tuple[tuple[int, int], ...]:
    """Shapes of the layers of a run's network."""
    split = split_of(run)
    return layer_shapes(split.x_train.shape[1], run.hidden, split.n_classes)


def geometric_mean(run: Run) -> float:
    """The geometric mean of a run's coefficients."""
    return effective_lambda(1.0, coefficients(run.penalty, shapes_of_run(run)))


def at_felt_strength(run: Run, felt: float = FELT) -> Run:
    """The run at the strength at which lambda times the geometric mean is `felt`."""
    return replace(run, lam=felt / geometric_mean(run))


def sweeps(scale: str) -> tuple[Sweep, ...]:
    """What this chapter trains at a scale."""
    parts = {
        "minima": minimum_runs,
        "unmatched": unmatched_runs,
        "digits_minima": digits_minimum_runs,
        "breaks": break_runs,
        "clock": clock_runs,
        "tuned": tuning_runs,
        "settled": settled_runs,
    }
    return tuple(Sweep(name, runs(SETTINGS[scale])) for name, runs in parts.items())


def minimum_runs(at: dict[str, Any]) -> tuple[Run, ...]:
    """Down to a minimum under each penalty, at one felt strength, on each shape."""
    steps, seeds = at["iterations"], range(at["minima_seeds"])
    base = replace(MINIMUM, n_train=at["minima_samples"], steps=steps)
    base = replace(base, checkpoints=(0, steps // 2, steps))
    runs: tuple[Run, ...] = ()
    for name, hidden in SHAPES.items():
        penalties = (*COMPARED, *permutations(UNEQUAL)) if name == "square" else COMPARED
        runs += grid(replace(base, hidden=hidden), penalty=penalties, seed=seeds)
    runs += grid(replace(base, hidden=SHAPES["square"]), init=STARTS, seed=seeds)
    return tuple(at_felt_strength(run) for run in runs)


def unmatched_runs(at: dict[str, Any]) -> tuple[Run, ...]:
    """The same at one typed strength."""
    base = replace(MINIMUM, n_train=at["minima_samples"], steps=at["iterations"] // 2, lam=FELT)
    seeds = range(-(-at["minima_seeds"] // 2))
    return grid(base, hidden=SHAPES.values(), penalty=COMPARED[1:], seed=seeds)


def digits_minimum_runs(at: dict[str, Any]) -> tuple[Run, ...]:
    """Ten classes, where L-BFGS stalls at kinks and falling steps of Adam go on."""
    base = replace(MINIMUM, data="digits", n_train=500, hidden=(32, 16))
    adam = replace(base, optimiser="adam", lr=0.06, schedule="cosine", steps=at["digits_steps"])
    runs = grid(replace(base, steps=at["digits_iterations"]), penalty=COMPARED)
    return tuple(at_felt_strength(run) for run in runs + grid(adam, penalty=COMPARED))


def break_runs(at: dict[str, Any]) -> tuple[Run, ...]:
    """With and without what balance needs."""
    runs: tuple[Run, ...] = ()
    for run in CONDITIONS.values():
        steps = at["break_iterations"] if run.optimiser == "lbfgs" else at["break_steps"]
        points = tuple(sorted({round(steps * i / 10) for i in range(11)}))
        base = replace(run, n_train=512, steps=steps, checkpoints=points)
        runs += grid(base, seed=range(at["break_seeds"]))
    return runs


def clock_runs(at: dict[str, Any]) -> tuple[Run, ...]:
    """The imbalance of an hour-glass over time, full batch and mini-batches."""
    steps = at["clock_steps"]
    points = tuple(round(steps * i / 16) for i in range(17))
    base = Run(n_train=100, hidden=(32, 8, 32), bias=False, lr=0.2, dtype="float64")
    base = replace(base, steps=steps, checkpoints=points)
    seeds = range(at["clock_seeds"])
    return grid(base, batch_size=(None, 10), lam=(1e-3, 2e-3, 4e-3), seed=seeds)


def tuning_runs(at: dict[str, Any]) -> tuple[Run, ...]:
    """SGD under each penalty over a grid of strengths around one felt strength."""
    low, high = TUNED
    strengths = 10 ** np.arange(low, high + 1e-9, 1 / at["per_decade"])
    runs: tuple[Run, ...] = ()
    for penalty in COMPARED:
        run = replace(NOISY, penalty=penalty, steps=at["tuned_steps"])
        lams = [at_felt_strength(run, felt).lam for felt in strengths]
        runs += grid(run, lam=lams, seed=range(at["tuned_seeds"]))
    return runs


def settled_runs(at: dict[str, Any]) -> tuple[Run, ...]:
    """The same networks from the same starts down to a minimum, at one strength of the grid."""
    seeds, steps = at["settled"]
    base = replace(NOISY, optimiser="lbfgs", batch_size=None, dtype="float64", steps=steps)
    runs = grid(base, penalty=COMPARED, seed=range(seeds))
    return tuple(at_felt_strength(run, SETTLED_AT) for run in runs)
