"""Dropout or a penalty: both tuned, alone and together, as a network widens."""

from l2scale.exhibits.dropout.sweeps import observations, sweeps

__all__ = ["observations", "sweeps"]
