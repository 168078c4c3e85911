"""What this chapter measures by other means than its sweeps: draws, and the first epoch's move."""

from dataclasses import replace

import numpy as np
import pandas as pd

from l2scale.exhibits.bad_start import draws
from l2scale.exhibits.bad_start.sweeps import BATCH, SETTINGS, SIGMOIDS, book_lambda
from l2scale.lab.sweeps.measurement import Measurement, observe
from l2scale.lab.training.runs import grid
from l2scale.lab.training.trainer import initial, trained_weights
from l2scale.theory.epochs import epoch_factor


def observations(scale: str) -> tuple[Measurement, ...]:
    """Draws of both layers, and the first epoch's net movement, at a scale."""
    drawn, at = draws.SETTINGS[scale], SETTINGS[scale]
    first = {name: at[name] for name in ("n", "width", "ratios", "seeds")}
    return (
        observe(
            "preactivations", lambda: draws.observe_draws(**drawn), data=SIGMOIDS.data,
            bias_init=1.0, **drawn,
        ),
        observe(
            "first_epoch", lambda: movements(**first), networks=len(at["ratios"]) * at["seeds"],
            data=SIGMOIDS.data, **first,
        ),
    )  # fmt: skip


def movements(n: int, width: int, ratios: tuple[float, ...], seeds: int) -> pd.DataFrame:
    """Networks from N(0, 1) after one epoch of N batches, by ratio, seed and layer.

    With ``x = 2 lr lam`` the weights are exactly ``(1 - x)^N w_0`` and what the gradients added.
    `decay` = ``(1 - (1 - x)^N) ||w_0||``; `gradients` = ``||w_N - (1 - x)^N w_0||``; `net` = the
    share of the first in the sum of both. Biases, which carry no penalty, are left out.
    """
    batches = n // BATCH
    runs = grid(
        replace(SIGMOIDS, n_train=n, hidden=(width,), steps=batches),
        lam=[book_lambda(ratio) for ratio in ratios],
        seed=range(seeds),
    )
    starts = [layer[..., :-1].numpy() for layer in initial(runs)]
    rows = []
    for r, (run, weights) in enumerate(zip(runs, trained_weights(runs), strict=True)):
        left = epoch_factor(run.lr, run.lam, batches)
        for layer, after in enumerate(weights):
            start = starts[layer][r]
            decay = (1 - left) * float(np.linalg.norm(start))
            gradients = float(np.linalg.norm(after[:, :-1] - left * start))
            rows.append({
                "ratio": 2 * run.lam, "seed": run.seed, "layer": layer + 1, "decay": decay,
                "gradients": gradients, "net": decay / (decay + gradients),
            })  # fmt: skip
    return pd.DataFrame(rows)
