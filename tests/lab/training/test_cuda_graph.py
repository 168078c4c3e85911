"""On a GPU, each setting's steps, captured where they are, against the same steps on the CPU."""

import numpy as np
import pytest
import torch
from every_setting import SETTINGS, group

from l2scale.lab.training.trainer import trained_weights

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")


@pytest.mark.parametrize("change", SETTINGS, ids=str)
def test_a_gpu_takes_the_same_steps(change: dict) -> None:
    runs = group(change, dtype="float64")
    # What is made orthogonal keeps fewer digits.
    tolerance = 1e-6 if runs[0].optimiser.startswith("muon") else 1e-9
    for one, other in zip(trained_weights(runs), trained_weights(runs, "cuda"), strict=True):
        for expected, found in zip(one, other, strict=True):
            # Some tensors are 0 but for rounding, such as the biases of keys.
            size = max(np.linalg.norm(expected), 0.1)
            assert np.linalg.norm(found - expected) < tolerance * size
