"""The bytes by which groups are cut, against what a step holds at once where a GPU would be."""

import gc
import weakref
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from every_setting import BASE
from stand_in import DEVICE
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from l2scale.lab.sweeps.groups import bytes_and_work
from l2scale.lab.training import trainer
from l2scale.lab.training.architectures import differentiated
from l2scale.lab.training.fits import ARCHITECTURES, MUON
from l2scale.lab.training.runs import Run, grid

LARGE = {name: (32, 32) if name == "convolutional" else (256, 256) for name in ARCHITECTURES}
SMALL = dict.fromkeys(ARCHITECTURES, (8,))
CASES = [
    {"architecture": name, "hidden": sizes[name], **more}
    for name in ARCHITECTURES
    for sizes in (SMALL, LARGE)
    for more in (
        {"batch_size": None, "momentum": 0.9},
        {"optimiser": "adamw"},
        *({"optimiser": muon} for muon in MUON[:1] if name not in ("mlp", "convolutional")),
    )
]
CASES += [
    {"hidden": (64, 64), **more, "batch_size": batch}
    for more in ({"dropout": 0.3}, {"norm": "layer"})
    for batch in (32, None)
]


class Held(TorchDispatchMode):
    """Counts the device's bytes that are held at once.

    Attributes:
        most: of them so far.
    """

    def __init__(self) -> None:
        super().__init__()
        self.most, self._sizes = 0, {}

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        found = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(found):
            if isinstance(tensor, Tensor) and tensor.device.type == DEVICE:
                storage = tensor.untyped_storage()
                if storage._cdata not in self._sizes:
                    weakref.finalize(storage, self._sizes.pop, storage._cdata)
                self._sizes[storage._cdata] = storage.nbytes()
        self.most = max(self.most, sum(self._sizes.values()))
        return found


def held(runs: Sequence[Run]) -> int:
    gc.collect()
    with Held() as counted:
        trainer.train(runs, DEVICE)
    return counted.most


@pytest.fixture(autouse=True)
def steps_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is measured: that takes as much for many networks as for few."""
    monkeypatch.setattr(trainer, "measure_group", lambda *_: [])
    monkeypatch.setattr(differentiated, "measure", lambda *_: [])
    monkeypatch.setattr(differentiated, "angles", lambda before, _: before.new_zeros(len(before)))


@pytest.mark.parametrize("change", CASES, ids=str)
def test_a_group_takes_what_its_networks_are_counted_for(change: dict) -> None:
    """Not less; and at most twice as much, or groups would be needlessly small."""
    run = replace(BASE, **change, n_train=256, steps=1)
    # An "mlp" is counted with a split of its own, and the others with one for all.
    axis = "seed" if run.architecture == "mlp" else "lam"
    few, many = (grid(run, **{axis: range(size)}) for size in (2, 5))
    one = (held(many) - held(few)) / 3
    assert one <= bytes_and_work(run)[0] <= 2 * one
