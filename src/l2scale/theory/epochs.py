"""What one epoch of decay does to a weight that the data never move.

One step multiplies it by ``1 - x`` with ``x = 2 lr lam``, and an epoch has ``N`` steps, one for
each batch. In the convention ``w -> (1 - eta lambda / n) w - ...`` with batches of m samples,
``x = eta lambda / n`` and ``N = n / m`` (Nielsen 2015, chapter 3).
"""

import math

from l2scale.theory.penalties import decay_factor


def epoch_factor(lr: float, lam: float, batches: int) -> float:
    """Return ``(1 - 2 lr lam)^batches``, exactly what an epoch multiplies the weight by.

    Raises:
        ValueError: for fewer than 1 batch, and as `decay_factor`.
    """
    return decay_factor(lr, lam) ** _whole(batches)


def exponential_factor(lr: float, lam: float, batches: int) -> float:
    """Return ``exp(-2 lr lam batches)``, what `epoch_factor` tends to for short steps.

    Raises:
        ValueError: as `epoch_factor`.
    """
    return math.exp(-_whole(batches) * (1.0 - decay_factor(lr, lam)))


def relative_error(lr: float, lam: float, batches: int) -> float:
    """Return ``N x^2 / 2``: to leading order, by which share the exponential is too large.

    From ``log(1 - x) = -x - x^2/2 - ...``. It is ``(eta lambda)^2 / (2 n m)`` in Nielsen's terms.
    Small steps do not make it small: N of them add up.

    Raises:
        ValueError: as `epoch_factor`.
    """
    return _whole(batches) * (1.0 - decay_factor(lr, lam)) ** 2 / 2.0


def _whole(batches: int) -> int:
    if batches < 1 or int(batches) != batches:
        raise ValueError(f"an epoch has a whole number of batches, 1 or more, not {batches!r}")
    return int(batches)
