"""How much is trained, and on what."""

import pytest
import torch

from l2scale.lab import machine
from l2scale.lab.sweeps import scale


def test_scale_and_device_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("L2SCALE_SCALE", "smoke")
    assert scale.resolve() == "smoke" and scale.resolve("full") == "full"
    monkeypatch.setenv("L2SCALE_SCALE", "huge")
    with pytest.raises(ValueError, match="unknown scale 'huge'"):
        scale.resolve()
    monkeypatch.setenv("L2SCALE_DEVICE", "tpu")
    with pytest.raises(ValueError, match="unknown device 'tpu'"):
        machine.device()
    if not torch.cuda.is_available():
        monkeypatch.setenv("L2SCALE_DEVICE", "cuda")
        with pytest.raises(ValueError, match="no GPU"):
            machine.device()
