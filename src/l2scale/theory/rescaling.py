"""What rescaling the layers of a homogeneous network does to its penalty, and what balance means.

A network is positively homogeneous in a layer's weights where multiplying them by a > 0 multiplies
its outputs by a: linear, ReLU and leaky ReLU layers, convolutions and max-pooling, without
normalisation. Then factors a_l with product 1 leave the function alone (an unpenalised bias takes
the product of the factors up to its layer), and they are free to change the penalty. At a minimum
they cannot gain any more: every layer adds the same to the penalty, and so do the weights into and
out of a hidden unit (Neyshabur et al. 2015 for units, Du et al. 2018 for gradient flow).
"""

from collections.abc import Sequence

import numpy as np

from l2scale.theory.penalties import (
    PerLayer,
    Shape,
    check_lambda,
    check_shapes,
    coefficients,
    decay_factor,
    effective_lambda,
)


def rescaling_factors(per_layer: PerLayer) -> np.ndarray:
    """Return ``a_l = sqrt(c_bar / c_l)`` of every layer, shape ``(L,)``, with product 1.

    Multiplying each layer by its factor turns the plain sum of squares, times the geometric mean
    ``c_bar``, into the penalty with coefficients ``c``: ``sum_l c_l ||a_l W_l||^2 = c_bar sum_l
    ||W_l||^2``.

    Args:
        per_layer: one coefficient ``c_l`` above 0 per layer.

    Raises:
        ValueError: for a coefficient that is not a finite number above 0, or for none.
    """
    c = np.asarray(per_layer, dtype=np.float64)
    if c.ndim != 1 or len(c) == 0 or not (np.isfinite(c) & (c > 0)).all():
        raise ValueError(
            f"rescaling needs one finite coefficient above 0 per layer, not {per_layer!r}: "
            "a layer without penalty can grow while the others shrink at no cost"
        )
    return np.sqrt(effective_lambda(1.0, c) / c)


def rescale(
    weights: Sequence[np.ndarray], biases: Sequence[np.ndarray] | None, by: PerLayer
) -> tuple[list[np.ndarray], list[np.ndarray] | None]:
    """Return the weights ``a_l W_l`` and the biases ``a_1 ... a_l b_l``.

    With these, layer l of a homogeneous network puts out ``a_1 ... a_l`` times what it did.

    Args:
        weights: one array per layer, input side first.
        biases: one array per layer, or None for a network without.
        by: one factor above 0 per layer.

    Raises:
        ValueError: for numbers of weights, biases and factors that differ, or a factor not above 0.
    """
    scales = np.asarray(by, dtype=np.float64)
    counts = {len(weights), len(scales)} | ({len(biases)} if biases is not None else set())
    if len(counts) > 1:
        raise ValueError(f"{len(weights)} layers need as many factors and biases, not {by!r}")
    if not (np.isfinite(scales) & (scales > 0)).all():
        raise ValueError(f"factors must be finite numbers above 0, not {by!r}")
    scaled = [a * np.asarray(w) for a, w in zip(scales, weights, strict=True)]
    if biases is None:
        return scaled, None
    reach = np.cumprod(scales)
    return scaled, [a * np.asarray(b) for a, b in zip(reach, biases, strict=True)]


def rates(per_layer: PerLayer) -> tuple[np.ndarray, np.ndarray]:
    """Return the learning-rate factors of weights and biases, each shape ``(L,)``.

    Gradient descent on the plain sum with ``lam c_bar`` and one rate ``lr`` goes through the same
    functions, step by step, as descent on the penalty ``c`` with ``lam`` where the weights of layer
    l have the rate ``lr a_l^2 = lr c_bar / c_l`` and its biases ``lr (a_1 ... a_l)^2``, from starts
    that `rescale` turns into each other. The other way round the factors are divided by. Any batch
    and any momentum will do. Adam, whose steps do not grow with the gradient, takes ``a_l`` and
    ``a_1 ... a_l`` instead of their squares, up to its epsilon.

    Args:
        per_layer: one coefficient ``c_l`` above 0 per layer.

    Raises:
        ValueError: as `rescaling_factors`.
    """
    by = rescaling_factors(per_layer)
    return by**2, np.cumprod(by) ** 2


def balanced_mean_squares(
    penalty: str | PerLayer, shapes: Sequence[Shape], value: float = 1.0
) -> np.ndarray:
    """Return each layer's mean square at a stationary point, shape ``(L,)``.

    Balance makes ``c_l ||W_l||^2`` one number for all layers, so the mean square of layer l is
    that number divided by ``c_l fan_in fan_out``.

    Args:
        penalty: a name or one coefficient above 0 per layer.
        shapes: ``(fan_out, fan_in)`` of every layer.
        value: the common ``c_l ||W_l||^2``.

    Raises:
        ValueError: for a coefficient not above 0, and as `coefficients`.
    """
    c = coefficients(penalty, shapes)
    rescaling_factors(c)
    fan_out, fan_in = np.array(check_shapes(shapes), dtype=np.float64).T
    squares: np.ndarray = value / (c * fan_in * fan_out)
    return squares


def imbalance(squares: PerLayer, per_layer: PerLayer) -> float:
    """Return how far layers are from balance: the largest ``c_l ||W_l||^2`` over the least, less 1.

    Args:
        squares: ``||W_l||^2`` of every layer, above 0.
        per_layer: ``c_l`` of every layer, above 0.

    Raises:
        ValueError: for squares not above 0, and as `rescaling_factors`.
    """
    rescaling_factors(per_layer)
    values = np.asarray(squares, dtype=np.float64) * np.asarray(per_layer, dtype=np.float64)
    if not (values > 0).all():
        raise ValueError(f"balance compares sums of squares above 0, not {squares!r}")
    return float(values.max() / values.min() - 1.0)


def gap_after_step(gap: float, lr: float, lam: float, gradients: tuple[float, float]) -> float:
    """Return ``||W_l||^2 - ||W_m||^2`` after one step of gradient descent under the plain sum.

    The law is exact for a homogeneous network without biases, kinks included::

        gap' = (1 - 2 lr lam)^2 gap + lr^2 (||g_l||^2 - ||g_m||^2)

    Args:
        gap: the difference before the step.
        lr: learning rate, 0 or above.
        lam: strength, 0 or above.
        gradients: squared norms ``||g_l||^2`` and ``||g_m||^2`` of the gradients of the loss that
            the step descends, a mini-batch's or all samples', without the penalty.

    Raises:
        ValueError: as `l2scale.theory.penalties.decay_factor`.
    """
    one, two = gradients
    return decay_factor(lr, check_lambda(lam)) ** 2 * gap + lr**2 * (one - two)


def imbalance_left(lr: float, lam: float, step: int | np.ndarray) -> float | np.ndarray:
    """Return the share of ``||W_l||^2 - ||W_m||^2`` that ``step`` gradient steps leave.

    Under the plain sum and gradient flow the difference between two layers' sums of squares decays
    as ``exp(-4 lam t)``: the data's pull along the scale is the same for both and cancels. A step
    of size ``lr`` leaves ``(1 - 2 lr lam)^2`` of it, plus ``lr^2`` times the difference between the
    squared norms of the layers' data gradients.

    Raises:
        ValueError: for a negative step, and as `l2scale.theory.penalties.decay_factor`.
    """
    if np.any(np.asarray(step) < 0):
        raise ValueError(f"step counts from 0, and is {step!r}")
    return decay_factor(lr, check_lambda(lam)) ** (2.0 * np.asarray(step))


def noise_gap(lr: float, lam: float, noise: PerLayer, squares: PerLayer) -> np.ndarray:
    """Return ``||W_l||^2 / ||W_L||^2 - 1`` that gradient noise keeps up, shape ``(L,)``.

    Under the plain sum a step of SGD with gradients ``g_l`` of the data's loss turns the difference
    ``||W_l||^2 - ||W_m||^2`` into ``(1 - 2 lr lam)^2`` times itself plus
    ``lr^2 (||g_l||^2 - ||g_m||^2)``: the products ``<W_l, g_l>`` are one number for all layers of a
    homogeneous network without biases, for every batch. Where both no longer change on average, ::

        E||W_l||^2 - E||W_m||^2 = lr (E||g_l||^2 - E||g_m||^2) / (4 lam (1 - lr lam))

    so the layer with the noisier gradient is the larger. Ziyin et al. (2023) treat SGD noise and
    rescaling in continuous time.

    Args:
        lr: learning rate, above 0.
        lam: strength of the sum, above 0.
        noise: ``E||g_l||^2`` of every layer, over batches.
        squares: ``E||W_l||^2`` of every layer, above 0; only the last is used.

    Raises:
        ValueError: for lr or lam not above 0, lr lam from 1 up, or lengths that differ.
    """
    if not 0 < lr * lam < 1:
        raise ValueError(f"lr and lam must be above 0 and lr lam below 1, not {lr!r} and {lam!r}")
    g, w = np.asarray(noise, dtype=np.float64), np.asarray(squares, dtype=np.float64)
    if g.shape != w.shape or g.ndim != 1:
        raise ValueError(f"noise and squares need one number per layer, not {noise!r}, {squares!r}")
    forgotten = 1.0 - decay_factor(lr, check_lambda(lam)) ** 2
    gaps: np.ndarray = lr**2 * (g - g[-1]) / (forgotten * w[-1])
    return gaps
