"""What a reader may get wrong with the tools: one error that names the value and the way out."""

import re
import warnings
from functools import partial

import pytest
import torch
from torch import nn
from torch.nn import functional

from l2scale.practice import BIASES_AND_NORMS, convert, diagnose, param_groups
from l2scale.practice.answers import answer

torch.manual_seed(0)
X, Y = torch.randn(64, 4), torch.randn(64, 1)


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))


def squares(outputs, targets):
    """A reader's own loss, which warns of nothing."""
    return (outputs - targets).square().mean()


def told(model=None, loss=squares, data=(X, Y), lam=0.01, **options):
    return diagnose(network() if model is None else model, loss, data, lam, **options)


def empty() -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return nn.Sequential(nn.Linear(4, 0), nn.Linear(0, 1))


def strange() -> nn.Module:
    model = nn.Sequential()
    model.add_module("\x1b[2J", nn.Linear(4, 1))
    return model


def eighths() -> nn.Module:
    return nn.Linear(4, 1, dtype=torch.float8_e4m3fn, device="meta").to_empty(device="cpu")


def sparse() -> nn.Module:
    model = nn.Linear(4, 1)
    model.weight = nn.Parameter(model.weight.detach().to_sparse())
    return model


FLAT = X, Y.flatten()
DIAGNOSED = {
    "(n, 1) against (n,), PyTorch's": (
        lambda: told(loss=functional.mse_loss, data=FLAT), "(64, 1) and targets (64,)", "reshape",
    ),
    "(n, 1) against (n,), one's own": (
        lambda: told(data=FLAT), "(64, 1) and targets (64,)", "Give both one shape",
    ),
    "(n,) against (n, 1)": (
        lambda: told(nn.Sequential(network(), nn.Flatten(0))), "(64,) and targets (64, 1)", "shape",
    ),
    "(n, 1) against (n,), absolute": (
        lambda: told(loss=functional.l1_loss, data=FLAT), "(64, 1) and targets (64,)", "one shape",
    ),
    "(n, 1) against (n,), of counts": (
        lambda: told(loss=functional.poisson_nll_loss, data=(X, Y.flatten().abs())),
        "(64, 1) and targets (64,)", "Give both one shape",
    ),
    "(n, 1) against (n, 5)": (
        lambda: told(loss=functional.mse_loss, data=(X, torch.ones(64, 5))),
        "(64, 1) and targets (64, 5)", "Give both one shape",
    ),
    "the last batch alone": (
        lambda: told(data=[(X, Y), FLAT]), "(64, 1) and targets (64,)", "Give both one shape",
    ),
    "a name for a loss": (lambda: told(loss="mse"), "loss_fn is 'mse'", "give a function"),
    "no loss": (lambda: told(loss=None), "loss_fn is None", "give a function"),
    "a complex loss": (
        lambda: told(loss=lambda a, b: (a * 1j).mean()), "complex64", "give the mean over",
    ),
    "a loss of each sample": (
        lambda: told(loss=partial(functional.mse_loss, reduction="none")), "'none'", '="mean"',
    ),
    "no model": (lambda: told("network"), "model is str", "give a torch nn.Module"),
    "a class for a model": (lambda: told(nn.Linear), "model is type", "give a torch nn.Module"),
    "no data": (lambda: told(data=None), "data is NoneType", "give one pair of tensors"),
    "a number for data": (lambda: told(data=3), "data is int", "give one pair of tensors"),
    "a name for data": (lambda: told(data="train"), "a batch is str", "(inputs, targets)"),
    "a strength in quotes": (lambda: told(lam="0.1"), "lam must be", "is '0.1'"),
    "a strength that is true": (lambda: told(lam=True), "lam must be", "is True"),
    "an endless strength": (lambda: told(lam=10**400), "lam must be", "finite number, 0 or above"),
    "too large a strength": (lambda: told(lam=1e308), "lam is 1e+308", "lower lam"),
    "a rate in quotes": (lambda: told(lr="0.1"), "lr must be", "is '0.1'"),
    "a list of rates": (lambda: told(lr=[0.1]), "lr must be", "is [0.1]"),
    "a rate of nan": (lambda: told(lr=float("nan")), "lr must be", "is nan"),
    "an unknown start": (lambda: told(start=None), "unknown start None", "choose one of"),
    "an unknown penalty": (lambda: told(penalty="l1"), "unknown penalty 'l1'", "choose one of"),
    "no penalty": (lambda: told(penalty=None), "penalty is None", "choose one of"),
    "coefficients": (lambda: told(penalty=[1, 1]), "penalty is [1, 1]", "choose one of"),
    "no exclude": (lambda: told(exclude=None), "exclude is None", "() for none"),
    "a number to exclude": (lambda: told(exclude=(3,)), "exclude is (3,)", "sequence of names"),
    "a word to exclude": (lambda: told(exclude="norms"), "exclude", "write ('norms',)"),
    "what is not there": (lambda: told(exclude=("0.weights",)), "'0.weights'", "are 0.weight"),
    "layers of nothing": (lambda: told(empty()), "0.weight is of shape (0, 4)", "or exclude it"),
    "a name that clears": (lambda: told(strange()), r"'\x1b[2J.weight'", "printable letters"),
    "fp8": (lambda: told(eighths()), "weight is stored as torch.float8_e4m3fn", "in float32"),
    "sparse weights": (lambda: told(sparse()), "weight is stored as torch.sparse", "to_dense()"),
    "no weights yet": (
        lambda: told(network().to("meta")), "0.weight is on the meta device", "to_empty(",
    ),
    "groups without a strength": (
        lambda: param_groups(network(), lam=None), "lam must be", "is None",
    ),
    "groups of no model": (lambda: param_groups([X], lam=0.1), "model is list", "nn.Module"),
    "groups of no penalty": (lambda: param_groups(network(), 3, lam=0.1), "penalty is 3", "choose"),
    "groups of nothing": (lambda: param_groups(empty(), lam=0.1), "(0, 4)", "leave that layer out"),
}  # fmt: skip

HUGE = 10**400
CONVERTED = {
    "a value in quotes": (lambda: convert("0.1", "book", "d2l"), "is '0.1'", "has to be finite"),
    "no value": (lambda: convert(None, "book", "d2l"), "is None", "it has to be finite"),
    "a value that is true": (lambda: convert(True, "book", "d2l"), "is True", "to be finite"),
    "a complex value": (lambda: convert(1j, "book", "d2l"), "is 1j", "it has to be finite"),
    "an endless value": (lambda: convert(HUGE, "book", "d2l"), "is 1000", "it has to be finite"),
    "a rate in quotes": (lambda: convert(1, "book", "d2l", lr="1"), "lr (", "is '1'"),
    "endless samples": (lambda: convert(1, "ng", "d2l", n_samples=HUGE), "n_samples", "above 0"),
    "a momentum in quotes": (lambda: convert(1, "book", "d2l", momentum="0"), "'0'", "in [0, 1)"),
    "a list of settings": (lambda: convert(1, ["book"], "d2l"), "['book']", "convert --list"),
    "no setting": (lambda: convert(1, "book", None), "unknown setting None", "convert --list"),
    "nearly a setting": (
        lambda: convert(1, "torch-adamv", "book"), "'torch-adamv'", "choose one of torch-adam",
    ),
    "optimisers": (lambda: convert(1, "book", "d2l", optimiser=[]), "optimiser []", "choose one"),
    "inf there": (lambda: convert(1.7e308, "keras-l2", "torch-sgd"), "value 1.7e+308", "give"),
    "0 there": (lambda: convert(3e-308, "torch-sgd", "keras-l2"), "value 3e-308", "give other"),
    "digits that are lost": (lambda: convert(5e-324, "book", "d2l"), "value 5e-324", "give other"),
    "an overflow": (
        lambda: convert(1, "torch-sgd-sum", "nielsen-network3", batch_size=1e-200, n_samples=1e200),
        "batch_size 1e-200", "give other numbers",
    ),
    "a division by 0": (
        lambda: convert(1e-308, "torch-sgd", "sklearn-logistic", n_samples=1e-200),
        "n_samples 1e-200", "give other numbers",
    ),
    "a share beyond": (
        lambda: convert(1e308, "torch-adamw", "torch-adamw", lr=1e10), "lr 1", "give other numbers",
    ),
    "a rate beyond": (
        lambda: convert(1, "torch-sgd", "torch-sgd-sum", lr=1e-300, batch_size=1e100),
        "the learning rate there", "batch_size 1e+100",
    ),
    "a pace beyond": (
        lambda: convert(1e308, "torch-sgd", "keras-weight-decay", momentum=0.999),
        "the nearest value there", "value 1e+308",
    ),
    "an answer beyond": (lambda: answer(1.7e308, "keras-l2", "torch-sgd"), "1.7e+308", "give"),
}  # fmt: skip


@pytest.mark.parametrize("case", [*DIAGNOSED.values(), *CONVERTED.values()],
                         ids=[*DIAGNOSED, *CONVERTED])  # fmt: skip
def test_one_error_names_the_value_and_the_way_out(case):
    call, *words = case
    with pytest.raises(ValueError, match=re.escape(words[0])) as refused:
        call()
    assert all(word in str(refused.value) for word in words), refused.value
    assert str(refused.value).isprintable()


def test_outputs_and_targets_of_one_shape_have_the_loss_that_they_should():
    """Broadcast, the loss is smaller or larger, and the ratio of forces several times off."""
    model = network()
    found = told(model)
    right = (model(X) - Y).square().mean()
    assert found.totals["data_loss"] == pytest.approx(right.item())
    weights = [model[0].weight, model[2].weight]
    length = torch.cat([g.flatten() for g in torch.autograd.grad(right, weights)]).norm()
    force = 2 * 0.01 * torch.cat([w.flatten() for w in weights]).norm()
    assert found.totals["force_ratio"] == pytest.approx((force / length).item())


@pytest.mark.parametrize(
    ("units", "loss", "targets"),
    [
        (1, lambda a, b: functional.mse_loss(a[:, 0], b), FLAT[1]),
        (1, lambda a, b: functional.mse_loss(a.squeeze(1), b), FLAT[1]),
        (1, lambda a, b: squares(a.flatten(), b), FLAT[1]),
        (2, lambda a, b: functional.gaussian_nll_loss(a[:, 0], b, a[:, 1].exp()), FLAT[1]),
        (64, functional.cross_entropy, torch.arange(64)),  # as many classes as samples
        (64, partial(functional.cross_entropy, weight=torch.rand(64)), torch.arange(64)),
        (3, lambda a, b: (a - b).abs().mean(), Y),  # three quantiles of one number
        (1, squares, Y),
    ],
    ids=["column", "squeezed", "flat", "two heads", "classes", "weighted", "quantiles", "plain"],
)
def test_a_loss_that_takes_two_shapes_on_purpose_is_measured(units, loss, targets):
    model = nn.Linear(4, units)
    found = told(model, loss, (X, targets))
    assert found.totals["data_loss"] == pytest.approx(loss(model(X), targets).item(), rel=1e-5)


def test_biases_and_norms_are_still_words():
    assert len(told(exclude=(*BIASES_AND_NORMS, "0.*")).table) == 1
    assert len(told(exclude=[]).table) == 4
