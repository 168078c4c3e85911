"""How the best lambda goes with the number of samples, in linear models and with a hidden layer."""

from l2scale.exhibits.samples import ridge, yardstick
from l2scale.exhibits.samples.best_by_samples import best_lambda_by_samples
from l2scale.exhibits.samples.carried_to_more import carried_to_more_data
from l2scale.exhibits.samples.pairs import ridge_pairs
from l2scale.exhibits.samples.quoted import numbers
from l2scale.exhibits.samples.risks import ridge_by_samples
from l2scale.exhibits.samples.shares import noise_yardstick
from l2scale.exhibits.samples.spike import negative_ridge
from l2scale.exhibits.samples.sweeps import sweeps
from l2scale.exhibits.samples.verdicts import more_data, what_survives
from l2scale.lab.sweeps import Measurement

__all__ = [
    "best_lambda_by_samples",
    "carried_to_more_data",
    "more_data",
    "negative_ridge",
    "noise_yardstick",
    "numbers",
    "observations",
    "ridge_by_samples",
    "ridge_pairs",
    "sweeps",
    "what_survives",
]


def observations(scale: str) -> tuple[Measurement, ...]:
    """What is measured by other means."""
    return tuple(m for part in (ridge, yardstick) for m in part.observations(scale))
