"""The long-run pace of momentum against the recursion itself."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from l2scale.theory.momentum import long_run_factor

rates = st.floats(1e-3, 0.5)
lams = st.floats(1e-3, 1.0)
momenta = st.floats(0.05, 0.95)


def path(lr: float, lam: float, momentum: float, steps: int) -> list[float]:
    """An unused weight of size 1, as PyTorch's SGD moves it."""
    w, v, found = 1.0, 0.0, [1.0]
    for _ in range(steps):
        v = momentum * v + 2 * lam * w
        w -= lr * v
        found.append(w)
    return found


@given(rates, lams, momenta)
def test_the_ratio_of_two_weights_in_a_row_tends_to_it(lr, lam, momentum):
    decay = 2 * lr * lam
    assume(decay < 0.9 * (1 - math.sqrt(momentum)) ** 2)
    found = path(lr, lam, momentum, 2000)
    last = max(i for i, w in enumerate(found) if w > 1e-200)
    ratio = found[last] / found[last - 1]
    assert ratio == pytest.approx(long_run_factor(lr, lam, momentum), rel=1e-6)


@given(rates, lams, momenta)
def test_it_is_a_root_or_the_modulus_of_two(lr, lam, momentum):
    x, total = long_run_factor(lr, lam, momentum), 1 + momentum - 2 * lr * lam
    if total**2 < 4 * momentum:
        assert x == pytest.approx(math.sqrt(momentum))
    else:
        assert x**2 - abs(total) * x + momentum == pytest.approx(0, abs=1e-9)
        assert x >= math.sqrt(momentum) * (1 - 1e-9)


@given(momenta)
def test_small_steps_forget_one_over_one_minus_momentum_times_as_fast(momentum):
    decay = 1e-5 * (1 - momentum) ** 2
    factor = long_run_factor(1.0, decay / 2, momentum)
    assert 1 - factor == pytest.approx(decay / (1 - momentum), rel=1e-3)


@given(rates, lams)
def test_without_momentum_it_is_the_decay_of_a_step(lr, lam):
    assert long_run_factor(lr, lam, 0.0) == pytest.approx(abs(1 - 2 * lr * lam))


@pytest.mark.parametrize("momentum", [-0.1, 1.0, math.nan])
def test_a_momentum_out_of_range_is_refused(momentum):
    with pytest.raises(ValueError, match=r"momentum is .*: it lies in \[0, 1\)"):
        long_run_factor(0.1, 0.1, momentum)
