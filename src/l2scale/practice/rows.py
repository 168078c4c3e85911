"""One row per penalised tensor: what it holds, what the penalty does to it and what the data."""

import math
from collections.abc import Sequence
from typing import overload

import numpy as np
import pandas as pd
import torch

from l2scale.practice.gradients import DataPull, cosine, length
from l2scale.practice.groups import tensor_coefficients
from l2scale.practice.layouts import init_fans
from l2scale.practice.placement import Placed
from l2scale.theory.initialisation import INITS, variance
from l2scale.theory.penalties import effective_lambda

STARTS = INITS
"""Initialisations to compare with: "pytorch" is each module's own, the others are for all."""


def tensor_rows(
    placed: Sequence[Placed],
    lam: float,
    penalty: str,
    lr: float | None,
    start: str,
    pull: DataPull | None,
) -> pd.DataFrame:
    """The table of `l2scale.practice.diagnosis.Diagnosis`; data columns are nan without a pull.

    Raises:
        ValueError: as `tensor_coefficients` and `start_variance`, for weights that are nan or
            infinite, and for a penalty that is.
    """
    c = tensor_coefficients(placed, penalty)
    weights = [tensor.parameter.detach() for tensor in placed]
    squares = np.array([length(w) ** 2 for w in weights])
    broken = [t.name for t, square in zip(placed, squares, strict=True) if not np.isfinite(square)]
    if broken:
        raise ValueError(
            f"{', '.join(broken)}: weights that are nan or infinite, or their squares are. The "
            "model has diverged; nothing can be said about a penalty before that is mended"
        )
    sizes = np.array([w.numel() for w in weights])
    starts = [start_variance(tensor, start) for tensor in placed]
    with np.errstate(over="ignore"):
        value = lam * np.array(c) * squares
        expected = lam * np.array(c) * sizes * starts
        force = 2 * lam * np.array(c) * np.sqrt(squares)
        largest = max(value.sum(), np.nansum(expected), np.linalg.norm(force))
    if not np.isfinite(largest):
        raise ValueError(f"lam is {lam!r}, and the penalty is larger than any float: lower lam")
    data_force, cosines, free = _data_columns(weights, pull)
    # A tensor that the loss does not use has no angle, and no pull either.
    balance = divide(-np.where(data_force == 0, 0, cosines * data_force), force)
    larger = np.maximum(force, data_force)
    return pd.DataFrame(
        {
            "name": [tensor.name for tensor in placed],
            "kind": [tensor.kind for tensor in placed],
            "shape": ["×".join(map(str, w.shape)) for w in weights],
            "n_weights": sizes,
            "mean_square": squares / sizes,
            "sum_of_squares": squares,
            "coefficient": c,
            "value": value,
            "value_share": divide(value, value.sum()),
            "expected_value": expected,
            "value_over_expected": divide(value, expected),
            "layer_balance": _over_geometric_mean(np.array(c) * squares),
            "force": force,
            "data_force": data_force,
            "force_ratio": divide(force, data_force),
            "balance": balance,
            "unbalanced": divide(_apart(force, data_force, balance), larger),
            "cosine": cosines,
            "scale_free": free,
            "forget_steps": [forget_steps(lr, lam, each) for each in c],
        }
    )


def total_columns(
    table: pd.DataFrame, lam: float, lr: float | None, pull: DataPull | None
) -> dict[str, float]:
    """The numbers of the whole model, from its rows; nan where there is nothing to tell."""
    value = float(table["value"].sum(skipna=False))
    loss = math.nan if pull is None else pull.loss
    force, data_force = (math.hypot(*table[name]) for name in ("force", "data_force"))
    expected = float(table["expected_value"].sum(skipna=False))
    scatter = math.hypot(*table["expected_value"] * np.sqrt(2 / table["n_weights"]))
    apart = math.hypot(
        *(table["unbalanced"] * table[["force", "data_force"]].max(axis=1)).fillna(0)
    )
    balance = math.nan if pull is None else float((table["balance"] * table["value"]).sum())
    return {
        "n_weights": int(table["n_weights"].sum()),
        "data_loss": loss,
        "value": value,
        "cost": loss + value,
        # A loss that may be negative, such as a log density, has no zero to take a share from.
        "value_share": math.nan if loss < 0 else divide(value, loss + value),
        "expected_value": expected,
        "value_over_expected": divide(value, expected),
        "start_scatter": divide(scatter, expected),
        "force": force,
        "data_force": data_force,
        "force_ratio": divide(force, data_force),
        "balance": divide(balance, value),
        "unbalanced": divide(apart, max(force, data_force)),
        "effective_lambda": effective_lambda(lam, table["coefficient"]),
        "forget_steps_least": forget_steps(lr, lam, float(table["coefficient"].max())),
        "forget_steps_most": forget_steps(lr, lam, float(table["coefficient"].min())),
    }


def start_variance(tensor: Placed, start: str) -> float:
    """Variance of a tensor's initial weights: its module's own, or that of a named start.

    Raises:
        ValueError: for a start that is not in `STARTS`.
    """
    if start not in STARTS:
        raise ValueError(f"unknown start {start!r}: choose one of {', '.join(STARTS)}")
    if start == "pytorch" or not tensor.matrices:
        return tensor.start_variance
    fan_out, fan_in = init_fans(tensor.parameter.shape)
    return variance(start, fan_in, fan_out)


def forget_steps(lr: float | None, lam: float, coefficient: float) -> float:
    """Steps in which an unopposed weight falls to 1/e of itself, ``1/(2 lr lam c)``.

    It is nan without a learning rate, and infinite without a penalty.
    """
    if lr is None:
        return math.nan
    rate = 2.0 * lr * lam * coefficient
    return 1.0 / rate if rate > 0 else math.inf


@overload
def divide(part: float, whole: float) -> float: ...


@overload
def divide(part: np.ndarray, whole: float | np.ndarray) -> np.ndarray: ...


def divide(part: float | np.ndarray, whole: float | np.ndarray) -> float | np.ndarray:
    """A quotient; nan over 0."""
    part, whole = np.broadcast_arrays(np.asarray(part, float), np.asarray(whole, float))
    quotient = np.full(part.shape, np.nan)
    np.divide(part, whole, out=quotient, where=whole != 0)
    return quotient if quotient.ndim else float(quotient)


def _data_columns(
    weights: Sequence[torch.Tensor], pull: DataPull | None
) -> tuple[np.ndarray, np.ndarray, Sequence[bool]]:
    """Norm of the data's gradient, its cosine with the weights, and `scale_free`."""
    if pull is None:
        unknown = np.full(len(weights), np.nan)
        return unknown, unknown, [False] * len(weights)
    lengths = np.array([length(gradient) for gradient in pull.gradients])
    cosines = [cosine(g, w) for g, w in zip(pull.gradients, weights, strict=True)]
    return lengths, np.array(cosines), pull.scale_free


def _apart(force: np.ndarray, data_force: np.ndarray, balance: np.ndarray) -> np.ndarray:
    """Length of the sum of both forces on each tensor."""
    opposed = np.where(force == 0, 0, balance * force**2)
    apart: np.ndarray = np.sqrt(np.maximum(force**2 + data_force**2 - 2 * opposed, 0))
    return apart


def _over_geometric_mean(numbers: np.ndarray) -> np.ndarray:
    """Numbers over their geometric mean; nan if one is 0."""
    if (numbers == 0).any():
        return np.full(len(numbers), np.nan)
    shares: np.ndarray = numbers / np.exp(np.log(numbers).mean())
    return shares
