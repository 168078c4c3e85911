"""Which runs train together: those of the same shapes, cut to the memory at hand."""

import math
from collections.abc import Sequence

from l2scale.lab import machine
from l2scale.lab.data.datasets import Split
from l2scale.lab.training.architectures.build import network
from l2scale.lab.training.architectures.parts import GAIN, MATRIX
from l2scale.lab.training.batches import split_of
from l2scale.lab.training.fits import MLP, MUON
from l2scale.lab.training.networks import layer_shapes
from l2scale.lab.training.runs import Run

# Tensors of the weights' size while a run trains: the weights, a kernel's copy of them, their
# gradient or a temporary, and what the optimiser keeps. A GPU copies them once more to capture a
# step: `l2scale.lab.machine.GPU_GROUP_SHARE` leaves room for it.
COPIES = {"sgd": 2, "adam": 5, "adamw": 5, "lbfgs": 2, **dict.fromkeys(MUON, 2)}
OF_AUTOGRAD = 2  # more: all gradients at once, and the weights before the step, for its angle
OF_MUON = 5  # of the size of the largest matrix, which is made orthogonal
# Whole numbers as numbers of 4 bytes: a sample's class, and its place in a run's order, laid out
# twice.
CLASS, ORDER = 2, 4


def group_key(run: Run) -> tuple[object, ...]:
    """Runs with the same key have tensors of the same shapes and may share a group."""
    return (
        run.data,
        run.architecture,
        run.n_train,
        run.hidden,
        run.activation,
        run.norm,
        run.outputs,
        run.bias,
        run.penalise_biases,
        run.optimiser,
        run.muon_on,
        run.momentum,
        run.batch_size,
        run.steps,
        run.schedule,
        run.warmup,
        run.decayed,
        run.decay_steps,
        run.measured_at,
        run.held_out,
        run.dtype,
    )


def device_kind(runs: Sequence[Run]) -> str:
    """Where the runs train: L-BFGS asks for one small product after the other, which suits a CPU.

    Raises:
        ValueError: as `l2scale.lab.machine.device`.
    """
    return "cpu" if any(run.optimiser == "lbfgs" for run in runs) else machine.device()


def groups_of(runs: Sequence[Run]) -> list[list[int]]:
    """Places of the runs of each group: same shapes, cut to memory, the costliest groups first.

    Where there are runs enough, every worker gets as many groups of a shape as any other, and even
    ones, so that none waits while another has one left.
    """
    by_key: dict[tuple[object, ...], list[int]] = {}
    for place, run in enumerate(runs):
        by_key.setdefault(group_key(run), []).append(place)
    kind = device_kind(runs)
    budget, workers = machine.group_bytes(kind), machine.workers(kind)
    cut: list[tuple[float, list[int]]] = []
    for places in by_key.values():
        try:
            size, work = bytes_and_work(runs[places[0]])
        except ValueError:  # it has no such data: said where it is trained, and the others are
            size, work = 1.0, 0.0
        most = max(1, int(budget / size))
        parts = min(len(places), workers * -(-len(places) // (workers * most)))
        for part in range(parts):
            chosen = places[part * len(places) // parts : (part + 1) * len(places) // parts]
            cut.append((work * len(chosen), chosen))
    return [places for _, places in sorted(cut, key=lambda pair: (-pair[0], pair[1]))]


def bytes_and_work(run: Run) -> tuple[float, float]:
    """Bytes that the run needs while it trains; its multiplications.

    An "mlp" is counted with a split of its own. Of the others a step is many calls, which larger
    groups share, and the runs of a seed share their split.
    """
    split = split_of(run)
    item = 4 if run.dtype == "float32" else 8
    batch = run.batch_size or len(split.x_train)
    count = _of_perceptrons if run.architecture == MLP else _of_autograd
    weights, copies, buffers, places, data = count(run, split)
    numbers = copies + batch * buffers * places + data
    return float(item * numbers), float(weights) * batch * places * run.steps


def _of_perceptrons(run: Run, split: Split) -> tuple[int, int, int, int, int]:
    """Weights, all that is as large, buffers for a sample and place, places, and data."""
    inputs = split.x_train.shape[1]
    shapes = layer_shapes(inputs, run.hidden, split.n_classes)
    weights = sum(fan_out * (fan_in + 1) for fan_out, fan_in in shapes)
    buffers = sum(2 * fan_out for fan_out, _ in shapes) + inputs
    if run.dropout:  # words of 8 bytes, factors, and what the units were before, in lockstep
        buffers += 8 * sum(run.hidden)
    if run.norm == "layer":  # what was normalised, and what its gradient takes
        buffers += 2 * sum(run.hidden)
    samples = sum(len(part) for part in (split.x_train, split.x_val, split.x_test))
    copies = (COPIES[run.optimiser] + (run.momentum > 0)) * weights
    return weights, copies, buffers, 1, samples * (inputs + 1 + CLASS + ORDER)


def _of_autograd(run: Run, split: Split) -> tuple[int, int, int, int, int]:
    """As `_of_perceptrons`."""
    inputs = split.x_train.shape[1]
    parameters = network(run, inputs, split.n_classes).parameters
    sizes = [p.shape[0] * p.shape[1] for p in parameters]
    # Autograd keeps what goes into and comes out of each matrix and norm, and on the way back
    # makes that of one of them anew.
    matrices = [sum(p.shape) for p in parameters if p.kind == MATRIX]
    norms = sum(2 * p.shape[1] for p in parameters if p.kind == GAIN)
    buffers = sum(matrices) + max(matrices) + norms
    places = {"transformer": math.isqrt(inputs), "convolutional": inputs}.get(run.architecture, 1)
    copies = (COPIES[run.optimiser] + OF_AUTOGRAD + (run.momentum > 0)) * sum(sizes)
    if run.optimiser in MUON:
        copies += OF_MUON * max(sizes)
    return sum(sizes), copies, buffers, places, ORDER * len(split.x_train)
