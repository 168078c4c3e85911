"""Numbers as people read them."""

import pytest

from l2scale.press.sphinx.templating import duration, number, rate, setting, size


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.04, "0.04 s"),
        (4.26, "4.3 s"),
        (93.4, "93 s"),
        (599, "599 s"),
        (700, "12 min"),
        (9000, "2.5 h"),
    ],
)
def test_durations(seconds, words):
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("bytes", "words"), [(0, "0 B"), (999, "999 B"), (34_200, "34 kB"), (1_240_000, "1.2 MB")]
)
def test_sizes(bytes, words):
    assert size(bytes) == words


def test_rates():
    assert rate(2340, 93) == "25"
    assert rate(10, 4) == "2.5"
    assert rate(10_000, 2) == "5,000"
    assert rate(3, 0) == "0"


def test_settings_are_on_one_line():
    assert setting([1e-4, 0.1, None, True, "sum", [64, 10]]) == (
        "0.0001, 0.1, null, true, sum, 64, 10"
    )


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (0.12345, "0.123"), (12345.0, "12,300"), ("C01", "C01")]
)
def test_a_number_of_a_verdict_is_short_and_may_be_missing(value, text):
    assert number(value) == text
