"""Training on a CPU by compiled kernels, for the runs that they know."""

from collections.abc import Callable, Sequence
from itertools import islice

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from l2scale.lab.training import dropout, losses
from l2scale.lab.training.batches import GroupData, rows_by_step
from l2scale.lab.training.networks import LEAKY_SLOPE
from l2scale.lab.training.runs import Run

# For what is not named here the lockstep trainer does the same, more slowly; and scipy's L-BFGS
# goes down in place of the compiled one, which may end in other local minima.
SLOPES = {"relu": 0.0, "leaky_relu": LEAKY_SLOPE, "linear": 1.0}
BLOCK_ROWS = 1 << 20  # samples in a block of steps, all networks together


def suits(run: Run, device: str) -> bool:
    """Whether `walker` can train the run and those that may share its group."""
    known = run.activation in SLOPES and run.norm == "none"
    return device == "cpu" and known


def walker(
    runs: Sequence[Run],
    weights: Sequence[Tensor],
    force: Sequence[Tensor],
    rates: Tensor,
    factor: Callable[[int], float],
    data: GroupData,
) -> Callable[[range], None]:
    """A function that takes the steps it is given.

    Args:
        runs: as in `l2scale.lab.training.trainer.train`.
        weights: per layer (R, n_out, n_in + 1), which the steps overwrite.
        force: per layer (R, 1, n_in + 1), see `l2scale.lab.training.trainer.force_constants`.
        rates: (layers, R, 1, 1), see `l2scale.lab.training.trainer.learning_rates`.
        factor: on the rates at a step, see `l2scale.lab.training.trainer.schedule_factor`.
        data: of the runs, on the CPU.
    """
    # Numba is imported where it is first needed.
    from l2scale.lab.kernels.lbfgs import minimise
    from l2scale.lab.kernels.passes import IDENTITY, SIGMOID, SOFTMAX
    from l2scale.lab.kernels.steps import ADAM, ADAMW, MOMENTUM, SGD, STATES, take_steps

    first = runs[0]
    real = weights[0].numpy().dtype.type
    x, y = (pair.flatten(0, 1) for pair in (data.inputs["train"], data.targets["train"]))
    link, scale = SIGMOID, 1.0
    if data.task in losses.CLASSES:
        y = functional.one_hot(y[:, 0], data.n_outputs)
    if data.task == "multiclass":
        link = SOFTMAX
    elif data.task == "regression":
        link, scale = IDENTITY, 2.0
    inputs = x[:, :-1].contiguous().numpy()
    targets = y.to(weights[0].dtype).numpy()
    layout = _layout(weights)
    forces = torch.stack([f[:, 0, [0, -1]] for f in force], dim=1).numpy()
    slope, bias = real(SLOPES[first.activation]), real(first.bias)

    def descend(flat: np.ndarray, steps: range) -> None:
        samples = len(inputs) // len(data.inputs["train"])
        for r, split in enumerate(data.split.tolist()):
            part = slice(split * samples, (split + 1) * samples)
            minimise(
                flat[r], inputs[part], targets[part], forces[r], layout, slope, bias, link,
                real(scale), len(steps),
            )  # fmt: skip

    if first.optimiser == "lbfgs":
        return _in_rows(weights, descend)

    rule = {"sgd": SGD, "adam": ADAM, "adamw": ADAMW}[first.optimiser]
    if first.momentum:
        rule = MOMENTUM
    parameters = sum(w[0].numel() for w in weights)
    state = np.zeros((len(runs), STATES[rule], parameters), real)
    source = rows_by_step(runs, data)
    dropped = dropout.rates(runs), dropout.keys(runs)

    def walk(flat: np.ndarray, steps: range) -> None:
        block = max(1, BLOCK_ROWS // (len(runs) * (first.batch_size or len(inputs))))
        for start in range(steps.start, steps.stop, block):
            part = range(start, min(start + block, steps.stop))
            factors = np.array([factor(step) for step in part], real)
            take_steps(
                flat, state, inputs, targets,
                torch.stack(list(islice(source, len(part)))).numpy(),
                rates[:, :, 0, 0].numpy() * factors[:, None, None],
                forces, layout, slope, bias, link, real(scale), rule, real(first.momentum),
                *dropped, start,
            )  # fmt: skip

    return _in_rows(weights, walk)


def _in_rows(
    weights: Sequence[Tensor], walk: Callable[[np.ndarray, range], None]
) -> Callable[[range], None]:
    """`walk` for weights that lie as the lab has them, and not each network's in a row."""

    def walked(steps: range) -> None:
        flat = torch.cat([w.transpose(1, 2).flatten(1) for w in weights], dim=1)
        walk(flat.numpy(), steps)
        parts = flat.split([w[0].numel() for w in weights], dim=1)
        for tensor, part in zip(weights, parts, strict=True):
            tensor.copy_(part.unflatten(1, tensor.shape[:0:-1]).transpose(1, 2))

    return walked


def _layout(weights: Sequence[Tensor]) -> np.ndarray:
    """See `l2scale.lab.kernels.passes`."""
    fan_out, columns = np.array([w.shape[1:] for w in weights]).T
    fan_in, sizes = columns - 1, fan_out * columns
    starts = [np.cumsum(each) - each for each in (sizes, fan_in)]
    return np.stack([fan_in, fan_out, *starts], axis=1)
