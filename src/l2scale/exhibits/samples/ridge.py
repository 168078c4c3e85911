"""Ridge, where everything can be computed: the best strength, the risk, and a negative optimum."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar

from l2scale.lab.sweeps.measurement import Measurement, gathered, observe
from l2scale.theory.ridge import best_lambda, risk

SETTINGS: dict[str, dict[str, Any]] = {
    "smoke": {
        "pairs": ((10, 5), (20, 20), (20, 40)), "draws": 40, "blocks": 3,
        "sizes": (5, 20, 80), "inputs": 20, "seeds": 3, "many": 40, "few": 10, "spikes": 3,
    },
    "book": {
        "pairs": ((10, 5), (40, 5), (40, 10), (160, 10), (20, 20), (80, 20), (20, 40), (160, 40)),
        "draws": 400, "blocks": 20,
        "sizes": (5, 10, 15, 18, 20, 22, 25, 40, 80, 160, 320), "inputs": 20, "seeds": 60,
        "many": 200, "few": 25, "spikes": 20,
    },
    "full": {
        "pairs": ((10, 5), (40, 5), (40, 10), (160, 10), (20, 20), (80, 20), (20, 40), (160, 40)),
        "draws": 4000, "blocks": 40,
        "sizes": (5, 10, 15, 18, 20, 22, 25, 40, 80, 160, 320, 640), "inputs": 20, "seeds": 400,
        "many": 400, "few": 50, "spikes": 100,
    },
}  # fmt: skip

NOISE = 2.0  # of the pairs; with less, few samples tell how flat the valley is
BAR = 0.03  # the theorem is taken to be confirmed if every pair is this near
RULES = {"kept": 0.0, "over sqrt n": -0.5, "over n": -1.0}  # powers of n
SPIKE, SPIKE_NOISE = 100.0, 0.5  # variance of the one strong input, and the noise there


def observations(scale: str) -> tuple[Measurement, ...]:
    """What the chapter computes of ridge at a scale."""
    at = SETTINGS[scale]
    return (
        observe(
            "ridge_pairs", lambda: best_by_block(at), noise=NOISE, draws=at["draws"] * at["blocks"]
        ),
        observe("ridge_risk", lambda: risks_by_rule(at), inputs=at["inputs"], rules=list(RULES)),
        observe("ridge_spike", lambda: spikes(at), inputs=at["many"], samples=at["few"]),
    )


def best_by_block(at: dict[str, Any]) -> pd.DataFrame:
    """The strength with the least mean risk in each block of draws, for each (n, p).

    The risk of a fitted w is ||w - beta||^2: inputs are standard normal, and so are the draws of
    inputs and noise behind it.
    """
    blocks, draws = range(at["blocks"]), at["draws"]
    table = gathered(block_of, [(n, p, block, draws) for n, p in at["pairs"] for block in blocks])
    expected = [best_lambda(NOISE, 1.0, n, p) for n, p in zip(table["n"], table["p"], strict=True)]
    return table.assign(predicted=expected)


def block_of(n: int, p: int, block: int, draws: int) -> list[dict[str, Any]]:
    """The row of one block of draws, see `best_by_block`."""
    found = _best(n, p, draws, np.random.default_rng([block, n, p]))
    return [{"n": n, "p": p, "seed": block, "lam": found}]


def _best(n: int, p: int, draws: int, rng: np.random.Generator) -> float:
    x = rng.standard_normal((draws, n, p))
    noise = NOISE * rng.standard_normal((draws, n))
    slope = np.full(p, p**-0.5)
    eigenvalues, vectors = np.linalg.eigh(np.einsum("dni,dnj->dij", x, x) / n)
    eigenvalues = eigenvalues.clip(min=0)  # of those that are 0, rounding leaves some below
    b = np.einsum("dji,j->di", vectors, slope)
    seen = eigenvalues * b + np.einsum("dji,dnj,dn->di", vectors, x, noise, optimize=True) / n

    def mean_risk(log_lam: float) -> float:
        return float(np.square(seen / (eigenvalues + np.exp(log_lam)) - b).sum(axis=1).mean())

    return float(np.exp(minimize_scalar(mean_risk, bounds=(-12.0, 6.0)).x))


def risks_by_rule(at: dict[str, Any]) -> pd.DataFrame:
    """Excess risk by number of samples, with the strength best at the fewest carried by a rule."""
    p, sizes = at["inputs"], at["sizes"]
    slope = np.full(p, p**-0.5)
    first = best_lambda(1.0, 1.0, sizes[0], p)
    rows = []
    for seed in range(at["seeds"]):
        x = np.random.default_rng([seed, p]).standard_normal((sizes[-1], p))
        for n in sizes:
            lams = {rule: first * (n / sizes[0]) ** power for rule, power in RULES.items()}
            lams["none"] = 0.0
            found = risk(np.array(list(lams.values())), x[:n], slope, 1.0)
            for (rule, lam), value in zip(lams.items(), found, strict=True):
                rows.append({"n": n, "rule": rule, "seed": seed, "lam": lam, "risk": value})
    return pd.DataFrame(rows)


def spikes(at: dict[str, Any]) -> pd.DataFrame:
    """Excess risk by strength, below 0 too, where one strong input carries all of the signal."""
    n, p = at["few"], at["many"]
    covariance = np.diag([SPIKE] + [1.0] * (p - 1))
    slope = np.eye(p)[0]
    inputs = [
        np.random.default_rng([seed, n, p]).standard_normal((n, p)) @ np.sqrt(covariance)
        for seed in range(at["spikes"])
    ]
    # Below minus the least eigenvalue of any draw that is not 0, ridge is not defined there.
    floor = -min(np.linalg.eigvalsh(x @ x.T / n)[0] for x in inputs)
    lams = np.linspace(0.98 * floor, 2.0 * abs(floor), 61)
    rows = []
    for seed, x in enumerate(inputs):
        for lam, value in zip(lams, risk(lams, x, slope, SPIKE_NOISE, covariance), strict=True):
            rows.append({"lam": lam, "seed": seed, "risk": value})
    return pd.DataFrame(rows)
