"""Use it on your model: large, convolutional and attentive networks, diagnosed."""

from l2scale.exhibits.your_model import rules
from l2scale.exhibits.your_model.figures import (
    balance_by_tensor,
    diagnosed_fifty,
    value_share_and_force,
)
from l2scale.exhibits.your_model.measured import fifty_data, large_network, observations
from l2scale.exhibits.your_model.networks import conv_model
from l2scale.exhibits.your_model.sweeps import sweeps
from l2scale.exhibits.your_model.written_out import weight_decays

__all__ = [
    "balance_by_tensor",
    "conv_model",
    "diagnosed_fifty",
    "fifty_data",
    "large_network",
    "observations",
    "rules",
    "sweeps",
    "value_share_and_force",
    "weight_decays",
]
