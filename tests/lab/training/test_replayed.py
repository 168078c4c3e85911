"""A step that is repeated without Python, as a captured one on a GPU is, against ordinary steps.

What a capture takes from Python, a number that changes or a tensor that is made anew, would stay as
it was in the first step. Here a step's operations are traced once and repeated on the same memory.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from every_setting import PERCEPTRONS, group
from torch import Tensor
from torch.fx.experimental.proxy_tensor import make_fx

from l2scale.lab.training import compiled, trainer
from l2scale.lab.training.trainer import trained_weights


def repeat(step: Callable[[], None], changes: Sequence[Tensor]) -> Callable[[], None]:
    """As `l2scale.lab.training.cuda_graph.capture` does it."""
    before = [tensor.clone() for tensor in changes]
    operations = make_fx(step)()
    for tensor, value in zip(changes, before, strict=True):
        tensor.copy_(value)
    return lambda: operations() and None


@pytest.fixture(autouse=True)
def lockstep(monkeypatch: pytest.MonkeyPatch) -> None:
    """No run is compiled, as none is on a GPU."""
    monkeypatch.setattr(compiled, "suits", lambda run, device: False)


@pytest.mark.parametrize("change", PERCEPTRONS, ids=str)
def test_a_repeated_step_is_the_step(change: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = group(change)
    ordinary = trained_weights(runs)
    monkeypatch.setattr(trainer, "capture", repeat)
    for one, other in zip(trained_weights(runs), ordinary, strict=True):
        for found, expected in zip(one, other, strict=True):
            assert np.array_equal(found, expected)
