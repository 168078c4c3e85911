"""For a model of your own: conversion, a calculator, parameter groups, a diagnosis."""

from l2scale.practice.calculator import Calculation, Refused, calculate
from l2scale.practice.checks import BIASES_AND_NORMS
from l2scale.practice.convert import Conversion, NoEquivalent, convert
from l2scale.practice.diagnose import diagnose
from l2scale.practice.diagnosis import Diagnosis
from l2scale.practice.groups import param_groups

__all__ = [
    "BIASES_AND_NORMS",
    "Calculation",
    "Conversion",
    "Diagnosis",
    "NoEquivalent",
    "Refused",
    "calculate",
    "convert",
    "diagnose",
    "param_groups",
]
