"""Wider, with Muon: how the best decay goes with the width under both settings of its step."""

from l2scale.exhibits.wider_muon import rules
from l2scale.exhibits.wider_muon.figures import (
    best_lambda_of_muon,
    muon_beside_adamw,
    muon_ceiling,
    muon_last_layer,
    muon_pair_carried,
)
from l2scale.exhibits.wider_muon.sweeps import sweeps

__all__ = [
    "best_lambda_of_muon",
    "muon_beside_adamw",
    "muon_ceiling",
    "muon_last_layer",
    "muon_pair_carried",
    "rules",
    "sweeps",
]
