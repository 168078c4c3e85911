"""Training on a CPU, compiled: steps of an optimiser, and descents to a minimum."""

from l2scale.lab.kernels.lbfgs import minimise
from l2scale.lab.kernels.passes import IDENTITY, SIGMOID, SOFTMAX
from l2scale.lab.kernels.steps import ADAM, ADAMW, MOMENTUM, SGD, STATES, take_steps

__all__ = [
    "ADAM",
    "ADAMW",
    "IDENTITY",
    "MOMENTUM",
    "SGD",
    "SIGMOID",
    "SOFTMAX",
    "STATES",
    "minimise",
    "take_steps",
]
