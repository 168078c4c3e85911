"""What one trained network is: a flat, frozen record of every choice that makes it.

A run names its data, network, penalty, optimiser, horizon and seed. Two equal runs are the same
network, and are measured as the same: bit for bit on one machine's CPU, in whatever company they
train, and up to rounding on a GPU or another machine. A batch norm in other company is the same up
to rounding where its width is no multiple of 16.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import Any

from l2scale.lab.checks import PLAIN, are, as_python, is_bool, is_number, is_positive, is_whole
from l2scale.lab.data.datasets import check
from l2scale.lab.training.fits import (
    ARCHITECTURES,
    MUON,
    check_architecture,
    check_choice,
    check_data,
    check_layers,
    check_optimiser,
    check_schedule,
)
from l2scale.theory.initialisation import INITS

ACTIVATIONS = ("relu", "leaky_relu", "tanh", "sigmoid", "linear")
OPTIMISERS = ("sgd", "adam", "adamw", "lbfgs", *MUON)
NORMS = ("none", "layer")
OUTPUTS = ("softmax", "sigmoid")
SCHEDULES = ("constant", "cosine", "step", "warmup_cosine")
DECAYED = ("matrices", "all")
MUON_ON = ("matrices", "hidden")
DTYPES = ("float32", "float64")

CHOICES = {
    "architecture": ARCHITECTURES,
    "activation": ACTIVATIONS,
    "norm": NORMS,
    "outputs": OUTPUTS,
    "init": INITS,
    "optimiser": OPTIMISERS,
    "schedule": SCHEDULES,
    "decayed": DECAYED,
    "muon_on": MUON_ON,
    "dtype": DTYPES,
}
# What each of the other fields holds by itself, and what is said where it does not.
RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "hidden": (
        lambda widths: are(lambda width: is_whole(width, 1), widths),
        "every width is a whole number above 0, in a tuple such as (128,); () has none",
    ),
    "bias": (is_bool, "True or False"),
    "penalise_biases": (is_bool, "True or False"),
    "init_scale": (is_positive, "a finite number above 0"),
    "bias_init": (is_number, "a finite number, 0 or above"),
    "lam": (is_number, "a finite number, 0 or above"),
    "dropout": (lambda rate: is_number(rate) and rate < 1, "a rate is a number in [0, 1)"),
    "lr": (is_positive, "a learning rate is a finite number above 0"),
    "momentum": (lambda value: is_number(value) and value < 1, "a number in [0, 1)"),
    "batch_size": (
        lambda size: size is None or is_whole(size, 1),
        "a whole number, 1 or above, or None for the full batch",
    ),
    "steps": (is_whole, "a whole number, 0 or above"),
    "warmup": (is_whole, "a whole number, 0 or above"),
    "decay_steps": (
        lambda steps: are(is_whole, steps),
        "give the first step of the penalty and the one after its last, or () for all",
    ),
    "checkpoints": (
        lambda steps: are(is_whole, steps),
        "whole numbers, 0 or above, in a tuple such as (0, 100); () measures once, at the end",
    ),
    "held_out": (
        lambda sizes: are(lambda size: is_whole(size, 1), sizes),
        "give whole numbers above 0 in a tuple such as (40, 90); () measures the whole part alone",
    ),
}


@dataclass(frozen=True)
class Run:
    """One network to train, in the units of the book's objective.

    The objective is mean loss + lam * sum_l c_l ||W_l||_F^2, without a factor 1/2.

    Attributes:
        data: data set, see `l2scale.lab.data.datasets.DATASETS`.
        architecture: one of ARCHITECTURES. "mlp" is all that follows; "layer_norm" and
            "batch_norm" have a norm with gains and biases of its own before each activation;
            "residual" has a stem, pre-norm blocks d -> 4 d -> d, a last norm and a head;
            "transformer" has attention too and takes rows of an image as tokens; "convolutional" is
            residual with batch norm. See `l2scale.lab.training.architectures`.
        n_train: training samples; None takes the whole training part.
        label_noise: see `l2scale.lab.data.datasets.load`.
        hidden: hidden units of each hidden layer, input side first; () is a linear model. Of what
            has blocks, the width (channels, if convolutional) once for each block.
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
        dropout: rate in [0, 1) at which each hidden unit is left out, anew for each sample of each
            step; those that stay are divided by 1 - dropout. Training alone drops units, and what
            is measured drops none.
        optimiser: "sgd" and "adam" add the penalty's force to the gradient; "adamw" multiplies
            each weight by 1 - 2 lr lam c_l instead (decoupled decay); "lbfgs" goes down the
            full-batch objective in float64, one iteration a step, with no use for lr. Those of
            Muon are torch's, each with its setting of the step, and "adamw" on the rest.
        muon_on: what Muon steps: "matrices", or "hidden", all but the first and the last of them.
        lr: learning rate, > 0.
        layer_lr: a factor a matrix on lr, its biases and decoupled decay included; () is 1 for all,
            as it is for gains and embeddings.
        momentum: of SGD, in [0, 1).
        batch_size: samples a step; None is the full batch.
        steps: optimiser steps.
        schedule: factor on lr over the steps: constant; cosine, from 1 to 0; step, a tenth after
            half of the steps and a hundredth after three quarters; warmup_cosine, (t + 1) / warmup
            at the steps t < warmup, then cosine over the rest.
        warmup: steps of it, above 0 for warmup_cosine alone.
        decayed: what the penalty is on, but for "mlp": "matrices", and so neither gains, biases nor
            embeddings, or "all".
        decay_steps: (first, end): the penalty acts in the steps from `first` up to before `end`;
            () is all. For "mlp" it always acts.
        checkpoints: steps at which to measure; () measures once, at the end.
        held_out: sizes of the validation part's first stretches that are measured beside the whole.
        seed: of the split, the label noise, the initial weights, the batch order and what is
            dropped.
        dtype: "float32" or "float64".

    Raises:
        ValueError: for any value outside these, naming it. NumPy's numbers become Python's.
    """

    data: str = "digits"
    architecture: str = "mlp"
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
    dropout: float = 0.0
    optimiser: str = "sgd"
    muon_on: str = "matrices"
    lr: float = 0.1
    layer_lr: tuple[float, ...] = ()
    momentum: float = 0.0
    batch_size: int | None = 32
    steps: int = 1000
    schedule: str = "constant"
    warmup: int = 0
    decayed: str = "matrices"
    decay_steps: tuple[int, ...] = ()
    checkpoints: tuple[int, ...] = ()
    held_out: tuple[int, ...] = ()
    seed: int = 0
    dtype: str = "float32"

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if type(value) not in PLAIN:
                object.__setattr__(self, name, as_python(value))
        check(self.data, seed=self.seed, n_train=self.n_train, label_noise=self.label_noise)
        for field, choices in CHOICES.items():
            check_choice(field, getattr(self, field), choices)
        for field, (holds, rule) in RULES.items():
            value = getattr(self, field)
            if not holds(value):
                raise ValueError(f"{field} is {value!r}: {rule}")
        check_layers(self)
        check_architecture(self)
        check_schedule(self)
        check_optimiser(self)
        check_data(self)

    @property
    def measured_at(self) -> tuple[int, ...]:
        """Steps at which the run is measured."""
        return self.checkpoints or (self.steps,)

    @property
    def columns(self) -> dict[str, Any]:
        """The run's settings as table columns, with `width` and `depth` spelled out."""
        row = {field.name: getattr(self, field.name) for field in fields(self)}
        del row["checkpoints"], row["held_out"]
        row["hidden"] = "-".join(map(str, self.hidden))
        row["penalty"] = self.penalty if isinstance(self.penalty, str) else str(self.penalty)
        row["layer_init"] = "-".join(f"{factor:g}" for factor in self.layer_init)
        row["layer_lr"] = "-".join(f"{factor:g}" for factor in self.layer_lr)
        row["batch_size"] = self.batch_size or 0
        row["decay_steps"] = "-".join(map(str, self.decay_steps))
        row["width"] = max(self.hidden, default=0)
        row["depth"] = len(self.hidden) + 1
        return row


def grid(base: Run, **axes: Iterable[Any]) -> tuple[Run, ...]:
    """All combinations of the axes' values, on top of `base`; the last axis varies fastest.

    Raises:
        ValueError: as `checked`, and for a value that a run cannot have.
    """
    values = checked(axes)
    return tuple(
        replace(base, **dict(zip(values, point, strict=True)))
        for point in product(*values.values())
    )


def checked(axes: Mapping[str, Iterable[Any]]) -> dict[str, tuple[Any, ...]]:
    """The axes of a grid, each with its values in a tuple.

    Raises:
        ValueError: for an axis that is no field of Run, that is no collection of values, as a name
            and a number are none, or that is empty.
    """
    names = {field.name for field in fields(Run)}
    values = {}
    for axis, options in axes.items():
        if axis not in names:
            raise ValueError(f"unknown axis {axis!r}: choose from {', '.join(sorted(names))}")
        if isinstance(options, str) or not isinstance(options, Iterable):
            raise ValueError(f"axis {axis!r} is {options!r}: give its values, as in ({options!r},)")
        values[axis] = tuple(options)
        if not values[axis]:
            raise ValueError(f"axis {axis!r} is empty: a grid needs at least one value of it")
    return values
