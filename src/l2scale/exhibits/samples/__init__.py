"""How the best lambda goes with the number of samples, in linear models and with a hidden layer."""

from l2scale.exhibits.samples import ridge, rules, yardstick
from l2scale.exhibits.samples.figures import (
    best_lambda_by_samples,
    carried_to_more_data,
    noise_yardstick,
)
from l2scale.exhibits.samples.ridge_figures import negative_ridge, ridge_by_samples, ridge_pairs
from l2scale.exhibits.samples.sweeps import sweeps
from l2scale.lab.sweeps.measurement import Measurement

__all__ = [
    "best_lambda_by_samples",
    "carried_to_more_data",
    "negative_ridge",
    "noise_yardstick",
    "observations",
    "ridge_by_samples",
    "ridge_pairs",
    "rules",
    "sweeps",
]


def observations(scale: str) -> tuple[Measurement, ...]:
    """What is measured by other means."""
    return tuple(m for part in (ridge, yardstick) for m in part.observations(scale))
