"""The training of one network after the other, compiled, many steps at a time.

A network of the book's size, its batch and its gradient fit in a core's cache. Many steps of one
network before the next is touched keep them there, and a compiled loop has no call between two
products to wait for. The products are BLAS calls; `l2scale.lab.networks`, `l2scale.lab.losses` and
`l2scale.lab.optimisers` say the same for R networks in lockstep, and the tests hold this to them;
`minimise` they hold to scipy's L-BFGS.

A network's parameters lie in one row, layer after layer: its weights (n_in, n_out), then its biases
(n_out). So there is one type for all depths, and one compilation; and of the products with a
transposed factor only the cheap ones are left.

All of it is one module: what Numba has compiled and kept it compiles again where the module of a
function has changed, and does not look at the modules of those that it calls.
"""

import math

import numpy as np
from numba import njit

from l2scale.lab.minima import MEMORY
from l2scale.lab.optimisers import BETAS, EPS

SGD, MOMENTUM, ADAM, ADAMW = range(4)
STATES = (0, 1, 2, 2)  # arrays of the weights' size that each of them keeps
SOFTMAX, SIGMOID, IDENTITY = range(3)
BETA1, BETA2 = BETAS
# What a step has to gain, as a share of what the slope promises, and may leave of the slope.
DESCENT, FLATTER = 1e-4, 0.9
TRIALS = 40  # of a step's size
LEAST_ROWS = 4  # of a factor that is cut: with fewer, the product only reads the other one

# No promise that numbers are finite: a network that diverges has to be seen.
_compiled = njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz", "arcp"})


@_compiled
def take_steps(
    weights, state, inputs, targets, rows, rates, force, layout,
    slope, bias, link, scale, rule, momentum, taken, most,
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
        layout: (L, 4): fan_in, fan_out, and where the layer begins in the parameters and in the
            buffers of units.
        slope: of the activation below 0: 0 is ReLU, 1 linear.
        bias: factor on the gradient of biases: 1, or 0 where there are none.
        link: from outputs to means: SOFTMAX, SIGMOID or IDENTITY.
        scale: the loss has the gradient scale * (mean - target) / B in an output.
        rule: SGD, MOMENTUM, ADAM or ADAMW.
        momentum: of MOMENTUM.
        taken: steps taken before, which Adam's averages ask for.
        most: multiplications of a matrix product, which is cut where it has more, see
            `l2scale.lab.machine.fast_product`.
    """
    batch = rows.shape[2]
    units = (layout[:, 0].sum() + layout[-1, 1]) * batch
    values, deltas = np.empty(units, weights.dtype), np.empty(units, weights.dtype)
    part = np.empty(units, weights.dtype)
    gradient = np.empty(np.max(layout[:, 0] * layout[:, 1]), weights.dtype)
    for r in range(len(weights)):
        for step in range(len(rows)):
            _gather(inputs, rows[step, r], _matrix(values, 0, batch, layout[0, 0]))
            outputs = _forward(weights[r], layout, values, deltas, batch, slope, most)
            _apply(link, outputs)
            _subtract(outputs, targets, rows[step, r], scale / batch)
            for layer in range(len(layout) - 1, -1, -1):
                fan_in, fan_out, start, units_at = layout[layer]
                a = _matrix(values, units_at * batch, batch, fan_in)
                delta = _matrix(deltas, (units_at + fan_in) * batch, batch, fan_out)
                if layer > 0:
                    below = _matrix(deltas, units_at * batch, batch, fan_in)
                    w = _matrix(weights[r], start, fan_in, fan_out)
                    _multiply(delta, w.T, most, below)
                    _times_slope(below, a, slope)
                _step_layer(
                    weights[r], state[r], start, a, delta, part, gradient, force[r, layer],
                    rates[step, layer, r], bias, rule, momentum, taken + step + 1, most,
                )  # fmt: skip


@_compiled
def minimise(
    weights, inputs, targets, force, layout, slope, bias, link, scale, most, iterations
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
        most: as in `take_steps`.
        iterations: at most; fewer where no step goes down.
    """
    batch, real = len(inputs), weights.dtype
    units = (layout[:, 0].sum() + layout[-1, 1]) * batch
    values, deltas = np.empty(units, real), np.empty(units, real)
    part = np.empty(units, real)
    _matrix(values, 0, batch, layout[0, 0])[:] = inputs
    gradient, further, there = np.empty_like(weights), np.empty_like(weights), weights.copy()
    steps, turns = np.empty((MEMORY, len(weights)), real), np.empty((MEMORY, len(weights)), real)
    curvature, along, direction = np.empty(MEMORY, real), np.empty(MEMORY, real), gradient.copy()
    kept = 0
    cost = _objective(
        weights, targets, force, layout, slope, bias, link, scale, most, values, deltas, part,
        gradient,
    )  # fmt: skip
    for _ in range(iterations):
        _towards(gradient, steps, turns, curvature, along, kept, direction)
        fall = np.dot(gradient, direction)
        size = 1.0 if kept else min(1.0, 1 / np.abs(gradient).sum())
        low, high, lower = 0.0, np.inf, False
        for _ in range(TRIALS if fall < 0 else 0):
            for i in range(len(weights)):
                there[i] = weights[i] + size * direction[i]
            found = _objective(
                there, targets, force, layout, slope, bias, link, scale, most, values, deltas,
                part, further,
            )  # fmt: skip
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


@_compiled
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


@_compiled
def _add_times(factor, x, out):
    for i in range(len(out)):
        out[i] += factor * x[i]


@_compiled
def _objective(
    weights, targets, force, layout, slope, bias, link, scale, most, values, deltas, part, gradient
):  # fmt: skip
    """Mean loss plus penalty of one network on all samples; its gradient, in place."""
    batch = len(targets)
    outputs = _forward(weights, layout, values, deltas, batch, slope, most)
    cost = _loss_and_means(link, outputs, targets) / batch
    for j in range(batch):
        for i in range(outputs.shape[1]):
            outputs[j, i] = scale / batch * (outputs[j, i] - targets[j, i])
    for layer in range(len(layout) - 1, -1, -1):
        fan_in, fan_out, start, units_at = layout[layer]
        a = _matrix(values, units_at * batch, batch, fan_in)
        delta = _matrix(deltas, (units_at + fan_in) * batch, batch, fan_out)
        if layer > 0:
            below = _matrix(deltas, units_at * batch, batch, fan_in)
            _multiply(delta, _matrix(weights, start, fan_in, fan_out).T, most, below)
            _times_slope(below, a, slope)
        many = _rows_of(fan_in, delta.size, most)
        for first in range(0, fan_in, many):
            last, at = min(first + many, fan_in), start + first * fan_out
            _multiply_transposed(a, first, last, delta, part, gradient[at:])
        middle = start + fan_in * fan_out
        end = middle + fan_out
        _sum_rows(delta, bias, gradient[middle:end])
        cost += _pull(weights[start:middle], force[layer, 0], gradient[start:middle])
        cost += _pull(weights[middle:end], force[layer, 1], gradient[middle:end])
    return cost


@_compiled
def _pull(w, force, g):
    """What a penalty of force * w adds to the cost; adds that force to the gradient."""
    value = w.dtype.type(0)
    for i in range(len(w)):
        g[i] += force * w[i]
        value += w[i] * w[i]
    return force * value / 2


@_compiled
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
    _apply(link, z)
    for j in range(z.shape[0]):
        if link == SOFTMAX:
            total -= math.log(z[j].max())  # 1 over the sum of exponentials, the largest being 1
        elif link == IDENTITY:
            for i in range(z.shape[1]):
                total += (z[j, i] - targets[j, i]) ** 2
    return total


@_compiled
def _step_layer(
    weights, state, start, a, delta, part, gradient, force, lr, bias, rule, momentum, taken, most
):
    """Step one layer of a network, from its inputs a (B, fan_in) and its delta (B, fan_out).

    Some inputs at a time: their gradient is used while it is in cache.
    """
    fan_in, fan_out = a.shape[1], delta.shape[1]
    many = _rows_of(fan_in, delta.size, most)
    for first in range(0, fan_in, many):
        g = _multiply_transposed(a, first, min(first + many, fan_in), delta, part, gradient)
        at = start + first * fan_out
        _update(weights, at, g, state, force[0], lr, rule, momentum, taken)
    g = gradient[:fan_out]
    _sum_rows(delta, bias, g)
    _update(weights, start + fan_in * fan_out, g, state, force[1], lr, rule, momentum, taken)


@_compiled
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


@_compiled
def _matrix(flat, start, rows, columns):
    return flat[start : start + rows * columns].reshape(rows, columns)


@_compiled
def _rows_of(rows, other, most):
    """How many of a factor's rows to multiply at a time, the other one having so many numbers."""
    many = most // other
    if many >= rows or many < LEAST_ROWS:
        return rows
    parts = -(-rows // many)
    return -(-rows // parts)


@_compiled
def _multiply(a, b, most, out):
    """Write a b into out: a (m, k), b (k, n), out (m, n). It takes some rows of a at a time."""
    many = _rows_of(len(a), b.size, most)
    for first in range(0, len(a), many):
        np.dot(a[first : first + many], b, out[first : first + many])


@_compiled
def _multiply_transposed(a, first, last, b, part, out):
    """Columns first to last of a (k, m), transposed, times b (k, n): in out, and given back flat.

    With not all columns, `part` holds them: k (last - first) numbers or more.
    """
    columns = last - first
    product = out[: columns * b.shape[1]]
    chosen = a
    if columns < a.shape[1]:
        chosen = _matrix(part, 0, len(a), columns)
        for j in range(len(a)):
            for i in range(columns):
                chosen[j, i] = a[j, first + i]
    np.dot(chosen.T, b, product.reshape(columns, b.shape[1]))
    return product


@_compiled
def _gather(inputs, rows, x):
    for j in range(len(rows)):
        row = rows[j]
        for i in range(x.shape[1]):
            x[j, i] = inputs[row, i]


@_compiled
def _forward(weights, layout, values, deltas, batch, slope, most):
    """Outputs (B, k), in `deltas`; in `values` every layer's inputs."""
    for layer in range(len(layout)):
        fan_in, fan_out, start, units_at = layout[layer]
        middle = start + fan_in * fan_out
        a = _matrix(values, units_at * batch, batch, fan_in)
        z = _matrix(deltas, (units_at + fan_in) * batch, batch, fan_out)
        _multiply(a, _matrix(weights, start, fan_in, fan_out), most, z)
        biases = weights[middle : middle + fan_out]
        if layer == len(layout) - 1:
            _add(biases, z)
        else:
            _activate(
                z, biases, slope, _matrix(values, (units_at + fan_in) * batch, batch, fan_out)
            )
    return z


@_compiled
def _add(biases, z):
    for j in range(z.shape[0]):
        for i in range(z.shape[1]):
            z[j, i] += biases[i]


@_compiled
def _activate(z, biases, slope, a):
    for j in range(z.shape[0]):
        for i in range(z.shape[1]):
            v = z[j, i] + biases[i]
            a[j, i] = v if v > 0 else slope * v


@_compiled
def _apply(link, z):
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


@_compiled
def _subtract(z, targets, rows, scale):
    for j in range(z.shape[0]):
        row = rows[j]
        for i in range(z.shape[1]):
            z[j, i] = scale * (z[j, i] - targets[row, i])


@_compiled
def _times_slope(delta, a, slope):
    for j in range(delta.shape[0]):
        for i in range(delta.shape[1]):
            delta[j, i] = delta[j, i] if a[j, i] > 0 else slope * delta[j, i]


@_compiled
def _sum_rows(delta, factor, out):
    for i in range(len(out)):
        out[i] = 0
    for j in range(delta.shape[0]):
        for i in range(len(out)):
            out[i] += factor * delta[j, i]


@_compiled
def _sgd(w, g, force, lr):
    keep = 1 - lr * force
    for i in range(len(w)):
        w[i] = keep * w[i] - lr * g[i]


@_compiled
def _momentum(w, g, velocity, force, lr, momentum):
    for i in range(len(w)):
        velocity[i] = momentum * velocity[i] + (g[i] + force * w[i])
        w[i] -= lr * velocity[i]


@_compiled
def _adam(w, g, mean, square, force, lr, decoupled, taken):
    real = w.dtype.type
    beta1, beta2, eps = real(BETA1), real(BETA2), real(EPS)
    root = real(1 / math.sqrt(1 - BETA2**taken))
    step = lr * real(1 / (1 - BETA1**taken))
    joined, apart = (real(0), lr * force) if decoupled else (force, real(0))
    for i in range(len(w)):
        along = g[i] + joined * w[i]
        mean[i] += (1 - beta1) * (along - mean[i])
        square[i] = beta2 * square[i] + (1 - beta2) * along * along
        w[i] -= step * mean[i] / (root * np.sqrt(square[i]) + eps) + apart * w[i]
