"""The training of one network after the other, compiled, many steps at a time.

A network of the book's size, its batch and its gradient fit in a core's cache. Many steps of one
network before the next is touched keep them there, and a compiled loop has no call between two
products to wait for. The modules `networks`, `losses` and `optimisers` of `l2scale.lab.training`
say the same for R networks in lockstep; the tests hold this to them.
"""

import math

import numpy as np

from l2scale.lab.kernels.compiler import compiled
from l2scale.lab.kernels.constants import BETAS, EPS
from l2scale.lab.kernels.dropout import draw
from l2scale.lab.kernels.passes import (
    apply,
    backward,
    buffers,
    forward,
    gather,
    matrix,
    subtract,
    sum_rows,
)
from l2scale.lab.kernels.products import multiply
from l2scale.lab.kernels.tiles import ROWS

SGD, MOMENTUM, ADAM, ADAMW = range(4)
STATES = (0, 1, 2, 2)  # arrays of the weights' size that each of them keeps
BETA1, BETA2 = BETAS
STRIP = 16384  # weights whose gradient is taken and used at a time, in the second-level cache


@compiled
def take_steps(
    weights, state, inputs, targets, rows, rates, force, layout,
    slope, bias, link, scale, rule, momentum, dropout, keys, taken,
):  # fmt: skip
    """Take S steps with each of R networks, in place. Floats are all of one dtype.

    Args:
        weights: (R, P), every network's parameters in a row.
        state: (R, STATES[rule], P), what the optimiser keeps.
        inputs: (N, d).
        targets: (N, k), classes as rows of 0 and 1.
        rows: (S, R, B), the samples of every step.
        rates: (S, L, R), learning rates.
        force: (R, L, 2), constants 2 lam c_l of every layer's weights and of its biases.
        layout: (L, 4), see `l2scale.lab.kernels.passes`.
        slope: of the activation below 0: 0 is ReLU, 1 linear.
        bias: factor on the gradient of biases: 1, or 0 where there are none.
        link: from outputs to means: SOFTMAX, SIGMOID or IDENTITY.
        scale: the loss has the gradient scale * (mean - target) / B in an output.
        rule: SGD, MOMENTUM, ADAM or ADAMW.
        momentum: of MOMENTUM.
        dropout: (R,), each network's rate, float64.
        keys: (R, L - 1), of each hidden layer's dropout, uint64.
        taken: steps taken before, which Adam's averages and dropout ask for.
    """
    batch = rows.shape[2]
    values, deltas, turned, factors = buffers(layout, batch, dropout.any(), weights.dtype)
    gradient = np.empty(max(STRIP, ROWS * np.max(layout[:, 1])), weights.dtype)
    for r in range(len(weights)):
        kept = factors if dropout[r] > 0 else factors[:0]
        for step in range(len(rows)):
            if len(kept):
                draw(keys[r], dropout[r], taken + step, layout, batch, kept)
            gather(inputs, rows[step, r], matrix(values, 0, batch, layout[0, 0]))
            outputs = forward(weights[r], layout, values, deltas, kept, batch, slope)
            apply(link, outputs)
            subtract(outputs, targets, rows[step, r], weights.dtype.type(scale / batch))
            for layer in range(len(layout) - 1, -1, -1):
                a, delta = backward(
                    weights[r], layout, layer, values, deltas, turned, kept, batch, slope
                )
                _step_layer(
                    weights[r], state[r], layout[layer, 2], a, delta, gradient,
                    force[r, layer], rates[step, layer, r], bias, rule, momentum,
                    taken + step + 1,
                )  # fmt: skip


@compiled
def _step_layer(weights, state, start, a, delta, gradient, force, lr, bias, rule, momentum, taken):
    """Step one layer of a network, from its inputs a (B, fan_in) and its delta (B, fan_out).

    Some inputs at a time: their gradient is used while it is in cache.
    """
    fan_in, fan_out = a.shape[1], delta.shape[1]
    many = max(ROWS, STRIP // fan_out // ROWS * ROWS)
    for first in range(0, fan_in, many):
        last = min(first + many, fan_in)
        g = gradient[: (last - first) * fan_out]
        multiply(a.T[first:last], delta, matrix(g, 0, last - first, fan_out))
        _update(weights, start + first * fan_out, g, state, force[0], lr, rule, momentum, taken)
    g = gradient[:fan_out]
    sum_rows(delta, bias, g)
    _update(weights, start + fan_in * fan_out, g, state, force[1], lr, rule, momentum, taken)


@compiled
def _update(weights, at, g, state, force, lr, rule, momentum, taken):
    """Step the parameters that begin at `at`, as many as g has, of one network."""
    end = at + len(g)
    w = weights[at:end]
    if rule == SGD:
        _sgd(w, g, force, lr)
    elif rule == MOMENTUM:
        _momentum(w, g, state[0, at:end], force, lr, momentum)
    else:
        mean, square = state[0, at:end], state[1, at:end]
        _adam(w, g, mean, square, force, lr, rule == ADAMW, taken)


@compiled
def _sgd(w, g, force, lr):
    keep = w.dtype.type(1 - lr * force)  # or a number of twice the size slows the loop
    for i in range(len(w)):
        w[i] = keep * w[i] - lr * g[i]


@compiled
def _momentum(w, g, velocity, force, lr, momentum):
    for i in range(len(w)):
        velocity[i] = momentum * velocity[i] + (g[i] + force * w[i])
        w[i] -= lr * velocity[i]


@compiled
def _adam(w, g, mean, square, force, lr, decoupled, taken):
    real = w.dtype.type
    beta2, eps, new, newer = real(BETA2), real(EPS), real(1 - BETA1), real(1 - BETA2)
    root = real(1 / math.sqrt(1 - BETA2**taken))
    step = lr * real(1 / (1 - BETA1**taken))
    joined, apart = (real(0), lr * force) if decoupled else (force, real(0))
    for i in range(len(w)):
        along = g[i] + joined * w[i]
        mean[i] += new * (along - mean[i])
        square[i] = beta2 * square[i] + newer * along * along
        w[i] -= step * mean[i] / (root * np.sqrt(square[i]) + eps) + apart * w[i]
