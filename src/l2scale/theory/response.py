"""How hard the data pulls one hidden unit away from zero.

The *response* to a unit with input weights u is the norm of the mean, over the samples, of the
loss's slope at outputs 0 times what the unit puts out::

    || (1/n) sum_i g_i phi(u . x_i) || / ||u||

with ``g_i`` minus the derivative of the loss of sample i by the outputs. M is its largest value.
"""

import math

import numpy as np

TASKS = ("regression", "multiclass", "binary")


def slopes(y: np.ndarray, task: str) -> np.ndarray:
    """Return ``g_i``, minus the derivative of each sample's loss by the outputs at 0, ``(n, k)``.

    Squared error without a half: ``2 y_i``. Softmax cross-entropy: the class's indicator minus
    1/k. Binary cross-entropy: ``y_i - 1/2``.

    Args:
        y: targets, ``(n,)`` classes from 0 (multiclass, binary), or ``(n,)`` or ``(n, k)`` numbers.
        task: one of TASKS.

    Raises:
        ValueError: for an unknown task, no samples, targets that are not finite, or labels that are
            not classes.
    """
    if task not in TASKS:
        raise ValueError(f"unknown task {task!r}: choose one of {', '.join(TASKS)}")
    targets = np.asarray(y)
    if len(targets) == 0 or not np.isfinite(targets).all():
        raise ValueError("targets must be finite numbers, one or more")
    if task == "regression":
        return 2.0 * targets.reshape(len(targets), -1).astype(np.float64)
    classes = targets.astype(np.int64)
    top = int(classes.max())
    if targets.ndim != 1 or (classes != targets).any() or classes.min() < 0:
        raise ValueError(f"classes are whole numbers from 0 in one row, not {targets!r}")
    if task == "binary":
        if top > 1:
            raise ValueError(f"a binary task has classes 0 and 1, and {top} is among them")
        return classes[:, np.newaxis] - 0.5
    return np.eye(top + 1)[classes] - 1.0 / (top + 1)


def responses(
    units: np.ndarray, x: np.ndarray, g: np.ndarray, leak: float = 0.0, free: int = 0
) -> np.ndarray:
    """Return ``||(1/n) sum_i g_i phi(u . x_i)|| / ||u||`` of every unit, shape ``(R,)``.

    Args:
        units: directions u, ``(R, d)``.
        x: inputs, ``(n, d)``.
        g: slopes, ``(n, k)``.
        leak: phi(z) is z above 0 and ``leak * z`` below: 0 is ReLU, 1 is linear.
        free: the last so many entries of u are not penalised and not in its norm: 1 for a free
            bias, whose input is a column of ones.

    Raises:
        ValueError: for shapes that do not fit, or a unit without penalised weights.
    """
    x, g = check_samples(x, g)
    u = np.atleast_2d(np.asarray(units, dtype=np.float64))
    sizes = np.linalg.norm(u[:, : u.shape[1] - free], axis=1)
    if u.shape[1] != x.shape[1] or not (sizes > 0).all():
        raise ValueError(f"units need {x.shape[1]} numbers each, not all 0; they are {u.shape}")
    z = u @ x.T
    found: np.ndarray = np.linalg.norm(np.where(z > 0, z, leak * z) @ g, axis=1) / (len(x) * sizes)
    return found


def with_biases(x: np.ndarray, g: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs with a column of ones, and the slopes at the best constant output.

    For the three tasks of `slopes` these are the slopes at 0 less their mean.
    """
    x, g = check_samples(x, g)
    return np.column_stack([x, np.ones(len(x))]), g - g.mean(axis=0)


def linear(x: np.ndarray, g: np.ndarray) -> float:
    """Return M of linear units, the largest singular value of ``(1/n) sum_i g_i x_i'``.

    With free biases M of ReLU units is never below it: slopes then add up to 0, and a unit whose
    bias keeps it above 0 on every sample is a linear one.
    """
    x, g = check_samples(x, g)
    return float(np.linalg.norm(g.T @ x / len(x), 2))


def floor(x: np.ndarray, g: np.ndarray) -> float:
    """Return a number that M of ReLU units never falls below: half of what M is for linear units.

    ``relu(z) - relu(-z) = z``, so the responses to u and -u add up to the linear one at least.
    """
    return linear(x, g) / 2.0


def ceiling(x: np.ndarray, g: np.ndarray) -> float:
    """Return a number that M never exceeds, for any unit with ``|phi(z)| <= |z|``.

    By Cauchy and Schwarz, the root of the largest eigenvalues of the two second-moment matrices,
    of the inputs and of the slopes, multiplied. Certain, and loose.
    """
    x, g = check_samples(x, g)
    top = [float(np.linalg.eigvalsh(m.T @ m / len(x))[-1]) for m in (x, g)]
    return math.sqrt(max(top[0], 0.0) * max(top[1], 0.0))


def check_samples(x: np.ndarray, g: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs ``(n, d)`` and slopes ``(n, k)`` as float64.

    Raises:
        ValueError: if they are no matrices with one row a sample, or not finite.
    """
    x, g = np.asarray(x, dtype=np.float64), np.asarray(g, dtype=np.float64)
    if x.ndim != 2 or g.ndim != 2 or len(x) != len(g) or 0 in x.shape:
        raise ValueError(f"inputs (n, d) and slopes (n, k) are needed, not {x.shape} and {g.shape}")
    if not (np.isfinite(x).all() and np.isfinite(g).all()):
        raise ValueError("inputs and slopes must be finite")
    return x, g
