"""Muon's two settings as one optimiser, and its ceiling, against torch's own Muon."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.optim import Muon

from l2scale.lab.training.muon import orthogonalised
from l2scale.theory.muon import (
    SETTINGS,
    ceiling,
    largest_of_step,
    matching_lambda,
    matching_rate,
    step_factor,
)

sides = st.integers(1, 3000)


@given(sides, sides)
def test_the_first_factor_over_the_second_is_five_over_the_root_of_fan_in(fan_out, fan_in):
    first, second = (step_factor(setting, fan_out, fan_in) for setting in SETTINGS)
    assert first / second == pytest.approx(5 / math.sqrt(fan_in))


@given(sides, st.floats(1e-6, 1.0), st.floats(0.0, 10.0))
def test_what_matches_keeps_the_product(fan_in, lr, lam):
    product = matching_rate(lr, fan_in) * matching_lambda(lam, fan_in)
    assert product == pytest.approx(lr * lam)


def trained(setting: str, shape: tuple[int, int], lr: float, lam: float) -> torch.Tensor:
    """A matrix after steps of torch's Muon on gradients that depend on where it is."""
    make = torch.Generator().manual_seed(3)
    weight = nn.Parameter(torch.randn(shape, generator=make))
    goal = torch.randn(shape, generator=make)
    muon = Muon([weight], lr=lr, weight_decay=2 * lam, adjust_lr_fn=setting)
    for _ in range(20):
        muon.zero_grad()
        (weight - goal).square().sum().backward()
        muon.step()
    return weight.detach()


@pytest.mark.parametrize("shape", [(24, 6), (6, 60), (10, 10), (1, 7)])
def test_torch_takes_the_same_steps_under_both_settings(shape):
    lr, lam, fan_in = 0.03, 0.4, shape[1]
    one = trained("original", shape, lr, lam)
    pair = matching_rate(lr, fan_in), matching_lambda(lam, fan_in)
    other = trained("match_rms_adamw", shape, *pair)
    assert torch.allclose(one, other, rtol=1e-4, atol=1e-5)
    assert not torch.allclose(one, trained("match_rms_adamw", shape, lr, lam), atol=1e-2)


def test_no_singular_value_of_a_step_is_above_the_largest():
    make = torch.Generator().manual_seed(5)
    for shape in ((3, 40, 40), (3, 8, 30), (3, 30, 8), (3, 1, 5)):
        wide = torch.randn(shape, generator=make, dtype=torch.float64)
        # Spectra of many orders of magnitude, on which the iteration is furthest from 1.
        u, _, v = torch.linalg.svd(wide, full_matrices=False)
        spread = torch.logspace(0, -6, u.shape[2], dtype=torch.float64)
        for gradient in (wide, (u * spread) @ v):
            values = torch.linalg.svdvals(orthogonalised(gradient))
            assert values.max() <= largest_of_step()


def test_the_iteration_maps_the_interval_into_itself_and_reaches_its_end():
    a, b, c = 3.4445, -4.7750, 2.0315
    x = torch.linspace(0, largest_of_step(), 200_001, dtype=torch.float64)
    f = a * x + b * x**3 + c * x**5
    assert f.min() >= 0
    assert float(f.max()) == pytest.approx(largest_of_step(), rel=1e-9)
    assert largest_of_step() == pytest.approx(1.2024, abs=5e-5)


@pytest.mark.parametrize("setting", SETTINGS)
def test_decay_brings_a_matrix_below_its_ceiling_and_keeps_it_there(setting):
    make, shape, lr, lam = torch.Generator().manual_seed(7), (12, 4), 0.05, 1.5
    weight = nn.Parameter(10 * torch.randn(shape, generator=make))
    start = float(torch.linalg.matrix_norm(weight.detach(), 2))
    muon = Muon([weight], lr=lr, weight_decay=2 * lam, adjust_lr_fn=setting)
    top, left = ceiling(setting, lam, *shape), 1.0
    always = torch.randn(shape, generator=make)  # one direction for ever pushes it furthest
    # torch rounds the direction to bfloat16, which has three digits.
    for _ in range(120):
        weight.grad = -always.clone()
        muon.step()
        left *= 1 - 2 * lr * lam
        largest = float(torch.linalg.matrix_norm(weight.detach(), 2))
        assert largest <= (top + left * start) * 1.01
    assert 0.5 * top < largest <= top * 1.01


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: step_factor("muon", 3, 3), "unknown setting 'muon'"),
        (lambda: step_factor("original", 0, 3), r"\(0, 3\) has no entries"),
        (lambda: matching_rate(-0.1, 4), "lr"),
        (lambda: matching_lambda(-0.1, 4), "lam"),
        (lambda: ceiling("original", 0.0, 4, 4), "without decay"),
    ],
)
def test_what_no_matrix_has_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()
