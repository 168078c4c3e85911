"""Wider, with AdamW and a schedule: how the best decay goes with the width, and with depth."""

from l2scale.exhibits.wider_adamw import rules
from l2scale.exhibits.wider_adamw.figures import (
    best_lambda_few_data,
    best_product_by_depth,
    best_product_by_width,
    readings_of_adamw,
    weights_by_width,
)
from l2scale.exhibits.wider_adamw.sweeps import sweeps

__all__ = [
    "best_lambda_few_data",
    "best_product_by_depth",
    "best_product_by_width",
    "readings_of_adamw",
    "rules",
    "sweeps",
    "weights_by_width",
]
