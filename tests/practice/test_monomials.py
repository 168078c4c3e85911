"""The algebra under all conversions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2scale.practice.monomials import QUANTITIES, Monomial

numbers = st.floats(1e-3, 1e3)
monomials = st.builds(
    Monomial,
    numbers | numbers.map(lambda number: -number),
    st.dictionaries(st.sampled_from(sorted(QUANTITIES)), st.sampled_from([-2, -1, 1, 2])),
)
values = st.fixed_dictionaries(dict.fromkeys(QUANTITIES, numbers))


@given(monomials, monomials, values)
def test_products_and_quotients_are_those_of_the_values(a, b, known) -> None:
    assert a.times(b).of(known) == pytest.approx(a.of(known) * b.of(known))
    assert a.times(b, -1).of(known) == pytest.approx(a.of(known) / b.of(known))
    assert a.times(b).times(b, -1).powers == a.powers


@given(monomials, values)
def test_without_a_quantity_it_is_what_it_was_at_one(a, known) -> None:
    assert a.without("value").of(known) == pytest.approx(a.of(known | {"value": 1.0}))


@given(monomials, values)
def test_an_inverse_gives_the_quantity_back(a, known) -> None:
    if abs(a.powers.get("lr", 0)) != 1:
        with pytest.raises(ValueError, match="power"):
            a.inverse("lr")
        return
    amount = a.of(known)
    assert a.inverse("lr").of(known | {"lr": amount}) == pytest.approx(known["lr"])


@pytest.mark.parametrize(
    ("coefficient", "powers", "tex"),
    [
        (1.0, {"value": 1}, r"\omega"),
        (0.5, {"value": 1}, r"\omega / 2"),
        (0.5, {"value": 1, "batch_size": -1}, r"\omega / (2 B)"),
        (0.5, {"value": -1, "n_samples": -1}, r"1 / (2 \omega n)"),
        (0.5, {"value": 1, "batch_size": 1, "n_samples": -1}, r"\omega B / (2 n)"),
        (1.0, {"lr": 1, "value": 1}, r"\eta \omega"),
        (-1.0, {"value": 1}, r"-\omega"),
        (2.0, {"value": 1}, r"2 \omega"),
        (3.0, {}, "3"),
    ],
)
def test_tex_reads_as_one_would_write_it(coefficient, powers, tex) -> None:
    assert Monomial(coefficient, powers).tex(r"\omega") == tex


@pytest.mark.parametrize("coefficient", [0.0, float("nan"), float("inf")])
def test_a_coefficient_that_says_nothing_is_refused(coefficient) -> None:
    with pytest.raises(ValueError, match="coefficient is"):
        Monomial(coefficient, {})


@pytest.mark.parametrize("powers", [{"width": 1}, {"value": 0}, {"value": 0.5}])
def test_unknown_quantities_and_powers_are_refused(powers) -> None:
    with pytest.raises(ValueError, match=r"unknown quantity|power"):
        Monomial(1.0, powers)
