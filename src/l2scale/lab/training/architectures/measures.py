"""What is measured at a checkpoint of networks whose gradients autograd finds."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from l2scale.lab.training import losses
from l2scale.lab.training.architectures.build import Network
from l2scale.lab.training.architectures.parts import EVALUATE, LOOK, MATRIX
from l2scale.lab.training.batches import PARTS, GroupData
from l2scale.lab.training.runs import Run

MOST = 4_096  # samples at a time, and the training samples that are looked at


def measure(
    runs: Sequence[Run],
    net: Network,
    tensors: Sequence[Tensor],
    force: Sequence[Tensor],
    elapsed: Sequence[float],
    angles: Tensor,
    data: GroupData,
) -> list[dict[str, Any]]:
    """One row per run, in their order, each measured by itself.

    Columns of `l2scale.lab.training.measures.measure_group`, with the same meaning: losses and
    errors, `penalty_value`, `cost`, `weights`, `diverged`; per matrix l from 1, in the order of
    `matrices`: `sq_norm_l`, `mean_square_l`, `penalty_force_l`, `data_force_l`, `force_ratio_l`,
    and `force_ratio` of all. Losses are those of evaluation, in which a batch norm takes its
    running averages, and forces those of training, in which it takes the batch's, here all samples
    at once. The training part is its first 4,096 samples.

    Beside them: `matrices` = their names; per matrix: `rms_l`, `spectral_norm_l`, `angle_l` = angle
    in radians between the matrix before and after a step, root mean square of the last 32 before
    the checkpoint or of those since the one before (nan before any), and `decay_time_l` =
    2 lam c_l times the sum of its learning rates over the steps in which the penalty acted: with
    all alike, 2 eta lambda t. The penalty is measured as if it acted where `Run.decay_steps` rests
    it.

    Args:
        runs: R networks of one shape.
        net: their network.
        tensors: (R, a, b), in the order of its parameters.
        force: constants 2 lam c_l of the trained ones, (R, 1, 1).
        elapsed: of each run, the sum of learning rates, before `Run.layer_lr`.
        angles: (R, matrices).
        data: of the runs.
    """
    rows = []
    names = [p.name for p in net.parameters]
    matrices = [p for p in net.parameters if p.kind == MATRIX]
    for r, run in enumerate(runs):
        one = slice(r, r + 1)
        weights = {name: t[one].contiguous() for name, t in zip(names, tensors, strict=True)}
        constants = dict(
            zip(
                [p.name for p in net.parameters if p.trained],
                [f[r].item() for f in force],
                strict=True,
            )
        )
        measured = _losses(run, net, weights, data, one)
        times = [elapsed[r] * factor for factor in run.layer_lr or (1.0,) * len(matrices)]
        measured |= _matrices(net, weights, constants, times, data, one)
        for layer, turned in enumerate(angles[r].tolist(), start=1):
            measured[f"angle_{layer}"] = turned
        value = sum(
            constants[name] * w.square().sum().item() / 2
            for name, w in weights.items()
            if name in constants
        )
        measured |= {"penalty_value": value, "cost": measured["train_loss"] + value}
        finite = torch.tensor([measured[f"{part}_loss"] for part in PARTS] + [value]).isfinite()
        ok = bool(finite.all())
        if not ok:
            measured = dict.fromkeys(measured, float("nan"))
        measured["weights"] = sum(p.shape[0] * p.shape[1] for p in matrices)
        labels = {"matrices": " ".join(p.name for p in matrices), "diverged": not ok}
        rows.append(run.columns | labels | measured)
    return rows


@torch.no_grad()
def _losses(
    run: Run, net: Network, weights: Mapping[str, Tensor], data: GroupData, one: slice
) -> dict[str, float]:
    measured: dict[str, float] = {}
    for part in reversed(PARTS):
        x, y = _part(data, part, one)
        blocks = [net.outputs(weights, block, EVALUATE) for block in x.split(MOST, dim=1)]
        outputs = torch.cat(blocks, dim=1).transpose(1, 2).contiguous()
        loss, error = losses.evaluate(data.task, outputs, y)
        measured |= {f"{part}_loss": loss.item(), f"{part}_error": error.item()}
        if part != "train":
            noise = loss.new_tensor([run.label_noise])
            noisy = losses.noisy_loss(data.task, outputs, y, loss, noise)
            measured[f"{part}_loss_noisy"] = noisy.item()
    return measured


def _matrices(
    net: Network,
    weights: Mapping[str, Tensor],
    constants: Mapping[str, float],
    elapsed: Sequence[float],
    data: GroupData,
    one: slice,
) -> dict[str, float]:
    matrices = [p.name for p in net.parameters if p.kind == MATRIX]
    leaves = [weights[name].detach().requires_grad_() for name in matrices]
    x, y = _part(data, "train", one)
    outputs = net.outputs({**weights, **dict(zip(matrices, leaves, strict=True))}, x, LOOK)
    outputs = outputs.transpose(1, 2)
    delta = losses.gradient(data.task, outputs.detach().clone(), y)
    grads = torch.autograd.grad(outputs, leaves, delta)
    measured: dict[str, float] = {}
    total_penalty = total_data = 0.0
    for layer, (name, grad) in enumerate(zip(matrices, grads, strict=True), start=1):
        tensor = weights[name][0].double()
        square, of_data = tensor.square().sum(), grad.double().square().sum()
        of_penalty = constants[name] ** 2 * square
        finite = tensor.nan_to_num(0, 0, 0)  # nan has no singular values, and its row none of these
        total_penalty += of_penalty.item()
        total_data += of_data.item()
        measured |= {
            f"sq_norm_{layer}": square.item(),
            f"mean_square_{layer}": square.item() / tensor.numel(),
            f"rms_{layer}": (square / tensor.numel()).sqrt().item(),
            f"spectral_norm_{layer}": torch.linalg.matrix_norm(finite, 2).item(),
            f"penalty_force_{layer}": of_penalty.sqrt().item(),
            f"data_force_{layer}": of_data.sqrt().item(),
            f"force_ratio_{layer}": (of_penalty / of_data).sqrt().item(),
            f"decay_time_{layer}": constants[name] * elapsed[layer - 1],
        }
    ratio = torch.tensor(total_penalty) / torch.tensor(total_data)
    return measured | {"force_ratio": ratio.sqrt().item()}


def _part(data: GroupData, part: str, one: slice) -> tuple[Tensor, Tensor]:
    """Inputs (1, n, d) and targets (1, m, n) of a run, of the training part the first `MOST`."""
    most = MOST if part == "train" else None
    x, y = data.part(part, one)
    return x[:, :most, :-1], y[:, :, :most]
