"""Parameter groups against the penalty that is written out and differentiated."""

from itertools import product
from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.nn.utils import parameters_to_vector

from l2scale.exhibits.your_model import networks
from l2scale.exhibits.your_model.networks import Loss, train_model
from l2scale.exhibits.your_model.sweeps import LAM, RATE
from l2scale.lab.data.datasets import load
from l2scale.practice import param_groups
from l2scale.practice.groups import tensor_coefficients
from l2scale.practice.placement import place
from l2scale.theory.penalties import PENALTIES


def groups_table(seeds: int, steps: int = 20) -> pd.DataFrame:
    """SGD with parameter groups against automatic differentiation of the penalty, in float64.

    `deviation` is the largest difference of a weight after the steps, over the largest weight.
    """
    rows = []
    for penalty, seed in product(PENALTIES, range(seeds)):
        one, other = (arm(penalty, seed, steps) for arm in (_by_groups, _by_hand))
        deviation = (one - other).abs().max() / other.abs().max()
        rows.append({"penalty": penalty, "seed": seed, "deviation": float(deviation)})
    return pd.DataFrame(rows)


def weight_decays(network: nn.Module, lam: float) -> pd.DataFrame:
    """`weight_decay` of each tensor of a network in `param_groups`, one column per penalty."""
    columns = {}
    for penalty in PENALTIES:
        groups = param_groups(network, penalty, lam=lam)
        columns[penalty] = {name: g["weight_decay"] for g in groups for name in g["names"]}
    return pd.DataFrame(columns).rename_axis(columns="tensor")


def _by_groups(penalty: str, seed: int, steps: int) -> Tensor:
    network = networks.conv_model(seed).double()
    return _trained(network, param_groups(network, penalty, lam=LAM), cross_entropy, seed, steps)


def _by_hand(penalty: str, seed: int, steps: int) -> Tensor:
    network = networks.conv_model(seed).double()
    placed = place(network)
    c = tensor_coefficients(placed, penalty)

    def cost(outputs: Tensor, targets: Tensor) -> Tensor:
        squares = [tensor.parameter.square().sum() for tensor in placed]
        value = LAM * sum(each * square for each, square in zip(c, squares, strict=True))
        return cross_entropy(outputs, targets) + value

    return _trained(network, network.parameters(), cost, seed, steps)


def _trained(network: nn.Module, weights: Any, loss: Loss, seed: int, steps: int) -> Tensor:
    split = load("digits", seed=seed, n_train=64)
    data = torch.tensor(split.x_train), torch.tensor(split.y_train)
    train_model(network, torch.optim.SGD(weights, lr=RATE), loss, *data, steps)
    return parameters_to_vector(network.parameters()).detach()
