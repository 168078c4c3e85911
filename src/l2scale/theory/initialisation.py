"""What common initialisations put into a penalty before training, and how it fades unopposed.

Each initial weight of a layer is drawn with mean 0 and one of these variances:

========  ======================  =========================================================
name      variance                source
========  ======================  =========================================================
he        2 / fan_in              He et al. (2015), eq. 10
glorot    2 / (fan_in + fan_out)  Glorot & Bengio (2010), eq. 12 (eq. 16 as a uniform law)
lecun     1 / fan_in              LeCun et al. (1998), "Efficient BackProp"
pytorch   1 / (3 fan_in)          torch.nn.Linear: uniform between -1/sqrt(fan_in) and its opposite
normal    1                       standard normal
========  ======================  =========================================================

A layer of ``fan_in * fan_out`` weights so holds an expected sum of squares that grows with its
units, not with its weights: ``2 fan_out`` for he, ``fan_out`` for lecun, ``fan_out / 3`` for
pytorch. Only ``normal`` grows with the weights.
"""

import math
from collections.abc import Sequence

import numpy as np

from l2scale.theory.penalties import (
    Shape,
    check_lambda,
    check_shapes,
    coefficients,
    decay_factor,
)

INITS: tuple[str, ...] = ("he", "glorot", "lecun", "pytorch", "normal")


def variance(init: str, fan_in: int, fan_out: int, scale: float = 1.0) -> float:
    """Return the variance of a layer's initial weights.

    Args:
        init: a name in `INITS`.
        fan_in: inputs of the layer.
        fan_out: outputs of the layer.
        scale: multiplies every initial weight, so the variance by its square.

    Raises:
        ValueError: for an unknown name, a fan below 1, or a scale that is not finite and
            0 or above.
    """
    ((fan_out, fan_in),) = check_shapes([(fan_out, fan_in)])
    if not (math.isfinite(scale) and scale >= 0):
        raise ValueError(f"scale must be a finite number, 0 or above, and is {scale!r}")
    match init:
        case "he":
            unscaled = 2.0 / fan_in
        case "glorot":
            unscaled = 2.0 / (fan_in + fan_out)
        case "lecun":
            unscaled = 1.0 / fan_in
        case "pytorch":
            unscaled = 1.0 / (3.0 * fan_in)
        case "normal":
            unscaled = 1.0
        case _:
            raise ValueError(f"unknown initialisation {init!r}: choose one of {', '.join(INITS)}")
    return unscaled * scale**2


def expected_sum_of_squares(init: str, shapes: Sequence[Shape], scale: float = 1.0) -> np.ndarray:
    """Return each layer's expected ``||W_l||_F^2``, shape ``(L,)``: its weights times variance.

    Args:
        init: a name in `INITS`.
        shapes: ``(fan_out, fan_in)`` of each of the L layers.
        scale: multiplies every initial weight.

    Raises:
        ValueError: as `variance`, and for no layer at all.
    """
    return np.array(
        [
            fan_out * fan_in * variance(init, fan_in, fan_out, scale)
            for fan_out, fan_in in check_shapes(shapes)
        ]
    )


def expected_value(
    lam: float,
    penalty: str | Sequence[float],
    init: str,
    shapes: Sequence[Shape],
    scale: float = 1.0,
) -> float:
    """Return the penalty's expected value before the first step, in units of the cost.

    Args:
        lam: strength, 0 or above.
        penalty: a name or one coefficient per layer, as `l2scale.theory.penalties.coefficients`.
        init: a name in `INITS`.
        shapes: ``(fan_out, fan_in)`` of each of the L layers.
        scale: multiplies every initial weight.

    Raises:
        ValueError: as `expected_sum_of_squares`, `coefficients` and `check_lambda`.
    """
    squares = expected_sum_of_squares(init, shapes, scale)
    return check_lambda(lam) * float(np.dot(coefficients(penalty, shapes), squares))


def decayed_value(
    value_at_0: float,
    lr: float,
    lam: float,
    step: int | np.ndarray,
    coefficient: float = 1.0,
) -> float | np.ndarray:
    """Return a layer's penalty after ``step`` gradient steps that nothing but decay has moved.

    Each step multiplies the weights by ``1 - 2 lr lam c``, so the squares by that squared::

        value_at_0 * (1 - 2 lr lam c)^(2 step)    about    value_at_0 * exp(-4 lr lam c step)

    Args:
        value_at_0: the penalty's value before the first step.
        lr: learning rate, 0 or above.
        lam: strength, 0 or above.
        step: number of steps, 0 or above; an array gives an array of its shape.
        coefficient: the layer's ``c``.

    Raises:
        ValueError: for a step below 0, and as `decay_factor`.
    """
    if np.any(np.asarray(step) < 0):
        raise ValueError(f"step counts from 0, and is {step!r}")
    decayed = value_at_0 * decay_factor(lr, lam, coefficient) ** (2.0 * np.asarray(step))
    return decayed if np.ndim(step) else float(decayed)
