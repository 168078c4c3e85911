"""The rules for a first lambda, with what the atlas measured of them: ``suggest_rules.toml``."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

STEPPERS: Mapping[str, str] = MappingProxyType({"sgd": "SGD", "adamw": "AdamW"})
"""Optimisers that the atlas has, in words."""

SHAPE = ("n", "width", "inputs", "classes")
"""What a rule of powers is made of: rows, units of a hidden layer, inputs, and classes (1 for a
regression)."""

OF_DATA = ("crush", "null", "noise")
"""The yardsticks that take the data."""


@dataclass(frozen=True)
class Rule:
    """One rule: lambda is `share` times powers of the problem's numbers and of its yardsticks.

    Attributes:
        optimiser: key of STEPPERS.
        use: "data", the best simple rule of all, or "form", the best that needs no data.
        yardstick: key of `l2scale.theory.yardsticks.YARDSTICKS`, to the power 1; or "powers", of
            the numbers alone, or "mixed", of both.
        share: the constant.
        power_n: of the training rows.
        power_width: of the hidden units of a layer.
        power_inputs: of the inputs.
        power_classes: of the classes.
        power_crush: of that yardstick, in a mixed rule.
        power_null: the same.
        power_noise: the same.
        lam_low: least strength that was tried; what the rule says is taken up to it.
        lam_high: largest one, to which it is cut.
        low: the best lambda over the rule's: a tenth of the problems are below it.
        high: a tenth are above it.
        search_low: the same for a twentieth.
        search_high: the same for a twentieth.
        regret: mean test loss over that of the best lambda, less 1, on families left out.
        regret_low: lower end of its interval.
        regret_high: its upper end.
        error: mean excess test error, as a share; of a regression as a share of the variance.
        error_low: lower end of its interval.
        error_high: its upper end.
        flat: share of problems in which the best lambda saves less than half a point against none.
        flat_low: lower end of its interval.
        flat_high: its upper end.
        settled: the same against the rule's lambda.
        settled_low: lower end of its interval.
        settled_high: its upper end.
        sets: data sets behind it.
        problems: problems behind it.
        layers: hidden layers of the networks.
        samples_low: fewest training rows.
        samples_high: most.
        width_low: fewest hidden units.
        width_high: most.
        inputs_low: fewest inputs.
        inputs_high: most.
        classes_low: fewest classes.
        classes_high: most.
        lr: learning rate of the networks, for classes.
        lr_regression: the same for numbers.
        momentum: of SGD.
        steps: that they took.
        batch_size: rows of a step.
        schedule: of the learning rate.
    """

    optimiser: str
    use: str
    yardstick: str
    share: float
    power_n: float
    power_width: float
    power_inputs: float
    power_classes: float
    power_crush: float
    power_null: float
    power_noise: float
    lam_low: float
    lam_high: float
    low: float
    high: float
    search_low: float
    search_high: float
    regret: float
    regret_low: float
    regret_high: float
    error: float
    error_low: float
    error_high: float
    flat: float
    flat_low: float
    flat_high: float
    settled: float
    settled_low: float
    settled_high: float
    sets: int
    problems: int
    layers: int
    samples_low: int
    samples_high: int
    width_low: int
    width_high: int
    inputs_low: int
    inputs_high: int
    classes_low: int
    classes_high: int
    lr: float
    lr_regression: float
    momentum: float
    steps: int
    batch_size: int
    schedule: str

    @property
    def measured(self) -> dict[str, tuple[float, float]]:
        """The least and the most of each number of SHAPE."""
        return {
            "n": (self.samples_low, self.samples_high),
            "width": (self.width_low, self.width_high),
            "inputs": (self.inputs_low, self.inputs_high),
            "classes": (self.classes_low, self.classes_high),
        }

    @property
    def powers(self) -> dict[str, float]:
        """By name of SHAPE."""
        return {name: getattr(self, f"power_{name}") for name in SHAPE}

    @property
    def yardsticks(self) -> dict[str, float]:
        """Powers of the yardsticks that take the data, by name; those that it needs."""
        if self.yardstick in OF_DATA:
            return {self.yardstick: 1.0}
        found = {name: getattr(self, f"power_{name}") for name in OF_DATA}
        return {name: power for name, power in found.items() if power}

    def lam(self, known: Mapping[str, float]) -> float:
        """The suggested lambda, inside of the strengths that were tried.

        Args:
            known: the numbers of SHAPE, and what `yardsticks` names, by name.
        """
        found = self.share
        for name, power in (self.powers | self.yardsticks).items():
            found *= known[name] ** power
        return min(max(found, self.lam_low), self.lam_high)

    def tries(self, lam: float) -> tuple[float, ...]:
        """Five strengths, from the low end of the search to its high one, with `lam` in between."""
        low, high = min(self.search_low, 1.0), max(self.search_high, 1.0)
        return tuple(lam * factor for factor in (low, low**0.5, 1.0, high**0.5, high))


@cache
def rules() -> Mapping[tuple[str, str], Rule]:
    """Every rule by optimiser and use.

    Raises:
        ValueError: for a use that one optimiser lacks.
    """
    text = (files(__package__) / "suggest_rules.toml").read_text(encoding="utf-8")
    return parsed(text)


def parsed(text: str) -> Mapping[tuple[str, str], Rule]:
    """The rules of a text as ``suggest_rules.toml`` has it; see `rules`."""
    found = {}
    for row in tomllib.loads(text)["suggested"]:
        rule = Rule(**row)
        found[rule.optimiser, rule.use] = rule
    missing = {(one, use) for one in STEPPERS for use in ("data", "form")} - set(found)
    if missing:
        raise ValueError(f"no rule for {sorted(missing)}: write the table again")
    return MappingProxyType(found)
