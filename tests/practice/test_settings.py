"""Every record, against the library that it describes: real steps and real minima."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression, Ridge
from torch.nn.functional import binary_cross_entropy_with_logits, mse_loss

from l2scale.adapters.initial_weights import keras_on_torch
from l2scale.adapters.penalties import Task, draw_task, minima, trajectories
from l2scale.practice.conversions import NoEquivalent, convert
from l2scale.practice.settings import SETTINGS, Setting

# One process: Keras and JAX take seconds to start.
pytestmark = pytest.mark.xdist_group("frameworks")

N, STEPS, LR = 40, 12, 0.05
WALKS, RESTS = trajectories(), minima()
MOVED = sorted(set(WALKS) - {"torch-muon"})
SGD = [id for id in MOVED if SETTINGS[id].optimiser != "adam"]


def task_of(id: str, seed: int = 0) -> Task:
    """A task with batches that the library can take."""
    return draw_task(seed, N, 1 if id == "sklearn-sgd" else 5, STEPS)


def known(task: Task, **others: float) -> dict[str, float]:
    return {"lr": LR, "n_samples": N, "batch_size": task.batches.shape[1], **others}


def strength_of(id: str) -> float:
    return -0.03 if id == "optax-add-last" else 0.3


def gradient(task: Task, weights: np.ndarray, batch: np.ndarray) -> np.ndarray:
    """Of the mean logistic loss, bias last."""
    x = np.column_stack([task.x[batch], np.ones(len(batch))])
    return x.T @ (1 / (1 + np.exp(-x @ weights)) - task.y[batch]) / len(batch)


def penalised(setting: Setting, d: int) -> np.ndarray:
    """1 for what the record says is penalised, 0 for the bias if it is not."""
    return np.append(np.ones(d - 1), 0.0 if setting.biases.startswith("not") else 1.0)


def predicted(setting: Setting, task: Task, given: dict[str, float], momentum: float) -> np.ndarray:
    """The steps that follow from a record alone, from the task's start."""
    amount = setting.strength.of(given) * penalised(setting, len(task.start))
    adam = setting.optimiser == "adam"
    lr = given["lr"] * (1.0 if adam else setting.loss.of(given))
    mean, square = np.zeros_like(task.start), np.zeros_like(task.start)
    seen = [task.start]
    for step, batch in enumerate(task.batches, start=1):
        weights = seen[-1]
        found = gradient(task, weights, batch)
        kept = weights
        if setting.where == "objective":
            found = found + 2 * amount * weights
        else:
            kept = (1 - amount) * weights
        if adam:
            mean, square = 0.9 * mean + 0.1 * found, 0.999 * square + 0.001 * found**2
            scale = np.sqrt(square / (1 - 0.999**step)) + 1e-8
            found = mean / (1 - 0.9**step) / scale
        else:
            found = mean = momentum * mean + found
        seen.append(kept - lr * found)
    return np.stack(seen)


def test_all_libraries_are_installed() -> None:
    assert {SETTINGS[id].family for id in (*WALKS, *RESTS)} == {
        "PyTorch", "Keras", "optax", "scikit-learn",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("id", "momentum"),
    [(id, 0.0) for id in MOVED] + [(id, 0.9) for id in SGD if id != "sklearn-sgd"],
)
def test_a_record_predicts_one_step_and_a_trajectory(id: str, momentum: float) -> None:
    task = task_of(id)
    path = WALKS[id](task, strength_of(id), LR, momentum)
    task = replace(task, start=path[0])  # MLPClassifier draws its own
    expected = predicted(SETTINGS[id], task, known(task, value=strength_of(id)), momentum)
    assert path.shape == (STEPS + 1, len(task.start))
    assert path[1] == pytest.approx(expected[1], abs=1e-7)
    assert path == pytest.approx(expected, abs=1e-6)
    # What is compared is not nothing: without the penalty it ends elsewhere.
    unpenalised = predicted(SETTINGS[id], task, known(task, value=strength_of(id) * 1e-9), momentum)
    assert np.abs(path - unpenalised).max() > 1e-3


def test_keras_is_in_double_precision_whoever_used_it_before() -> None:
    keras_on_torch().layers.Dense(2).build((None, 3))
    path = WALKS["keras-l2"](task_of("keras-l2"), 0.3, LR, 0.0)
    assert (path != path.astype(np.float32)).any(axis=1).all()


def test_muon_decays_at_its_own_rate_whatever_its_step() -> None:
    task, strength = task_of("torch-muon"), 0.3
    free = WALKS["torch-muon"](task, 0.0, LR, 0.0)[1]
    share = SETTINGS["torch-muon"].strength.of(known(task, value=strength))
    found = WALKS["torch-muon"](task, strength, LR, 0.0)[1]
    assert (free - found)[:-1] == pytest.approx(share * task.start[:-1], abs=1e-12)
    assert found[-1] == task.start[-1]


@pytest.mark.parametrize("id", sorted(RESTS))
@pytest.mark.parametrize("strength", [0.05, 2.0])
def test_a_solver_rests_where_the_record_says(id: str, strength: float) -> None:
    task = task_of(id)
    weights = RESTS[id](task, strength)
    lam = SETTINGS[id].strength.of(known(task, value=strength))
    everything = np.arange(N)
    if id == "sklearn-ridge":
        x = np.column_stack([task.x, np.ones(N)])
        slope = 2 * x.T @ (x @ weights - task.y) / N
    else:
        slope = gradient(task, weights, everything)
    force = 2 * lam * weights * penalised(SETTINGS[id], len(weights))
    assert slope + force == pytest.approx(np.zeros(len(weights)), abs=1e-7)
    assert np.abs(force).max() > 1e-4


def plain_torch(
    task: Task, weight_decay: float, lr: float, momentum: float, biases: bool
) -> np.ndarray:
    """PyTorch's SGD, with the bias in a group of its own."""
    weights = torch.tensor(task.start[:-1], requires_grad=True)
    bias = torch.tensor(task.start[-1:], requires_grad=True)
    groups = [{"params": [weights]}, {"params": [bias], "weight_decay": biases * weight_decay}]
    optimiser = torch.optim.SGD(groups, lr=lr, momentum=momentum, weight_decay=weight_decay)
    x, y = torch.from_numpy(task.x), torch.from_numpy(task.y).double()
    seen = [task.start]
    for batch in task.batches:
        optimiser.zero_grad()
        binary_cross_entropy_with_logits(x[batch] @ weights + bias, y[batch]).backward()
        optimiser.step()
        seen.append(torch.cat([weights, bias]).detach().numpy().copy())
    return np.stack(seen)


@pytest.mark.parametrize("id", sorted(set(SGD) - {"torch-sgd"}))
def test_a_converted_setting_takes_the_steps_of_the_other_library(id: str) -> None:
    """From every library to PyTorch's SGD, run in both."""
    setting, task = SETTINGS[id], task_of(id)
    momentum = 0.9 if setting.where == "objective" and id != "sklearn-sgd" else 0.0
    path = WALKS[id](task, strength_of(id), LR, momentum)
    there = convert(strength_of(id), id, "torch-sgd", momentum=momentum, **known(task))
    biases = not setting.biases.startswith("not")
    start = replace(task, start=path[0])
    other = plain_torch(start, there.value, there.lr, momentum, biases)
    assert path == pytest.approx(other, abs=1e-6)


def test_against_a_mean_over_targets_a_ridge_is_weaker_by_their_number() -> None:
    rng, targets, alpha = np.random.default_rng(0), 3, 4.0
    x, y = rng.standard_normal((N, 5)), rng.standard_normal((N, targets))
    weights = torch.tensor(Ridge(alpha, fit_intercept=False).fit(x, y).coef_, requires_grad=True)
    lam = convert(alpha, "sklearn-ridge", "book", n_samples=N).value
    loss = mse_loss(torch.from_numpy(x) @ weights.T, torch.from_numpy(y))
    (loss + lam / targets * weights.square().sum()).backward()
    assert weights.grad is not None and weights.grad.abs().max() < 1e-12
    assert weights.detach().abs().max() * lam > 1e-3


def test_with_weights_n_is_their_sum() -> None:
    """The mean of the losses, by the weights, plus lambda w^2 is stationary at what is fitted."""
    rng = np.random.default_rng(0)
    x, weights = rng.standard_normal((N, 5)), rng.uniform(1, 20, N)
    y = x @ rng.standard_normal(5) + rng.standard_normal(N)
    found = Ridge(3.0, fit_intercept=False).fit(x, y, sample_weight=weights).coef_
    lam = convert(3.0, "sklearn-ridge", "book", n_samples=weights.sum()).value
    pull = 2 * x.T @ (weights * (x @ found - y)) / weights.sum()
    assert np.abs(pull + 2 * lam * found).max() < 1e-12 < lam

    labels = (y > 1).astype(float)
    of_classes = {0: 1.0, 1: 2.0}
    fitted = LogisticRegression(class_weight=of_classes, fit_intercept=False, tol=1e-10)
    found = fitted.fit(x, labels).coef_[0]
    weights = 1.0 + labels
    lam = convert(1.0, "sklearn-logistic", "book", n_samples=weights.sum()).value
    pull = x.T @ (weights * (1 / (1 + np.exp(-x @ found)) - labels)) / weights.sum()
    assert np.abs(pull + 2 * lam * found).max() < 1e-6 < lam


@pytest.mark.parametrize(
    ("how", "rate"),
    [({}, 1 / (1 - 0.9)), ({"nesterov": True}, 1 / (1 - 0.9)), ({"dampening": 0.9}, 1.0)],
)
def test_the_pace_of_momentum_is_divided_by_what_is_left_unless_dampened(
    how: dict[str, float], rate: float
) -> None:
    """The share that PyTorch's SGD takes of an unused weight in the long run, over eta."""
    decay, lr = 0.01, 0.01
    weight = torch.ones(1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([weight], lr=lr, momentum=0.9, weight_decay=decay, **how)
    for _ in range(500):
        before = weight.item()
        weight.grad = torch.zeros_like(weight)
        optimiser.step()
    assert (1 - weight.item() / before) / lr == pytest.approx(rate * decay, rel=0.02)
    with pytest.raises(NoEquivalent) as refused:
        convert(decay, "torch-sgd", "keras-weight-decay", momentum=0.9)
    undampened = refused.value.nearest == pytest.approx(rate * decay)
    assert undampened == ("dampening" not in how)


def test_coupled_adam_has_no_equivalent_decay() -> None:
    """No share brings AdamW's weights onto those of Adam with a penalty."""
    with pytest.raises(NoEquivalent, match="squared gradients"):
        convert(0.3, "torch-adam", "torch-adamw", lr=LR)
    task = task_of("torch-adam")
    coupled = WALKS["torch-adam"](task, 0.3, LR, 0.0)[-1]
    shares = np.linspace(0, 2, 41)
    off = [np.abs(WALKS["torch-adamw"](task, s, LR, 0.0)[-1] - coupled).max() for s in shares]
    assert min(off) > 0.01
