"""An epoch of decay against the loop that takes its steps, and against its own expansion."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from l2scale.theory.epochs import epoch_factor, exponential_factor, relative_error

rates = st.floats(1e-4, 0.5)
lams = st.floats(1e-6, 0.5)
counts = st.integers(1, 300)


def loop(lr: float, lam: float, batches: int) -> float:
    """A weight of size 1 after an epoch in which only decay moves it."""
    w = 1.0
    for _ in range(batches):
        w -= lr * 2 * lam * w
    return w


@given(rates, lams, counts)
def test_an_epoch_is_its_steps(lr, lam, batches):
    assert epoch_factor(lr, lam, batches) == pytest.approx(loop(lr, lam, batches), rel=1e-10)


@given(rates, lams, counts, counts)
def test_two_epochs_multiply(lr, lam, one, other):
    product = epoch_factor(lr, lam, one) * epoch_factor(lr, lam, other)
    assert epoch_factor(lr, lam, one + other) == pytest.approx(product, rel=1e-10)


@given(rates, lams, counts, st.integers(2, 16))
def test_the_exponential_depends_on_rate_times_steps_alone(lr, lam, batches, factor):
    more = exponential_factor(lr / factor, lam, batches * factor)
    assert more == pytest.approx(exponential_factor(lr, lam, batches), rel=1e-9)


@given(rates, lams, counts)
def test_the_exponential_is_never_too_small(lr, lam, batches):
    exact = epoch_factor(lr, lam, batches)
    assert exponential_factor(lr, lam, batches) >= exact * (1 - 1e-12)


@given(rates, lams, counts)
def test_the_error_is_right_to_leading_order(lr, lam, batches):
    """What is left out is of order N x^3 and (N x^2)^2, with x = 2 lr lam."""
    x = 2 * lr * lam
    assume(batches * x < 50 and relative_error(lr, lam, batches) > 1e-9)
    off = math.log(exponential_factor(lr, lam, batches) / epoch_factor(lr, lam, batches))
    found = relative_error(lr, lam, batches)
    assert found <= off * (1 + 1e-3) + 1e-12
    # log(1 - x) = -x - x^2/2 - x^3/3 - ..., and the rest is at most x^3 / (3 (1 - x)).
    assert off - found <= batches * x**3 / (3 * (1 - x)) + 1e-3 * found + 1e-12


@given(rates, lams, counts)
def test_small_steps_of_a_long_epoch_still_add_up(lr, lam, batches):
    assert relative_error(lr, lam, 4 * batches) == pytest.approx(
        4 * relative_error(lr, lam, batches)
    )


def test_in_nielsens_terms():
    """w -> (1 - eta lambda / n) w, batches of m: the factor e^(-eta lambda / m) in an epoch."""
    eta, strength, n, m = 0.5, 5.0, 50_000, 10
    lam = strength / (2 * n)
    assert exponential_factor(eta, lam, n // m) == pytest.approx(math.exp(-eta * strength / m))
    expected = (eta * strength) ** 2 / (2 * n * m)
    assert relative_error(eta, lam, n // m) == pytest.approx(expected)


def test_without_a_penalty_nothing_decays():
    assert epoch_factor(0.1, 0.0, 100) == exponential_factor(0.1, 0.0, 100) == 1.0
    assert relative_error(0.1, 0.0, 100) == 0.0


@pytest.mark.parametrize("function", [epoch_factor, exponential_factor, relative_error])
@pytest.mark.parametrize(
    "arguments",
    [(0.1, 0.1, 0), (0.1, 0.1, -3), (0.1, 0.1, 2.5), (0.1, -1e-9, 3), (0.1, math.nan, 3)],
)
def test_bad_input_is_refused(function, arguments):
    with pytest.raises(ValueError, match=r"\d|nan"):
        function(*arguments)


def test_the_refusal_names_the_batches():
    with pytest.raises(ValueError, match="whole number of batches"):
        epoch_factor(0.1, 0.1, 2.5)
