"""Numbers, and lists of words, as a reader writes them: in prose, titles and labels."""

import math
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches

UNKNOWN = "unknown"
"""What is printed where the data give no number, as for an optimum at an edge of its grid."""


def plain(value: float) -> str:
    """A number to three digits; with an exponent where a reader would have to count zeros.

    >>> [plain(value) for value in (352_981, 50.26, 999.7, 0.0012, 1.2e-6)]
    ['353,000', '50.3', '1,000', '0.0012', '1.2e-06']
    """
    if math.isnan(value):
        return UNKNOWN
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if 1000 <= abs(rounded) < 1e15 else f"{rounded:.3g}"


def percent(value: float) -> str:
    """A share as a percentage: 11.9%; two significant digits below 1%."""
    if math.isnan(value):
        return UNKNOWN
    return f"{100 * value:.1f}%" if abs(value) >= 0.01 else f"{100 * value:.2g}%"


def writer(spec: str) -> Callable[[float], str]:
    """How a number is written by a format: "" is plain, "percent", or one of Python's, as ".2f".

    Raises:
        ValueError: the format is none.
    """
    named = {"": _whole_or_plain, "plain": plain, "percent": percent, "points": _points}
    if spec in named:
        return named[spec]
    try:
        format(0.0, f"z{spec}")
    except ValueError:
        known = ", ".join(name for name in named if name)
        raise ValueError(f"unknown format {spec!r}: choose {known}, or one as .2f, .0%") from None
    return lambda value: format(float(value), f"z{spec}")


def _whole_or_plain(value: float) -> str:
    return f"{int(value):,}" if float(value).is_integer() else plain(value)


def _points(value: float) -> str:
    return f"{100 * value:z.1f}"


def portion(some: int, whole: int) -> str:
    """How many of so many: none of 8, 1 of 8, both, all 8; none where there are none."""
    if whole == 0:
        return "none"
    if some < whole:
        return f"{some or 'none'} of {whole}"
    return {1: "the only one", 2: "both"}.get(whole, f"all {whole}")


def listing(words: Sequence[str]) -> str:
    """Words with commas, and an and before the last."""
    return ", ".join(words[:-1]) + " and " + words[-1] if len(words) > 1 else "".join(words)


def nearest(given: object, names: Iterable[str]) -> str:
    """Up to three names that are most like a given one; the first of them where none is.

    >>> nearest("carried", ["balance", "carried-over", "cost"])
    'carried-over'
    """
    known = list(names)
    return ", ".join(get_close_matches(str(given), known, cutoff=0.5) or known[:3])
