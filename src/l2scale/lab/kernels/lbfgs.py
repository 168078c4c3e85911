"""L-BFGS, compiled, for one network on all of its samples.

`l2scale.lab.training.minima` says the same with scipy, and the tests hold this to it. Both may end
in other local minima.
"""

import math

import numpy as np

from l2scale.lab.kernels.compiler import compiled
from l2scale.lab.kernels.constants import MEMORY
from l2scale.lab.kernels.passes import (
    IDENTITY,
    SIGMOID,
    SOFTMAX,
    apply,
    backward,
    buffers,
    forward,
    matrix,
    subtract,
    sum_rows,
)
from l2scale.lab.kernels.products import multiply

# What a step has to gain, as a share of what the slope promises, and may leave of the slope.
DESCENT, FLATTER = 1e-4, 0.9
TRIALS = 40  # of a step's size


@compiled
def minimise(
    weights, inputs, targets, force, layout, slope, bias, link, scale, iterations
):  # fmt: skip
    """Take one network down to a local minimum of its objective by L-BFGS, in place.

    Directions by the two loops of Liu & Nocedal (1989); steps by the bracketing of Lewis & Overton
    (2013), which ends where a gradient jumps, too, as it does at the kink of a unit.

    Args:
        weights: (P,), the network's parameters.
        inputs: (N, d), the training part.
        targets: (N, k), as in `take_steps`.
        force: (L, 2), as in `take_steps` for one network.
        layout: as in `take_steps`.
        slope: as in `take_steps`.
        bias: as in `take_steps`.
        link: as in `take_steps`.
        scale: as in `take_steps`.
        iterations: at most; fewer where no step goes down.
    """
    real, batch = weights.dtype, len(inputs)
    space = buffers(layout, batch, False, real)
    matrix(space[0], 0, batch, layout[0, 0])[:] = inputs
    model = layout, slope, bias, link, scale
    gradient, further, there = np.empty_like(weights), np.empty_like(weights), weights.copy()
    steps, turns = np.empty((MEMORY, len(weights)), real), np.empty((MEMORY, len(weights)), real)
    curvature, along, direction = np.empty(MEMORY, real), np.empty(MEMORY, real), gradient.copy()
    kept = 0
    cost = _objective(weights, targets, force, model, space, gradient)
    for _ in range(iterations):
        _towards(gradient, steps, turns, curvature, along, kept, direction)
        fall = np.dot(gradient, direction)
        size = 1.0 if kept else min(1.0, 1 / _sum_of_sizes(gradient))
        low, high, lower = 0.0, np.inf, False
        for _ in range(TRIALS if fall < 0 else 0):
            there[:] = weights
            _add_times(size, direction, there)
            found = _objective(there, targets, force, model, space, further)
            lower = found <= cost + DESCENT * size * fall  # nor where it is not a number
            if not lower:
                high = size
            elif np.dot(further, direction) < FLATTER * fall:
                low = size
            else:
                break
            size = (low + high) / 2 if high < np.inf else 2 * low
        if not lower:
            if kept == 0:
                break
            kept = 0  # what was learnt of the curvature leads nowhere
            continue
        slot = kept % MEMORY
        for i in range(len(weights)):
            steps[slot, i], turns[slot, i] = there[i] - weights[i], further[i] - gradient[i]
            weights[i], gradient[i] = there[i], further[i]
        cost = found
        curvature[slot] = np.dot(steps[slot], turns[slot])
        kept = kept + 1 if curvature[slot] > 0 else 0


@compiled
def _towards(gradient, steps, turns, curvature, along, kept, direction):
    """Minus the gradient times the inverse curvature that the last `kept` steps tell, in place."""
    for i in range(len(gradient)):
        direction[i] = -gradient[i]
    first = max(0, kept - MEMORY)
    for k in range(kept - 1, first - 1, -1):
        at = k % MEMORY
        along[at] = np.dot(steps[at], direction) / curvature[at]
        _add_times(-along[at], turns[at], direction)
    if kept:
        last = (kept - 1) % MEMORY
        unit = curvature[last] / np.dot(turns[last], turns[last])
        for i in range(len(direction)):
            direction[i] *= unit
    for k in range(first, kept):
        at = k % MEMORY
        _add_times(along[at] - np.dot(turns[at], direction) / curvature[at], steps[at], direction)


@compiled
def _sum_of_sizes(x):
    total = x.dtype.type(0)
    for i in range(len(x)):
        total += abs(x[i])
    return total


@compiled
def _add_times(factor, x, out):
    for i in range(len(out)):
        out[i] += factor * x[i]


@compiled
def _objective(weights, targets, force, model, space, gradient):
    """Mean loss plus penalty of one network on all samples; its gradient, in place."""
    layout, slope, bias, link, scale = model
    values, deltas, turned, kept = space
    batch = len(targets)
    outputs = forward(weights, layout, values, deltas, kept, batch, slope)
    cost = _loss_and_means(link, outputs, targets) / batch
    subtract(outputs, targets, np.arange(batch), weights.dtype.type(scale / batch))
    for layer in range(len(layout) - 1, -1, -1):
        fan_in, fan_out, start, _ = layout[layer]
        a, delta = backward(weights, layout, layer, values, deltas, turned, kept, batch, slope)
        multiply(a.T, delta, matrix(gradient, start, fan_in, fan_out))
        middle = start + fan_in * fan_out
        end = middle + fan_out
        sum_rows(delta, bias, gradient[middle:end])
        cost += _pull(weights[start:middle], force[layer, 0], gradient[start:middle])
        cost += _pull(weights[middle:end], force[layer, 1], gradient[middle:end])
    return cost


@compiled
def _pull(w, force, g):
    """What a penalty of force * w adds to the cost; adds that force to the gradient."""
    value = w.dtype.type(0)
    for i in range(len(w)):
        g[i] += force * w[i]
        value += w[i] * w[i]
    return force * value / 2


@compiled
def _loss_and_means(link, z, targets):
    """The loss, summed over the samples, of outputs (N, k), which become means in place."""
    total = z.dtype.type(0)
    if link == SIGMOID:
        for j in range(z.shape[0]):
            for i in range(z.shape[1]):
                v = z[j, i]
                total += max(v, 0) - targets[j, i] * v + math.log1p(math.exp(-abs(v)))
    elif link == SOFTMAX:
        for j in range(z.shape[0]):
            total += z[j].max() - np.dot(z[j], targets[j])
    apply(link, z)
    for j in range(z.shape[0]):
        if link == SOFTMAX:
            total -= math.log(z[j].max())  # 1 over the sum of exponentials, the largest being 1
        elif link == IDENTITY:
            for i in range(z.shape[1]):
                total += (z[j, i] - targets[j, i]) ** 2
    return total
