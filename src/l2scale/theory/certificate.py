"""A certified upper bound on the largest response of a unit, where the inputs are few.

Branch and bound over the directions u. A cell is a box on a face of the cube around 0, seen from 0;
all its directions are within the angle theta of the one through its middle, u0. There::

    ||(1/n) sum_i g_i phi(u . x_i)||  <=  max over the cap of ||A(u0) u||  +  (1/n) sum_i |g_i| e_i

where A(u0) = (1/n) sum_i phi'(u0 . x_i) g_i x_i' and e_i is the most by which phi(u . x_i) can
part from its line through u0: 0 for samples whose sign no direction of the cap changes, and
otherwise ``(1 - leak) |x_i| sin(theta - beta_i)``, with beta_i the angle between u0 and the plane
u . x_i = 0. Near a maximum the bound's excess falls as theta squared. The work grows fast with the
dimension: 5 is much.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from l2scale.theory.response import check_samples, responses

BATCH = 4096  # cells bounded at once


@dataclass(frozen=True)
class Bracket:
    """What is known of M after looking at so many cells.

    Attributes:
        cells: cells bounded so far.
        lower: response of the best direction seen.
        upper: no direction has a larger response.
    """

    cells: int
    lower: float
    upper: float


def brackets(
    x: np.ndarray,
    g: np.ndarray,
    known: float = 0.0,
    tolerance: float = 0.01,
    most: int = 1_000_000,
    leak: float = 0.0,
) -> Iterator[Bracket]:
    """Halve all cells that may hold a larger response, until the bounds are close.

    Args:
        x: inputs, ``(n, d)``, with d from 2 up.
        g: slopes, ``(n, k)``.
        known: a response that some direction attains, if one is known.
        tolerance: stop where ``upper <= (1 + tolerance) lower``.
        most: stop before more cells than this.
        leak: as in `l2scale.theory.response.responses`.

    Yields:
        A bracket after each halving; the last one is the tightest.

    Raises:
        ValueError: for one input, for which u is 1 or -1 and nothing is to be searched, and as
            `check_samples`.
    """
    x, g = check_samples(x, g)
    d = x.shape[1]
    if d < 2:
        raise ValueError("branch and bound needs 2 inputs or more: with one, try u = 1 and u = -1")
    faces = [(axis, sign) for axis in range(d) for sign in (-1.0, 1.0)]
    middles = np.array([np.insert(np.zeros(d - 1), axis, sign) for axis, sign in faces])
    axes, halves = np.repeat(np.arange(d), 2), np.ones((2 * d, d))
    halves[np.arange(2 * d), axes] = 0.0
    uppers, cells, lower = np.full(2 * d, np.inf), 0, known
    aside = 0.0  # the largest bound of a cell that is not looked at again
    while len(middles):
        found, values = _bounds(middles, halves, x, g, leak)
        uppers = np.minimum(uppers, found)  # a cell is inside its parent
        cells += len(middles)
        lower = max(lower, float(values.max()))
        yield Bracket(cells, lower, max(float(uppers.max()), aside, lower))
        alive = uppers > lower * (1 + tolerance)
        aside = max(aside, float(uppers[~alive].max(initial=0.0)))
        if not alive.any() or cells + 2 * alive.sum() > most:
            return
        middles, halves = _halve(middles[alive], halves[alive])
        uppers = np.concatenate([uppers[alive], uppers[alive]])


def _halve(middles: np.ndarray, halves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut every box in two across its longest side."""
    rows, longest = np.arange(len(halves)), halves.argmax(axis=1)
    halves, shift = halves.copy(), np.zeros_like(halves)
    halves[rows, longest] /= 2
    shift[rows, longest] = halves[rows, longest]
    return np.concatenate([middles - shift, middles + shift]), np.concatenate([halves, halves])


def _bounds(
    middles: np.ndarray, halves: np.ndarray, x: np.ndarray, g: np.ndarray, leak: float
) -> tuple[np.ndarray, np.ndarray]:
    """Upper bound over each cell, and the response at its middle."""
    parts = [
        _bounds_batch(middles[i : i + BATCH], halves[i : i + BATCH], x, g, leak)
        for i in range(0, len(middles), BATCH)
    ]
    uppers, values = zip(*parts, strict=True)
    return np.concatenate(uppers), np.concatenate(values)


def _bounds_batch(
    middles: np.ndarray, halves: np.ndarray, x: np.ndarray, g: np.ndarray, leak: float
) -> tuple[np.ndarray, np.ndarray]:
    n, d = x.shape
    u = middles / np.linalg.norm(middles, axis=1, keepdims=True)
    angle = cell_angles(middles, halves)
    sizes = np.linalg.norm(x, axis=1)
    z = u @ x.T
    # A(u0) of every cell, from the products g_i x_i' of the samples.
    products = (g[:, :, np.newaxis] * x[:, np.newaxis, :]).reshape(n, -1)
    a = (np.where(z > 0, 1.0, leak) @ products / n).reshape(len(u), -1, d)
    # |x| sin(theta - beta), where sin beta = |z| / |x|.
    across = np.sqrt(np.maximum(np.square(sizes) - np.square(z), 0.0))
    sine, cosine = np.sin(angle)[:, np.newaxis], np.cos(angle)[:, np.newaxis]
    bend = (1 - leak) * np.maximum(sine * across - cosine * np.abs(z), 0.0)
    kinks = bend @ np.linalg.norm(g, axis=1) / n
    return _largest_on_cap(a, u, angle) + kinks, responses(u, x, g, leak)


def cell_angles(middles: np.ndarray, halves: np.ndarray) -> np.ndarray:
    """Largest angle between a cell's middle direction and another of its own, shape ``(C,)``.

    It is reached at a corner, since directions within an angle below a right one form a convex
    cone. In a box on a face of the cube it is at most ``arccos(1 / sqrt(d))``.
    """
    d = middles.shape[1]
    widest = np.ones(len(middles))
    for signs in product((-1.0, 1.0), repeat=d):
        corners = middles + halves * np.array(signs)
        cosine = np.einsum("cd,cd->c", middles, corners)
        cosine /= np.linalg.norm(middles, axis=1) * np.linalg.norm(corners, axis=1)
        widest = np.minimum(widest, cosine)
    return np.arccos(np.clip(widest, -1.0, 1.0))


def _largest_on_cap(a: np.ndarray, u: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Bound ``||A v||`` over unit v within the angle of u: exact in the plane, safe across it."""
    along = np.einsum("ckd,cd->ck", a, u)
    across = a - along[:, :, np.newaxis] * u[:, np.newaxis, :]
    p = np.einsum("ck,ck->c", along, along)
    q = np.linalg.norm(np.einsum("ckd,ck->cd", across, along), axis=1)
    r = np.linalg.eigvalsh(np.einsum("ckd,cke->cde", across, across))[:, -1]
    # v = cos(f) u + sin(f) t: ||A v||^2 <= p cos^2 f + 2 q sin f cos f + r sin^2 f.
    peak = np.arctan2(2 * q, p - r) / 2
    f = np.minimum(peak, angle)
    square = p * np.cos(f) ** 2 + 2 * q * np.sin(f) * np.cos(f) + r * np.sin(f) ** 2
    largest: np.ndarray = np.sqrt(np.maximum(square, 0.0))
    return largest
