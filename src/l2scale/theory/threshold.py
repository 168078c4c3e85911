"""The strength from which zero weights are the optimum of a network with two layers.

For a convex loss and a two-layer network without biases whose hidden units are linear, ReLU or
leaky ReLU, ``E(w) = mean loss + lam ||w||^2`` is smallest at ``w = 0`` if and only if
``2 lam >= M``, the largest response to a unit (`l2scale.theory.response`). The width of the network
is not in it. It follows in one step from the dual of Pilanci & Ergen (2020). To find M is to
maximise a function that is not concave: what an ascent finds is attained, so that zero is *not* the
optimum below it, and `l2scale.theory.certificate` bounds M from above where inputs are few.
"""

import numpy as np
from scipy.optimize import minimize

from l2scale.theory.response import check_samples, linear, responses, slopes, with_biases

ROUNDED = 1 - 1e-12  # less than what is summed up in another order may differ by


def ascend(
    x: np.ndarray,
    g: np.ndarray,
    starts: np.ndarray,
    leak: float = 0.0,
    free: int = 0,
    iterations: int = 200,
    tolerance: float = 1e-12,
) -> tuple[np.ndarray, np.ndarray]:
    """Climb from every start to a local maximum of `responses`.

    The power iteration of linear units, u towards the response's gradient, need not rise for ReLU:
    the response is no convex function of u. This is L-BFGS, which never ends below its start.

    Args:
        x: inputs, ``(n, d)``.
        g: slopes, ``(n, k)``.
        starts: directions, ``(R, d)``.
        leak: as in `responses`.
        free: as in `responses`.
        iterations: of L-BFGS, at most, for each start.
        tolerance: relative gain of an iteration from which on it stops.

    Returns:
        The units reached, of norm 1, ``(R, d)``, and their responses, ``(R,)``.
    """
    x, g = check_samples(x, g)
    held = np.shape(starts)[-1] - free
    options = {"maxiter": iterations, "ftol": tolerance, "gtol": 1e-12}

    def loss(u: np.ndarray) -> tuple[float, np.ndarray]:
        z = x @ u
        gain = np.where(z > 0, 1.0, leak)
        h = (gain * z) @ g / len(x)
        top, size = np.linalg.norm(h), np.linalg.norm(u[:held])
        if top == 0 or size == 0:
            return 0.0, np.zeros_like(u)
        slope = -(x.T @ (gain * (g @ h))) / (len(x) * top * size)
        slope[:held] += top * u[:held] / size**3
        return float(-top / size), slope

    begin = np.array(starts, dtype=np.float64, ndmin=2)
    ends = [minimize(loss, u, jac=True, method="L-BFGS-B", options=options).x for u in begin]
    units = np.array(ends)
    before, after = (responses(u, x, g, leak, free) for u in (begin, units))
    units = np.where((after >= before)[:, np.newaxis], units, begin)
    units /= np.linalg.norm(units[:, :held], axis=1, keepdims=True)
    return units, np.maximum(before, after)


def maxima(
    x: np.ndarray,
    g: np.ndarray,
    leak: float = 0.0,
    free: int = 0,
    restarts: int = 32,
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Return what `ascend` reaches from `restarts` random directions.

    The largest response among them is a lower bound on M that some unit attains.

    Raises:
        ValueError: for no restarts, and as `responses`.
    """
    if restarts < 1:
        raise ValueError(f"restarts is {restarts}: one ascent at least")
    starts = np.random.default_rng(seed).standard_normal((restarts, np.shape(x)[1]))
    return ascend(x, g, starts, leak, free)


def threshold(
    x: np.ndarray,
    y: np.ndarray,
    task: str,
    biases: bool = False,
    restarts: int = 32,
    seed: int = 0,
) -> float:
    """Return ``M/2`` as `restarts` ascents find it: below it, weights 0 are not the optimum.

    For the book's penalty ``lam * sum of squares`` and ReLU units. With biases the best
    linear unit is among them (`l2scale.theory.response.linear`), which ascents may miss.

    Args:
        x: training inputs, ``(n, d)``, standardised as the network sees them.
        y: training targets, see `slopes`.
        task: one of TASKS.
        biases: whether hidden and output units have biases without penalty.
        restarts: ascents from random directions.
        seed: of the directions.
    """
    g = slopes(y, task)
    if not biases:
        return float(maxima(x, g, restarts=restarts, seed=seed)[1].max()) / 2.0
    x, g = with_biases(x, g)
    found = float(maxima(x, g, free=1, restarts=restarts, seed=seed)[1].max())
    return max(found, linear(x[:, :-1], g) * ROUNDED) / 2.0
