"""A penalty as the libraries themselves apply it: real steps, real minima.

One small task, a logistic regression with a bias, is given to each library as its users give it,
and the weights are read after every step. Nothing here repeats a library's formula. A library that
is not installed is left out: the l2scale package itself needs neither Keras nor optax.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.neural_network import MLPClassifier
from torch.nn.functional import binary_cross_entropy_with_logits

from l2scale.adapters.initial_weights import keras_array, keras_on_torch

NEVER = 1e-300  # a learning rate that changes no digit of a weight
RESTARTS = 40


@dataclass(frozen=True)
class Task:
    """Two classes, one linear layer, and the batches of the steps.

    Attributes:
        x: inputs, shape (n, d).
        y: classes 0 and 1, shape (n,).
        batches: which samples each step sees, shape (steps, B).
        start: initial weights and, last, the initial bias, shape (d + 1,).
    """

    x: np.ndarray
    y: np.ndarray
    batches: np.ndarray
    start: np.ndarray


def draw_task(seed: int, n: int, batch: int, steps: int, d: int = 4) -> Task:
    """A task drawn from its own seed; its classes overlap, so that minima are finite."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, d))
    y = (x @ rng.standard_normal(d) + rng.standard_normal(n) > 0).astype(np.int64)
    batches = np.stack([rng.choice(n, batch, replace=False) for _ in range(steps)])
    return Task(x, y, batches, rng.standard_normal(d + 1))


Trajectory = Callable[[Task, float, float, float], np.ndarray]
"""(task, strength, lr, momentum) to weights and bias before and after every step."""

Minimum = Callable[[Task, float], np.ndarray]
"""(task, strength) to the weights and the bias of the minimum."""


def trajectories() -> Mapping[str, Trajectory]:
    """Per setting, by the id of its record, the steps of the library itself."""
    found: dict[str, Trajectory] = {
        "torch-sgd": partial(_torch, _torch_sgd, "mean"),
        "torch-sgd-sum": partial(_torch, _torch_sgd, "sum"),
        "torch-adam": partial(_torch, _torch_adam(torch.optim.Adam), "mean"),
        "torch-adamw": partial(_torch, _torch_adam(torch.optim.AdamW), "mean"),
        "torch-muon": partial(_torch, _torch_muon, "mean"),
        "sklearn-sgd": _sgd_classifier,
        "sklearn-mlp": _mlp_classifier,
    }
    if find_spec("keras"):
        found["keras-l2"] = partial(_keras, "l2")
        found["keras-weight-decay"] = partial(_keras, "weight_decay")
    if find_spec("optax"):
        found |= {
            "optax-add-first": partial(_optax, "first"),
            "optax-add-middle": partial(_optax, "middle"),
            "optax-add-last": partial(_optax, "last"),
            "optax-adamw": partial(_optax, "adamw"),
        }
    return found


def minima() -> Mapping[str, Minimum]:
    """Per setting, by the id of its record, the minimum that the library's solver finds."""
    return {
        "sklearn-ridge": _ridge,
        "sklearn-logistic": _logistic_regression,
        "sklearn-mlp-lbfgs": _mlp_lbfgs,
    }


def _torch_sgd(layer: torch.nn.Linear, strength: float, lr: float, momentum: float) -> Any:
    parameters = layer.parameters()
    return torch.optim.SGD(parameters, lr=lr, momentum=momentum, weight_decay=strength)


def _torch_adam(kind: Callable[..., torch.optim.Optimizer]) -> Callable[..., torch.optim.Optimizer]:
    return lambda layer, strength, lr, momentum: kind(
        layer.parameters(), lr=lr, weight_decay=strength
    )


def _torch_muon(layer: torch.nn.Linear, strength: float, lr: float, momentum: float) -> Any:
    # It takes matrices only, so the bias stays as it is.
    return torch.optim.Muon([layer.weight], lr=lr, weight_decay=strength)


def _torch(
    make: Callable[..., torch.optim.Optimizer], reduction: str, task: Task,
    strength: float, lr: float, momentum: float,
) -> np.ndarray:  # fmt: skip
    layer = torch.nn.Linear(task.x.shape[1], 1, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(task.start[None, :-1]))
        layer.bias.copy_(torch.from_numpy(task.start[-1:]))
    optimiser = make(layer, strength, lr, momentum)
    x, y = torch.from_numpy(task.x), torch.from_numpy(task.y).double()
    seen = [task.start]
    for batch in task.batches:
        optimiser.zero_grad()
        outputs = layer(x[batch])[:, 0]
        binary_cross_entropy_with_logits(outputs, y[batch], reduction=reduction).backward()
        optimiser.step()
        seen.append(torch.cat([layer.weight[0], layer.bias]).detach().numpy().copy())
    return np.stack(seen)


def _keras(kind: str, task: Task, strength: float, lr: float, momentum: float) -> np.ndarray:
    keras = keras_on_torch()
    before = keras.config.floatx()
    keras.config.set_floatx("float64")  # of data; layers ask but once
    try:
        penalty = keras.regularizers.L2(strength) if kind == "l2" else None
        layer = keras.layers.Dense(1, kernel_regularizer=penalty, dtype="float64")
        model = keras.Sequential([keras.Input((task.x.shape[1],), dtype="float64"), layer])
        decay = {"weight_decay": strength} if kind == "weight_decay" else {}
        model.compile(
            optimizer=keras.optimizers.SGD(lr, momentum=momentum, **decay),
            loss=keras.losses.BinaryCrossentropy(from_logits=True, dtype="float64"),
        )
        layer.set_weights([task.start[:-1, None], task.start[-1:]])
        seen = [task.start]
        for batch in task.batches:
            model.train_on_batch(task.x[batch], task.y[batch, None])
            kernel, bias = keras_array(layer.kernel), keras_array(layer.bias)
            seen.append(np.append(kernel[:, 0], bias))
    finally:
        keras.config.set_floatx(before)
    return np.stack(seen)


def _optax(place: str, task: Task, strength: float, lr: float, momentum: float) -> np.ndarray:
    import jax
    import optax

    decay, rate = optax.add_decayed_weights(strength), optax.scale_by_learning_rate(lr)
    velocity = optax.trace(momentum)
    orders = {
        "first": (decay, velocity, rate),
        "middle": (velocity, decay, rate),
        "last": (velocity, rate, decay),
        "adamw": (optax.adamw(lr, weight_decay=strength),),
    }
    rule = optax.chain(*orders[place])

    def loss(weights: Any, x: Any, y: Any) -> Any:
        outputs = x @ weights["w"] + weights["b"]
        return optax.sigmoid_binary_cross_entropy(outputs, y).mean()

    with jax.enable_x64(True):
        weights = {"w": jax.numpy.asarray(task.start[:-1]), "b": jax.numpy.asarray(task.start[-1])}
        state, seen, gradient = rule.init(weights), [task.start], jax.jit(jax.grad(loss))
        for batch in task.batches:
            found = gradient(weights, task.x[batch], task.y[batch])
            updates, state = rule.update(found, state, weights)
            weights = optax.apply_updates(weights, updates)
            seen.append(np.append(np.asarray(weights["w"]), float(weights["b"])))
    return np.stack(seen)


def _sgd_classifier(task: Task, strength: float, lr: float, momentum: float) -> np.ndarray:
    model = SGDClassifier(
        loss="log_loss", alpha=strength, learning_rate="constant", eta0=NEVER, shuffle=False
    )
    model.partial_fit(task.x[:1], task.y[:1], classes=[0, 1])  # makes room for the weights
    model.set_params(eta0=lr)
    model.coef_[0], model.intercept_[0] = task.start[:-1], task.start[-1]
    seen = [task.start]
    for batch in task.batches:
        model.partial_fit(task.x[batch], task.y[batch])
        seen.append(np.append(model.coef_[0], model.intercept_))
    return np.stack(seen)


def _mlp_classifier(task: Task, strength: float, lr: float, momentum: float) -> np.ndarray:
    settings = {"hidden_layer_sizes": (), "solver": "sgd", "alpha": strength, "random_state": 0}
    settings |= {"momentum": momentum, "nesterovs_momentum": False}
    seen = []
    for rate, steps in ((NEVER, 1), (lr, len(task.batches))):
        model = MLPClassifier(learning_rate_init=rate, **settings)  # it draws its own start
        for batch in task.batches[:steps]:
            model.partial_fit(task.x[batch], task.y[batch], classes=[0, 1])
            seen.append(np.append(model.coefs_[0][:, 0], model.intercepts_[0]))
    return np.stack(seen)


def _ridge(task: Task, strength: float) -> np.ndarray:
    model = Ridge(alpha=strength).fit(task.x, task.y)
    return np.append(model.coef_, model.intercept_)


def _logistic_regression(task: Task, strength: float) -> np.ndarray:
    model = LogisticRegression(C=strength, solver="newton-cholesky", tol=1e-12).fit(task.x, task.y)
    return np.append(model.coef_[0], model.intercept_)


def _mlp_lbfgs(task: Task, strength: float) -> np.ndarray:
    model = MLPClassifier(
        (), solver="lbfgs", alpha=strength, tol=1e-14, random_state=0, warm_start=True
    )
    with _as_far_as_it_goes():
        # It stops where an iteration gains little, and goes on from there when asked again.
        for _ in range(RESTARTS):
            model.fit(task.x, task.y)
    return np.append(model.coefs_[0][:, 0], model.intercepts_[0])


@contextmanager
def _as_far_as_it_goes() -> Iterator[None]:
    """A solver that is asked for the last digits says that it could not have them all."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield
