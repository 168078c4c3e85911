"""A weight whose size the loss does not see: what decay does to it.

Before a normalisation a matrix ``W`` can be multiplied by any ``a > 0`` and the loss stays. So its
gradient is at right angles to it, ``<g, W> = 0``, and is ``1/a`` times as large at ``a W`` (van
Laarhoven 2017). Below, ``xi = 2 lr lam`` is what a step of decay takes, and ``G`` is the norm of
the gradient where ``||W|| = 1``, so that it is ``G / ||W||`` elsewhere.

One step of SGD then has, by Pythagoras, ``s' = (1 - xi)^2 s + lr^2 G^2 / s`` for ``s = ||W||^2``.
Where ``s`` stays, the angle of a step has the cosine ``1 - xi``: neither G nor the size of the
matrix is in it. Kosson et al. (2024) and Wan et al. (2021) have it to first order; Li & Arora
(2020) have `rising_rate`.

Momentum and AdamW step along means of past gradients. For these the gradients, under AdamW divided
by their own root mean square, are taken as independent, with mean 0: a matrix is then a sum of two
exponential memories, and the cosine of a step is its correlation with the step before.
"""

import math

from l2scale.theory.penalties import check_lambda, check_rate, decay_factor


def sgd_norm(lr: float, lam: float, gradient: float) -> float:
    """Return where the norm of W settles under SGD: ``(lr G^2 / (4 lam (1 - lr lam)))^(1/4)``.

    Args:
        lr: learning rate, above 0.
        lam: strength of the sum penalty, above 0; else ``lam c_l`` of the layer.
        gradient: G, the root mean square over steps of ``||g|| ||W||``, above 0.

    Raises:
        ValueError: for a decay ``2 lr lam`` outside (0, 1), and as `check_rate`.
    """
    taken = _taken(lr, lam)
    return math.sqrt(lr * gradient / math.sqrt(taken * (2 - taken)))


def sgd_cosine(lr: float, lam: float, momentum: float = 0.0) -> float:
    """Return the cosine of the angle between W before and after a step, once its norm has settled.

    It is ``1 - 2 lr lam / (1 + momentum)``, an angle of about ``2 sqrt(lr lam / (1 + momentum))``.
    Exact without momentum, where it is the geometric mean over steps if G varies.

    Raises:
        ValueError: as `sgd_norm`, and for a momentum outside [0, 1).
    """
    return 1 - _taken(lr, lam) / (1 + _share("momentum", momentum))


def adamw_rms(lr: float, lam: float, beta: float = 0.9) -> float:
    """Return where the root mean square of W settles: about ``sqrt(lr / (4 lam))``.

    Args:
        lr: as `sgd_norm`.
        lam: as `sgd_norm`.
        beta: Adam's first beta, in [0, 1).

    Raises:
        ValueError: as `sgd_norm`, and for a beta outside [0, 1).
    """
    left, beta = 1 - _taken(lr, lam), _share("beta", beta)
    both = left * beta
    square = (1 - beta) ** 2 * (1 + both) / ((1 - left**2) * (1 - beta**2) * (1 - both))
    return lr * math.sqrt(square)


def adamw_cosine(lr: float, lam: float, beta: float = 0.9) -> float:
    """Return the cosine of the angle of a step under AdamW, once the size has settled.

    It is ``(rho + beta) / (1 + rho beta)`` with ``rho = 1 - 2 lr lam``. The angle is about
    ``2 sqrt(lr lam (1 - beta) / (1 + beta))``: 0.23 of SGD's at beta = 0.9. Over k steps it is
    about ``2 sqrt(lr lam k)``, without the beta, for k from ``1/(1 - beta)`` to ``1/(2 lr lam)``.

    Raises:
        ValueError: as `adamw_rms`.
    """
    left, beta = 1 - _taken(lr, lam), _share("beta", beta)
    return (left + beta) / (1 + left * beta)


def angle(cosine: float) -> float:
    """Return the angle in radians of a cosine in [-1, 1]."""
    return math.acos(cosine)


def settling_steps(lr: float, lam: float, optimiser: str) -> float:
    """Return the steps in which the distance to the settled size falls to 1/e.

    Under SGD it is that of ``||W||^4``, ``1/(8 lr lam)``; under AdamW that of ``||W||^2``,
    ``1/(4 lr lam)``. Both in the limit of small ``lr lam``.

    Raises:
        ValueError: for another optimiser than "sgd" and "adamw", and as `sgd_norm`.
    """
    powers = {"sgd": 4, "adamw": 2}
    if optimiser not in powers:
        raise ValueError(f"unknown optimiser {optimiser!r}: choose one of {', '.join(powers)}")
    return 1 / (powers[optimiser] * _taken(lr, lam))


def free_norm(start: float, lr: float, gradient: float, steps: float) -> float:
    """Return the norm of W after steps of SGD without decay: ``(s0^2 + 2 lr^2 G^2 t)^(1/4)``.

    It grows for ever, and the angle of a step, ``lr G / ||W||^2``, falls to ``1 / sqrt(2 t)``,
    whatever lr is. In the limit of small angles.

    Args:
        start: norm of W at first, above 0.
        lr: as `sgd_norm`.
        gradient: as `sgd_norm`.
        steps: t, 0 or above.

    Raises:
        ValueError: as `check_rate`.
    """
    return float((start**4 + 2 * (check_rate(lr) * gradient) ** 2 * steps) ** 0.25)


def rising_rate(lr: float, lam: float, step: int) -> float:
    """Return the learning rate at a step that does without decay what lr and lam do with it.

    ``lr (1 - xi)^(-2 t - 1)`` for t from 0: the network has the same outputs at every step (Li &
    Arora 2020). So decay of a normalised matrix is a schedule and no penalty.

    Raises:
        ValueError: as `sgd_norm`, but for lam = 0, which needs no other rate.
    """
    return lr * (1 - _taken(lr, lam, least=0.0)) ** (-2 * step - 1)


def _taken(lr: float, lam: float, least: float = math.ulp(0.0)) -> float:
    """What a step of decay takes of a weight: at least `least`, which by default is above 0."""
    taken = 2 * check_rate(lr) * check_lambda(lam)
    if not least <= taken < 1:
        raise ValueError(
            f"a step of decay takes 2 lr lam = {taken:g} of a weight: a steady size needs more "
            "than 0 and less than 1, so choose another lam or lr"
        )
    return 1 - decay_factor(lr, lam)


def _share(name: str, value: float) -> float:
    if not 0 <= value < 1:
        raise ValueError(f"{name} is {value!r}: it lies in [0, 1)")
    return value
