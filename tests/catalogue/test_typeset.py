"""Punctuation is set as printers do, and nothing else is touched."""

import doctest

import pytest

from l2scale.catalogue import typeset


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("He's weights' sizes", "He’s weights’ sizes"),
        ('a "mean" of means', "a “mean” of means"),
        ('with reduction="sum", a "sum"', 'with reduction="sum", a “sum”'),
        ("-1.25 [-2.46, -0.03]", "−1.25 [−2.46, −0.03]"),
        ("width to the power -0.5, (-1)", "width to the power −0.5, (−1)"),
        ("64-128-10, 2019-2020, lr=1e-3, x-1", "64-128-10, 2019-2020, lr=1e-3, x-1"),
        ("1e-06, -2.5e-16, 3e+07 [1.0e7]", "10⁻⁶, −2.5×10⁻¹⁶, 3×10⁷ [1.0×10⁷]"),
        ("0e+00 and 4e+00, commit 9e0cfc3", "0 and 4, commit 9e0cfc3"),
        ("1/(n_in + n_out), n_inner", "1/(nᵢₙ + nₒᵤₜ), n_inner"),
        ('higher under tensor_mean, "tensor_mean"', "higher under tensor mean, “tensor_mean”"),
        ('param_groups(penalty="tensor_mean")', 'param_groups(penalty="tensor_mean")'),
        ("  two\n lines ", "two lines"),
        ("λ = 2ηλ², already ’set’ −1", "λ = 2ηλ², already ’set’ −1"),
    ],
)
def test_typeset(written, printed):
    assert typeset.typeset(written) == printed
    assert typeset.typeset(printed) == printed


def test_the_example_is_right():
    assert doctest.testmod(typeset).attempted == 1
    assert doctest.testmod(typeset).failed == 0
