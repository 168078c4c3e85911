"""Dropout in both trainers: against plain torch, and what its masks depend on."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import train_one, weights_of
from torch import nn

from l2scale.lab.training import compiled
from l2scale.lab.training.dropout import Dropout, keys
from l2scale.lab.training.runs import Run
from l2scale.lab.training.trainer import train, trained_weights

BASE = Run(hidden=(9, 5), lam=1e-3, lr=0.05, dropout=0.3, steps=60, dtype="float64")


def same(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    """Bit for bit."""
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def factors(run: Run, taken: int = 0, batch: int = 32) -> list[np.ndarray]:
    """What a step multiplies the units of each hidden layer by, (n, B)."""
    drawn = Dropout([run], batch, torch.zeros((), dtype=getattr(torch, run.dtype)))
    drawn.taken.fill_(taken)
    return [layer[0].numpy() for layer in drawn.factors()]


@pytest.mark.usefixtures("trainer")
@pytest.mark.parametrize(
    "change",
    [
        {},
        {"hidden": (12,), "dropout": 0.9, "momentum": 0.9, "lr": 0.01},
        {"optimiser": "adam", "lr": 1e-3},
        {"optimiser": "adamw", "lr": 1e-3, "hidden": (8, 6, 5)},
        {"activation": "leaky_relu"},
        {"activation": "linear"},
        {"activation": "tanh"},
        {"activation": "sigmoid", "norm": "layer"},
        {"bias": False},
        {"data": "teacher", "lr": 0.02},
        {"data": "digits_parity"},
        {"outputs": "sigmoid", "lr": 0.01},
        {"batch_size": None, "n_train": 50, "steps": 20},
    ],
    ids=str,
)
def test_equals_torch(change: dict) -> None:
    run = replace(BASE, **change)
    others = [replace(run, seed=1, dropout=0.6), replace(run, dropout=0.0)]
    found = trained_weights([others[0], run, others[1]])[1]
    for mine, plain in zip(found, weights_of(train_one(run)), strict=True):
        assert np.linalg.norm(mine - plain.numpy()) < 1e-9 * np.linalg.norm(plain.numpy())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("change", [{}, {"optimiser": "adam", "lr": 1e-3}, {"momentum": 0.9}])
def test_a_network_is_the_same_in_any_company(dtype: str, change: dict) -> None:
    run = replace(BASE, dtype=dtype, **change)
    others = [replace(run, seed=1), replace(run, dropout=0.0), replace(run, dropout=0.7)]
    (alone,) = trained_weights([run])
    assert same(trained_weights([*others, run])[3], alone)
    (without,) = trained_weights([others[1]])
    assert same(trained_weights([run, *others])[2], without)
    assert not same(alone, without)


def test_dropout_stands_in_both_trainers_for_the_same_masks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = replace(BASE, steps=1, lam=0.0, hidden=(40,))
    (quick,) = trained_weights([run])
    monkeypatch.setattr(compiled, "suits", lambda run, device: False)
    (plain,) = trained_weights([run])
    for one, other in zip(quick, plain, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-14)


@settings(max_examples=20)
@given(rate=st.floats(0.01, 0.99), seed=st.integers(0, 99), taken=st.integers(0, 10**6))
def test_units_stay_at_the_rate_and_are_scaled_as_torch_scales_them(
    rate: float, seed: int, taken: int
) -> None:
    (found,) = factors(replace(BASE, hidden=(250,), dropout=rate, seed=seed), taken, batch=40)
    kept, n = found > 0, found.size
    assert abs(kept.mean() - (1 - rate)) < 5 * math.sqrt(rate * (1 - rate) / n) + 1e-12
    torch.manual_seed(0)
    plain = nn.Dropout(rate)(torch.ones(4000, dtype=torch.float64))
    np.testing.assert_allclose(found[kept], plain.max(), rtol=1e-12)


def test_masks_are_independent_over_layers_steps_seeds_units_and_samples() -> None:
    run = replace(BASE, hidden=(100, 100), dropout=0.5)
    first = factors(run)
    masks = [*first, *factors(run, taken=1), *factors(replace(run, seed=1))]
    masks += [np.roll(first[0], 1, axis=axis) for axis in (0, 1)]
    found = np.corrcoef([mask.ravel() for mask in masks])
    assert np.abs(found - np.eye(len(masks))).max() < 5 / math.sqrt(first[0].size)


def test_a_higher_rate_drops_all_that_a_lower_one_drops() -> None:
    lower, higher = (factors(replace(BASE, dropout=rate)) for rate in (0.2, 0.6))
    assert all((high[low == 0] == 0).all() for low, high in zip(lower, higher, strict=True))


def test_keys_are_those_of_the_seed() -> None:
    found = keys([BASE, replace(BASE, seed=1), replace(BASE, dropout=0.7, lam=0.0)])
    assert np.array_equal(found[0], found[2]) and not (found[0] == found[1]).any()


@pytest.mark.usefixtures("trainer")
def test_what_is_measured_drops_no_unit() -> None:
    (row,) = train([replace(BASE, steps=0)])
    (plain,) = train([replace(BASE, steps=0, dropout=0.0)])
    assert row["test_loss"] == plain["test_loss"] and row["dropout"] == BASE.dropout
