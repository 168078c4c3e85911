"""R multilayer perceptrons of one shape, computed in lockstep.

Every tensor has a leading replica axis R. A layer's weights are one tensor (R, n_out, n_in + 1)
whose last column holds the biases, so that one product does both and a decay factor of 1 on that
column leaves biases alone. Activations lie as (R, features, batch): the products then need no
transposed copies. Buffers are made once and written in place: temporaries would cost as much as
the arithmetic.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from l2scale.lab.training.runs import Run
from l2scale.theory.initialisation import variance
from l2scale.theory.penalties import Shape

LEAKY_SLOPE = 0.01
NORM_EPS = 1e-5
ALIGNED = 128  # bytes that torch's loops take at once, twice a register of AVX-512
_aten = torch.ops.aten


def layer_shapes(n_inputs: int, hidden: Sequence[int], n_outputs: int) -> tuple[Shape, ...]:
    """Shapes (fan_out, fan_in) of the weight matrices, input side first."""
    sizes = (n_inputs, *hidden, n_outputs)
    return tuple((sizes[i + 1], sizes[i]) for i in range(len(sizes) - 1))


def generator(seed: int, stream: int) -> torch.Generator:
    """A CPU generator for one of a run's independent random streams.

    Always on the CPU: the streams of GPUs differ from the CPU's and from each other.
    """
    state = np.random.SeedSequence([seed, stream]).generate_state(1, np.uint64)[0]
    return torch.Generator().manual_seed(int(state >> np.uint64(1)))


def initial_weights(run: Run, shapes: Sequence[Shape]) -> list[Tensor]:
    """One network's weights with the bias column, each (n_out, n_in + 1), on the CPU.

    Gaussian with the variance of `run.init`, drawn in float64 and then cast, so that a float32 run
    starts from the rounded weights of the float64 run. Biases are Gaussian with standard deviation
    `run.bias_init`, drawn after all weights.
    """
    rng = generator(run.seed, stream=1)
    factors = run.layer_init or (1.0,) * len(shapes)
    weights = []
    for (fan_out, fan_in), factor in zip(shapes, factors, strict=True):
        deviation = variance(run.init, fan_in, fan_out, run.init_scale * factor) ** 0.5
        drawn = torch.randn(fan_out, fan_in, generator=rng, dtype=torch.float64)
        weights.append(drawn.new_empty(fan_out, fan_in + 1, dtype=getattr(torch, run.dtype)))
        weights[-1][:, :-1] = drawn.mul_(deviation)
    for layer in weights:
        column = torch.randn(len(layer), generator=rng, dtype=torch.float64)
        layer[:, -1] = column * run.bias_init
    return weights


def empty(like: Tensor, *shape: int) -> Tensor:
    """An empty tensor (R, ...) in which each network's part lies in memory as it would alone.

    On a CPU the last digits of a product depend on where its factors and its result begin, and
    those of a function on which numbers are left over when a loop has taken all that fill a
    register. Each network's part is as many times ALIGNED long, so that what becomes of it does not
    depend on which others are computed beside it. GPUs choose their kernels by how many there are.
    """
    replicas, *each = shape
    if not like.is_cpu:
        return like.new_empty(shape)
    numbers, step = math.prod(each), ALIGNED // like.itemsize
    padded = like.new_empty(replicas, -(-numbers // step) * step)
    found: Tensor = padded[:, :numbers].unflatten(1, each)
    return found


def apart(tensor: Tensor) -> Tensor:
    """The same numbers (R, ...), laid out as `empty` does; itself if it lies so, or on a GPU."""
    fits = len(tensor) == 1 or tensor[0].numel() * tensor.itemsize % ALIGNED == 0
    if not tensor.is_cpu or (fits and tensor.is_contiguous() and tensor.data_ptr() % 64 == 0):
        return tensor
    return empty(tensor, *tensor.shape).copy_(tensor)


def as_alone(samples: int, *tensors: Tensor) -> Iterator[tuple[Tensor, ...]]:
    """The tensors (R, ...) of a batch, to sum up over in the order that each network has alone.

    Torch sums up over many networks as over one, but for a batch of a single sample: those of each
    network are then given by themselves. On a GPU all are given at once.
    """
    if samples == 1 and tensors[0].is_cpu:
        yield from zip(*(tensor.split(1) for tensor in tensors), strict=True)
    else:
        yield tensors


def multiply(one: Tensor, other: Tensor, out: Tensor) -> Tensor:
    """Write one (R, n, k) @ other (R, k, m) into out (R, n, m)."""
    for result, left, right in as_alone(out.shape[2], out, one, other):
        torch.bmm(left, right, out=result)
    return out


def activate(name: str, z: Tensor, out: Tensor) -> None:
    """Write the activation of z (R, n, B) into out (R, n, B)."""
    if name == "relu":
        torch.clamp(z, min=0, out=out)
    elif name == "leaky_relu":
        _aten.leaky_relu.out(z, LEAKY_SLOPE, out=out)
    elif name == "tanh":
        torch.tanh(z, out=out)
    elif name == "sigmoid":
        torch.sigmoid(z, out=out)
    else:
        out.copy_(z)


def activation_backward(name: str, grad: Tensor, activation: Tensor) -> None:
    """Multiply grad (R, n, B) in place by the activation's slope, found from its value."""
    if name == "relu":
        _aten.threshold_backward.grad_input(grad, activation, 0, grad_input=grad)
    elif name == "leaky_relu":
        _aten.leaky_relu_backward.grad_input(grad, activation, LEAKY_SLOPE, True, grad_input=grad)
    elif name == "tanh":
        _aten.tanh_backward.grad_input(grad, activation, grad_input=grad)
    elif name == "sigmoid":
        _aten.sigmoid_backward.grad_input(grad, activation, grad_input=grad)


def normalise(z: Tensor) -> Tensor:
    """Centre and scale z (R, n, B) over its units, in place; the divisors (R, 1, B)."""
    divisors = []
    for (part,) in as_alone(z.shape[2], z):
        part.sub_(part.mean(dim=1, keepdim=True))
        divisors.append(part.square().mean(dim=1, keepdim=True).add_(NORM_EPS).sqrt_())
        part.div_(divisors[-1])
    return torch.cat(divisors)


def normalise_backward(grad: Tensor, normalised: Tensor, deviation: Tensor) -> None:
    """Turn grad (R, n, B) in place from that of the normalised units to that of the raw ones."""
    for g, z, divisor in as_alone(grad.shape[2], grad, normalised, deviation):
        along = (g * z).mean(dim=1, keepdim=True)
        g.sub_(g.mean(dim=1, keepdim=True)).sub_(z * along).div_(divisor)


class Workspace:
    """The buffers of one forward and backward pass of R networks over a batch of B samples."""

    def __init__(
        self,
        weights: Sequence[Tensor],
        activation: str,
        batch: int,
        *,
        bias: bool,
        norm: str = "none",
    ) -> None:
        """Allocate for `weights` [(R, n_out, n_in + 1)] and batches of `batch` samples.

        Without `bias` the biases are multiplied by 0, so that they stay at their initial 0.
        """
        self.weights = list(weights)
        self.activation = activation
        self.norm = norm
        first = self.weights[0]
        replicas = first.shape[0]

        self.pre = [empty(first, replicas, w.shape[1], batch) for w in self.weights]
        self.hidden = [empty(first, replicas, w.shape[1] + 1, batch) for w in self.weights[:-1]]
        for a in self.hidden:
            a[:, -1] = float(bias)  # what the bias column multiplies
        # Row slices taken once: slicing inside the loop costs a fifth of a small step.
        self._values = [a[:, :-1] for a in self.hidden]
        self._transposed = [a.transpose(1, 2) for a in self.hidden]
        self._back = [w[:, :, :-1].transpose(1, 2) for w in self.weights]

    def forward(self, x: Tensor, kept: Sequence[Tensor] = ()) -> Tensor:
        """Outputs (R, k, B) for inputs x (R, B, n_in + 1), the last column as in `GroupData`.

        With `kept` each hidden layer's units are multiplied by its factors (R, n, B).
        """
        multiply(self.weights[0], x.transpose(1, 2), out=self.pre[0])
        self._normalised = []
        self._activated = list(self._values)
        self._kept = kept
        for layer, weights in enumerate(self.weights[1:], start=1):
            z = self.pre[layer - 1]
            if self.norm == "layer":
                deviation = normalise(z)
                self._normalised.append((z.clone(), deviation))
            activate(self.activation, z, self._values[layer - 1])
            if kept:
                self._activated[layer - 1] = self._values[layer - 1].clone()
                self._values[layer - 1].mul_(kept[layer - 1])
            multiply(weights, self.hidden[layer - 1], out=self.pre[layer])
        self._inputs = [x, *self._transposed]
        return self.pre[-1]

    def backward(self, delta: Tensor) -> Iterator[tuple[int, Tensor, Tensor]]:
        """From the last layer to the first: (layer, delta (R, n_out, B), inputs (R, B, n_in + 1)).

        The layer's gradient is delta @ inputs. When a layer is handed out nothing below still
        needs its weights or its delta, so the caller may update the one and overwrite the other.
        """
        for layer in range(len(self.weights) - 1, -1, -1):
            below = delta
            if layer > 0:
                # The pre-activation is not needed any more: its buffer takes the delta.
                below = multiply(self._back[layer], delta, out=self.pre[layer - 1])
                if self._kept:
                    below.mul_(self._kept[layer - 1])
                activation_backward(self.activation, below, self._activated[layer - 1])
                if self.norm == "layer":
                    normalise_backward(below, *self._normalised[layer - 1])
            yield layer, delta, self._inputs[layer]
            delta = below
