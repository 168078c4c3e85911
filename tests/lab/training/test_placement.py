"""Each setting's steps on a stand-in for a GPU: where tensors are, and what is read."""

from collections.abc import Callable

import pytest
import torch
from every_setting import SETTINGS, group
from stand_in import DEVICE, Device, Made, Recorded, Refused, Unread, under
from torch import Tensor

from l2scale.lab.training import losses, measures, trainer
from l2scale.lab.training.architectures import differentiated
from l2scale.lab.training.batches import split_of
from l2scale.lab.training.losses import TASKS, task_of
from l2scale.lab.training.runs import CHOICES
from l2scale.theory.penalties import PENALTIES

RUNS = [group(change)[0] for change in SETTINGS]


@pytest.mark.parametrize("field", CHOICES)
def test_no_choice_is_left_out(field: str) -> None:
    # L-BFGS stays on the CPU, see l2scale.lab.sweeps.groups.device_kind.
    assert {getattr(run, field) for run in RUNS} == set(CHOICES[field]) - {"lbfgs"}


def test_no_penalty_and_no_loss_is_left_out() -> None:
    assert {run.penalty for run in RUNS if isinstance(run.penalty, str)} == set(PENALTIES)
    assert any(isinstance(run.penalty, tuple) for run in RUNS)
    assert {task_of(split_of(run).task, run.outputs) for run in RUNS} == set(TASKS)


@pytest.fixture(autouse=True)
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Steps read nothing, and what is recorded needs the device alone; an entry a recorded step."""
    steps: list[bool] = []

    def capture(step: Callable[[], None], changes: object) -> Callable[[], None]:
        steps.append(True)
        return under(step, Recorded, Made)

    monkeypatch.setattr(trainer, "capture", capture)
    for module, name in ((trainer, "_perceptrons"), (differentiated, "walker")):
        monkeypatch.setattr(module, name, _unread(getattr(module, name)))
    monkeypatch.setitem(measures.EVALUATION_BYTES, DEVICE, measures.EVALUATION_BYTES["cuda"])
    return steps


def _unread(make: Callable) -> Callable:
    """Steps that read nothing, and a look that may."""

    def made(*args: object) -> tuple[Callable, Callable]:
        walk, look = make(*args)
        return under(walk, Unread), look

    return made


def train(change: dict, checkpoints: tuple[int, ...]) -> list[dict]:
    """Three steps."""
    shorter = {"steps": 3, "checkpoints": checkpoints}
    shorter |= {"warmup": 2} if "warmup" in change else {}
    shorter |= {"decay_steps": (1, 2)} if "decay_steps" in change else {}
    with Device():
        return trainer.train(group(change | shorter), DEVICE)


@pytest.mark.parametrize("change", SETTINGS, ids=str)
def test_a_step_stays_on_its_device_and_reads_nothing(change: dict, recorded: list[bool]) -> None:
    assert len(train(change, (0, 2, 3))) == 9
    assert recorded == [True] * ("architecture" not in change)


READ = {
    "item": lambda outputs: outputs.sum().item(),
    "bool": lambda outputs: bool((outputs > 0).all()),
    "copy": lambda outputs: outputs.cpu(),
    "list": lambda outputs: outputs.tolist(),
    "mask": lambda outputs: outputs[outputs > 0],
    "nonzero": lambda outputs: outputs.nonzero(),
    "equal": lambda outputs: torch.equal(outputs, outputs),
    "into": lambda outputs: torch.zeros(outputs.shape).copy_(outputs),
    "constant": lambda outputs: outputs * torch.tensor(2.0),
    "indices": lambda outputs: outputs[:, torch.tensor([0])],
}
BAKED = {
    "number": lambda outputs: torch.tensor(2.0, device=outputs.device),
    "new": lambda outputs: outputs.new_tensor(2.0),
    "drawn": lambda outputs: torch.rand(3).to(outputs.device),
}


def spoil(monkeypatch: pytest.MonkeyPatch, fault: Callable[[Tensor], object]) -> None:
    plain = losses.gradient

    def gradient(task: str, outputs: Tensor, targets: Tensor) -> Tensor:
        fault(outputs)
        return plain(task, outputs, targets)

    monkeypatch.setattr(losses, "gradient", gradient)


@pytest.mark.parametrize("architecture", ["mlp", "residual"])
@pytest.mark.parametrize("fault", READ)
def test_a_value_that_is_read_is_noticed(
    fault: str, architecture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(monkeypatch, READ[fault])
    with pytest.raises(Refused):
        train({"architecture": architecture, "hidden": (8, 8)}, (3,))


@pytest.mark.parametrize("fault", BAKED)
def test_what_a_recording_would_not_change_is_noticed(
    fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(monkeypatch, BAKED[fault])
    with pytest.raises(Refused):
        train({}, (3,))
