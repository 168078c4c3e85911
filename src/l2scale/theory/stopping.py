"""Stopping early beside a penalty: least squares, exactly.

Gradient flow ``dw/dt = -eta grad`` on ``mean squared error + lam ||w||^2`` from w = 0. Let
``X'X/n`` have eigenvalues e, and let tau = eta t be the learning rate times the steps. In each
eigenvector's direction the flow keeps a share of the least-squares coefficient::

    kept(e, lam, tau) = (1 - exp(-2 (e + lam) tau)) e / (e + lam)

Ridge at a strength mu keeps ``e / (e + mu)``. Stopping works like the strength ``1 / (2 tau)``
beside lam: with ``mu = lam + 1 / (2 tau)`` the flow keeps as much as ridge, or up to 1.30 times as
much. So its risk is at most 1.69 times ridge's, in every direction. At lam = 0 that is Theorem 1 of
Ali, Kolter & Tibshirani (2019), whose t is 2 tau.
"""

import math

import numpy as np
from scipy.optimize import minimize_scalar

Numbers = np.ndarray | float


def kept(e: Numbers, lam: float, tau: float) -> np.ndarray:
    """Return the share of the least-squares coefficient that the stopped flow keeps.

    Args:
        e: eigenvalues of ``X'X/n``, 0 or above, any shape.
        lam: strength, 0 or above.
        tau: learning rate times steps, 0 or above; infinity is the end, which is ridge.

    Raises:
        ValueError: for a number out of range.
    """
    e = _checked(e, lam)
    if not tau >= 0:
        raise ValueError(f"tau is a learning rate times steps, 0 or above, and is {tau!r}")
    total = e + lam
    # 0 times infinity is a direction without data and without a penalty: it stays at 0.
    grown = -np.expm1(-2 * np.where(total > 0, total, 1.0) * tau)
    return np.where(total > 0, grown * ridge_kept(e, lam), 0.0)


def ridge_kept(e: Numbers, lam: float) -> np.ndarray:
    """Return ``e / (e + lam)``, the share that ridge keeps, and 0 where both are 0.

    Raises:
        ValueError: as `kept`.
    """
    e = _checked(e, lam)
    total = e + lam
    share: np.ndarray = np.divide(e, total, out=np.zeros_like(total), where=total > 0)
    return share


def matched(lam: float, tau: float) -> float:
    """Return ``lam + 1 / (2 tau)``, the strength of the ridge that a stopped flow is compared with.

    Raises:
        ValueError: for a tau not above 0.
    """
    if not tau > 0:
        raise ValueError(f"tau is above 0 where a strength is to match it, and is {tau!r}")
    return lam + 1 / (2 * tau)


def acts_like(e: Numbers, tau: float) -> np.ndarray:
    """Return the strength at which ridge keeps what the unpenalised flow keeps, in each direction.

    It is ``e / (exp(2 e tau) - 1)``: at most ``1 / (2 tau)``, which it is where ``e tau`` is small.
    It is also the norm of the gradient over that of 2 w in this direction, so that the estimate of
    Roegnvaldsson (1998), which takes the ratio over all, is a mean of it.

    Raises:
        ValueError: for an eigenvalue below 0 or a tau not above 0.
    """
    least, e = matched(0.0, tau), _checked(e, 0.0)
    with np.errstate(over="ignore"):
        powers = np.expm1(2 * e * tau)
    return np.where(e > 0, e / np.where(e > 0, powers, 1.0), least)


def risk(share: np.ndarray, e: np.ndarray, b: np.ndarray, noise: float, n: int) -> np.ndarray:
    """Return the expected squared error of each coefficient of which a share is kept.

    The least-squares coefficient is b plus noise of variance ``noise^2 / (n e)``, and the error is
    ``(1 - share)^2 b^2 + share^2 noise^2 / (n e)``.

    Args:
        share: kept, of the shape of e.
        e: eigenvalues above 0.
        b: true coefficients in the eigenvectors' directions, or the roots of their mean squares.
        noise: standard deviation of the noise in a target.
        n: samples.
    """
    found: np.ndarray = np.square((1 - share) * b) + np.square(share * noise) / (n * e)
    return found


def worst_ratio() -> float:
    """Return the largest ratio of what the flow keeps to what the matched ridge keeps, 1.2985.

    It is the maximum of ``(1 - exp(-x)) (1 + x) / x`` over x > 0; its square is the 1.69.
    """
    found = minimize_scalar(
        lambda x: math.expm1(-x) * (1 + x) / x, bounds=(0.1, 10.0), options={"xatol": 1e-12}
    )
    return float(-found.fun)


def _checked(e: Numbers, lam: float) -> np.ndarray:
    found = np.asarray(e, dtype=np.float64)
    if not (found >= 0).all() or not lam >= 0:
        raise ValueError(f"eigenvalues and strength are 0 or above, not {e!r} and {lam!r}")
    return found
