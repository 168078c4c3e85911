"""A diagnosis says what is so, changes nothing, and refuses what it cannot measure."""

import copy
import json
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy, mse_loss
from torch.utils.data import DataLoader, TensorDataset

from l2scale.practice import diagnose
from l2scale.practice.diagnosing import diagnosed
from l2scale.practice.diagnosis import number
from l2scale.practice.groups import tensor_coefficients
from l2scale.practice.placement import place
from l2scale.theory.penalties import PENALTIES, effective_lambda

LAM, LR = 0.02, 0.1


@pytest.mark.parametrize("penalty", PENALTIES)
def test_every_number_is_that_of_automatic_differentiation(case, penalty):
    model, x, y = case
    found = diagnose(model, cross_entropy, (x, y), LAM, penalty=penalty, lr=LR)
    loss = cross_entropy(model(x), y)
    data_loss = loss.item()
    placed = place(model)
    c = tensor_coefficients(placed, penalty)
    assert found.table["coefficient"].tolist() == c
    data = torch.autograd.grad(loss, [tensor.parameter for tensor in placed])
    both, against, total = 0.0, 0.0, 0.0
    for (_, row), g, tensor, each in zip(found.table.iterrows(), data, placed, c, strict=True):
        w = tensor.parameter.detach()
        pull = 2 * LAM * each * w
        square = float(w.square().sum())
        expected = {
            "n_weights": w.numel(), "mean_square": square / w.numel(), "sum_of_squares": square,
            "value": LAM * each * square, "force": pull.norm(), "data_force": g.norm(),
            "force_ratio": pull.norm() / g.norm(),
            "balance": -(g * w).sum() / (2 * LAM * each * square),
            "cosine": (g * w).sum() / g.norm() / w.norm(),
            "expected_value": LAM * each * w.numel() * tensor.start_variance,
            "forget_steps": 1 / (2 * LR * LAM * each),
        }  # fmt: skip
        for name, value in expected.items():
            assert row[name] == pytest.approx(float(value), rel=1e-9, abs=1e-14), name
        both += float((g + pull).square().sum())
        against += float(g.square().sum())
        total += LAM * each * square
        larger = max(float(pull.norm()), float(g.norm()))
        assert row["unbalanced"] == pytest.approx(float((g + pull).norm()) / larger)
    t = found.totals
    assert t["data_loss"] == pytest.approx(data_loss) and t["value"] == pytest.approx(total)
    assert t["cost"] == pytest.approx(data_loss + total)
    larger = max(t["force"], t["data_force"])
    assert t["data_force"] == pytest.approx(against**0.5)
    assert t["unbalanced"] == pytest.approx(both**0.5 / larger)
    assert t["effective_lambda"] == effective_lambda(LAM, c)
    assert t["forget_steps_most"] == pytest.approx(1 / (2 * LR * LAM * min(c)))


def at_minimum(model, x, y, lam):
    """Train to the minimum of mean loss and sum penalty by L-BFGS."""
    tensors = [tensor.parameter for tensor in place(model)]
    lbfgs = torch.optim.LBFGS(
        model.parameters(), max_iter=3000, tolerance_grad=1e-11, tolerance_change=0.0,
        history_size=50, line_search_fn="strong_wolfe",
    )  # fmt: skip

    def cost():
        lbfgs.zero_grad()
        value = mse_loss(model(x), y) + lam * sum(w.square().sum() for w in tensors)
        value.backward()
        return value

    lbfgs.step(cost)


def test_at_a_minimum_all_is_in_balance():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 6), nn.Tanh(), nn.Linear(6, 1)).double()
    x = torch.randn(40, 3, dtype=torch.float64)
    y = (x[:, :1] - x[:, 1:2]).tanh() * 2
    at_minimum(model, x, y, 1e-2)
    found = diagnose(model, mse_loss, (x, y), 1e-2)
    for column, value in {"balance": 1, "force_ratio": 1, "cosine": -1}.items():
        assert found.table[column].to_numpy() == pytest.approx(value, abs=1e-5), column
    assert found.totals["unbalanced"] < 1e-5 and found.totals["balance"] == pytest.approx(1)
    assert "On each penalised tensor its force and the data’s balance" in found.verdict


def test_a_relu_network_at_its_minimum_has_equal_layers():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 6, bias=False), nn.ReLU(), nn.Linear(6, 1, bias=False))
    model, x = model.double(), torch.randn(40, 3, dtype=torch.float64)
    at_minimum(model, x, x[:, :1].relu(), 1e-3)
    found = diagnose(model, mse_loss, (x, x[:, :1].relu()), 1e-3)
    assert found.table["layer_balance"].to_numpy() == pytest.approx(1, abs=1e-4)


def normalised():
    torch.manual_seed(1)
    layers = [nn.Conv2d(1, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.2)]
    model = nn.Sequential(*layers, nn.Flatten(), nn.Linear(64, 3)).double()
    return model, torch.randn(20, 1, 6, 6, dtype=torch.float64), torch.randint(3, (20,))


def test_before_batch_normalisation_the_loss_has_no_scale_in_training_mode():
    model, x, y = normalised()
    trained = diagnose(model, cross_entropy, (x, y), LAM)
    assert trained.table["scale_free"].tolist() == [True, False]
    assert trained.table["balance"][0] == pytest.approx(0, abs=1e-2)
    assert "does not feel the scale of 0.weight" in trained.verdict
    assert not diagnose(model.eval(), cross_entropy, (x, y), LAM).table["scale_free"].any()


def test_nothing_of_the_model_changes():
    model, x, y = normalised()
    model[0].register_buffer("ones", torch.ones(1).expand(3))
    cross_entropy(model(x), y).backward()
    model[0].eval()
    before, rng = copy.deepcopy(model.state_dict()), torch.get_rng_state()
    grads = [parameter.grad.clone() for parameter in model.parameters()]
    modes = [module.training for module in model.modules()]
    loader = DataLoader(TensorDataset(x, y), batch_size=7, shuffle=True)
    diagnose(model, cross_entropy, loader, LAM)
    after = model.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert torch.equal(rng, torch.get_rng_state())
    assert modes == [module.training for module in model.modules()]
    pairs = zip(grads, model.parameters(), strict=True)
    assert all(torch.equal(grad, parameter.grad) for grad, parameter in pairs)
    with pytest.raises(ValueError, match="the loss is nan on a batch of 20"):
        diagnose(model, cross_entropy, (x * float("nan"), y), LAM)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_rows_that_a_lookup_cuts_short_are_put_back():
    model = nn.Sequential(nn.Embedding(5, 3, max_norm=0.1), nn.Flatten(), nn.Linear(6, 2))
    before = model[0].weight.detach().clone()
    diagnose(model, cross_entropy, (torch.tensor([[0, 1], [2, 3]]), torch.tensor([0, 1])), LAM)
    assert torch.equal(model[0].weight, before)


def test_batches_of_unequal_size_are_one_mean(case):
    model, x, y = case
    model.eval()
    whole = diagnose(model, cross_entropy, (x, y), LAM)
    parts = [(x[:7], y[:7]), [x[7:8], y[7:8]], (x[8:], y[8:])]
    for data in (parts, iter(parts), DataLoader(TensorDataset(x, y), batch_size=4)):
        found = diagnose(model, cross_entropy, data, LAM)
        assert found.totals == pytest.approx(whole.totals, nan_ok=True)


def test_a_start_is_compared_with_what_it_should_be():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(200, 300), nn.ReLU(), nn.Linear(300, 10))
    data = torch.randn(8, 200), torch.randint(10, (8,))
    for start, fill in {"glorot": nn.init.xavier_normal_, "he": nn.init.kaiming_normal_}.items():
        for layer in (model[0], model[2]):
            fill(layer.weight)
        found = diagnose(model, cross_entropy, data, LAM, start=start)
        assert found.totals["value_over_expected"] == pytest.approx(1, abs=0.05)
        assert ", as much as the " in found.verdict
        assert "nothing about whether λ is too large" in found.verdict
    with pytest.raises(ValueError, match="unknown start 'xavier': choose one of he, glorot"):
        diagnose(model, cross_entropy, data, LAM, start="xavier")


def small():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    return model, torch.randn(16, 4), torch.randint(3, (16,))


def test_the_verdict_follows_the_numbers():
    model, x, y = small()
    say = {
        lam: diagnose(model, cross_entropy, (x, y), lam, lr=LR).verdict for lam in (0, 1e-4, 0.1, 9)
    }
    assert say[0] == "λ is 0: there is no penalty."
    assert "for now the data decide" in say[1e-4]
    assert "neither can be left out" in say[0.1]
    assert "follow the data loss" in say[9]
    assert "fall to 37% in 50 steps of SGD or AdamW" in say[0.1]
    assert "a step takes weights past 0: it multiplies them by -0.8" in say[9]
    for lr, words in {0: "nothing decays", 2.5: "leaves 50% of a weight", 15: "diverges"}.items():
        assert words in diagnose(model, cross_entropy, (x, y), 0.1, lr=lr).verdict
    assert "steps" not in diagnose(model, cross_entropy, (x, y), 0.1).verdict
    with torch.no_grad():
        model[2].weight.mul_(1e-4)
    assert (
        "All but zero: 2.weight. It began so" in diagnose(model, cross_entropy, (x, y), 1).verdict
    )
    with torch.no_grad():
        model[2].weight.zero_()
        model[0].weight.zero_()
        model[0].bias.zero_()
    found = diagnose(model, cross_entropy, (x, y), 1)
    assert "do not pull at all" in found.verdict and found.table["layer_balance"].isna().all()


def test_only_tensors_whose_forces_balance_are_said_to():
    torch.manual_seed(0)
    model, x = nn.Linear(3, 1, dtype=torch.float64), torch.randn(40, 3, dtype=torch.float64)
    at_minimum(model, x, x[:, :1], LAM)
    several = nn.ModuleDict({"used": model, "unused": nn.Linear(2, 1, dtype=torch.float64)})
    several.forward = model.forward
    torch.nn.init.constant_(several["unused"].weight, 1e-3)
    found = diagnose(several, mse_loss, (x, x[:, :1]), LAM)
    assert found.totals["unbalanced"] < 0.2
    assert "force and the data’s balance, but not on unused.weight" in found.verdict
    with torch.no_grad():
        model.bias.add_(100)
    assert "stationary" not in diagnose(model, mse_loss, (x, x[:, :1]), LAM).verdict


def test_a_loss_below_zero_has_no_share():
    model, x, y = small()
    found = diagnose(model, lambda a, b: cross_entropy(a, b) - 9, (x, y), LAM)
    assert np.isnan(found.totals["value_share"]) and "beside a data loss of -" in found.verdict


def test_a_small_start_is_itself_within_chance():
    for seed in range(20):
        torch.manual_seed(seed)
        verdict = diagnose(
            nn.Linear(5, 3), mse_loss, (torch.ones(4, 5), torch.ones(4, 3)), 1
        ).verdict
        assert "within chance of" in verdict
    model = nn.Linear(1000, 1000)
    with torch.no_grad():
        model.weight.mul_(1.04)
    assert "1.1 times" in diagnose(model, mse_loss, (torch.ones(2, 1000),) * 2, 1).verdict


def test_broken_weights_are_refused():
    for broken in (float("nan"), float("inf")):
        model, x, y = small()
        with torch.no_grad():
            model[0].weight[0, 0] = broken
        with pytest.raises(ValueError, match="nan"):
            diagnose(model, cross_entropy, (x, y), LAM)
        with pytest.raises(ValueError, match=r"^0.weight: weights that are nan or infinite"):
            diagnosed(place(model), LAM)


def test_what_cannot_be_measured_is_refused():
    model, x, y = small()
    with pytest.raises(ValueError, match="reduction='sum'"):
        diagnose(model, nn.CrossEntropyLoss(reduction="sum"), (x, y), LAM)
    with pytest.raises(ValueError, match=r"shape \(16,\): give the mean"):
        diagnose(model, lambda a, b: cross_entropy(a, b, reduction="none"), (x, y), LAM)
    with pytest.raises(ValueError, match="data has no batch"):
        diagnose(model, cross_entropy, [], LAM)
    for data, words in (
        ([x], "a batch is Tensor, not a pair"),
        ([{"x": x, "y": y}], r"a batch is dict of 'x', 'y', .*\(b\['x'\], b\['y'\]\)"),
        ([(x.numpy(), y.numpy())], "ndarray, ndarray, .*from_numpy"),
        (TensorDataset(x, y), "wrap the data set in a DataLoader"),
        ((x[:0], y[:0]), "no samples"),
    ):
        with pytest.raises(ValueError, match=words):
            diagnose(model, cross_entropy, data, LAM)
    for loss, words in (
        (partial(cross_entropy, reduction="sum"), "reduction='sum'"),
        (lambda a, b: cross_entropy(a, b, reduction="sum"), "it is a sum"),
        (lambda a, b: cross_entropy(a, b).item(), "gave float"),
        (lambda a, b: cross_entropy(a, b).detach(), "no gradient"),
    ):
        with pytest.raises(ValueError, match=words):
            diagnose(model, loss, (x, y), LAM)
    with pytest.raises(ValueError, match="meta device"):
        diagnose(nn.Linear(4, 3, device="meta"), cross_entropy, (x, y), LAM)
    with pytest.raises(ValueError, match=r"lam must be .* is None"):
        diagnose(model, cross_entropy, (x, y), None)
    assert diagnose(model, cross_entropy, (x, y), torch.tensor(LAM)).settings["lam"] > 0
    with pytest.raises(ValueError, match="lam must be"):
        diagnose(model, cross_entropy, (x, y), -1.0)
    with pytest.raises(ValueError, match="lr must be"):
        diagnose(model, cross_entropy, (x, y), LAM, lr=-1.0)
    with pytest.raises(ValueError, match="unknown penalty 'fans'"):
        diagnose(model, cross_entropy, (x, y), LAM, penalty="fans")


def test_a_mean_over_samples_by_another_name_is_a_mean():
    model, x, _ = small()
    loss = nn.KLDivLoss(reduction="batchmean")
    data = x, torch.full((16, 3), 1 / 3)
    found = diagnose(nn.Sequential(model, nn.LogSoftmax(dim=1)), loss, data, LAM)
    assert found.totals["data_loss"] == pytest.approx(loss(model(x).log_softmax(1), data[1]).item())


def test_out_of_memory_has_a_way_out(monkeypatch):
    model, x, y = small()

    def full(*arguments, **options):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(torch.Tensor, "backward", full)
    with pytest.raises(RuntimeError, match="batch of 16: give the data in smaller batches"):
        diagnose(model, cross_entropy, (x, y), LAM)


def test_all_of_it_is_in_the_json():
    model, x, y = small()
    found = diagnose(model, cross_entropy, (x, y), LAM)
    held = json.loads(found.to_json())
    assert held["verdict"] == found.verdict
    assert held["settings"] == {"lam": LAM, "penalty": "sum", "lr": None, "start": "pytorch"}
    assert held["totals"]["forget_steps_least"] is None
    for row, (_, expected) in zip(held["table"], found.table.iterrows(), strict=True):
        assert {k: np.nan if v is None else v for k, v in row.items()} == pytest.approx(
            expected.to_dict(), nan_ok=True
        )


def test_text_and_html_have_a_line_for_every_tensor():
    model, x, y = small()
    found = diagnose(model, cross_entropy, (x, y), LAM, lr=LR)
    for name in found.table["name"]:
        assert name in str(found) and name in found._repr_html_()
    said = str(found).partition("\n\n")[0]
    assert said.replace("\n", " ") == found.verdict
    assert max(map(len, said.splitlines())) <= 80
    values = {353_012.0: "353,000", 0.00123456: "0.00123", np.nan: "–", np.inf: "never"}
    assert {value: number(value) for value in values} == values


def test_tensors_that_the_loss_does_not_use_have_no_pull():
    class Unused(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.unused = nn.Linear(4, 3), nn.Linear(2, 2)

        def forward(self, x):
            return self.used(x)

    found = diagnose(Unused(), cross_entropy, small()[1:], LAM)
    assert found.table["data_force"][1] == 0 and np.isnan(found.table["force_ratio"][1])
    assert found.table["balance"][1] == 0 and not found.table["scale_free"][1]


def test_a_saturated_or_a_large_layer_has_a_scale():
    torch.manual_seed(0)
    head = nn.Linear(4, 2, bias=False)
    with torch.no_grad():
        head.weight.copy_(torch.tensor([[5.0, 0, 0, 0], [-5.0, 0, 0, 0]]))
    x = torch.randn(30, 4)
    saturated = diagnose(head, cross_entropy, (x, (x[:, 0] < 0).long()), LAM)
    assert not saturated.table["scale_free"].any()
    large = nn.Sequential(nn.Linear(64, 900), nn.ReLU(), nn.Linear(900, 900), nn.ReLU())
    found = diagnose(large, mse_loss, (torch.randn(30, 64), torch.randn(30, 900)), LAM)
    assert found.table["cosine"].abs().max() < 0.5 and not found.table["scale_free"].any()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_the_data_follow_the_model_to_its_device():
    model, x, y = small()
    here = diagnose(model, cross_entropy, (x, y), LAM)
    there = diagnose(model.cuda(), cross_entropy, (x, y), LAM)
    assert there.totals == pytest.approx(here.totals, rel=1e-4, nan_ok=True)
    assert next(model.parameters()).is_cuda
