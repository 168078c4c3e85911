"""The training of one network after the other, compiled, many steps at a time.

A network of the book's size, its batch and its gradient fit in a core's cache. Many steps of one
network before the next is touched keep them there, and a compiled loop has no call between two
products to wait for. The products are BLAS calls; `l2scale.lab.networks`, `l2scale.lab.losses` and
`l2scale.lab.optimisers` say the same for R networks in lockstep, and the tests hold this to them.

A network's parameters lie in one row, layer after layer, each (n_out, n_in + 1) with the biases in
the last column: one type for all depths, so that there is one compilation for all of them.
"""

import math

import numpy as np
from numba import njit

from l2scale.lab.optimisers import BETAS, EPS

SGD, MOMENTUM, ADAM, ADAMW = range(4)
STATES = (0, 1, 2, 2)  # arrays of the weights' size that each of them keeps
SOFTMAX, SIGMOID, IDENTITY = range(3)
BETA1, BETA2 = BETAS

# No promise that numbers are finite: a network that diverges has to be seen.
_compiled = njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz", "arcp"})


@_compiled
def take_steps(
    weights, state, inputs, targets, rows, rates, force, layout,
    slope, bias, link, scale, rule, momentum, taken,
):  # fmt: skip
    """Take S steps with each of R networks, in place. Floats are all of one dtype.

    Args:
        weights: (R, P), every network's parameters in a row.
        state: (R, STATES[rule], P), what the optimiser keeps.
        inputs: (N, d + 1), the last column as in `l2scale.lab.batches.GroupData`.
        targets: (N, k), classes as rows of 0 and 1.
        rows: (S, R, B), the samples of every step.
        rates: (S, L, R), learning rates.
        force: (R, sum of columns), constants 2 lam c_l of every layer's columns.
        layout: (L, 5): fan_out, columns = fan_in + 1, and where the layer begins in the parameters,
            in the buffers of units and in the forces.
        slope: of the activation below 0: 0 is ReLU, 1 linear.
        bias: what the bias column multiplies, 1 or 0.
        link: from outputs to means: SOFTMAX, SIGMOID or IDENTITY.
        scale: the loss has the gradient scale * (mean - target) / B in an output.
        rule: SGD, MOMENTUM, ADAM or ADAMW.
        momentum: of MOMENTUM.
        taken: steps taken before, which Adam's averages ask for.
    """
    batch = rows.shape[2]
    y = np.empty((targets.shape[1], batch), weights.dtype)
    units = (layout[:, 1].sum() + layout[-1, 0]) * batch
    values, deltas = np.empty(units, weights.dtype), np.empty(units, weights.dtype)
    gradient = np.empty(np.max(_block(layout[:, 1]) * layout[:, 1]), weights.dtype)
    for r in range(len(weights)):
        for step in range(len(rows)):
            _gather(inputs, targets, rows[step, r], _matrix(values, 0, layout[0, 1], batch), y)
            outputs = _forward(weights[r], layout, values, deltas, batch, slope, bias)
            _apply(link, outputs)
            _subtract(outputs, y, scale / batch)
            for layer in range(len(layout) - 1, -1, -1):
                fan_out, columns, at, units_at, force_at = layout[layer]
                a = _matrix(values, units_at * batch, columns, batch)
                if layer > 0:
                    w = _matrix(weights[r], at, fan_out, columns)
                    delta = _matrix(deltas, (units_at + columns) * batch, fan_out, batch)
                    below = _matrix(deltas, units_at * batch, columns, batch)
                    np.dot(w.T, delta, below)  # its last row, the biases', is not used
                    _times_slope(below, a, slope)
                pull, lr = force[r, force_at : force_at + columns], rates[step, layer, r]
                block = _block(columns)
                for first in range(0, fan_out, block):
                    many = min(block, fan_out - first)
                    delta = _matrix(deltas, (units_at + columns + first) * batch, many, batch)
                    g = _matrix(gradient, 0, many, columns)
                    np.dot(delta, a.T, g)
                    start = at + first * columns
                    w = _matrix(weights[r], start, many, columns)
                    if rule == SGD:
                        _sgd(w, g, pull, lr)
                    elif rule == MOMENTUM:
                        velocity = _matrix(state[r, 0], start, many, columns)
                        _momentum(w, g, velocity, pull, lr, momentum)
                    else:
                        mean = _matrix(state[r, 0], start, many, columns)
                        square = _matrix(state[r, 1], start, many, columns)
                        _adam(w, g, mean, square, pull, lr, rule == ADAMW, taken + step + 1)


@_compiled
def _block(columns):
    """Rows of weights whose gradient is still in cache when they are updated."""
    return np.maximum(128, 65_536 // columns)


@_compiled
def _gather(inputs, targets, rows, x, y):
    for j in range(len(rows)):
        row = rows[j]
        for i in range(len(x)):
            x[i, j] = inputs[row, i]
        for i in range(len(y)):
            y[i, j] = targets[row, i]


@_compiled
def _forward(weights, layout, values, deltas, batch, slope, bias):
    """Outputs (k, B), in `deltas`; in `values` every layer's inputs, with the biases' row."""
    z = _matrix(deltas, 0, 0, batch)
    for layer in range(len(layout)):
        fan_out, columns, at, units_at, _ = layout[layer]
        a = _matrix(values, units_at * batch, columns, batch)
        if layer > 0:
            for i in range(len(z)):
                for j in range(batch):
                    a[i, j] = z[i, j] if z[i, j] > 0 else slope * z[i, j]
            a[-1] = bias
        z = _matrix(deltas, (units_at + columns) * batch, fan_out, batch)
        np.dot(_matrix(weights, at, fan_out, columns), a, z)
    return z


@_compiled
def _matrix(flat, start, rows, columns):
    return flat[start : start + rows * columns].reshape(rows, columns)


@_compiled
def _apply(link, z):
    """From outputs (k, B) to means, in place."""
    if link == SIGMOID:
        for i in range(z.shape[0]):
            for j in range(z.shape[1]):
                z[i, j] = 1 / (1 + math.exp(-z[i, j]))
    elif link == SOFTMAX:
        for j in range(z.shape[1]):
            top, total = z[0, j], z.dtype.type(0)
            for i in range(1, len(z)):
                top = max(top, z[i, j])
            for i in range(len(z)):
                z[i, j] = math.exp(z[i, j] - top)
                total += z[i, j]
            for i in range(len(z)):
                z[i, j] /= total


@_compiled
def _subtract(z, y, scale):
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            z[i, j] = scale * (z[i, j] - y[i, j])


@_compiled
def _times_slope(delta, a, slope):
    for i in range(delta.shape[0]):
        for j in range(delta.shape[1]):
            delta[i, j] = delta[i, j] if a[i, j] > 0 else slope * delta[i, j]


@_compiled
def _sgd(w, g, force, lr):
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            w[i, j] = w[i, j] * (1 - lr * force[j]) - lr * g[i, j]


@_compiled
def _momentum(w, g, velocity, force, lr, momentum):
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            velocity[i, j] = momentum * velocity[i, j] + (g[i, j] + force[j] * w[i, j])
            w[i, j] -= lr * velocity[i, j]


@_compiled
def _adam(w, g, mean, square, force, lr, decoupled, taken):
    real = w.dtype.type
    beta1, beta2, eps = real(BETA1), real(BETA2), real(EPS)
    root = real(1 / math.sqrt(1 - BETA2**taken))
    step = lr * real(1 / (1 - BETA1**taken))
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            pull = force[j] * w[i, j]
            along = g[i, j] if decoupled else g[i, j] + pull
            mean[i, j] += (1 - beta1) * (along - mean[i, j])
            square[i, j] = beta2 * square[i, j] + (1 - beta2) * along * along
            moved = step * mean[i, j] / (root * np.sqrt(square[i, j]) + eps)
            w[i, j] -= moved + lr * pull if decoupled else moved
