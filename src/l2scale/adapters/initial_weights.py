"""The weights that PyTorch, Keras and scikit-learn really start from, drawn by the libraries.

Nothing here repeats a library's formula: a layer is made as its users make it and its weights are
read. A library that is not installed is left out; the l2scale package itself does not need Keras.
"""

import os
import random
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
import torch
from sklearn.neural_network import MLPClassifier

from l2scale.theory.initialisation import variance
from l2scale.theory.penalties import Shape, check_shapes

Draw = Callable[[int, int, int], np.ndarray]  # fan_in, fan_out and seed to one layer's weights


def observe_libraries(shapes: Sequence[Shape], seeds: Iterable[int]) -> pd.DataFrame:
    """One row per library, layer, shape and seed.

    Args:
        shapes: ``(fan_out, fan_in)`` of the layers to make, each on its own.
        seeds: from which each layer's own seed is made, for the library's random numbers.

    Returns:
        Columns `library`, `layer`, `fan_in`, `fan_out`, `seed`, `variance`: mean square of the
        weights, whose mean is 0 by design, and `predicted`: that of the published formula.
    """
    rows = []
    seeds = tuple(seeds)
    for (library, layer), (draw, predict) in _draws().items():
        for fan_out, fan_in in check_shapes(shapes):
            for seed in seeds:
                # Their uniform numbers differ by a factor alone from shape to shape otherwise.
                key = np.random.SeedSequence([seed, fan_in, fan_out, *layer.encode()])
                own = int(key.generate_state(1)[0])
                weights = draw(fan_in, fan_out, own).astype(np.float64)
                if weights.size != fan_in * fan_out:
                    raise RuntimeError(f"{layer} of {library} has weights {weights.shape}")
                rows.append(
                    {
                        "library": library, "layer": layer, "fan_in": fan_in, "fan_out": fan_out,
                        "seed": seed, "variance": float(np.mean(weights**2)),
                        "predicted": predict(fan_in, fan_out),
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)


def missing() -> tuple[str, ...]:
    """Names of the libraries that are not installed and so left out."""
    return () if find_spec("keras") else ("Keras",)


def _glorot(fan_in: int, fan_out: int) -> float:
    return variance("glorot", fan_in, fan_out)


def _draws() -> dict[tuple[str, str], tuple[Draw, Callable[[int, int], float]]]:
    found: dict[tuple[str, str], tuple[Draw, Callable[[int, int], float]]] = {
        ("PyTorch", "nn.Linear"): (_torch(None), lambda i, o: variance("pytorch", i, o)),
        ("PyTorch", "xavier_uniform_"): (_torch(torch.nn.init.xavier_uniform_), _glorot),
        ("PyTorch", "kaiming_uniform_"): (
            _torch(torch.nn.init.kaiming_uniform_),
            lambda i, o: variance("he", i, o),
        ),
        ("scikit-learn", "MLPClassifier, relu"): (_sklearn("relu"), _glorot),
        # The bound of a logistic network has a 2 where the others have a 6.
        ("scikit-learn", "MLPClassifier, logistic"): (
            _sklearn("logistic"),
            lambda i, o: _glorot(i, o) / 3,
        ),
    }
    if not missing():
        found["Keras", "Dense"] = (_keras, _glorot)
    return found


def _torch(initialise: Callable[[torch.Tensor], torch.Tensor] | None) -> Draw:
    def draw(fan_in: int, fan_out: int, seed: int) -> np.ndarray:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            layer = torch.nn.Linear(fan_in, fan_out, device="cpu")
            if initialise is not None:
                initialise(layer.weight)
        return layer.weight.detach().numpy()

    return draw


def _sklearn(activation: str) -> Draw:
    def draw(fan_in: int, fan_out: int, seed: int) -> np.ndarray:
        # It draws when it is first fitted. A step this small changes no digit of a weight.
        network = MLPClassifier(
            (fan_out,), activation=activation, solver="sgd", learning_rate_init=1e-300,
            random_state=seed,
        )  # fmt: skip
        network.partial_fit(np.zeros((2, fan_in)), [0, 1], classes=[0, 1])
        return network.coefs_[0]

    return draw


def keras_on_torch() -> Any:
    """The module keras, on PyTorch unless another backend was in use already.

    It is imported with an empty folder for what it would write to the user's home.

    Raises:
        ImportError: if it is not installed, see `missing`.
    """
    with _keras_settings():
        import keras
    return keras


def _keras(fan_in: int, fan_out: int, seed: int) -> np.ndarray:
    keras = keras_on_torch()
    state = random.getstate()  # where a Keras layer without a seed takes one from
    try:
        random.seed(seed)
        layer = keras.layers.Dense(fan_out)
        layer.build((None, fan_in))
    finally:
        random.setstate(state)
    return keras_array(layer.kernel)


def keras_array(variable: Any) -> np.ndarray:
    """A Keras variable's numbers; of PyTorch's tensors Keras itself makes arrays in an old way."""
    found = variable.value
    return found.detach().cpu().numpy() if torch.is_tensor(found) else np.asarray(found)


@contextmanager
def _keras_settings() -> Iterator[None]:
    names = {"KERAS_BACKEND": "torch", "TF_CPP_MIN_LOG_LEVEL": "3"}
    with tempfile.TemporaryDirectory() as home:
        before = {name: os.environ.get(name) for name in (*names, "KERAS_HOME")}
        os.environ.update(names | {"KERAS_HOME": home})
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})
