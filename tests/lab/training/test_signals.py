"""Signals of untrained networks against a network written out in torch."""

import numpy as np
import pandas as pd
import pytest
import torch

from l2scale.lab.training.signals import _moments, observe_signals
from l2scale.theory.signal import backward_moments, forward_moments

SHAPES = ((40, 30), (20, 40), (10, 20))


def test_moments_equal_autograd():
    rng = np.random.default_rng(5)
    weights = [rng.standard_normal(shape) for shape in SHAPES]
    forward, backward = _moments(weights, np.random.default_rng(6), samples=7)
    again = np.random.default_rng(6)
    signal = torch.tensor(again.standard_normal((30, 7)))
    pre = []
    for weight in weights:
        pre.append((torch.tensor(weight) @ signal).requires_grad_())
        pre[-1].retain_grad()
        signal = pre[-1].relu()
    pre[-1].backward(torch.tensor(again.standard_normal((10, 7))))
    assert forward == pytest.approx([float(z.detach().square().mean()) for z in pre])
    assert backward == pytest.approx([float(z.grad.square().mean()) for z in pre])


def test_means_are_the_closed_forms():
    table = observe_signals(("he", "glorot"), SHAPES, range(400), samples=4)
    assert len(table) == 2 * 400 * 3
    means = table.groupby(["init", "layer"])[["forward", "backward"]].mean()
    for init in ("he", "glorot"):
        assert means.loc[init, "forward"].to_numpy() == pytest.approx(
            forward_moments(init, SHAPES), rel=0.08
        )
        assert means.loc[init, "backward"].to_numpy() == pytest.approx(
            backward_moments(init, SHAPES), rel=0.08
        )


def test_every_row_names_its_layer_and_its_shape():
    table = observe_signals(("he",), SHAPES, (3, 5), samples=1)
    assert table["seed"].tolist() == [3, 3, 3, 5, 5, 5]
    assert table["layer"].tolist() == [1, 2, 3] * 2
    assert [*zip(table["fan_out"], table["fan_in"], strict=True)] == list(SHAPES) * 2
    assert table["forward"].is_unique and table["backward"].is_unique


def test_two_runs_give_the_same_table():
    tables = [observe_signals(("he", "glorot"), SHAPES, range(3), samples=2) for _ in range(2)]
    pd.testing.assert_frame_equal(*tables)


def test_layers_must_follow_one_another():
    with pytest.raises(ValueError, match="outputs of the one below"):
        observe_signals(("he",), ((4, 3), (2, 5)), range(1), samples=1)
