"""What the calculator says, in words, and what its form on the book's page is made of.

The form has no words of its own and no shares, rules or shapes: it gets `records`.
"""

import decimal
import re
from collections.abc import Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from l2scale.practice.answers import without_tex
from l2scale.practice.calculator import REFUSALS, Calculation, calculate
from l2scale.practice.monomials import Monomial
from l2scale.practice.networks import INITS, NETWORKS
from l2scale.practice.rules import GROWS, RULES, UNMEASURED, Carried
from l2scale.practice.settings import Setting
from l2scale.practice.strengths import CALCULABLE, KINDS, decay_of, lam_of
from l2scale.theory.initialisation import variance

TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "type": "At {grows} ×{factor} under {steps} type {typed}; try {tries}.",
        "tune": "At {grows} ×{factor} under {steps} tune again: try {typed}.",
        "unmeasured": "At {grows} ×{factor} under {steps} nothing is measured here: try {typed}.",
        "normalised": "At {grows} ×{factor} under {steps} with normalised layers nothing is "
        "measured here: try {typed}.",
        "row type": "{value}; try {tries}",
        "row tune": "try {values}",
        "weights": "{weights}",
        "lam": "{lam}",
        "guess": "{guess}",
        "penalty": "{penalty}",
        "no penalty": "none: a decay is not in the cost",
        "cost": "{cost}",
        "share": "{share}%",
        "no share": "0%",
        "forget": "{forget_steps} steps, {forget_epochs} epochs",
        "no forget": "not known: {steps} rescales the penalty’s force",
        "clocks": "{clocks}",
        "no clocks": "not known",
        "ceiling": "{ceiling}",
        "no ceiling": "none",
        "angle": "{angle}°",
        "no angle": "none",
    }
)
"""What is said, by what it is about."""

ROWS: Mapping[str, str] = MappingProxyType(
    {
        "weights": "Weights, P",
        "lam": "λ of this book",
        "guess": "Cost of guessing",
        "penalty": "Penalty at the start",
        "cost": "Cost at the start",
        "share": "Share of it that is penalty",
        "forget": "Time to forget, 1/(2ηλ)",
        "clocks": "Forgetting times trained, 2ηλt",
        "ceiling": "AdamW’s ceiling, 1/(2λ)",
        "angle": "Turn of a step in AdamW’s equilibrium",
    }
)
"""The numbers, in their order, with their heads."""

_NUMBERS = (
    *("weights", "lam", "guess", "penalty", "cost", "forget_steps", "forget_epochs"),
    *("clocks", "ceiling", "angle"),
)


def number(found: float) -> str:
    """Three digits, a half rounded up as browsers do.

    >>> [number(found) for found in (35326976, 0.2519842, 1 / 3e7, 1e-4)]
    ['35,300,000', '0.252', '3.33e-08', '0.0001']
    """
    context = decimal.Context(prec=3, rounding=decimal.ROUND_HALF_UP)
    rounded = float(context.create_decimal_from_float(float(found)))
    if 1e-4 <= abs(rounded) < 1e15:
        return f"{rounded:,.7f}".rstrip("0").rstrip(".")
    return f"{rounded:.3g}"


def typed(setting: Setting) -> tuple[str, str]:
    """What a reader types before and after a value: ("weight_decay = ", "").

    >>> typed(CALCULABLE["keras-l2"])
    ('ω = ', ' in keras.regularizers.L2(ω)')
    """
    letter = without_tex(setting.symbol)
    keyword = re.search(rf"(\w+)={letter}", setting.api)
    return (f"{keyword[1]} = ", "") if keyword else (f"{letter} = ", f" in {setting.api}")


def said(found: Calculation, setting: str, factor: float) -> dict[str, str]:
    """All texts of a calculation: `answer`, one for each of ROWS, and "rule <id>" for each rule.

    Args:
        found: by `l2scale.practice.calculator.calculate`.
        setting: that was asked about.
        factor: that was asked about.
    """
    words = {name: getattr(found, name) for name in _NUMBERS}
    words = {name: number(x) for name, x in words.items() if x is not None}
    words["steps"] = KINDS[found.kind]
    if found.share is not None:
        words["share"] = number(100 * found.share)
    lines = {
        name: TEXTS[name if _is_known(found, name) else f"no {name}"].format_map(words)
        for name in ROWS
    }
    kind = _kind(found)
    before, after = typed(CALCULABLE[setting])
    row = _values(found.answer)
    what = row["value"] if kind == "type" else row["values"]
    lines["answer"] = TEXTS[kind].format(
        grows=GROWS[found.answer.rule.grows],
        factor=number(factor),
        steps=KINDS[found.kind],
        typed=f"{before}{what}{after}",
        tries=row["tries"],
    )
    rows = {each.rule.id: row_text(each) for each in found.rules}
    return lines | {f"rule {id}": text for id, text in rows.items()}


def row_text(carried: Carried) -> str:
    """What a rule's row says."""
    return TEXTS["row tune" if carried.rule.tune else "row type"].format_map(_values(carried))


def _is_known(found: Calculation, name: str) -> bool:
    return getattr(found, "forget_steps" if name == "forget" else name) is not None


def _kind(found: Calculation) -> str:
    if not found.answer.rule.id:
        return "normalised" if found.normalised else "unmeasured"
    return "tune" if found.answer.rule.tune else "type"


def _values(carried: Carried) -> dict[str, str]:
    tries = sorted(carried.tries)
    return {
        "value": _plain(carried.value),
        "tries": _listing(tries),
        "values": _listing(sorted([carried.value, *tries])),
    }


def _listing(numbers: list[float]) -> str:
    texts = [_plain(found) for found in numbers]
    return " and ".join([", ".join(texts[:-1]), texts[-1]])


def _plain(found: float) -> str:
    """A number that can be typed."""
    return number(found).replace(",", "")


def records() -> dict[str, Any]:
    """All that the form needs, as plain types for JSON."""
    return {
        "texts": dict(TEXTS),
        "refusals": dict(REFUSALS),
        "kinds": dict(KINDS),
        "grows": dict(GROWS),
        "rows": list(ROWS),
        "networks": {
            network.id: {
                "weights": network.weights,
                "depth": network.depth,
                "classes": network.classes,
                "normalised": network.normalised,
                "squares": {init: network.squares(init) for init in INITS},
            }
            for network in NETWORKS.values()
        },
        "inits": {init: _precision(init) for init in INITS},
        "settings": {
            id: {
                "typed": list(typed(setting)),
                "letter": without_tex(setting.symbol),
                "where": setting.where,
                "optimiser": setting.optimiser,
                "lam": _term(lam_of(setting)),
                "decay": _term(decay_of(setting)),
                "samples": -setting.strength.powers.get("n_samples", 0),
            }
            for id, setting in CALCULABLE.items()
        },
        "rules": [_shown(asdict(rule)) for rule in RULES],
        "unmeasured": {name: _shown(asdict(rule)) for name, rule in UNMEASURED.items()},
    }


def _shown(rule: dict[str, Any]) -> dict[str, Any]:
    names = ("id", "steps", "grows", "layers", "power", "over_layers", "tries", "tune")
    found = {name: rule[name] for name in names}
    return found | {"layers": list(rule["layers"]), "tries": [list(each) for each in rule["tries"]]}


def _term(monomial: Monomial) -> dict[str, Any]:
    return {"coefficient": monomial.coefficient, "powers": dict(monomial.powers)}


def _precision(init: str) -> list[float]:
    """One over the variance of a weight: a constant, and what each input and each output adds."""
    named, scale = INITS[init]
    here, more_in, more_out = (
        1 / variance(named, *fans, scale) for fans in ((1, 1), (2, 1), (1, 2))
    )
    return [3 * here - more_in - more_out, more_in - here, more_out - here]


EXAMPLES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "AdamW, 784-1024-10": {
            "network": "784-1024-10", "init": "pytorch", "setting": "torch-adamw", "value": 0.1,
            "lr": 0.001, "steps": 10_000, "n_samples": 60_000, "batch_size": 128,
        },
        "A cost of fifty": {
            "network": "fifty", "init": "glorot", "setting": "keras-l2", "value": 0.01,
            "lr": 0.1, "steps": 3000, "n_samples": 400, "batch_size": 32, "optimiser": "sgd",
        },
        "ResNet-50": {
            "network": "resnet-50", "init": "he", "setting": "torch-sgd", "value": 1e-4,
            "lr": 0.1, "momentum": 0.9, "steps": 450_000, "n_samples": 1_281_167,
            "batch_size": 256,
        },
        "GPT-2 small": {
            "network": "gpt-2", "init": "gpt2", "setting": "torch-adamw", "value": 0.1,
            "lr": 0.0006, "steps": 600_000, "n_samples": 8_800_000, "batch_size": 480,
        },
    }
)  # fmt: skip
"""Questions to begin with, four times as wide; the form shows the first."""


def worked(name: str) -> dict[str, str]:
    """What an example comes to, in words."""
    asked = EXAMPLES[name]
    return said(calculate(**asked, grows="width", factor=4.0), asked["setting"], 4.0)
