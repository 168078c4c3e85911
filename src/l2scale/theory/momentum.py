"""What a penalty in the objective does under momentum to a weight that the data never move.

With ``v <- mu v + 2 lam w`` and ``w <- w - lr v``, three weights in a row obey
``w_{t+1} = (1 + mu - 2 lr lam) w_t - mu w_{t-1}``, so that in the long run each step multiplies the
weight by the larger root of ``x^2 - (1 + mu - 2 lr lam) x + mu = 0``.
"""

import math

from l2scale.theory.penalties import decay_factor


def long_run_factor(lr: float, lam: float, momentum: float) -> float:
    """Return the larger modulus of the two roots, by which a step multiplies the weight late on.

    For small ``lr lam`` it is about ``1 - 2 lr lam / (1 - momentum)``. Without momentum it is the
    modulus of `decay_factor`. From ``2 lr lam > (1 - sqrt(momentum))^2`` on the weight swings
    around 0 and shrinks by ``sqrt(momentum)`` a step, whatever lr and lam.

    Raises:
        ValueError: for a momentum outside [0, 1), and as `decay_factor`.
    """
    if not 0 <= momentum < 1:
        raise ValueError(f"momentum is {momentum!r}: it lies in [0, 1)")
    half = (decay_factor(lr, lam) + momentum) / 2
    inside = half**2 - momentum
    return math.sqrt(momentum) if inside < 0 else abs(half) + math.sqrt(inside)
