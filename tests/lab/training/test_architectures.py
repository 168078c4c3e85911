"""Every architecture and optimiser against plain torch, one network at a time."""

import math
from dataclasses import replace
from itertools import pairwise, product

import modules
import numpy as np
import pandas as pd
import pytest
import torch
from modules import as_torch, build, matrices, models, penalty, state_of, train_one
from reference import data_loss
from torch.nn.functional import cosine_similarity

from l2scale.lab import machine
from l2scale.lab.training.batches import split_of
from l2scale.lab.training.fits import ARCHITECTURES
from l2scale.lab.training.runs import Run, grid
from l2scale.lab.training.trainer import train, trained_weights
from l2scale.theory.penalties import PENALTIES

TIGHT = 1e-9
BASE = Run(lam=1e-3, steps=60, lr=0.05, dtype="float64")
SHAPES = {
    "layer_norm": replace(BASE, architecture="layer_norm", hidden=(12, 7)),
    "batch_norm": replace(BASE, architecture="batch_norm", hidden=(12, 7)),
    "residual": replace(BASE, architecture="residual", hidden=(8, 8)),
    "transformer": replace(BASE, architecture="transformer", hidden=(8, 8), n_train=96),
    "convolutional": replace(BASE, architecture="convolutional", hidden=(4, 4), n_train=64),
}
OPTIMISERS = {
    "sgd": {},
    "momentum": {"momentum": 0.9, "lr": 0.01},
    "adam": {"optimiser": "adam", "lr": 1e-3},
    "adamw": {"optimiser": "adamw", "lr": 1e-3, "lam": 0.1},
    "muon_original": {"optimiser": "muon_original", "lr": 1e-2, "lam": 0.1},
    "muon_match_rms_adamw": {"optimiser": "muon_match_rms_adamw", "lr": 1e-2, "lam": 0.1},
    "muon_on_hidden": {"optimiser": "muon_original", "muon_on": "hidden", "lr": 1e-2, "lam": 0.1},
}


@pytest.fixture(autouse=True)
def _no_rounding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Torch's Muon in the precision of its weights, as the lab's is."""
    monkeypatch.setattr(torch.Tensor, "bfloat16", torch.Tensor.clone)


def assert_same(run: Run, tolerance: float = TIGHT) -> None:
    """The run, trained beside two others, ends with the tensors that plain torch ends with."""
    others = [replace(run, seed=run.seed + 1), replace(run, lam=run.lam * 3)]
    found = trained_weights([others[0], run, others[1]])[1]
    for mine, (name, expected) in zip(found, state_of(train_one(run)).items(), strict=True):
        distance = (as_torch(name, torch.from_numpy(mine), expected.shape) - expected).norm()
        # Means of standardised inputs are 0 but for rounding, and so are biases of keys.
        assert distance < tolerance * max(expected.norm(), 0.1), f"{name} of {run}"


def test_every_architecture_is_tested() -> None:
    assert {"mlp", *SHAPES} == set(ARCHITECTURES) and set(modules.MODULES) == set(SHAPES)


@pytest.mark.parametrize(
    ("architecture", "optimiser"),
    [
        pair
        for pair in product(SHAPES, OPTIMISERS)
        if pair[0] != "convolutional" or "mu" not in pair[1]
    ],
)
def test_equals_torch(architecture: str, optimiser: str) -> None:
    run = replace(SHAPES[architecture], **OPTIMISERS[optimiser])
    schedule = {"schedule": "warmup_cosine", "warmup": 10}
    assert_same(replace(run, **schedule), 1e-6 if "muon" in optimiser else TIGHT)


@pytest.mark.parametrize(
    "change",
    [
        *({"penalty": name} for name in PENALTIES[1:]),
        {"decayed": "all"},
        {"decay_steps": (20, 40)},
        {"optimiser": "adamw", "decay_steps": (0, 30), "lam": 1.0, "lr": 1e-3},
        {"optimiser": "adamw", "decayed": "all", "lam": 1.0, "lr": 1e-3},
        {"batch_size": None},
        {"bias": False},
        {"activation": "tanh", "schedule": "cosine", "warmup": 0},
        {"data": "digits_parity"},
        {"outputs": "sigmoid", "init": "glorot", "init_scale": 0.5},
    ],
    ids=str,
)
@pytest.mark.parametrize("architecture", SHAPES)
def test_equals_torch_for_settings(architecture: str, change: dict) -> None:
    assert_same(replace(SHAPES[architecture], steps=40, **change))


@pytest.mark.parametrize("architecture", ["layer_norm", "batch_norm", "residual"])
def test_equals_torch_for_regression(architecture: str) -> None:
    assert_same(replace(SHAPES[architecture], data="teacher", steps=40))


def test_a_coefficient_for_each_matrix() -> None:
    assert_same(replace(SHAPES["residual"], penalty=(0.0, 1.0, 2.0, 0.0, 3.0, 4.0)))


@pytest.mark.parametrize("optimiser", ["momentum", "adamw", "muon_on_hidden"])
@pytest.mark.parametrize("architecture", ["layer_norm", "residual"])
def test_a_learning_rate_for_each_matrix(architecture: str, optimiser: str) -> None:
    run = replace(SHAPES[architecture], **OPTIMISERS[optimiser], steps=40, checkpoints=(40,))
    n = len(matrices(build(run)))
    shares = tuple(0.5 * 1.5**layer for layer in range(n))
    uneven = replace(run, layer_lr=shares)
    assert_same(uneven, 1e-6 if "muon" in optimiser else TIGHT)
    own, even = train([uneven, run])
    for layer, share in enumerate(shares, start=1):
        times = f"decay_time_{layer}"
        assert own[times] == pytest.approx(share * even[times], rel=1e-12)


def test_muon_is_torchs_but_for_its_rounding(monkeypatch: pytest.MonkeyPatch) -> None:
    run = replace(SHAPES["residual"], optimiser="muon_original", lr=0.02, steps=1)
    start = matrices(build(run))
    exact = [m - s for m, s in zip(matrices(train_one(run)), start, strict=True)]
    monkeypatch.undo()
    rounded = [m - s for m, s in zip(matrices(train_one(run)), start, strict=True)]
    assert not torch.equal(exact[1], rounded[1])
    for one, other in zip(exact, rounded, strict=True):
        assert cosine_similarity(one.flatten(), other.flatten(), dim=0) > 0.95


@pytest.mark.parametrize(
    ("architecture", "data"), [*((one, "digits") for one in SHAPES), ("residual", "teacher")]
)
def test_measures_equal_autograd(architecture: str, data: str) -> None:
    run = replace(
        SHAPES[architecture], data=data, label_noise=0.2, lam=0.01, penalty="tensor_mean", steps=40,
        checkpoints=(0, 25, 40), decay_steps=(10, 30), optimiser="adamw", lr=2e-3,
    )  # fmt: skip
    rows = train([replace(run, seed=1), run])[3:]
    assert [row["step"] for row in rows] == [0, 25, 40]
    assert np.isnan(rows[0]["angle_1"]) and rows[0]["decay_time_1"] == 0
    found: list[list[torch.Tensor]] = []
    for model in models(run):
        found.append([m.detach().flatten().clone() for m in matrices(model)])
    row, before, split = rows[2], found[24:], split_of(run)  # since the checkpoint before
    targets = torch.int64 if split.task == "multiclass" else torch.float64

    def loss(part: str) -> torch.Tensor:
        x, y = (torch.tensor(getattr(split, f"{axis}_{part}")) for axis in "xy")
        return data_loss(run, model, x, y.to(targets))

    model.eval()
    for part in ("train", "val", "test"):
        assert row[f"{part}_loss"] == pytest.approx(loss(part).item(), rel=TIGHT)
    value = penalty(run, model)
    assert row["penalty_value"] == pytest.approx(value.item(), rel=TIGHT)
    assert row["cost"] == pytest.approx(row["train_loss"] + value.item(), rel=TIGHT)
    model.train()
    last = matrices(model)
    pull, push = torch.autograd.grad(loss("train"), last), torch.autograd.grad(value, last)
    assert row["weights"] == sum(m.numel() for m in last)
    assert len(row["matrices"].split()) == len(last)
    taken = 20 * run.lr  # steps 10 to 29
    for layer, (matrix, g, f) in enumerate(zip(last, pull, push, strict=True), start=1):
        matrix = matrix.detach()
        turned = [
            math.acos(cosine_similarity(a[layer - 1], b[layer - 1], dim=0).item())
            for a, b in pairwise(before)
        ]
        c = 1 / matrix.numel()
        expected = {
            "sq_norm": matrix.square().sum(),
            "mean_square": matrix.square().mean(),
            "rms": matrix.square().mean().sqrt(),
            "spectral_norm": torch.linalg.svdvals(matrix.flatten(1))[0],
            "penalty_force": f.norm(),
            "data_force": g.norm(),
            "force_ratio": f.norm() / g.norm(),
            "decay_time": torch.tensor(2 * run.lam * c * taken),
        }
        for name, number in expected.items():
            assert row[f"{name}_{layer}"] == pytest.approx(number.item(), rel=1e-7), name
        assert row[f"angle_{layer}"] == pytest.approx(np.sqrt(np.mean(np.square(turned))), rel=1e-5)
    both = [torch.cat([one.flatten() for one in each]).norm() for each in (push, pull)]
    assert row["force_ratio"] == pytest.approx((both[0] / both[1]).item(), rel=1e-6)


@pytest.mark.parametrize("architecture", ["layer_norm", "batch_norm"])
def test_a_normalised_matrix_is_free_of_scale(architecture: str) -> None:
    """Twice the matrices before norms: the same outputs, and half of the force."""
    run = replace(SHAPES[architecture], init_scale=1.0, steps=0, bias=False)
    model, split = build(run), split_of(run)
    x, y = torch.tensor(split.x_train), torch.tensor(split.y_train)
    hidden = matrices(model)[:-1]
    before = torch.autograd.grad(data_loss(run, model, x, y), hidden)
    with torch.no_grad():
        for matrix in hidden:
            matrix.mul_(2)
    after = torch.autograd.grad(data_loss(run, model, x, y), hidden)
    (row,) = train([run])
    for layer, (one, other, w) in enumerate(zip(before, after, hidden, strict=True), start=1):
        assert other.norm().item() == pytest.approx(one.norm().item() / 2, rel=1e-3)
        assert abs((other * w).sum()) < 1e-4 * other.norm() * w.norm()
        assert row[f"data_force_{layer}"] == pytest.approx(one.norm().item(), rel=1e-8)


@pytest.mark.parametrize(
    ("architecture", "change"),
    [
        ("layer_norm", {"hidden": (9, 7), "optimiser": "adamw"}),
        ("layer_norm", {"hidden": (12,), "batch_size": 1, "momentum": 0.9}),
        ("batch_norm", {"hidden": (32, 16), "momentum": 0.9}),
        ("batch_norm", {"hidden": (16, 16), "optimiser": "adamw", "data": "digits_parity"}),
        ("residual", {"hidden": (16, 16), "optimiser": "adamw", "data": "teacher"}),
        ("residual", {"hidden": (9, 9), "optimiser": "muon_original", "decayed": "all"}),
        ("transformer", {"hidden": (12,), "optimiser": "adamw"}),
        ("convolutional", {"hidden": (16,), "n_train": 64, "optimiser": "adamw"}),
    ],
    ids=str,
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_row_is_the_same_alone_and_beside_others(
    architecture: str, change: dict, dtype: str
) -> None:
    base = replace(
        SHAPES[architecture], dtype=dtype, lr=1e-3, steps=12, checkpoints=(0, 12), **change
    )
    runs = grid(base, seed=range(3), lam=(0.0, 0.1))
    with machine.one_thread():
        alone = [row for run in runs for row in train([run])]
        for groups in ([runs], [runs[:4], runs[4:]], [runs]):
            together = [row for part in groups for row in train(part)]
            pd.testing.assert_frame_equal(
                pd.DataFrame(together), pd.DataFrame(alone), check_exact=True
            )


@pytest.mark.parametrize("architecture", SHAPES)
def test_a_diverged_network_is_a_row_and_spares_its_group(architecture: str) -> None:
    good = replace(SHAPES[architecture], optimiser="sgd", steps=60, checkpoints=(0, 60))
    bad = replace(good, lam=1e4, lr=1e3)
    together, alone = train([good, bad]), train([good])
    assert [row["diverged"] for row in together] == [False, False, False, True]
    assert np.isnan(together[3]["test_loss"]) and together[3]["weights"] == together[2]["weights"]
    assert together[1]["test_loss"] == pytest.approx(alone[1]["test_loss"], rel=1e-9)
