"""Which hidden units a step leaves out, as a function of a key and a counter.

The words are those of SplitMix64 (Steele, Lea & Flood 2014): the n-th one of a key is found without
those before it. So no mask is kept, and none depends on how steps are cut or on what else trains.
`l2scale.lab.training.dropout` says the same in torch.
"""

import math

import numpy as np

from l2scale.lab.kernels.compiler import compiled
from l2scale.lab.kernels.constants import DIGITS, SHIFTS, SPLITMIX

GOLDEN, FIRST, SECOND = (np.uint64(factor) for factor in SPLITMIX)
A, B, C, REST = (np.uint64(shift) for shift in (*SHIFTS, 64 - DIGITS))
ONE = np.uint64(1)


@compiled
def draw(keys, rate, taken, layout, batch, kept):
    """Write a factor for each hidden unit and sample: 0 where it is dropped, else 1/(1 - rate).

    Args:
        keys: (L - 1,), uint64, one for each hidden layer.
        rate: at which units are dropped.
        taken: steps taken before.
        layout: (L, 4), see `l2scale.lab.kernels.passes`.
        batch: samples B a step.
        kept: as long as the values of `buffers`; a hidden layer's factors lie as its values do.
    """
    limit, scale = np.uint64(math.ceil(rate * 2.0**DIGITS)), kept.dtype.type(1 / (1 - rate))
    for layer in range(1, len(layout)):
        size, at = layout[layer, 0] * batch, layout[layer, 3] * batch
        word_before = keys[layer - 1] + np.uint64(taken * size) * GOLDEN
        for i in range(size):
            word = word_before + (np.uint64(i) + ONE) * GOLDEN
            word = (word ^ (word >> A)) * FIRST
            word = (word ^ (word >> B)) * SECOND
            kept[at + i] = scale if (word ^ (word >> C)) >> REST >= limit else 0


@compiled
def times(units, kept, start):
    """Multiply units (B, n) in place by what was drawn for them, from `start` of `kept` on."""
    for j in range(units.shape[0]):
        at = start + j * units.shape[1]
        for i in range(units.shape[1]):
            units[j, i] *= kept[at + i]
