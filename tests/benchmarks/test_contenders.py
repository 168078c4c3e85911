"""Every contender trains what the lab trains."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import contenders, ensembles, pool, work
from l2scale.lab.training.runs import Run
from l2scale.lab.training.trainer import trained_weights

WAYS = [contenders.plain_torch, contenders.lean_torch, contenders.sklearn, ensembles.torch_func]
IN_JAX = pytest.mark.skipif(not ensembles.has_jax(), reason="JAX is not installed")
WAYS += [pytest.param(way, marks=IN_JAX) for way in (ensembles.jax_vmap, ensembles.jax_map)]
CONFIGURATIONS = {one.name: one for one in work.CONFIGURATIONS}


def apart(some, others) -> float:
    """The largest difference between weights."""
    pairs = [(a, b) for nets in zip(some, others, strict=True) for a, b in zip(*nets, strict=True)]
    assert all(a.shape == b.shape and a.dtype == b.dtype == np.float32 for a, b in pairs)
    return max(float(np.abs(a - b).max()) for a, b in pairs)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("hidden", [(16,), (12, 8)])
def test_over_full_batches_all_end_at_the_weights_of_the_lab(way, hidden):
    run = Run(hidden=hidden, lam=0.02, lr=0.1, batch_size=None, steps=8)
    runs = [replace(run, seed=0, lam=0.05), replace(run, seed=5)]
    assert apart(way(runs), trained_weights(runs)) < 2e-6


@pytest.mark.parametrize("way", WAYS)
def test_over_batches_all_learn_as_much_and_weigh_as_much(way):
    # Each has its own order of the samples, so the weights are close and not the same.
    run = Run(hidden=(16,), lam=0.01, lr=0.1, batch_size=32, steps=4 * (work.SAMPLES // 32))
    found, (lab,) = way([run])[0], trained_weights([run])
    assert work.accuracy(run, found) == pytest.approx(work.accuracy(run, lab), abs=0.05)
    sizes = [sum(float((w[:, :-1] ** 2).sum()) for w in net) for net in (found, lab)]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.03)
    unpenalised = way([replace(run, lam=0.0)])[0]
    assert sum(float((w[:, :-1] ** 2).sum()) for w in unpenalised) > 1.2 * sizes[0]


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_configuration_is_fifty_epochs_of_digits(name):
    run = CONFIGURATIONS[name].run
    x, _ = work.arrays(run)
    assert len(x) == work.SAMPLES
    assert run.steps == work.EPOCHS * (len(x) // (run.batch_size or len(x)))


def test_batches_are_whole_and_an_epoch_takes_each_sample_once():
    run = Run(n_train=70, batch_size=32, steps=5)
    rows = work.batch_rows(run)
    assert rows.shape == (5, 32)
    for epoch in (rows[:2], rows[2:4]):
        assert len(set(epoch.ravel())) == 64
    assert rows[0].tolist() != rows[2].tolist()
    assert work.batch_rows(replace(run, seed=1)).tolist() != rows.tolist()


@pytest.mark.parametrize("hidden", [(), (16,), (12, 8)])
def test_the_operations_are_those_that_torch_counts(hidden):
    run = Run(hidden=hidden, batch_size=32, steps=1, lam=0.0)
    model = contenders.module(run)
    x, y = (torch.from_numpy(array[:32]) for array in work.arrays(run))
    with FlopCounterMode(display=False) as counter:
        contenders.cost(model, x, y, run.lam).backward()
    assert work.flops(run) == counter.get_total_flops()
    assert work.flops(replace(run, steps=7)) == 7 * work.flops(run)


def test_the_traffic_of_a_linear_model_is_what_can_be_counted_by_hand():
    run = Run(hidden=(), batch_size=32, steps=3)
    weights, inputs, outputs = 10 * 65, 32 * 65, 32 * 10
    # Forward reads weights and inputs and writes outputs; the loss reads them and writes their
    # gradient; the update reads that gradient and the inputs, and reads and writes the weights.
    step = 3 * weights + 2 * inputs + 4 * outputs
    assert work.traffic(run) == 3 * 4 * step


def test_shares_of_all_processes_come_back_in_order():
    runs = CONFIGURATIONS["width32"].runs(3, first=7)
    found = pool.accuracies(started, runs, 2)
    assert found == [work.accuracy(run, work.start(run)) for run in runs]


def started(runs):
    return [work.start(run) for run in runs]
