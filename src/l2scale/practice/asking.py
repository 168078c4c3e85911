"""What tools are asked with: settings by id, numbers in their range; the rest is refused."""

import math
from collections.abc import Iterable, Mapping
from reprlib import repr as short
from typing import Any

from l2scale.looks.numerals import nearest
from l2scale.practice.monomials import QUANTITIES, holds_all_digits
from l2scale.practice.settings import OPTIMISERS, SETTINGS, Setting

_NAMES = ", ".join(name for name in OPTIMISERS if name != "solver")
WORDS = QUANTITIES | {"optimiser": _NAMES, "momentum": "of SGD, 0 for none"}
"""What a conversion may ask for, by argument name, in words."""


_BOUNDS = {
    "value": (-math.inf, math.inf, "be finite"),
    "momentum": (-math.ulp(0.0), 1.0, "lie in [0, 1)"),
}
"""Between what a number has to be, and that in words; others are above 0."""


class Refused(ValueError):
    """What a form is asked, or given, has no answer.

    Attributes:
        name: what is wrong, a key of the sentences that the form has for it.
    """

    def __init__(self, name: str, sentences: Mapping[str, str]) -> None:
        """With its sentence."""
        super().__init__(sentences[name])
        self.name = name


def optimiser_of(source: Setting, target: Setting, given: str | None) -> str:
    """Who takes the steps; "" if nobody says. Whoever is not SGD at either end decides.

    Raises:
        ValueError: for an unknown one, or one that is not the setting's.
    """
    if given is not None and (not isinstance(given, str) or given not in OPTIMISERS):
        raise ValueError(f"unknown optimiser {given!r}: choose one of {', '.join(OPTIMISERS)}")
    for one in (source, target):
        if given and one.optimiser and one.optimiser != given:
            steps = OPTIMISERS[one.optimiser]
            raise ValueError(f"optimiser is {given!r}: {one.api} is for {steps}, leave it out")
    said = [name for name in (source.optimiser, target.optimiser, given) if name]
    return next((name for name in said if name != "sgd"), said[0] if said else "")


def setting_of(id: str) -> Setting:
    """The setting of this id.

    Raises:
        ValueError: where there is none.
    """
    if not isinstance(id, str) or id not in SETTINGS:
        raise ValueError(
            f"unknown setting {id!r}: choose one of {nearest(id, SETTINGS)}, or what "
            "`l2scale convert --list` shows"
        )
    return SETTINGS[id]


def _number(given: Any) -> float:
    """A number as a float; nan for what is none."""
    try:
        return math.nan if isinstance(given, str | bool) else float(given)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def known_numbers(given: Mapping[str, float]) -> dict[str, float]:
    """What was given, as floats.

    Raises:
        ValueError: for what is no number, or out of its range.
    """
    known = {name: _number(number) for name, number in given.items()}
    for name, number in known.items():
        low, high, bound = _BOUNDS.get(name, (0.0, math.inf, "be finite and above 0"))
        if not low < number < high:
            raise ValueError(f"{name} ({WORDS[name]}) is {short(given[name])}: it has to {bound}")
    return known


def within_floats(what: str, number: float, known: Mapping[str, float]) -> float:
    """A number that `Monomial.of` found.

    Raises:
        ValueError: where no float holds it.
    """
    if holds_all_digits(number):
        return number
    given = ", ".join(f"{name} {amount!r}" for name, amount in known.items())
    raise ValueError(f"{what} there is beyond what a float holds: give other numbers than {given}")


def ask(source: Setting, target: Setting, missing: Iterable[str]) -> None:
    """Ask for what is missing.

    Raises:
        ValueError: if anything is.
    """
    names = [f"{name} ({WORDS[name]})" for name in missing]
    if names:
        raise ValueError(f"from {source.api} to {target.api} it takes {', '.join(names)}: give it")
