"""fastai, timm and transformers: which tensors they decay, and how.

The first two need more than is installed, which would bring another PyTorch, so single functions
are taken out of their source and run here.
"""

import ast
import fnmatch
import re
from importlib.metadata import distribution
from pathlib import Path

import pytest
import torch
from lifting import lifted
from torch import nn

from l2scale.practice.settings import SETTINGS


class Network(nn.Module):
    """One of each kind of tensor that the rules tell apart."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(5, 4)
        self.conv = nn.Conv1d(4, 4, 3)
        self.bn = nn.BatchNorm1d(4)
        self.ln = nn.LayerNorm(4)
        self.linear = nn.Linear(4, 2)
        self.position = nn.Parameter(torch.ones(1, 3, 4))


def names_of(network: nn.Module, parameters: list[nn.Parameter]) -> set[str]:
    return {
        name for name, p in network.named_parameters() if any(p is other for other in parameters)
    }


@pytest.mark.parametrize(("id", "function"), [("fastai-decay", 0), ("fastai-l2", 1)])
def test_fastai_moves_a_weight_as_its_record_says(id: str, function: int) -> None:
    names = ("weight_decay", "l2_reg")
    rule = getattr(lifted("fastai", "fastai/optimizer.py", *names), names[function])
    setting, lr, wd = SETTINGS[id], 0.1, 0.3
    p = torch.tensor([2.0, -1.0], dtype=torch.float64, requires_grad=True)
    start, slope = p.detach().clone(), torch.tensor([0.5, 0.25], dtype=torch.float64)
    p.grad = slope.clone()
    rule(p, lr=lr, wd=wd)
    p.data.add_(p.grad, alpha=-lr)
    amount = setting.strength.of({"value": wd, "lr": lr})
    expected = (
        (1 - amount) * start - lr * slope
        if setting.where == "weights"
        else start - lr * (slope + 2 * amount * start)
    )
    assert torch.allclose(p.detach(), expected, rtol=0, atol=1e-15)


def test_fastai_decays_beside_the_step_and_spares_biases_and_norms_by_default() -> None:
    path = Path(str(distribution("fastai").locate_file("fastai/optimizer.py")))
    functions = {
        node.name: node
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }
    for optimiser in ("SGD", "Adam"):
        arguments = functions[optimiser].args
        names = [argument.arg for argument in arguments.args][-len(arguments.defaults) :]
        defaults = dict(zip(names, map(ast.literal_eval, arguments.defaults), strict=True))
        assert defaults["decouple_wd"] is True
        assert f"{optimiser} {defaults['wd']:g}" in SETTINGS["fastai-decay"].default
    learner = Path(str(distribution("fastai").locate_file("fastai/learner.py")))
    assert "wd_bn_bias:bool=False" in learner.read_text(encoding="utf-8")
    assert SETTINGS["fastai-decay"].biases == SETTINGS["fastai-decay"].norms == "not decayed"


def test_timm_decays_what_has_two_axes() -> None:
    rule = lifted(
        "timm", "timm/optim/_param_groups.py", "_matches_pattern", "param_groups_weight_decay",
        nn=nn, fnmatch=fnmatch, Collection=set, Optional={float: None},
    ).param_groups_weight_decay  # fmt: skip
    network = Network()
    free, decayed = rule(network, weight_decay=0.05)
    assert (free["weight_decay"], decayed["weight_decay"]) == (0.0, 0.05)
    assert names_of(network, decayed["params"]) == {
        "embed.weight", "conv.weight", "linear.weight", "position",
    }  # fmt: skip
    assert SETTINGS["timm-adamw"].biases == SETTINGS["timm-adamw"].norms == "not decayed"


def test_transformers_know_a_norm_by_its_class_or_its_name() -> None:
    names = lifted(
        "transformers", "transformers/trainer_pt_utils.py", "get_parameter_names", re=re
    ).get_parameter_names
    rule = lifted(
        "transformers", "transformers/trainer.py", "get_decay_parameter_names",
        nn=nn, get_parameter_names=names,
    ).get_decay_parameter_names  # fmt: skip
    decayed = set(rule(None, Network()))
    assert decayed == {
        "embed.weight", "conv.weight", "linear.weight", "position",
        "bn.weight",  # a norm that is not called one: the record's note
    }  # fmt: skip
    assert "other norms by their names" in SETTINGS["hf-trainer"].note
