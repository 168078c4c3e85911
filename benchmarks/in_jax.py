"""The ensembles in JAX. Importing this sets XLA up for one thread, before JAX starts."""

import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from benchmarks.ensembles import stacked
from benchmarks.work import Weights, start
from l2scale.lab.training.runs import Run

os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax
from jax import numpy as jnp

Layers = list[tuple[Any, Any]]


def train(kind: str, runs: Sequence[Run]) -> list[Weights]:
    """Train the runs by `kind`, "vmap" or "map"; compiles on the first call for each shape."""
    arguments = _arguments(runs)
    layers = compiled(kind, *_forms(arguments))(*arguments)
    joined = [np.concatenate([w.swapaxes(1, 2), b[:, :, None]], axis=2) for w, b in _numpy(layers)]
    return [[layer[r] for layer in joined] for r in range(len(runs))]


def warm(kind: str, runs: Sequence[Run]) -> None:
    """Compile for runs of this shape and number, and train nothing."""
    compiled(kind, *_forms(_arguments(runs)))


@lru_cache(maxsize=32)
def compiled(kind: str, structure: Any, forms: tuple[jax.ShapeDtypeStruct, ...]) -> Callable:
    """The machine code for arguments of these shapes."""
    arguments = jax.tree.unflatten(structure, forms)
    return jax.jit(_ALL[kind]).lower(*arguments).compile()


def _arguments(runs: Sequence[Run]) -> tuple[Layers, Any, Any, Any, Any, Any]:
    x, y, rows, lams = stacked(runs)
    starts = [np.stack(layer) for layer in zip(*(start(run) for run in runs), strict=True)]
    layers = [(layer[:, :, :-1].swapaxes(1, 2), layer[:, :, -1]) for layer in starts]
    targets = np.eye(starts[-1].shape[1], dtype=np.float32)[y]
    arguments = (layers, x, targets, rows.astype(np.int32), lams, np.float32(runs[0].lr))
    return jax.tree.map(jnp.asarray, arguments)


def _forms(arguments: tuple[Any, ...]) -> tuple[Any, tuple[jax.ShapeDtypeStruct, ...]]:
    leaves, structure = jax.tree.flatten(arguments)
    return structure, tuple(jax.ShapeDtypeStruct(leaf.shape, leaf.dtype) for leaf in leaves)


def _numpy(layers: Layers) -> Layers:
    return jax.tree.map(np.asarray, layers)


def _cost(layers: Layers, x: Any, y: Any, lam: Any) -> Any:
    for weights, biases in layers[:-1]:
        x = jax.nn.relu(x @ weights + biases)
    weights, biases = layers[-1]
    loss = -(y * jax.nn.log_softmax(x @ weights + biases)).sum(axis=1).mean()
    return loss + lam * sum(jnp.square(weights).sum() for weights, _ in layers)


def _network(layers: Layers, x: Any, y: Any, rows: Any, lam: Any, lr: Any) -> Layers:
    def step(layers: Layers, at: Any) -> tuple[Layers, None]:
        slopes = jax.grad(_cost)(layers, x[at], y[at], lam)
        return jax.tree.map(lambda weight, slope: weight - lr * slope, layers, slopes), None

    return jax.lax.scan(step, layers, rows)[0]


def _one_by_one(layers: Layers, x: Any, y: Any, rows: Any, lam: Any, lr: Any) -> Layers:
    return jax.lax.map(lambda one: _network(*one, lr), (layers, x, y, rows, lam))


_ALL = {"vmap": jax.vmap(_network, in_axes=(0, 0, 0, 0, 0, None)), "map": _one_by_one}
