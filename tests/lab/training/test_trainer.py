"""Both trainers, lockstep and compiled, against plain torch, one network at a time."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from reference import data_loss, penalty, train_one, weights_of

from l2scale.lab.training.batches import split_of
from l2scale.lab.training.runs import SCHEDULES, Run
from l2scale.lab.training.trainer import train, trained_weights
from l2scale.theory.penalties import PENALTIES

TIGHT = 1e-9
OPTIMISERS = {
    "sgd": Run(optimiser="sgd", lr=0.1),
    "momentum": Run(optimiser="sgd", lr=0.02, momentum=0.9),
    "adam": Run(optimiser="adam", lr=1e-3),
    "adamw": Run(optimiser="adamw", lr=1e-3),
}
# Strengths at which each penalty moves the weights visibly in 200 steps.
STRENGTH = {"sum": 1e-3, "mean": 1.0, "tensor_mean": 0.3, "fan": 1e-2, "prior": 1e-4}


def relative(found: np.ndarray, expected: torch.Tensor) -> float:
    """Norm of the difference over the norm of what is expected."""
    reference = expected.numpy()
    return float(np.linalg.norm(found - reference) / max(np.linalg.norm(reference), 1e-300))


def assert_same(run: Run, tolerance: float = TIGHT) -> None:
    """The run, trained beside two others, ends at the weights that plain torch ends at."""
    others = [replace(run, seed=run.seed + 1), replace(run, lam=run.lam * 3)]
    found = trained_weights([others[0], run, others[1]])[1]
    for layer, (mine, plain) in enumerate(zip(found, weights_of(train_one(run)), strict=True)):
        assert relative(mine, plain) < tolerance, f"layer {layer} of {run}"


@pytest.mark.usefixtures("trainer")
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("name", PENALTIES)
@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_equals_torch(optimiser: str, name: str, bias: bool) -> None:
    assert_same(
        replace(
            OPTIMISERS[optimiser],
            hidden=(12, 7),
            penalty=name,
            lam=STRENGTH[name],
            bias=bias,
            steps=200,
            dtype="float64",
        )
    )


@pytest.mark.usefixtures("trainer")
@pytest.mark.parametrize("activation", ["leaky_relu", "tanh", "sigmoid", "linear"])
@pytest.mark.parametrize("data", ["digits_parity", "teacher"])
def test_equals_torch_for_activations_and_losses(activation: str, data: str) -> None:
    assert_same(
        Run(
            data=data,
            hidden=(9, 5),
            activation=activation,
            lam=1e-3,
            lr=0.02,
            steps=200,
            dtype="float64",
        )
    )


@pytest.mark.usefixtures("trainer")
@pytest.mark.parametrize(
    "change",
    [
        {"batch_size": None},
        {"schedule": "cosine"},
        {"schedule": "step"},
        {"penalise_biases": True},
        {"norm": "layer", "hidden": (12, 7)},
        {"norm": "layer", "activation": "tanh", "bias": False},
        {"hidden": ()},
        {"hidden": (8, 6, 5, 4)},
        {"hidden": (300, 70), "steps": 5},
        {"hidden": (300, 70), "optimiser": "adamw", "lr": 1e-3, "steps": 5},
        {"hidden": (5000,), "steps": 3},
        {"hidden": (17000,), "steps": 2},
        {"n_train": 100, "batch_size": 32},
        {"hidden": (9, 5), "layer_lr": (4.0, 1.0, 0.25), "schedule": "cosine"},
        {"hidden": (9, 5), "layer_init": (1.0, 2.0, 0.5)},
        {"data": "digits_pixels", "activation": "sigmoid", "outputs": "sigmoid", "init": "normal"},
        {"bias_init": 1.0, "activation": "sigmoid"},
        {"optimiser": "adamw", "lr": 1e-3, "layer_lr": (1.0, 0.1), "penalise_biases": True},
    ],
    ids=str,
)
def test_equals_torch_for_settings(change: dict) -> None:
    base = Run(hidden=(9,), lam=1e-3, steps=200, dtype="float64")
    assert_same(replace(base, **change))


@pytest.mark.usefixtures("trainer")
@pytest.mark.parametrize("schedule", [s for s in SCHEDULES if s != "warmup_cosine"])  # takes steps
def test_no_steps_need_no_schedule(schedule: str) -> None:
    run = Run(data="wine", hidden=(3,), steps=0)
    (row,), (plain,) = train([replace(run, schedule=schedule)]), train([run])
    assert repr(row) == repr(plain | {"schedule": schedule})  # which takes nan for nan


def test_layers_start_scaled() -> None:
    plain = Run(hidden=(9, 5), steps=0, dtype="float64")
    factors = (1.0, 2.0, 0.5)
    found = trained_weights([plain, replace(plain, layer_init=factors)])
    for even, scaled, factor in zip(*found, factors, strict=True):
        np.testing.assert_allclose(scaled, factor * even)


def test_biases_start_where_they_are_asked_to_and_move_no_weight() -> None:
    plain = Run(hidden=(400, 5), steps=0, dtype="float64")
    at_0, drawn = trained_weights([plain, replace(plain, bias_init=2.0)])
    for one, other in zip(at_0, drawn, strict=True):
        np.testing.assert_array_equal(one[:, :-1], other[:, :-1])
        assert not one[:, -1].any() and other[:, -1].all()
    assert drawn[0][:, -1].std() == pytest.approx(2.0, rel=0.1)


def test_sigmoid_outputs_need_classes() -> None:
    for data in ("digits_parity", "teacher"):
        with pytest.raises(ValueError, match="outputs 'sigmoid' are for three or more classes"):
            train([Run(data=data, outputs="sigmoid", steps=1)])


@pytest.mark.usefixtures("trainer")
def test_each_network_has_its_own_layer_rates() -> None:
    base = Run(hidden=(9,), lam=1e-3, steps=50, dtype="float64")
    mixed = [base, replace(base, layer_lr=(0.5, 2.0)), replace(base, lr=0.02)]
    for run, together in zip(mixed, trained_weights(mixed), strict=True):
        for alone, beside in zip(trained_weights([run])[0], together, strict=True):
            np.testing.assert_allclose(beside, alone, rtol=1e-12)


@pytest.mark.usefixtures("trainer")
def test_float32_follows_float64() -> None:
    runs = [Run(hidden=(16,), lam=1e-3, steps=200, dtype=dtype) for dtype in ("float32", "float64")]
    single, double = (trained_weights([run])[0] for run in runs)
    for mine, exact in zip(single, double, strict=True):
        assert np.linalg.norm(mine - exact) < 1e-4 * np.linalg.norm(exact)


@pytest.mark.parametrize("name", PENALTIES)
@pytest.mark.parametrize(
    ("data", "outputs"),
    [("digits", "softmax"), ("digits", "sigmoid"), ("digits_parity", "softmax"),
     ("teacher", "softmax")],
)  # fmt: skip
def test_measures_equal_autograd(data: str, outputs: str, name: str) -> None:
    run = Run(
        data=data, outputs=outputs, hidden=(12, 7), penalty=name, lam=STRENGTH[name], lr=0.01,
        steps=20, dtype="float64",
    )  # fmt: skip
    (row,) = train([run])
    model = train_one(run)
    split = split_of(run)
    x = torch.tensor(split.x_train)
    y = torch.tensor(split.y_train)
    y = y if split.task == "multiclass" else y.double()
    matrices = [p for p in model.parameters() if p.ndim == 2]
    loss, value = data_loss(run, model, x, y), penalty(run, model)
    pull = torch.autograd.grad(loss, matrices)
    push = torch.autograd.grad(value, matrices)
    assert row["train_loss"] == pytest.approx(loss.item(), rel=TIGHT)
    assert row["penalty_value"] == pytest.approx(value.item(), rel=TIGHT)
    assert row["cost"] == pytest.approx((loss + value).item(), rel=TIGHT)
    assert row["weights"] == sum(m.numel() for m in matrices)
    for layer, (matrix, g, f) in enumerate(zip(matrices, pull, push, strict=True), start=1):
        assert row[f"sq_norm_{layer}"] == pytest.approx(matrix.square().sum().item(), rel=TIGHT)
        assert row[f"mean_square_{layer}"] == pytest.approx(matrix.square().mean().item())
        assert row[f"penalty_force_{layer}"] == pytest.approx(f.norm().item(), rel=TIGHT)
        assert row[f"data_force_{layer}"] == pytest.approx(g.norm().item(), rel=1e-8)
        ratio = f.norm().item() / g.norm().item()
        assert row[f"force_ratio_{layer}"] == pytest.approx(ratio, rel=1e-8)
    for part in ("val", "test"):
        held = torch.tensor(getattr(split, f"x_{part}"))
        target = torch.tensor(getattr(split, f"y_{part}"))
        target = target if split.task == "multiclass" else target.double()
        expected = data_loss(run, model, held, target).item()
        assert row[f"{part}_loss"] == pytest.approx(expected, rel=TIGHT)


@pytest.mark.parametrize("data", ["digits", "digits_parity", "teacher"])
def test_gradients_of_single_samples_equal_autograd(data: str) -> None:
    run = Run(data=data, n_train=40, hidden=(12, 7), lam=0.01, lr=0.01, steps=20, dtype="float64")
    (row,) = train([run])
    model, split = train_one(run), split_of(run)
    x, y = torch.tensor(split.x_train), torch.tensor(split.y_train)
    y = y if split.task == "multiclass" else y.double()
    matrices = [p for p in model.parameters() if p.ndim == 2]
    squares = torch.zeros(len(matrices), dtype=torch.float64)
    for i in range(len(x)):
        one = torch.autograd.grad(data_loss(run, model, x[i : i + 1], y[i : i + 1]), matrices)
        squares += torch.stack([g.square().sum() for g in one]) / len(x)
    biases = [p for p in model.parameters() if p.ndim == 1]
    for layer, bias in enumerate(biases, start=1):
        found = row[f"bias_sq_norm_{layer}"]
        assert found == pytest.approx(bias.square().sum().item(), rel=TIGHT)
    for layer, square in enumerate(squares.tolist(), start=1):
        assert row[f"sample_force_{layer}"] ** 2 == pytest.approx(square, rel=1e-8)


@pytest.mark.parametrize(
    ("data", "outputs", "label_noise"),
    [("digits", "softmax", 0.3), ("digits", "sigmoid", 0.3), ("digits_parity", "softmax", 0.3),
     ("teacher", "softmax", 0.5), ("wine", "softmax", 0.0)],
)  # fmt: skip
def test_noisy_losses_are_means_over_drawn_noise(data: str, outputs: str, label_noise: float):
    run = Run(
        data=data, outputs=outputs, label_noise=label_noise, hidden=(6,), lr=0.02, steps=100,
        dtype="float64",
    )  # fmt: skip
    other = replace(run, label_noise=0.1, seed=1)
    row = train([run, other])[0]
    model, split = train_one(run), split_of(run)
    rng, found = np.random.default_rng(0), []
    for _ in range(400):
        if split.task == "regression":
            y = split.y_val + label_noise * rng.standard_normal(split.y_val.shape)
        else:
            moved = rng.random(len(split.y_val)) < label_noise
            classes = 2 if split.task == "binary" else split.n_classes
            shift = rng.integers(1, classes, size=len(moved))
            y = np.where(moved, (split.y_val + shift) % classes, split.y_val)
        target = torch.tensor(y if split.task == "multiclass" else y.astype(float))
        found.append(data_loss(run, model, torch.tensor(split.x_val), target).item())
    error = 4 * np.std(found) / 20 + 1e-9
    assert row["val_loss_noisy"] == pytest.approx(np.mean(found), abs=error)
    assert (row["test_loss_noisy"] == row["test_loss"]) == (label_noise == 0)


def test_errors_are_shares_of_wrong_answers() -> None:
    run = Run(hidden=(12,), steps=100, dtype="float64")
    (row,) = train([run])
    split = split_of(run)
    answers = train_one(run)(torch.tensor(split.x_test)).argmax(dim=1).numpy()
    assert row["test_error"] == pytest.approx(np.mean(answers != split.y_test))


@pytest.mark.usefixtures("trainer")
def test_a_diverged_network_is_a_row_and_spares_its_group() -> None:
    good = Run(hidden=(8,), steps=60, checkpoints=(0, 60))
    bad = replace(good, lr=1e6)
    together = train([good, bad])
    alone = train([good])
    assert [row["diverged"] for row in together] == [False, False, False, True]
    assert np.isnan(together[3]["test_loss"]) and together[3]["weights"] == together[2]["weights"]
    assert together[1]["test_loss"] == pytest.approx(alone[1]["test_loss"], rel=1e-5)


def test_unused_inputs_decay_at_the_closed_form_rate() -> None:
    run = Run(hidden=(32,), lam=0.01, steps=300, checkpoints=(0, 300), dtype="float64")
    before, after = train([run])
    shrunk = after["unused_1"] / before["unused_1"]
    assert shrunk == pytest.approx((1 - 2 * run.lr * run.lam) ** 300, rel=TIGHT)


def test_too_large_a_batch_is_refused() -> None:
    with pytest.raises(ValueError, match=r"batch_size 64 exceeds the 40 training samples"):
        train([Run(n_train=40, batch_size=64)])


@pytest.mark.usefixtures("trainer")
def test_the_first_stretches_of_the_validation_part_are_measured_too() -> None:
    run = Run(n_train=64, label_noise=0.2, hidden=(8,), steps=30, held_out=(40, 360), seed=2)
    (row,) = train([run])
    assert row["val_error_360"] == row["val_error"] and row["val_loss_360"] == row["val_loss"]
    assert row["val_loss_noisy_360"] == row["val_loss_noisy"]
    split, weights = split_of(run), trained_weights([run])[0]
    signal = np.column_stack([split.x_val[:40], np.ones(40)]) @ weights[0].T
    outputs = np.column_stack([np.maximum(signal, 0), np.ones(40)]) @ weights[1].T
    assert row["val_error_40"] == (outputs.argmax(axis=1) != split.y_val[:40]).mean()
    plain = train([replace(run, held_out=())])[0]
    assert repr(plain) == repr({name: row[name] for name in plain})


def test_a_stretch_longer_than_the_validation_part_is_refused() -> None:
    with pytest.raises(ValueError, match="held_out has 361, and the validation part 360 samples"):
        train([Run(n_train=64, hidden=(8,), steps=1, held_out=(361,))])
