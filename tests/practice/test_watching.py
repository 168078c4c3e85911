"""A watch tells what decay does, and changes nothing of the training."""

import copy
import math
from collections import defaultdict

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.optim import SGD, AdamW

from l2scale.practice import param_groups, watch
from l2scale.practice.watching import angle

LAM, LR, STEPS = 0.02, 0.1, 7


class Told:
    """What was logged: by tensor and number, the values by step."""

    def __init__(self) -> None:
        self.numbers: dict[str, dict[int, float]] = defaultdict(dict)

    def __call__(self, name: str, value: float, step: int) -> None:
        assert isinstance(value, float) and step not in self.numbers[name]
        self.numbers[name][step] = value


def trained(model, x, y, optimiser, steps=STEPS):
    """The weights before each step, and the gradients that it used."""
    seen = []
    for _ in range(steps):
        optimiser.zero_grad()
        cross_entropy(model(x), y).backward()
        pairs = model.named_parameters()
        seen.append({name: (p.detach().clone(), p.grad.clone()) for name, p in pairs})
        optimiser.step()
    return seen


@pytest.mark.parametrize("make", [SGD, AdamW])
def test_all_that_is_told_is_so(case, make):
    model, x, y = case
    optimiser = make(param_groups(model, lam=LAM), lr=LR)
    told = Told()
    with watch(model, optimiser, told, every=3):
        seen = trained(model, x, y, optimiser)
    decayed, free = (group["names"] for group in optimiser.param_groups)
    assert {name.rpartition("/")[0] for name in told.numbers} == {*decayed} > set()
    assert not {*decayed} & {*free}
    for name in decayed:
        assert {*told.numbers[f"{name}/norm"]} == {0, 3, 6}
        for step in (0, 3):
            w, g = seen[step][name]
            after = seen[step + 1][name][0]
            cosine = float((w * after).sum() / w.norm() / after.norm())
            expected = {
                "norm": float(w.norm()),
                "force_ratio": float(2 * LAM * w.norm() / g.norm()),
                "angle": math.acos(min(1.0, cosine)),
                "forgotten": 2 * LR * LAM * (step + 1),
            }
            for number, value in expected.items():
                found = told.numbers[f"{name}/{number}"][step]
                assert found == pytest.approx(value, rel=1e-6, abs=1e-7), (name, number)


def test_nothing_of_the_training_changes(case):
    model, x, y = case
    other = copy.deepcopy(model)
    plain, watched = (SGD(param_groups(m, lam=LAM), lr=LR) for m in (other, model))
    trained(other, x, y, plain)
    with watch(model, watched, lambda *_: None, every=1):
        trained(model, x, y, watched)
    for ours, theirs in zip(model.parameters(), other.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_it_ends_with_its_block_even_by_an_error(case):
    model, x, y = case
    optimiser, told = SGD(param_groups(model, lam=LAM), lr=LR), Told()
    with pytest.raises(KeyboardInterrupt), watch(model, optimiser, told):
        raise KeyboardInterrupt
    trained(model, x, y, optimiser, steps=2)
    assert not told.numbers


def test_what_has_forgotten_follows_a_schedule():
    model = nn.Sequential(nn.Linear(3, 2, bias=False))
    optimiser, told = SGD(param_groups(model, lam=LAM), lr=LR), Told()
    schedule = torch.optim.lr_scheduler.StepLR(optimiser, 1, 0.5)
    with watch(model, optimiser, told, every=1):
        for _ in range(3):
            trained(model, torch.randn(4, 3), torch.tensor([0, 1, 0, 1]), optimiser, steps=1)
            schedule.step()
    rates = [LR, LR + LR / 2, LR + LR / 2 + LR / 4]
    assert [*told.numbers["0.weight/forgotten"].values()] == pytest.approx(
        [2 * LAM * rate for rate in rates]
    )


@pytest.mark.parametrize("fused", [False, True])
def test_a_factor_on_the_loss_is_not_in_the_forces(fused):
    """Who divides by it: the scaler, or a fused optimiser by itself."""
    x, y = torch.randn(6, 3), torch.randint(2, (6,))
    ratios = []
    for scaled in (False, True):
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(3, 2, bias=False))
        optimiser = AdamW(model.parameters(), lr=LR, weight_decay=0.1, fused=fused)
        scaler, told = torch.amp.GradScaler("cpu", init_scale=1024.0, enabled=scaled), Told()
        with watch(model, optimiser, told):
            scaler.scale(cross_entropy(model(x), y)).backward()
            scaler.step(optimiser)
        ratios.append(told.numbers["0.weight/force_ratio"][0])
    assert ratios[1] == pytest.approx(ratios[0], rel=1e-5)


@pytest.mark.parametrize("fused", [False, True])
def test_a_step_that_a_scaler_leaves_out_is_not_counted(fused):
    model = nn.Sequential(nn.Linear(3, 2, bias=False))
    optimiser = AdamW(model.parameters(), lr=LR, weight_decay=0.1, fused=fused)
    scaler, told = torch.amp.GradScaler("cpu"), Told()
    with watch(model, optimiser, told, every=1):
        for factor in (math.inf, 1.0):
            optimiser.zero_grad()
            scaler.scale(factor * model(torch.ones(1, 3)).sum()).backward()
            told.numbers.clear()
            scaler.step(optimiser)
            scaler.update()
    assert told.numbers["0.weight/forgotten"] == {0: pytest.approx(LR * 0.1)}


def test_what_has_no_pull_or_no_length_is_told_as_such():
    model = nn.Sequential(nn.Linear(3, 2, bias=False))
    nn.init.zeros_(model[0].weight)
    optimiser, told = SGD(model.parameters(), lr=LR, weight_decay=0.1), Told()
    with watch(model, optimiser, told):
        model[0].weight.grad = torch.zeros(2, 3)
        optimiser.step()
    assert told.numbers["0.weight/force_ratio"] == {0: math.inf}
    assert math.isnan(told.numbers["0.weight/angle"][0])


def test_small_angles_are_not_rounded_away():
    a = torch.tensor([1.0, 0.0])
    assert angle(a, torch.tensor([1.0, 1e-5])) == pytest.approx(1e-5, rel=1e-3)
    assert angle(a, torch.tensor([0.0, 2.0])) == pytest.approx(math.pi / 2)
    assert angle(a, -a) == pytest.approx(math.pi)


@pytest.mark.parametrize("every", [0, -1, 2.0, True, "10"])
def test_another_every_is_refused(every):
    model = nn.Linear(2, 2)
    optimiser = SGD(model.parameters(), lr=LR)
    with pytest.raises(ValueError, match="every is"), watch(model, optimiser, print, every=every):
        pass


def test_what_is_no_optimiser_of_the_model_is_refused():
    model = nn.Linear(2, 2)
    with pytest.raises(ValueError, match="optimiser is Linear"), watch(model, model, print):
        pass
    other = SGD(nn.Linear(2, 2).parameters(), lr=LR)
    with pytest.raises(ValueError, match="no tensor of this model"), watch(model, other, print):
        pass
