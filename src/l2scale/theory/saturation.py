"""Sigmoid units that start from N(0, 1) weights: how flat they are and what force is left.

A unit's pre-activation is then normal with variance ``s^2 = ||a||^2 + b^2`` for inputs a below it
and initial biases of standard deviation b.

The slope ``sigma'(z)`` is far from 0 only for z of size 1, so its mean square falls like
``1 / (6 sqrt(2 pi) s)``. The output layer is not held back in that way: under cross-entropy the
force on it is the error itself, and the error of a network that is sure and wrong is large.
"""

from collections.abc import Callable

import numpy as np
from scipy.special import expit

_POINTS, _REACH = 20_001, 12.0


def normal_mean(function: Callable[[np.ndarray], np.ndarray], s: np.ndarray | float) -> np.ndarray:
    """Return ``E function(z)`` for normal z of mean 0 and standard deviations `s`, of their shape.

    By the trapezoidal rule, which for smooth functions of a normal variable is exact to many
    digits. The function may vary on a scale of 1, and s be up to some hundreds.

    Raises:
        ValueError: for a standard deviation that is not above 0.
    """
    s = np.asarray(s, dtype=np.float64)
    if not (s > 0).all():
        raise ValueError(f"standard deviations are above 0, not {s.min()!r}")
    u = np.linspace(-_REACH, _REACH, _POINTS)
    density = np.exp(-(u**2) / 2)
    density /= density.sum()
    return np.array([function(each * u) @ density for each in s.ravel()]).reshape(s.shape)


def mean_square_slope(s: np.ndarray | float) -> np.ndarray:
    """Return ``E sigma'(z)^2``: 1/16 for small s, about ``1 / (6 sqrt(2 pi) s)`` for large."""
    return normal_mean(lambda z: (expit(z) * expit(-z)) ** 2, s)


def mean_square_activation(s: np.ndarray | float) -> np.ndarray:
    """Return ``E sigma(z)^2``: 1/4 for small s, tending to 1/2 for large."""
    return normal_mean(lambda z: expit(z) ** 2, s)


def start_forces(
    square_norms: np.ndarray, width: int, classes: int, bias_init: float = 0.0
) -> tuple[float, float]:
    """Return the root mean square norms of one sample's gradient in the two layers, (2,).

    For a network inputs-width-classes of sigmoid units, all weights N(0, 1), each class a yes or
    no with cross-entropy. With ``A = E sigma(z_1)^2``, ``z_2`` normal of variance
    ``width A + bias_init^2`` and any labels that do not depend on the weights,

        layer 2:  ``classes E sigma(z_2)^2 * width A``
        layer 1:  ``classes E sigma(z_2)^2 * width E[||x||^2 sigma'(z_1)^2]``

    are the mean squares, since ``E (sigma(z_2) - y)^2 = E sigma(z_2)^2`` summed over the classes of
    which one is true. Leading order in the width: an output's dependence on one unit is left out.

    Args:
        square_norms: ``||x||^2`` of every sample, ``(n,)``, above 0.
        width: hidden units.
        classes: outputs.
        bias_init: standard deviation of the initial biases.

    Raises:
        ValueError: for a norm that is not above 0.
    """
    square_norms = np.asarray(square_norms, dtype=np.float64)
    s1 = np.sqrt(square_norms + bias_init**2)
    activation = float(mean_square_activation(s1).mean())
    error = classes * float(mean_square_activation(np.sqrt(width * activation + bias_init**2)))
    first = error * width * float((square_norms * mean_square_slope(s1)).mean())
    return first**0.5, (error * width * activation) ** 0.5


def preactivation_kurtosis(mean_square: float, mean_fourth: float, width: int) -> float:
    """Return the excess kurtosis of ``sum_j v_j a_j`` with standard normal v, over draws of both.

    Given the activations the sum is normal with variance ``q = sum a_j^2``, and a mixture of
    normals has excess kurtosis ``3 Var(q) / E[q]^2``, so for independent activations

        ``3 (E a^4 / (E a^2)^2 - 1) / width``.

    For width 1 and normal a it is that of a product of two normals, 6.

    Args:
        mean_square: ``E a^2``, above 0.
        mean_fourth: ``E a^4``.
        width: activations in the sum.

    Raises:
        ValueError: for moments that no variable has, or a width below 1.
    """
    if width < 1 or not mean_square > 0 or mean_fourth < mean_square**2:
        raise ValueError(
            f"no {width!r} variables have mean square {mean_square!r} and fourth {mean_fourth!r}"
        )
    return 3.0 * (mean_fourth / mean_square**2 - 1.0) / width
