"""For a model of your own: a first lambda, conversion, a calculator, groups, a diagnosis."""

from l2scale.practice.calculator import Calculation, Refused, calculate
from l2scale.practice.checks import BIASES_AND_NORMS
from l2scale.practice.convert import Conversion, NoEquivalent, convert
from l2scale.practice.diagnose import diagnose
from l2scale.practice.diagnosis import Diagnosis
from l2scale.practice.groups import param_groups
from l2scale.practice.suggest import Suggestion, suggest_lambda

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
    "param_groups",
    "suggest_lambda",
]
