"""What a setting does to the penalty, as a number times powers of what the reader knows.

Every convention of `l2scale.practice.settings` is of this form, so that one rule converts between
any two of them, here and in the form on the book's page.
"""

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass

QUANTITIES = {
    "value": "the setting itself",
    "lr": "learning rate",
    "lr0": "initial learning rate",
    "n_samples": "training samples",
    "batch_size": "samples of a step",
    "n_weights": "weights of the tensor",
    "to_lr": "learning rate of the target",
    "to_n_samples": "training samples of the target",
    "to_batch_size": "samples of a step of the target",
    "to_n_weights": "weights of the target's tensor",
}
"""What a monomial may contain, by argument name, in words."""

OWN = {name: f"to_{name}" for name in ("n_samples", "batch_size", "n_weights")}
"""What a target may have of its own, where it is used on other data or another network."""

_TEX = {
    "lr": r"\eta",
    "lr0": r"\eta_0",
    "n_samples": "n",
    "batch_size": "B",
    "n_weights": "P_W",
    "to_lr": r"\eta'",
}


def holds_all_digits(number: float) -> bool:
    """Whether a float holds a number with all its digits: it is no 0, not infinite and not nan."""
    return sys.float_info.min <= abs(number) <= sys.float_info.max


@dataclass(frozen=True)
class Monomial:
    """``coefficient * prod quantity ** power``.

    Attributes:
        coefficient: any finite number but 0.
        powers: whole power of each quantity that appears, by its name in QUANTITIES.

    Raises:
        ValueError: for a coefficient or a power that is not as above, or an unknown quantity.
    """

    coefficient: float
    powers: Mapping[str, int]

    def __post_init__(self) -> None:
        if not math.isfinite(self.coefficient) or self.coefficient == 0:
            raise ValueError(f"coefficient is {self.coefficient!r}: it is finite and not 0")
        for name, power in self.powers.items():
            if name not in QUANTITIES:
                raise ValueError(f"unknown quantity {name!r}: choose from {', '.join(QUANTITIES)}")
            if not isinstance(power, int) or power == 0:
                raise ValueError(f"the power of {name} is {power!r}: a whole number, not 0")

    def of(self, known: Mapping[str, float]) -> float:
        """Its value; nan where no float holds it, or what is on the way to it.

        Raises:
            KeyError: if a quantity is not known.
        """
        product = self.coefficient
        for name, power in sorted(self.powers.items()):  # as the form does, to the last digit
            try:
                product *= known[name] ** power
            except OverflowError:
                return math.nan
            if not holds_all_digits(product):
                return math.nan
        return product

    def times(self, other: "Monomial", power: int = 1) -> "Monomial":
        """This one times another to a power, 1 or -1."""
        powers = dict(self.powers)
        for name, own in other.powers.items():
            powers[name] = powers.get(name, 0) + power * own
        left = {name: own for name, own in powers.items() if own}
        return Monomial(self.coefficient * other.coefficient**power, left)

    def inverse(self, name: str) -> "Monomial":
        """What the quantity `name`, here to the power 1 or -1, is; it now names this one's value.

        Raises:
            ValueError: for another power.
        """
        power = self.powers.get(name, 0)
        if abs(power) != 1:
            raise ValueError(f"{name} is here to the power {power}, and it takes 1 or -1")
        own, rest = Monomial(1.0, {name: 1}), self.without(name)
        return own.times(rest, -1) if power == 1 else rest.times(own, -1)

    def without(self, name: str) -> "Monomial":
        """This one without a quantity."""
        left = {other: power for other, power in self.powers.items() if other != name}
        return Monomial(self.coefficient, left)

    def renamed(self, names: Mapping[str, str]) -> "Monomial":
        """This one of other quantities: each name in `names` becomes what stands there."""
        powers = {names.get(name, name): power for name, power in self.powers.items()}
        return Monomial(self.coefficient, powers)

    def tex(self, symbol: str) -> str:
        """As TeX, with `symbol` for the value."""
        names = _TEX | {"value": symbol}
        above: list[str] = []
        below: list[str] = []
        for name, power in self.powers.items():
            exponent = "" if abs(power) == 1 else f"^{{{abs(power)}}}"
            (above if power > 0 else below).append(names[name] + exponent)
        whole = abs(self.coefficient)
        if whole < 1:
            below.insert(0, f"{1 / whole:g}")
        elif whole != 1 or not above:
            above.insert(0, f"{whole:g}")
        sign = "-" if self.coefficient < 0 else ""
        if whole == 1 and below and len(above) > 1 and above[0] == "1":
            above = above[1:]
        top, bottom = " ".join(above) or "1", " ".join(below)
        if not bottom:
            return sign + top
        return f"{sign}{top} / {bottom}" if len(below) == 1 else f"{sign}{top} / ({bottom})"
