"""Regression tasks that are drawn from a seed, not read: a teacher, a line and a zigzag.

**Teacher.** Inputs are standard normal, and targets are ``s * sum_j (-1)^j relu(u_j . x)`` with 8
fixed random unit vectors u_j, the same for every seed, and s such that targets have mean 0 and
variance 1. Label noise is its only noise.

**Line.** As the teacher, with targets ``u . x`` for a fixed random unit vector u.

**Zigzag.** The training inputs are evenly spaced in [-1, 1] and the targets are the seed's own
standard normal numbers. Validation and test lie on the straight lines between them.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

Drawing = tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]

_NORMAL, _ZIGZAG = 2, 3  # streams of a seed's random numbers; `datasets` has 0 and 1
_SIZES = {"train": 4_096, "val": 2_048, "test": 4_096}
_INPUTS, _TEACHER_UNITS = 16, 8
_ZIGZAG_POINTS, _ZIGZAG_HELD_OUT = 10, 200


def teacher(x: np.ndarray) -> np.ndarray:
    """Return the teacher's noiseless targets, shape ``(n, 1)``, for inputs of shape ``(n, 16)``.

    On standard normal inputs they have mean 0 and variance 1: units with opposite signs cancel
    in the mean, and for unit vectors at an angle t, the mean of ``relu(u.x) relu(v.x)`` is
    ``(sin t + (pi - t) cos t) / (2 pi)`` (Cho & Saul, 2009, arc-cosine kernel of order 1).
    """
    units = _unit_vectors(_TEACHER_UNITS)
    signs = np.resize([1.0, -1.0], _TEACHER_UNITS)
    angle = np.arccos(np.clip(units @ units.T, -1.0, 1.0))
    kernel = (np.sin(angle) + (np.pi - angle) * np.cos(angle)) / (2 * np.pi)
    targets = np.maximum(np.asarray(x) @ units.T, 0.0) @ signs / np.sqrt(signs @ kernel @ signs)
    column: np.ndarray = targets[:, np.newaxis]
    return column


def line(x: np.ndarray) -> np.ndarray:
    """Return the line's noiseless targets, shape ``(n, 1)``, for inputs of shape ``(n, 16)``."""
    targets: np.ndarray = np.asarray(x) @ _unit_vectors(1).T
    return targets


def _unit_vectors(number: int) -> np.ndarray:
    units = np.random.default_rng(16).standard_normal((number, _INPUTS))
    found: np.ndarray = units / np.linalg.norm(units, axis=1, keepdims=True)
    return found


def _draw_normal(seed: int, targets: Callable[[np.ndarray], np.ndarray]) -> Drawing:
    rng = np.random.default_rng([seed, _NORMAL])
    x = rng.standard_normal((sum(_SIZES.values()), _INPUTS))
    bounds = np.cumsum([_SIZES["test"], _SIZES["val"]])
    test, val, train = np.split(np.arange(len(x)), bounds)
    return x, targets(x), {"train": train, "val": val, "test": test}


def _draw_zigzag(seed: int) -> Drawing:
    knots = np.linspace(-1.0, 1.0, _ZIGZAG_POINTS)
    heights = np.random.default_rng([seed, _ZIGZAG]).standard_normal(_ZIGZAG_POINTS)
    held_out = np.linspace(-1.0, 1.0, 2 * _ZIGZAG_HELD_OUT)
    x = np.concatenate([knots, held_out[::2], held_out[1::2]])
    places = np.cumsum([_ZIGZAG_POINTS, _ZIGZAG_HELD_OUT])
    train, val, test = np.split(np.arange(len(x)), places)
    rows = {"train": train, "val": val, "test": test}
    return x[:, np.newaxis], np.interp(x, knots, heights)[:, np.newaxis], rows


SYNTHETIC: dict[str, Callable[[int], Drawing]] = {
    "teacher": partial(_draw_normal, targets=teacher),
    "line": partial(_draw_normal, targets=line),
    "zigzag": _draw_zigzag,
}
"""By name and seed: inputs ``(N, d)``, targets ``(N, 1)`` and the rows of each part."""
