"""Second moments of signals and gradients in untrained ReLU networks, measured layer by layer."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from l2scale.theory.initialisation import variance
from l2scale.theory.penalties import Shape, check_shapes


def observe_signals(
    inits: Sequence[str], shapes: Sequence[Shape], seeds: Iterable[int], samples: int
) -> pd.DataFrame:
    """One row per initialisation, seed and layer.

    Every seed draws a network of Gaussian weights without biases, standard normal inputs, and a
    standard normal gradient with respect to the outputs, which does not depend on the outputs.

    Args:
        inits: names in `l2scale.theory.initialisation.INITS`.
        shapes: ``(fan_out, fan_in)`` of every layer, input side first.
        seeds: of the networks.
        samples: inputs a network is shown.

    Returns:
        Columns `init`, `seed`, `layer` from 1, `fan_in`, `fan_out`, `forward`: mean square of the
        layer's pre-activations, and `backward`: mean square of the gradient with respect to them,
        both over units and samples.

    Raises:
        ValueError: for shapes that do not follow one another, and as `variance`.
    """
    shapes = check_shapes(shapes)
    if any(below[0] != above[1] for below, above in pairwise(shapes)):
        raise ValueError(f"each layer's inputs are the outputs of the one below, not {shapes!r}")
    seeds = tuple(seeds)
    rows = []
    for init in inits:
        deviations = [variance(init, fan_in, fan_out) ** 0.5 for fan_out, fan_in in shapes]
        for seed in seeds:
            # The name in the key, so that no two initialisations share their random numbers.
            rng = np.random.default_rng([seed, *init.encode()])
            weights = [d * rng.standard_normal(s) for d, s in zip(deviations, shapes, strict=True)]
            forward, backward = _moments(weights, rng, samples)
            for layer, (fan_out, fan_in) in enumerate(shapes):
                rows.append(
                    {
                        "init": init, "seed": seed, "layer": layer + 1,
                        "fan_in": fan_in, "fan_out": fan_out,
                        "forward": forward[layer], "backward": backward[layer],
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)


def _moments(
    weights: Sequence[np.ndarray], rng: np.random.Generator, samples: int
) -> tuple[list[float], list[float]]:
    signal = rng.standard_normal((weights[0].shape[1], samples))
    pre = []
    for weight in weights:
        pre.append(weight @ signal)
        signal = np.maximum(pre[-1], 0)
    gradient = rng.standard_normal(pre[-1].shape)
    backward = [float(np.mean(gradient**2))]
    for weight, below in zip(weights[:0:-1], pre[-2::-1], strict=True):
        gradient = (weight.T @ gradient) * (below > 0)
        backward.append(float(np.mean(gradient**2)))
    return [float(np.mean(z**2)) for z in pre], backward[::-1]
