"""Tools for a model of your own: what its penalty does, and how to hand it to an optimiser."""

from l2scale.practice.diagnose import diagnose
from l2scale.practice.diagnosis import Diagnosis
from l2scale.practice.groups import param_groups
from l2scale.practice.placement import BIASES_AND_NORMS

__all__ = ["BIASES_AND_NORMS", "Diagnosis", "diagnose", "param_groups"]
