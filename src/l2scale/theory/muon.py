"""Muon with decoupled decay: its two settings are one optimiser, and decay puts a ceiling on it.

A step on a matrix ``W`` of shape (fan_out, fan_in), as torch.optim.Muon takes it, is
``W <- (1 - 2 lr lam) W - lr s O``: O is near the orthogonal matrix nearest to an averaged gradient,
and s a factor by the shape of the matrix,

================  ===================================  ==================
setting           s                                    source
================  ===================================  ==================
original          ``sqrt(max(1, fan_out / fan_in))``   Jordan et al. 2024
match_rms_adamw   ``0.2 sqrt(max(fan_out, fan_in))``   Liu et al. 2025
================  ===================================  ==================

The first over the second is ``5 / sqrt(fan_in)``, whichever side is longer. So one rate and lambda
of the first take the steps of ``5 / sqrt(fan_in)`` times the rate and ``sqrt(fan_in) / 5`` times
the lambda of the second.
"""

import math

from l2scale.theory.penalties import check_lambda, check_rate

SETTINGS = ("original", "match_rms_adamw")
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
"""Coefficients a, b, c of the iteration ``f(x) = a x + b x^3 + c x^5`` on the singular values."""


def step_factor(setting: str, fan_out: int, fan_in: int) -> float:
    """Return s, the factor on a matrix's step.

    Args:
        setting: a name in `SETTINGS`, as torch's `adjust_lr_fn` has them.
        fan_out: rows of the matrix, 1 or more.
        fan_in: its columns, 1 or more.

    Raises:
        ValueError: for an unknown setting, or a side below 1.
    """
    if setting not in SETTINGS:
        raise ValueError(f"unknown setting {setting!r}: choose one of {', '.join(SETTINGS)}")
    if fan_out < 1 or fan_in < 1:
        raise ValueError(f"a matrix of shape {(fan_out, fan_in)} has no entries")
    if setting == "original":
        return math.sqrt(max(1.0, fan_out / fan_in))
    return 0.2 * math.sqrt(max(fan_out, fan_in))


def matching_rate(lr: float, fan_in: int) -> float:
    """Return the rate under match_rms_adamw that takes the steps of a rate under original.

    Raises:
        ValueError: as `step_factor`, and for a negative rate.
    """
    return check_rate(lr) * _quotient(fan_in)


def matching_lambda(lam: float, fan_in: int) -> float:
    """Return the lambda under match_rms_adamw that decays as a lambda under original does.

    At the rate that `matching_rate` gives: the product of both stays.

    Raises:
        ValueError: as `step_factor`, and for a negative lambda.
    """
    check_lambda(lam)
    return lam / _quotient(fan_in)


def _quotient(fan_in: int) -> float:
    return step_factor("original", 1, fan_in) / step_factor("match_rms_adamw", 1, fan_in)


def largest_of_step() -> float:
    """Return kappa, the largest singular value that O can have: 1.2024, to four digits.

    Singular values start in [0, 1], as the gradient is divided by its Frobenius norm. There the
    iteration is at most kappa, its value at its inner maximum, and from [0, kappa] it does not
    leave [0, kappa].
    """
    a, b, c = NEWTON_SCHULZ
    square = (-3 * b - math.sqrt(9 * b * b - 20 * a * c)) / (10 * c)  # where f'(x) = 0
    x = math.sqrt(square)
    return a * x + b * x**3 + c * x**5


def ceiling(setting: str, lam: float, fan_out: int, fan_in: int) -> float:
    """Return the largest singular value below which decay brings W: ``kappa s / (2 lam)``.

    With ``0 <= 2 lr lam <= 1`` at every step and no rounding, what is above it shrinks as
    ``1 - 2 lr lam``, and what is below it stays below. Chen, Li & Liu (2025, arXiv 2506.15054) have
    the limit for an exact O.

    Raises:
        ValueError: as `step_factor`, and for a lambda that is not above 0.
    """
    check_lambda(lam)
    if lam == 0:
        raise ValueError("lambda is 0: without decay a matrix has no ceiling")
    return largest_of_step() * step_factor(setting, fan_out, fan_in) / (2 * lam)
