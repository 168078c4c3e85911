"""L2 penalties with one coefficient per layer: their value, their force and one step of decay.

The book's convention has no factor 1/2::

    E(w) = mean loss + lam * sum_l c_l ||W_l||_F^2

so the force on a weight is ``2 lam c_l w`` and one step of gradient descent multiplies an otherwise
untouched weight by ``1 - 2 lr lam c_l``. A penalty is known by the name of its coefficients:

===========  ===================================  ===========================================
name         coefficient c_l                      reads as
===========  ===================================  ===========================================
sum          1                                    sum of squares
mean         1 / P                                mean square over all P penalised weights
tensor_mean  1 / (fan_in fan_out)                 sum over layers of each layer's mean square
fan          (fan_in + fan_out)/(fan_in fan_out)  2 per layer at Glorot's initial scale
prior        (fan_in + fan_out) / 4               Gaussian prior at Glorot's scale
===========  ===================================  ===========================================

``prior`` is minus the log density of ``w ~ N(0, 2/(fan_in + fan_out))``: ``w^2 / (2 variance)``.
Glorot's variance is from Glorot & Bengio (2010), eq. 12.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Shape = tuple[int, int]
"""A layer's ``(fan_out, fan_in)``, the order of ``torch.nn.Linear.weight``."""

PerLayer = Sequence[float] | np.ndarray
"""A number for each layer, input side first."""

PENALTIES: tuple[str, ...] = ("sum", "mean", "tensor_mean", "fan", "prior")


def check_lambda(lam: float) -> float:
    """Return the strength ``lam`` as a float.

    Raises:
        ValueError: if it is negative, infinite or not a number.
    """
    return _check("lam", lam)


def check_rate(lr: float) -> float:
    """Return the learning rate ``lr`` as a float.

    Raises:
        ValueError: as `check_lambda`.
    """
    return _check("lr", lr)


def check_shapes(shapes: Sequence[Shape]) -> tuple[Shape, ...]:
    """Return the layers' ``(fan_out, fan_in)`` as a tuple of pairs of ints.

    Raises:
        ValueError: if there is no layer, or a shape is not a pair of whole numbers from 1 up.
    """
    if len(shapes) == 0:
        raise ValueError("shapes is empty: give at least one layer as (fan_out, fan_in)")
    for shape in shapes:
        if len(shape) != 2 or any(n < 1 or n != int(n) for n in shape):
            raise ValueError(
                f"a layer's shape is (fan_out, fan_in), both 1 or above, not {shape!r}"
            )
    return tuple((int(fan_out), int(fan_in)) for fan_out, fan_in in shapes)


def n_weights(shapes: Sequence[Shape]) -> int:
    """Count the penalised weights P of layers of these shapes.

    Raises:
        ValueError: as `check_shapes`.
    """
    return sum(fan_out * fan_in for fan_out, fan_in in check_shapes(shapes))


def coefficients(penalty: str | PerLayer, shapes: Sequence[Shape]) -> np.ndarray:
    """Return the coefficient ``c_l`` of each layer, shape ``(L,)``, float64.

    Args:
        penalty: a name in `PENALTIES`, or one number per layer, 0 or above (an ablation).
        shapes: ``(fan_out, fan_in)`` of each of the L layers.

    Raises:
        ValueError: for an unknown name, a wrong number of coefficients, a coefficient that is
            negative, infinite or nan, or shapes that `check_shapes` refuses.
    """
    shapes = check_shapes(shapes)
    if not isinstance(penalty, str):
        return _explicit_coefficients(penalty, len(shapes))
    fan_out: NDArray[np.float64]
    fan_in: NDArray[np.float64]
    fan_out, fan_in = np.array(shapes, dtype=np.float64).T
    match penalty:
        case "sum":
            return np.ones(len(shapes))
        case "mean":
            return np.full(len(shapes), 1.0 / n_weights(shapes))
        case "tensor_mean":
            return 1.0 / (fan_in * fan_out)
        case "fan":
            return (fan_in + fan_out) / (fan_in * fan_out)
        case "prior":
            return (fan_in + fan_out) / 4.0
        case _:
            raise ValueError(
                f"unknown penalty {penalty!r}: choose one of {', '.join(PENALTIES)}, "
                "or give one coefficient per layer"
            )


def _explicit_coefficients(given: PerLayer, layers: int) -> np.ndarray:
    array = np.array(given, dtype=np.float64)
    if array.shape != (layers,):
        raise ValueError(f"{layers} layers need {layers} coefficients in a row, not {given!r}")
    if not (np.isfinite(array) & (array >= 0)).all():
        raise ValueError(f"coefficients must be finite numbers, 0 or above, not {given!r}")
    return array


def value(weights: Sequence[np.ndarray], lam: float, penalty: str | PerLayer = "sum") -> float:
    """Return what the penalty adds to the cost, ``lam * sum_l c_l ||W_l||_F^2``.

    Args:
        weights: the weight matrix of each layer, shape ``(fan_out, fan_in)``.
        lam: strength, 0 or above.
        penalty: as in `coefficients`.

    Raises:
        ValueError: for a weight that is not a matrix, and as `coefficients` and `check_lambda`.
    """
    matrices = [np.asarray(weight, dtype=np.float64) for weight in weights]
    per_layer = coefficients(penalty, [matrix.shape for matrix in matrices])
    squares = [np.sum(np.square(matrix)) for matrix in matrices]
    return check_lambda(lam) * float(np.dot(per_layer, squares))


def force(weight: np.ndarray, lam: float, coefficient: float = 1.0) -> np.ndarray:
    """Return the penalty's gradient ``2 lam c w``, of the shape of ``weight``.

    It is what the penalty adds to the gradient that a step descends, so it pulls towards 0.

    Raises:
        ValueError: if ``lam`` or ``coefficient`` is negative, infinite or nan.
    """
    return 2.0 * check_lambda(lam) * _check("coefficient", coefficient) * np.asarray(weight)


def decay_factor(lr: float, lam: float, coefficient: float = 1.0) -> float:
    """Return ``1 - 2 lr lam c``, by which one gradient step multiplies an unused weight.

    It is below 0 when a step overshoots 0, and below -1 when steps diverge.

    Raises:
        ValueError: if an argument is negative, infinite or nan.
    """
    return 1.0 - 2.0 * check_rate(lr) * check_lambda(lam) * _check("coefficient", coefficient)


def effective_lambda(lam: float, coefficients: PerLayer) -> float:
    """Return ``lam * (c_1 ... c_L)^(1/L)``, the strength that a homogeneous network feels.

    For a network that is positively homogeneous in each layer's weights, rescaling the layers
    turns the penalty ``c`` with ``lam`` into the plain sum with this strength. A coefficient 0
    leaves nothing: the other layers can shrink at no cost.

    Raises:
        ValueError: if ``lam`` or a coefficient is negative, infinite or nan, or there is none.
    """
    array = _explicit_coefficients(coefficients, max(len(coefficients), 1))
    if (array == 0).any():
        return 0.0 * check_lambda(lam)
    # fsum does not depend on the order of its terms, as the geometric mean does not.
    return check_lambda(lam) * math.exp(math.fsum(np.log(array)) / len(array))


def _check(name: str, number: float) -> float:
    try:
        found = math.nan if isinstance(number, str | bool) else float(number)
    except (TypeError, ValueError, OverflowError):
        found = math.nan
    if not (math.isfinite(found) and found >= 0):
        raise ValueError(f"{name} must be a finite number, 0 or above, and is {number!r}")
    return found
