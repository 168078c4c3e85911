"""One network forward and backward through a batch: what steps and descents have in common.

A network's parameters lie in one row, layer after layer: its weights (n_in, n_out), then its biases
(n_out). So there is one type for all depths, and one compilation; and of the products with a
transposed factor only the cheap ones are left. Its `layout` is an array (L, 4): every layer's
fan_in and fan_out, and where the layer begins in the parameters and in the buffers of units.
"""

import math

import numpy as np

from l2scale.lab.kernels.compiler import compiled
from l2scale.lab.kernels.dropout import times
from l2scale.lab.kernels.products import multiply, transpose

SOFTMAX, SIGMOID, IDENTITY = range(3)


@compiled
def buffers(layout, batch, drops, real):
    """Flat buffers: a batch's values and deltas of units, weights that are transposed, and `kept`.

    The last is empty without dropout, and has a factor for each value with it.
    """
    units = (layout[:, 0].sum() + layout[-1, 1]) * batch
    kept = np.empty(units if drops else 0, real)
    turned = np.empty(np.max(layout[:, 0] * layout[:, 1]), real)
    return np.empty(units, real), np.empty(units, real), turned, kept


@compiled
def backward(weights, layout, layer, values, deltas, turned, kept, batch, slope):
    """A layer's inputs (B, fan_in) and its delta (B, fan_out); the delta below it, in `deltas`."""
    fan_in, fan_out, start, units_at = layout[layer]
    a = matrix(values, units_at * batch, batch, fan_in)
    delta = matrix(deltas, (units_at + fan_in) * batch, batch, fan_out)
    if layer > 0:
        below = matrix(deltas, units_at * batch, batch, fan_in)
        across = matrix(turned, 0, fan_out, fan_in)
        transpose(matrix(weights, start, fan_in, fan_out), across)
        multiply(delta, across, below)
        times_slope(below, a, slope)
        if len(kept):
            times(below, kept, units_at * batch)
    return a, delta


@compiled
def forward(weights, layout, values, deltas, kept, batch, slope):
    """Outputs (B, k), in `deltas`; in `values` every layer's inputs, those dropped being 0."""
    for layer in range(len(layout)):
        fan_in, fan_out, start, units_at = layout[layer]
        middle = start + fan_in * fan_out
        a = matrix(values, units_at * batch, batch, fan_in)
        z = matrix(deltas, (units_at + fan_in) * batch, batch, fan_out)
        multiply(a, matrix(weights, start, fan_in, fan_out), z)
        biases = weights[middle : middle + fan_out]
        if layer == len(layout) - 1:
            add(biases, z)
        else:
            after = (units_at + fan_in) * batch
            activated = matrix(values, after, batch, fan_out)
            activate(z, biases, slope, activated)
            if len(kept):
                times(activated, kept, after)
    return z


@compiled
def matrix(flat, start, rows, columns):
    """A matrix (rows, columns) that lies in a flat array from `start` on."""
    return flat[start : start + rows * columns].reshape(rows, columns)


@compiled
def gather(inputs, rows, x):
    """Write the rows (B,) of inputs (N, d) into x (B, d)."""
    for j in range(len(rows)):
        row = rows[j]
        for i in range(x.shape[1]):
            x[j, i] = inputs[row, i]


@compiled
def add(biases, z):
    """Add biases (n,) to z (B, n), in place."""
    for j in range(z.shape[0]):
        for i in range(z.shape[1]):
            z[j, i] += biases[i]


@compiled
def activate(z, biases, slope, a):
    """Write the activation of z (B, n) with its biases (n,) into a (B, n); `slope` is below 0."""
    for j in range(z.shape[0]):
        for i in range(z.shape[1]):
            v = z[j, i] + biases[i]
            a[j, i] = v if v > 0 else slope * v


@compiled
def apply(link, z):
    """From outputs (B, k) to means, in place."""
    if link == SIGMOID:
        for j in range(z.shape[0]):
            for i in range(z.shape[1]):
                z[j, i] = 1 / (1 + math.exp(-z[j, i]))
    elif link == SOFTMAX:
        for j in range(z.shape[0]):
            top, total = z[j, 0], z.dtype.type(0)
            for i in range(1, z.shape[1]):
                top = max(top, z[j, i])
            for i in range(z.shape[1]):
                z[j, i] = math.exp(z[j, i] - top)
                total += z[j, i]
            for i in range(z.shape[1]):
                z[j, i] /= total


@compiled
def subtract(z, targets, rows, scale):
    """From means z (B, k) to the loss's gradient, in place; targets (N, k), rows (B,) of them."""
    for j in range(z.shape[0]):
        row = rows[j]
        for i in range(z.shape[1]):
            z[j, i] = scale * (z[j, i] - targets[row, i])


@compiled
def times_slope(delta, a, slope):
    """Multiply delta (B, n) by the activation's slope, in place, from its values a (B, n)."""
    for j in range(delta.shape[0]):
        for i in range(delta.shape[1]):
            delta[j, i] = delta[j, i] if a[j, i] > 0 else slope * delta[j, i]


@compiled
def sum_rows(delta, factor, out):
    """Write `factor` times the sum of delta (B, n) over the batch into out (n,)."""
    for i in range(len(out)):
        out[i] = 0
    for j in range(delta.shape[0]):
        for i in range(len(out)):
            out[i] += factor * delta[j, i]
