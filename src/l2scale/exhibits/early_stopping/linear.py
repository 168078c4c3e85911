"""Least squares on the digits' inputs, where stopping and ridge can be computed."""

from typing import Any

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.shared import means
from l2scale.lab.data.datasets import load
from l2scale.lab.sweeps.measurement import Measurement, observe
from l2scale.theory.ridge import ZERO
from l2scale.theory.stopping import kept, ridge_kept, risk, worst_ratio

SETTINGS: dict[str, dict[str, Any]] = {
    "smoke": {"splits": 3, "points": 9},
    "book": {"splits": 12, "points": 41},
    "full": {"splits": 64, "points": 81},
}
SAMPLES, NOISE = 400, 3.0
RANGE = (1e-3, 1e3)  # of the strength mu
WAYS = {"ridge": 1.0, "half": 0.5, "stopped": 0.0}
"""The share of mu that is a penalty; the stop makes up for the rest, 1/(2 tau)."""


def observations(scale: str) -> tuple[Measurement, ...]:
    """The measurement "linear", at a scale. Nothing is trained."""
    at = SETTINGS[scale]
    return (observe("linear", lambda: risks_by_way(at), samples=SAMPLES, noise=NOISE),)


def risks_by_way(at: dict[str, Any]) -> pd.DataFrame:
    """One row a split, strength mu and way: the excess risk, over that of predicting 0.

    It is the expected error of the fitted values, with an unknown function that is spread evenly:
    each eigenvector's coefficient has mean square 1/p.
    """
    rows = []
    for seed in range(at["splits"]):
        x = load("digits", seed=seed, n_train=SAMPLES).x_train
        e = np.linalg.eigvalsh(x.T @ x / len(x))
        e = e[e > ZERO * e[-1]]
        b = np.full(len(e), len(e) ** -0.5)
        for mu in np.geomspace(*RANGE, at["points"]):
            for way, share in WAYS.items():
                tau = np.inf if share == 1 else 1 / (2 * (1 - share) * mu)
                held = ridge_kept(e, mu) if share == 1 else kept(e, share * mu, tau)
                found = e @ risk(held, e, b, NOISE, len(x)) / (e @ b**2)
                rows.append({"seed": seed, "mu": mu, "way": way, "risk": found})
    return pd.DataFrame(rows)


@table(source="linear", main="risk")
def ways(result: Result) -> pd.DataFrame:
    """Per strength and way: the mean risk over splits."""
    return means(result["linear"].table, ["mu", "way"], "risk")


@table(source="linear", main="largest")
def ratios(result: Result) -> pd.DataFrame:
    """Per way: the `largest` ratio of its risk to ridge's at one mu, and that of the two `best`.

    `bound` is what no ratio exceeds.
    """
    at = result["linear"].table.pivot(index=["seed", "mu"], columns="way", values="risk")
    best = at.groupby("seed").min().mean()
    return pd.DataFrame(
        {"way": way, "largest": (at[way] / at["ridge"]).max(), "best": best[way] / best["ridge"],
         "bound": worst_ratio() ** 2}
        for way in WAYS
    )  # fmt: skip
