"""Ridge regression: how its best strength and its risk go with the number of samples.

Targets are ``y = X beta + noise``, and ``mean squared error + lam ||w||^2`` has its minimum at
``w = (X'X/n + lam)^-1 X'y/n``. The excess risk is the expectation, over the noise, of
``(w - beta)' Sigma (w - beta)``, with Sigma the second moments of an input.

Under a Gaussian prior on beta, ridge is the posterior mean at one strength, `best_lambda`, whatever
X and Sigma. For inputs whose law no rotation changes, that strength is also best for every single
beta, at every n. Where strong inputs carry the signal and many weak ones the rest, the best
strength can be 0 or below (Kobak et al. 2020).
"""

import math

import numpy as np

ZERO = 1e-12  # share of the largest eigenvalue below which one counts as 0


def best_lambda(noise: float, slope: float, n: int, p: int) -> float:
    """Return ``sigma^2 p / (n ||beta||^2)``, the best strength for isotropic inputs.

    Args:
        noise: sigma, standard deviation of the noise, 0 or above.
        slope: ``||beta||``, above 0; under a prior, the root of its expected square.
        n: samples.
        p: inputs.

    Raises:
        ValueError: for a number out of range.
    """
    if not (math.isfinite(noise) and noise >= 0):
        raise ValueError(f"noise is a standard deviation, 0 or above, and is {noise!r}")
    if not (math.isfinite(slope) and slope > 0):
        raise ValueError(f"slope is a norm above 0, and is {slope!r}: no strength is best at 0")
    if n < 1 or p < 1:
        raise ValueError(f"ridge needs a sample and an input, not n = {n!r} and p = {p!r}")
    return noise**2 * p / (n * slope**2)


def risk(
    lam: np.ndarray | float,
    x: np.ndarray,
    slope: np.ndarray,
    noise: float,
    covariance: np.ndarray | None = None,
) -> np.ndarray:
    """Return the excess risk of ridge on given inputs, averaged over the noise.

    With ``X'X/n = V diag(s) V'``, ``b = V' beta`` and ``M = V' Sigma V`` it is the sum of

        bias      ``lam^2 b' (S + lam)^-1 M (S + lam)^-1 b``
        variance  ``noise^2 / n * sum_i s_i M_ii / (s_i + lam)^2``

    Args:
        lam: strengths, any shape; below 0 only above minus the least eigenvalue that is not 0.
            At 0 it is the solution of least norm.
        x: inputs, ``(n, p)``.
        slope: beta, ``(p,)``.
        noise: standard deviation of the noise.
        covariance: Sigma, ``(p, p)``; the identity unless given.

    Returns:
        Risks, of the shape of `lam`.

    Raises:
        ValueError: for shapes that do not fit, or a strength too far below 0.
    """
    x, slope = np.asarray(x, dtype=np.float64), np.asarray(slope, dtype=np.float64)
    if x.ndim != 2 or slope.shape != x.shape[1:]:
        raise ValueError(f"inputs (n, p) need a slope (p,), not {x.shape} and {slope.shape}")
    n, p = x.shape
    eigenvalues, vectors = np.linalg.eigh(x.T @ x / n)
    used = eigenvalues > ZERO * eigenvalues[-1]
    rotated = np.eye(p) if covariance is None else vectors.T @ covariance @ vectors
    b = vectors.T @ slope
    least = eigenvalues[used].min(initial=np.inf)
    flat = np.atleast_1d(np.asarray(lam, dtype=np.float64)).ravel()
    if (flat <= -least).any():
        raise ValueError(f"lam {flat.min():g} is at or below minus the least eigenvalue {least:g}")
    divisors = np.where(used, eigenvalues, 1.0) + np.where(used, flat[:, np.newaxis], 0.0)
    left = np.where(used, flat[:, np.newaxis] / divisors, 1.0) * b
    gains = np.where(used, eigenvalues / divisors**2, 0.0)
    bias = np.einsum("ki,ij,kj->k", left, rotated, left)
    risks: np.ndarray = (bias + noise**2 / n * gains @ np.diag(rotated)).reshape(np.shape(lam))
    return risks
