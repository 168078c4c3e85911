"""What one trained network is: a flat, frozen record of every choice that makes it.

A run names its data, network, penalty, optimiser, horizon and seed. Two equal runs are the same
network: bit for bit on one machine, in whatever company they train, and up to rounding elsewhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import Any

import numpy as np

from l2scale.theory.initialisation import INITS
from l2scale.theory.penalties import PENALTIES, check_lambda

ACTIVATIONS = ("relu", "leaky_relu", "tanh", "sigmoid", "linear")
OPTIMISERS = ("sgd", "adam", "adamw", "lbfgs")
NORMS = ("none", "layer")
OUTPUTS = ("softmax", "sigmoid")
SCHEDULES = ("constant", "cosine", "step")
DTYPES = ("float32", "float64")


@dataclass(frozen=True)
class Run:
    """One network to train, in the units of the book's objective.

    The objective is mean loss + lam * sum_l c_l ||W_l||_F^2, without a factor 1/2.

    Attributes:
        data: data set, see `l2scale.lab.datasets.DATASETS`.
        n_train: training samples; None takes the whole training part.
        label_noise: see `l2scale.lab.datasets.load`.
        hidden: hidden units of each hidden layer, input side first; () is a linear model.
        activation: one of ACTIVATIONS, for the hidden layers; leaky ReLU has slope 0.01.
        norm: "layer" centres and scales a hidden layer's pre-activations over its units, for each
            sample, as torch.nn.LayerNorm does without its own weights; "none" leaves them.
        outputs: for classes: "softmax" is one distribution over them, "sigmoid" a yes or no for
            each, whose losses are added up. Other tasks know only the first.
        bias: whether every layer has biases.
        penalise_biases: whether a layer's c_l applies to its biases too.
        init: one of `l2scale.theory.initialisation.INITS`, drawn from a Gaussian.
        init_scale: factor on every initial weight.
        layer_init: one more factor a layer on its initial weights; () is 1 for all.
        bias_init: standard deviation of the initial biases; 0 starts them at 0.
        penalty: a name in `l2scale.theory.penalties.PENALTIES`, or one coefficient a layer.
        lam: penalty strength, >= 0.
        optimiser: "sgd" and "adam" add the penalty's force to the gradient; "adamw" multiplies
            each weight by 1 - 2 lr lam c_l instead (decoupled decay); "lbfgs" goes down the
            full-batch objective in float64, one iteration a step, with no use for lr.
        lr: learning rate, > 0.
        layer_lr: a factor a layer on lr, biases and decoupled decay included; () is 1 for all.
        momentum: of SGD, in [0, 1).
        batch_size: samples a step; None is the full batch.
        steps: optimiser steps.
        schedule: factor on lr over the steps: constant; cosine, from 1 to 0; step, a tenth after
            half of the steps and a hundredth after three quarters.
        checkpoints: steps at which to measure; () measures once, at the end.
        seed: of the split, the label noise, the initial weights and the batch order.
        dtype: "float32" or "float64".

    Raises:
        ValueError: for any value outside these, naming it.
    """

    data: str = "digits"
    n_train: int | None = None
    label_noise: float = 0.0
    hidden: tuple[int, ...] = (128,)
    activation: str = "relu"
    norm: str = "none"
    outputs: str = "softmax"
    bias: bool = True
    penalise_biases: bool = False
    init: str = "he"
    init_scale: float = 1.0
    layer_init: tuple[float, ...] = ()
    bias_init: float = 0.0
    penalty: str | tuple[float, ...] = "sum"
    lam: float = 0.0
    optimiser: str = "sgd"
    lr: float = 0.1
    layer_lr: tuple[float, ...] = ()
    momentum: float = 0.0
    batch_size: int | None = 32
    steps: int = 1000
    schedule: str = "constant"
    checkpoints: tuple[int, ...] = ()
    seed: int = 0
    dtype: str = "float32"

    def __post_init__(self) -> None:
        _check_choice("activation", self.activation, ACTIVATIONS)
        _check_choice("norm", self.norm, NORMS)
        _check_choice("outputs", self.outputs, OUTPUTS)
        _check_choice("init", self.init, INITS)
        _check_choice("optimiser", self.optimiser, OPTIMISERS)
        _check_choice("schedule", self.schedule, SCHEDULES)
        _check_choice("dtype", self.dtype, DTYPES)
        if isinstance(self.penalty, str):
            _check_choice("penalty", self.penalty, PENALTIES)
        check_lambda(self.lam)
        if not self.lr > 0 or not np.isfinite(self.lr):
            raise ValueError(f"lr is {self.lr}: a learning rate is a finite number above 0")
        if not 0 <= self.momentum < 1:
            raise ValueError(f"momentum is {self.momentum}: it lies in [0, 1)")
        if self.momentum and self.optimiser != "sgd":
            raise ValueError(f"momentum {self.momentum} belongs to sgd, not to {self.optimiser}")
        if self.optimiser == "lbfgs" and (self.batch_size, self.dtype) != (None, "float64"):
            raise ValueError(
                "lbfgs needs batch_size None and dtype float64, and they are "
                f"{self.batch_size} and {self.dtype}"
            )
        if any(int(width) != width or width < 1 for width in self.hidden):
            raise ValueError(f"hidden is {self.hidden}: every width is a whole number above 0")
        if not self.init_scale > 0:
            raise ValueError(f"init_scale is {self.init_scale}: it must be above 0")
        if not 0 <= self.bias_init < np.inf:
            raise ValueError(f"bias_init is {self.bias_init}: it is a finite number, 0 or above")
        if self.bias_init and not self.bias:
            raise ValueError(f"bias_init is {self.bias_init}, and the network has no biases")
        for field in ("layer_init", "layer_lr"):
            factors = getattr(self, field)
            usable = all(np.isfinite(factor) and factor > 0 for factor in factors)
            if factors and (len(factors) != len(self.hidden) + 1 or not usable):
                raise ValueError(
                    f"{field} is {factors}: give one finite number above 0 for each of the "
                    f"{len(self.hidden) + 1} layers, or ()"
                )
        if self.batch_size is not None and self.batch_size < 1:
            raise ValueError(f"batch_size is {self.batch_size}: at least 1, or None for full batch")
        if self.steps < 0:
            raise ValueError(f"steps is {self.steps}: at least 0")
        wrong = [step for step in self.checkpoints if not 0 <= step <= self.steps]
        if wrong or list(self.checkpoints) != sorted(set(self.checkpoints)):
            raise ValueError(
                f"checkpoints are {self.checkpoints}: rising steps between 0 and {self.steps}"
            )

    @property
    def measured_at(self) -> tuple[int, ...]:
        """Steps at which the run is measured."""
        return self.checkpoints or (self.steps,)

    @property
    def columns(self) -> dict[str, Any]:
        """The run's settings as table columns, with `width` and `depth` spelled out."""
        row = {field.name: getattr(self, field.name) for field in fields(self)}
        del row["checkpoints"]
        row["hidden"] = "-".join(map(str, self.hidden))
        row["penalty"] = self.penalty if isinstance(self.penalty, str) else str(self.penalty)
        row["layer_init"] = "-".join(f"{factor:g}" for factor in self.layer_init)
        row["layer_lr"] = "-".join(f"{factor:g}" for factor in self.layer_lr)
        row["batch_size"] = self.batch_size or 0
        row["width"] = max(self.hidden, default=0)
        row["depth"] = len(self.hidden) + 1
        return row


def grid(base: Run, **axes: Iterable[Any]) -> tuple[Run, ...]:
    """All combinations of the axes' values, on top of `base`; the last axis varies fastest.

    Raises:
        ValueError: for an axis that is no field of Run, or that is empty.
    """
    names = {field.name for field in fields(Run)}
    values = {}
    for axis, options in axes.items():
        if axis not in names:
            raise ValueError(f"unknown axis {axis!r}: choose from {', '.join(sorted(names))}")
        values[axis] = tuple(options)
        if not values[axis]:
            raise ValueError(f"axis {axis!r} is empty: a grid needs at least one value of it")
    return tuple(
        replace(base, **dict(zip(values, point, strict=True)))
        for point in product(*values.values())
    )


def _check_choice(field: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f"unknown {field} {value!r}: choose one of {', '.join(choices)}")
