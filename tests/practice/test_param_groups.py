"""Parameter groups give an optimiser the penalty, and every tensor exactly one place."""

import ast
import copy
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from l2scale.practice import BIASES_AND_NORMS, param_groups
from l2scale.practice.groups import tensor_coefficients
from l2scale.practice.placement import place
from l2scale.theory.penalties import PENALTIES, coefficients

LAM, LR = 0.01, 0.1


def explicit(model, penalty):
    """The penalty, written out with the coefficients of the matrices that a tensor stacks."""
    placed = place(model)
    return LAM * sum(
        c * tensor.parameter.square().sum()
        for tensor, c in zip(placed, tensor_coefficients(placed, penalty), strict=True)
    )


def train(model, optimiser, x, y, penalty=lambda model: 0.0, steps=5):
    for _ in range(steps):
        optimiser.zero_grad()
        (nn.functional.cross_entropy(model(x), y) + penalty(model)).backward()
        optimiser.step()


@pytest.mark.parametrize("penalty", PENALTIES)
def test_sgd_descends_the_explicit_penalty(case, penalty):
    model, x, y = case
    by_hand, lr = copy.deepcopy(model), LR / 10 if penalty == "prior" else LR
    train(model, torch.optim.SGD(param_groups(model, penalty, lam=LAM), lr=lr), x, y)
    sgd = torch.optim.SGD(by_hand.parameters(), lr=lr)
    train(by_hand, sgd, x, y, lambda m: explicit(m, penalty))
    for one, other in zip(model.parameters(), by_hand.parameters(), strict=True):
        assert torch.allclose(one, other, rtol=1e-12, atol=1e-12)


def test_adam_descends_it_and_adamw_decays_each_weight_by_the_share_of_sgd(case):
    model, x, y = case
    by_hand, start = copy.deepcopy(model), copy.deepcopy(model)
    train(model, torch.optim.Adam(param_groups(model, "fan", lam=LAM), lr=1e-3), x, y)
    adam = torch.optim.Adam(by_hand.parameters(), lr=1e-3)
    train(by_hand, adam, x, y, lambda m: explicit(m, "fan"))
    for one, other in zip(model.parameters(), by_hand.parameters(), strict=True):
        assert torch.allclose(one, other, rtol=1e-8, atol=1e-10)
    plain, decayed = copy.deepcopy(start), copy.deepcopy(start)
    for trained, lam in ((plain, 0.0), (decayed, LAM)):
        adamw = torch.optim.AdamW(param_groups(trained, "fan", lam=lam), lr=1e-3)
        train(trained, adamw, x, y, steps=1)
    placed = place(start)
    for tensor, c in zip(placed, tensor_coefficients(placed, "fan"), strict=True):
        lost = plain.get_parameter(tensor.name) - decayed.get_parameter(tensor.name)
        assert torch.allclose(lost, 2 * 1e-3 * LAM * c * tensor.parameter, rtol=1e-9, atol=1e-16)


@pytest.mark.parametrize("penalty", PENALTIES)
def test_every_trainable_parameter_is_in_one_group(case, penalty):
    model, _, _ = case
    next(model.parameters()).requires_grad_(False)
    groups = param_groups(model, penalty, lam=LAM)
    found = [id(parameter) for group in groups for parameter in group["params"]]
    expected = [id(p) for p in model.parameters() if p.requires_grad]
    assert sorted(found) == sorted(expected)
    assert len({group["weight_decay"] for group in groups}) == len(groups)
    assert all(len(group["names"]) == len(group["params"]) for group in groups)


@given(st.lists(st.integers(1, 9), min_size=2, max_size=5), st.sampled_from(PENALTIES))
def test_coefficients_of_an_mlp_are_those_of_its_shapes(units, penalty):
    layers = [nn.Linear(i, o) for i, o in pairwise(units)]
    expected = coefficients(penalty, [tuple(layer.weight.shape) for layer in layers])
    groups = param_groups(nn.Sequential(*layers), penalty, lam=LAM)
    decays = {name: g["weight_decay"] for g in groups for name in g["names"]}
    for i, c in enumerate(expected):
        assert decays[f"{i}.weight"] == pytest.approx(2 * LAM * c, rel=1e-14)
        assert decays[f"{i}.bias"] == 0


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))
def test_no_weight_is_counted_twice(groups, fan_in, fan_out, kernel):
    size = (groups * fan_in, groups * fan_out, kernel)
    convolution = nn.Conv1d(*size, groups=groups)
    transposed = nn.ConvTranspose1d(*size, groups=groups)
    attention = nn.MultiheadAttention(groups * fan_in, groups, kdim=fan_out, vdim=kernel)
    recurrent = nn.LSTM(fan_in, fan_out + 1, proj_size=fan_out, bidirectional=True)
    gru = nn.GRUCell(fan_in, fan_out)
    for module in (convolution, transposed, attention, recurrent, gru):
        for tensor in place(module):
            counted = sum(o * i for o, i in tensor.matrices)
            assert counted == tensor.parameter.numel(), tensor.name
    assert place(convolution)[0].matrices == ((fan_out, fan_in * kernel),) * groups
    assert place(transposed)[0].matrices == ((fan_out * kernel, fan_in),) * groups


def test_the_start_is_that_of_the_module():
    torch.manual_seed(0)
    modules = [
        nn.Linear(300, 200), nn.Conv2d(64, 64, 3, groups=2), nn.ConvTranspose2d(64, 48, 3),
        nn.Embedding(300, 100, padding_idx=0), nn.MultiheadAttention(128, 4),
        nn.MultiheadAttention(128, 4, kdim=64, vdim=256), nn.LSTM(64, 128), nn.GRUCell(64, 128),
        nn.RNN(90, 128), nn.Transformer(64, 4, 1, 1, 128, batch_first=True),
    ]  # fmt: skip
    for module in modules:
        for tensor in place(module):
            square = float(tensor.parameter.detach().square().mean())
            assert square == pytest.approx(tensor.start_variance, rel=0.1), (module, tensor.name)


def test_stacked_matrices_have_the_coefficient_of_one():
    attention, lstm = nn.MultiheadAttention(8, 2), nn.LSTM(8, 8)
    for module in (attention, lstm):
        found = tensor_coefficients(place(module), "tensor_mean")
        assert found == pytest.approx([1 / 64] * 2)


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.out = nn.Embedding(9, 4), nn.Linear(4, 9, bias=False)
        self.out.weight = self.embedding.weight


def test_a_tied_tensor_counts_once_under_either_name():
    assert [tensor.name for tensor in place(Tied())] == ["embedding.weight"]
    with pytest.raises(ValueError, match="no trainable weights left"):
        place(Tied(), exclude=("out.*",))


def test_a_start_is_unknown_where_modules_of_two_kinds_share_a_tensor():
    (tensor,) = place(Tied())
    assert np.isnan(tensor.start_variance) and tensor.matrices == ((4, 9),)
    twice = nn.Linear(3, 3)
    model = nn.ModuleList([twice, twice])
    assert place(model)[0].start_variance == pytest.approx(1 / 9)


def test_biases_and_norms_have_a_coefficient_only_without_fans():
    model = nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4))
    placed = place(model, exclude=())
    assert tensor_coefficients(placed, "sum") == [1.0] * 4
    assert tensor_coefficients(placed, "mean") == [1 / 24] * 4
    assert [t.name for t in place(model, exclude=("biases",))] == ["0.weight", "1.weight"]
    with pytest.raises(ValueError, match=r"0.bias, 1.weight, 1.bias: a vector has no fans"):
        tensor_coefficients(placed, "fan")
    with pytest.raises(ValueError, match="unknown penalty 'fans'"):
        param_groups(model, "fans", lam=0.1)


class Positions(nn.Module):
    def __init__(self):
        super().__init__()
        self.pos_embed, self.out = nn.Parameter(torch.zeros(1, 4, 3)), nn.Linear(3, 2)


def test_what_cannot_be_placed_is_named_with_the_way_out():
    with pytest.raises(ValueError, match=r"fans of pos_embed are unknown.*'pos_embed'"):
        param_groups(Positions(), "fan", lam=0.1)
    assert len(place(Positions(), (*BIASES_AND_NORMS, "*pos_embed"))) == 1
    parametrised = nn.utils.parametrizations.weight_norm(nn.Linear(3, 2))
    lazy, complex_ = nn.LazyLinear(3), nn.Linear(3, 2, dtype=torch.complex64)
    with pytest.warns(FutureWarning, match="weight_norm"):
        recurrent = nn.utils.weight_norm(nn.LSTM(4, 6), "weight_hh_l0")
    for model in (parametrised, lazy, complex_, recurrent):
        with pytest.raises(ValueError, match="weight"):
            place(model)


def test_the_way_out_leads_out():
    model = nn.ModuleList([Positions() for _ in range(5)])
    with pytest.raises(ValueError, match="and 2 more") as caught:
        param_groups(model, "fan", lam=0.1)
    names = str(caught.value).partition("(*BIASES_AND_NORMS, *")[2][:-1]
    left = (*BIASES_AND_NORMS, *ast.literal_eval(names))
    assert len(place(model, left)) == 5
    assert len(param_groups(model, "fan", lam=0.1, exclude=left)) == 2
    fans = {"*.pos_embed": (3, 4)}
    assert [group["weight_decay"] for group in param_groups(model, "fan", lam=0.1, fans=fans)]
    assert len(param_groups(model, "sum", lam=0.1)[0]["names"]) == 10
    assert [t.name for t in place(nn.Sequential(nn.Linear(2, 2), nn.PReLU(2)))] == ["0.weight"]
    with pytest.raises(ValueError, match="all 2 parameters have requires_grad False"):
        place(nn.Linear(2, 2).requires_grad_(False))
    with pytest.raises(ValueError, match="no parameters"):
        place(nn.ReLU())


class Conv1D(nn.Module):
    """As in transformers: a linear layer whose weight is stored as (in, out)."""

    def __init__(self, nf, nx):
        super().__init__()
        self.nf, self.weight = nf, nn.Parameter(torch.ones(nx, nf))


class Mixed(nn.Module):
    """Three experts in one tensor, a token, a factor on a layer and a number."""

    def __init__(self):
        super().__init__()
        self.experts = nn.Parameter(torch.ones(3, 4, 6))
        self.token, self.gamma = nn.Parameter(torch.ones(1, 1, 6)), nn.Parameter(torch.ones(6))
        self.scale, self.out = nn.Parameter(torch.ones(())), Conv1D(5, 6)


def test_matrices_of_unknown_fans_are_penalised_and_vectors_are_not():
    decayed, free = param_groups(Mixed(), "sum", lam=0.1)
    assert decayed["names"] == ["experts", "out.weight"] and decayed["weight_decay"] == 0.2
    assert free["names"] == ["token", "gamma", "scale"] and free["weight_decay"] == 0
    weights = 3 * 4 * 6 + 6 * 5
    assert param_groups(Mixed(), "mean", lam=0.1)[0]["weight_decay"] == pytest.approx(0.2 / weights)


def test_fans_can_be_stated():
    placed = place(Mixed(), fans={"exp*": (6, 4)})
    assert [one.matrices for one in placed] == [((4, 6),) * 3, ((5, 6),)]
    assert [one.kind for one in placed] == ["matrix", "linear"]
    vector = place(Mixed(), fans={"token": (6, 1)})[1]  # which is then a matrix, and penalised
    assert (vector.name, vector.kind, vector.matrices) == ("token", "matrix", ((1, 6),))
    assert tensor_coefficients(placed, "tensor_mean") == pytest.approx([1 / 24, 1 / 30])


def test_a_fused_layer_counts_as_attention_does_if_its_fans_say_so():
    ours = place(nn.Sequential(nn.Linear(64, 192)), fans={"0.weight": (64, 64)})
    theirs = place(nn.MultiheadAttention(64, 2))[:1]
    assert tensor_coefficients(ours, "fan") == tensor_coefficients(theirs, "fan") == [2 / 64]
    assert tensor_coefficients(place(nn.Linear(64, 192)), "fan") == [pytest.approx(1 / 48)]


@pytest.mark.parametrize(
    ("fans", "message"),
    [
        ({"expert": (6, 4)}, "fans: 'expert' matches no tensor; there are experts"),
        ({"experts": (5, 4)}, r"experts are \(5, 4\), and its shape \(3, 4, 6\) holds no whole"),
        ({"experts": 24}, r"experts are 24: give \(fan_in, fan_out\)"),
        ({"experts": (0, 4)}, r"experts are \(0, 4\): give"),
        ({"gamma": (6, 1)}, r"gamma are \(6, 1\), and its shape \(6,\) holds no"),
    ],
)
def test_fans_that_do_not_fit_are_refused(fans, message):
    with pytest.raises(ValueError, match=message):
        place(Mixed(), fans=fans)


def test_patterns_that_match_nothing_are_answered_with_close_names():
    with pytest.raises(ValueError, match=r"'0.wght' matches no .* there are 0.weight"):
        place(nn.Sequential(nn.Linear(2, 2)), exclude=("0.wght",))
    with pytest.raises(ValueError, match=r"write \('biases',\)"):
        place(nn.Linear(2, 2), exclude="biases")
    for lam in (-1.0, float("nan")):
        with pytest.raises(ValueError, match="lam"):
            param_groups(nn.Linear(2, 2), lam=lam)
