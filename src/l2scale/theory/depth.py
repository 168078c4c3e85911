"""What depth does to the sum of squares: a linear map written as a product of L layers.

The least sum of squares of layers whose product is a matrix with singular values s_i is
``L * sum_i s_i^(2/L)``: the nuclear norm, twice, for two layers, and with more layers a sum that
counts singular values rather than adding them up (Shang, Liu & Cheng 2016; Dai, Karzand & Srebro
2021). Width is not in it, as long as the inner widths are no less than the rank.
"""

import numpy as np

from l2scale.theory.collapse import check_layers
from l2scale.theory.penalties import check_lambda


def least_squares_sum(singular_values: np.ndarray, layers: int) -> float:
    """Return ``L * sum_i s_i^(2/L)``, the least sum of squares of L layers with such a product.

    Args:
        singular_values: of the product, 0 or above, any shape.
        layers: L, 2 or more.

    Raises:
        ValueError: for a singular value below 0, and as `check_layers`.
    """
    found = check_singular(singular_values)
    return float(check_layers(layers) * np.power(found, 2.0 / layers).sum())


def balanced(matrix: np.ndarray, layers: int) -> list[np.ndarray]:
    """Return L layers, input side first, with this product and the least sum of squares.

    Every layer has the singular values ``s_i^(1/L)``, in directions that fit together.

    Args:
        matrix: the product, ``(k, d)``.
        layers: L, 2 or more. The inner widths are ``min(k, d)``.

    Raises:
        ValueError: as `check_layers`.
    """
    out, values, into = np.linalg.svd(np.asarray(matrix, dtype=np.float64), full_matrices=False)
    root = np.diag(values ** (1.0 / check_layers(layers)))
    return [root @ into, *[root] * (layers - 2), out @ root]


def pull(singular_value: np.ndarray, layers: int, lam: float) -> np.ndarray:
    """Return ``2 lam s^(2/L - 1)``: how hard the penalty pulls on a singular value of the product.

    It is the derivative of the least penalty. At s = 1 it is ``2 lam`` at every depth; above, it
    falls with depth, and below it rises. At 0 it is infinite from three layers on.

    Args:
        singular_value: above 0, any shape.
        layers: L, 2 or more.
        lam: strength of the sum.

    Raises:
        ValueError: for a singular value not above 0, and as `check_layers` and `check_lambda`.
    """
    found = check_singular(singular_value)
    if not (found > 0).all():
        raise ValueError("at a singular value of 0 the least penalty has no derivative")
    pulls: np.ndarray = 2.0 * check_lambda(lam) * np.power(found, 2.0 / check_layers(layers) - 1.0)
    return pulls


def check_singular(values: np.ndarray) -> np.ndarray:
    """Return the values as floats; ValueError for one that is not finite, 0 or above."""
    found = np.asarray(values, dtype=np.float64)
    if not (np.isfinite(found) & (found >= 0)).all():
        raise ValueError(f"singular values are finite and 0 or above, not {values!r}")
    return found
