"""What a first lambda is said to be, in words, and what its form on the book's page is made of.

The form knows no data: it takes the best rule that needs none. It has no words and no rules of its
own, and gets `records`.
"""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from l2scale.looks.numerals import percent
from l2scale.practice.asking import Refused
from l2scale.practice.calculated import number, typed
from l2scale.practice.monomials import holds_all_digits
from l2scale.practice.settings import Setting
from l2scale.practice.strengths import CALCULABLE, lam_of
from l2scale.practice.suggest_rules import SHAPE, STEPPERS, Rule, rules

TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "answer": "Try {before}{value}{after}: λ = {lam} under {steps}.",
        "search": "To search: {before}{tries}{after}.",
        "sure": "How sure: in 8 of 10 problems of the atlas the best λ was {times_low} to "
        "{times_high} times the rule’s: here {low} to {high}.",
    }
)
"""What is said of a strength."""

REFUSALS: Mapping[str, str] = MappingProxyType(
    {
        "n": "Training rows have to be a whole number from 1 up.",
        "inputs": "Inputs have to be a whole number from 1 up.",
        "width": "Hidden units have to be a whole number from 1 up.",
        "classes": "Classes have to be a whole number from 1 up, 1 for a regression.",
        "beyond": "The answer is beyond what a number holds here: give numbers nearer to 1.",
    }
)
"""What is said of what cannot be answered, by what is wrong."""

HOMES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"sgd": ("objective", "sgd"), "adamw": ("weights", "adam")}
)
"""Where a setting acts, and who takes its steps, by optimiser."""


def takes(setting: Setting, optimiser: str) -> bool:
    """Whether the form says a strength to that setting: rows and λ alone have to be known."""
    where, steps = HOMES[optimiser]
    mine = setting.where == where and setting.optimiser in ("", steps)
    return mine and not setting.loss.powers and {"lr", "batch_size"}.isdisjoint(
        lam_of(setting).powers
    )  # fmt: skip


OFFERED: Mapping[str, Mapping[str, Setting]] = MappingProxyType(
    {
        optimiser: {id: one for id, one in CALCULABLE.items() if takes(one, optimiser)}
        for optimiser in STEPPERS
    }
)
"""The settings that the form has, by optimiser."""


FIRST: Mapping[str, Any] = MappingProxyType(
    {"optimiser": "sgd", "setting": "torch-sgd", "n": 1000, "inputs": 30, "width": 128}
    | {"classes": 2}
)
"""What the form begins with."""

EXAMPLES: Mapping[int, tuple[Mapping[str, Any], ...]] = MappingProxyType(
    {
        n: tuple(
            {**FIRST, "n": n, "optimiser": optimiser, "setting": next(iter(OFFERED[optimiser]))}
            for optimiser in STEPPERS
        )
        for n in (125, 500, 2000)
    }
)
"""Questions by training rows, one for each optimiser; answered without a script too."""


def said(
    rule: Rule, setting: Setting, lam: float, value: float, tries: Sequence[float]
) -> dict[str, str]:
    """All that is said of a strength, by what it is about.

    Args:
        rule: that gave it.
        setting: to say it to.
        lam: the book's λ.
        value: of the setting.
        tries: values of it to search.
    """
    before, after = typed(setting)
    words = {
        "before": before,
        "after": after,
        "value": _plain(value),
        "tries": ", ".join(map(_plain, tries)),
        "lam": _plain(lam),
        "steps": STEPPERS[rule.optimiser],
        "low": _plain(lam * rule.low),
        "high": _plain(lam * rule.high),
        **_times(rule),
    }
    return {name: text.format_map(words) for name, text in TEXTS.items()} | measured(rule)


def measured(rule: Rule) -> dict[str, str]:
    """What a rule cost where it was measured, on families of data sets left out."""
    loss, low, high = map(percent, (rule.regret, rule.regret_low, rule.regret_high))
    points = [f"{100 * x:.2f}" for x in (rule.error, rule.error_low, rule.error_high)]
    return {
        "cost": f"On families of data that it was not fitted on, the rule cost {loss} of the test "
        f"loss ({low} to {high}) against the best λ, and {points[0]} points of error ({points[1]} "
        f"to {points[2]}; of a regression, hundredths of the variance): {rule.sets} data sets, "
        f"{rule.problems} problems. All of them had a say in which rule it is, so expect it to "
        "cost more.",
        "worth": f"Is tuning worth it? In {percent(rule.settled)} of the problems the best λ saved "
        f"less than half a point of error against the rule’s, in {percent(rule.flat)} against no "
        "penalty.",
    }


def beyond(
    rule: Rule, lam: float, shape: Mapping[str, float], widths: Sequence[float]
) -> list[str]:
    """Where a problem, or its strength, is outside of what was measured, in sentences."""
    outside, words = [], limits(rule)
    for name, (least, most) in rule.measured.items():
        given = widths if name == "width" else [shape[name]]
        if not all(least <= each <= most for each in given):
            outside.append(words[name])
    if lam in (rule.lam_low, rule.lam_high):
        outside.append(words["lam"])
    if len(widths) != rule.layers:
        outside.append(f"{len(widths)} hidden layers; measured was {rule.layers}: tune downwards.")
    return [" ".join([BEYOND, *outside])] if outside else []


BEYOND = "Beyond what was measured:"
_LIMITS = {"n": "training rows", "width": "hidden units", "inputs": "inputs", "classes": "classes"}


def limits(rule: Rule) -> dict[str, str]:
    """What is said of a number that was not measured, by its name."""
    return {
        name: f"{least:,} to {most:,} {_LIMITS[name]}."
        for name, (least, most) in rule.measured.items()
    } | {"lam": f"λ from {_plain(rule.lam_low)} to {_plain(rule.lam_high)}; this is its end."}


def answered(
    optimiser: str, setting: str, n: float, inputs: float, width: float, classes: float
) -> dict[str, str]:
    """What the form answers: `said`, with "beyond" where it is.

    Args:
        optimiser: key of `l2scale.practice.suggest_rules.STEPPERS`.
        setting: key of OFFERED[optimiser].
        n: training rows.
        inputs: of the network.
        width: hidden units, of one layer.
        classes: that are told apart; 1 for a regression.

    Raises:
        Refused: for what has no answer.
        KeyError: for an unknown optimiser, or a setting that is not offered.
    """
    one, rule = OFFERED[optimiser][setting], rules()[optimiser, "form"]
    shape = {"n": n, "width": width, "inputs": inputs, "classes": classes}
    for name, given in shape.items():
        if not (1 <= given < math.inf and given == math.floor(given)):
            raise Refused(name, REFUSALS)
    lam = _held(rule.lam(shape))
    inverse = lam_of(one).inverse("value")
    values = [_held(inverse.of({"value": x, "n_samples": n})) for x in (lam, *rule.tries(lam))]
    lines = said(rule, one, lam, values[0], values[1:])
    return lines | {"beyond": " ".join(beyond(rule, lam, shape, [width] * rule.layers))}


def records() -> dict[str, Any]:
    """All that the form needs, as plain types for JSON."""
    return {
        "texts": dict(TEXTS),
        "refusals": dict(REFUSALS),
        "shape": list(SHAPE),
        "beyond": BEYOND,
        "rules": {optimiser: _record(rules()[optimiser, "form"]) for optimiser in STEPPERS},
    }


def _record(rule: Rule) -> dict[str, Any]:
    return {
        "share": rule.share,
        "powers": rule.powers,
        "tries": list(rule.tries(1.0)),
        "reach": [rule.low, rule.high],
        "range": [rule.lam_low, rule.lam_high],
        "least_and_most": {name: list(ends) for name, ends in rule.measured.items()},
        "limits": limits(rule),
        "words": {"steps": STEPPERS[rule.optimiser], **_times(rule)},
        "measured": measured(rule),
        "settings": {id: _typed(one) for id, one in OFFERED[rule.optimiser].items()},
    }


def _typed(setting: Setting) -> dict[str, Any]:
    inverse = lam_of(setting).inverse("value")
    return {
        "typed": list(typed(setting)),
        "value": {"coefficient": inverse.coefficient, "powers": dict(inverse.powers)},
    }


def _times(rule: Rule) -> dict[str, str]:
    return {"times_low": _plain(rule.low), "times_high": _plain(rule.high)}


def _plain(found: float) -> str:
    """A number that can be typed."""
    return number(found).replace(",", "")


def _held(found: float) -> float:
    if not holds_all_digits(found):
        raise Refused("beyond", REFUSALS)
    return found
