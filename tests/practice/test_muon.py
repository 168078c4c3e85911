"""Groups for Muon and for AdamW beside it: each tensor is in one of them, with its own decay."""

import copy
from itertools import chain

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.optim import AdamW, Muon

from l2scale.practice import BIASES_AND_NORMS, muon_groups, param_groups
from l2scale.theory.penalties import PENALTIES

LAM, LR = 0.03, 0.02


def decays(groups):
    return {name: group["weight_decay"] for group in groups for name in group["names"]}


def sizes(groups):
    return {axes for group in groups for axes in (p.ndim for p in group["params"])}


@pytest.mark.parametrize("penalty", PENALTIES)
def test_every_tensor_is_in_one_part_and_keeps_its_decay(case, penalty):
    model, *_ = case
    muon, adamw = muon_groups(model, penalty, lam=LAM)
    assert decays(muon) | decays(adamw) == decays(param_groups(model, penalty, lam=LAM))
    assert not decays(muon).keys() & decays(adamw).keys()
    assert sizes(muon) == {2}
    embeddings = [n for n, m in model.named_modules() if isinstance(m, nn.Embedding)]
    left = {name for name, p in model.named_parameters() if p.ndim != 2}
    assert decays(adamw).keys() == left | {f"{name}.weight" for name in embeddings}


def test_a_step_decays_as_it_says(case):
    model, x, y = case
    plain = copy.deepcopy(model)
    for network, lam in ((model, LAM), (plain, 0.0)):
        before = copy.deepcopy(network)
        cross_entropy(network(x), y).backward()
        muon, adamw = muon_groups(network, "fan", lam=lam)
        Muon(muon, lr=LR).step()
        AdamW(adamw, lr=LR).step()
    shares = decays(chain(*muon_groups(model, "fan", lam=LAM)))
    ends = dict(plain.named_parameters())
    for (name, moved), start in zip(model.named_parameters(), before.parameters(), strict=True):
        expected = ends[name] - LR * shares[name] * start
        assert torch.allclose(moved, expected, rtol=1e-9, atol=1e-12), name


def test_what_is_named_goes_to_adamw():
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    muon, adamw = muon_groups(model, lam=LAM, beside=("2.*",))
    assert decays(muon) == {"0.weight": 2 * LAM}
    assert decays(adamw) == {"2.weight": 2 * LAM, "0.bias": 0.0, "2.bias": 0.0}


def test_a_matrix_without_decay_is_still_a_matrix():
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    muon, _ = muon_groups(model, lam=LAM, exclude=(*BIASES_AND_NORMS, "2.weight"))
    assert decays(muon) == {"0.weight": 2 * LAM, "2.weight": 0.0}


def test_an_output_that_shares_the_embedding_goes_with_it():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.head, self.words = nn.Linear(4, 9, bias=False), nn.Embedding(9, 4)
            self.words.weight = self.head.weight
            self.hidden = nn.Linear(4, 4)

    muon, adamw = muon_groups(Tied(), lam=LAM)
    assert [*decays(muon)] == ["hidden.weight"]
    assert "head.weight" in decays(adamw)


def test_what_muon_cannot_take_is_refused():
    model = nn.Sequential(nn.Linear(4, 8))
    with pytest.raises(ValueError, match=r"no matrix is left for Muon, of 2 tensors.*param_groups"):
        muon_groups(model, lam=LAM, beside=("*.weight",))
    with pytest.raises(ValueError, match=r"beside: 'haed.*' matches no tensor"):
        muon_groups(model, lam=LAM, beside=("haed.*",))
    with pytest.raises(ValueError, match="no matrix is left"):
        muon_groups(nn.Sequential(nn.Conv1d(2, 3, 3)), lam=LAM)
