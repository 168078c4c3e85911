"""The figure of a diagnosis stays readable, whatever the number of tensors."""

import importlib.util
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from torch import nn

from l2scale.looks import style
from l2scale.practice import diagnose
from l2scale.practice.diagnosing import diagnosed
from l2scale.practice.placement import place
from l2scale.practice.plot import MOST, folded


def faults(fig):
    """As `tests/site/test_typography.py` finds them; tests are no package to import from."""
    path = Path(__file__).parents[1] / "site" / "test_typography.py"
    spec = importlib.util.spec_from_file_location("typography", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.faults(fig)


def deep(layers):
    torch.manual_seed(0)
    return nn.Sequential(*(nn.Linear(4, 4) for _ in range(layers)))


@pytest.mark.parametrize("layers", [2, 12, 60])
@pytest.mark.parametrize("mode", style.MODES)
def test_no_text_lies_over_another(layers, mode):
    model = deep(layers)
    named = diagnose(model, nn.functional.mse_loss, (torch.randn(8, 4), torch.randn(8, 4)), 0.1)
    for found in (named, diagnosed(place(model), 0.1)):
        fig = found.figure(mode)
        fig.draw_without_rendering()
        assert not faults(fig)
        plt.close(fig)


def test_folded_rows_add_up():
    model = deep(60)
    found = diagnose(model, nn.functional.mse_loss, (torch.randn(8, 4), torch.randn(8, 4)), 0.1)
    rows = folded(found.table)
    assert len(rows) == MOST and rows["name"].iloc[-1] == f"{60 - MOST + 1} others"
    assert rows["value_share"].sum() == pytest.approx(1)
    rest = found.table[~found.table["name"].isin(rows["name"])]
    ratio = np.linalg.norm(rest["force"]) / np.linalg.norm(rest["data_force"])
    assert rows["force_ratio"].iloc[-1] == pytest.approx(ratio)
    assert rows["value_share"].iloc[-1] < rows["value_share"].iloc[:-1].min() * len(rest)
