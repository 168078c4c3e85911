"""For a model of your own: a first lambda, conversion, a calculator, groups, a diagnosis, a watch.

A name is imported when it is first asked for: `l2scale convert` needs no torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from l2scale.practice.asking import Refused
    from l2scale.practice.calculator import Calculation, calculate
    from l2scale.practice.checks import BIASES_AND_NORMS
    from l2scale.practice.conversions import Conversion, NoEquivalent, convert
    from l2scale.practice.diagnosing import diagnose
    from l2scale.practice.diagnosis import Diagnosis
    from l2scale.practice.groups import param_groups
    from l2scale.practice.muon import muon_groups
    from l2scale.practice.suggest import Suggestion, suggest_lambda
    from l2scale.practice.watching import watch
    from l2scale.practice.wider import wider_groups

_IN = {
    "BIASES_AND_NORMS": "checks",
    "Calculation": "calculator",
    "Conversion": "conversions",
    "Diagnosis": "diagnosis",
    "NoEquivalent": "conversions",
    "Refused": "asking",
    "Suggestion": "suggest",
    "calculate": "calculator",
    "convert": "conversions",
    "diagnose": "diagnosing",
    "muon_groups": "muon",
    "param_groups": "groups",
    "suggest_lambda": "suggest",
    "watch": "watching",
    "wider_groups": "wider",
}

__all__ = [
    "BIASES_AND_NORMS",
    "Calculation",
    "Conversion",
    "Diagnosis",
    "NoEquivalent",
    "Refused",
    "Suggestion",
    "calculate",
    "convert",
    "diagnose",
    "muon_groups",
    "param_groups",
    "suggest_lambda",
    "watch",
    "wider_groups",
]


def __getattr__(name: str) -> Any:
    if name not in _IN:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_IN[name]}"), name)


def __dir__() -> list[str]:
    return __all__
