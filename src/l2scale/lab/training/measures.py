"""What is measured of a network at a checkpoint: losses, penalty, norms and forces."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from l2scale.lab.training import losses
from l2scale.lab.training.batches import PARTS, GroupData
from l2scale.lab.training.networks import Workspace, apart, empty, multiply
from l2scale.lab.training.runs import Run

# Activations held at once while measuring. A core's share of cache holds no more.
EVALUATION_BYTES = {"cpu": 8e6, "cuda": 64e6}


def measure_group(
    runs: Sequence[Run], weights: Sequence[Tensor], force: Sequence[Tensor], data: GroupData
) -> list[dict[str, Any]]:
    """One row per run, in their order.

    Columns: `train_loss`, `train_error` and so on for every part (loss without the penalty);
    `val_loss_noisy` and `test_loss_noisy`, expected if their labels had the training part's noise;
    the three of validation again for each size k in `held_out`, on its first k samples, as
    `val_loss_k`, `val_error_k` and `val_loss_noisy_k`;
    `penalty_value` = lam sum_l c_l ||W_l||^2; `cost` = train_loss + penalty_value; `weights` = P;
    per layer l from 1: `sq_norm_l` = ||W_l||^2, `mean_square_l`, `penalty_force_l` = ||2 lam c_l
    W_l|| and `data_force_l` = norm of the full-batch gradient of the training loss, `force_ratio_l`
    their ratio (nan where both are 0), `force_ratio` that of all layers together,
    `sample_force_l` = root mean square over the training samples of the norm of one sample's
    gradient, `bias_sq_norm_l` = ||b_l||^2, and
    `unused_1` = RMS of the first layer's weights on inputs that are constant in the training part
    (nan without one); per hidden layer `unit_imbalance_l` = sum over its units of |a - b| over that
    of a + b, where a and b are what a unit's incoming and outgoing weights add to the value (nan
    where no unit adds any). Biases are in no other norm; in the value only where they are
    penalised. `diverged`: a loss or weight is not finite; then every measure is nan.
    """
    samples = max(data.inputs[part].shape[1] for part in PARTS)
    bytes_each = sum(2 * w.shape[1] + w.shape[2] for w in weights) * samples * weights[0].itemsize
    chunk = max(1, int(EVALUATION_BYTES[weights[0].device.type] / bytes_each))
    rows: list[dict[str, Any]] = []
    for start in range(0, len(runs), chunk):
        replicas = slice(start, start + chunk)
        measured = _measure(
            [apart(w[replicas]) for w in weights],
            [f[replicas] for f in force],
            data,
            replicas,
            runs[replicas],
        )
        values = torch.stack([each.double() for each in measured.values()], dim=1).tolist()
        for run, its_own in zip(runs[replicas], values, strict=True):
            row = dict(zip(measured, its_own, strict=True))
            ok = row.pop("finite") == 1
            if not ok:
                row = dict.fromkeys(row, float("nan"))
            row["weights"] = sum(w.shape[1] * (w.shape[2] - 1) for w in weights)
            rows.append(run.columns | {"diverged": not ok} | row)
    return rows


def _measure(
    weights: list[Tensor],
    force: list[Tensor],
    data: GroupData,
    replicas: slice,
    runs: Sequence[Run],
) -> dict[str, Tensor]:
    measured: dict[str, Tensor] = {}
    run = runs[0]
    label_noise = weights[0].new_tensor([each.label_noise for each in runs])
    space: Workspace | None = None
    for part in reversed(PARTS):  # the training part last: its activations serve the gradient
        x, y = data.part(part, replicas)
        if space is None or space.pre[0].shape[2] != x.shape[1]:
            space = Workspace(weights, run.activation, x.shape[1], bias=run.bias, norm=run.norm)
        outputs = space.forward(x)
        loss, error = losses.evaluate(data.task, outputs, y)
        measured |= {f"{part}_loss": loss, f"{part}_error": error}
        if part != "train":
            noisy = losses.noisy_loss(data.task, outputs, y, loss, label_noise)
            measured[f"{part}_loss_noisy"] = noisy
        if part == "val":
            measured |= _on_stretches(run.held_out, data.task, outputs, y, label_noise)
    data_force: dict[int, Tensor] = {}
    sample_force: dict[int, Tensor] = {}
    delta = losses.gradient(data.task, outputs, y)
    for layer, layer_delta, inputs in space.backward(delta):  # type: ignore[union-attr]  # PARTS has some
        rows, columns = weights[layer].shape[1], weights[layer].shape[2] - 1
        grad = empty(loss, len(loss), rows, columns)
        multiply(layer_delta, inputs[:, :, :-1], out=grad)
        data_force[layer] = grad.mul_(grad).sum(dim=(1, 2))
        # One sample's gradient is an outer product, and the mean loss's delta has a factor 1/n.
        each = layer_delta.square().sum(dim=1) * inputs[:, :, :-1].square().sum(dim=2)
        sample_force[layer] = each.sum(dim=1) * each.shape[1]
        del grad  # as large as the layer

    unused = x[:, :, :-1].amax(dim=1) == x[:, :, :-1].amin(dim=1)
    total_penalty, total_data = torch.zeros_like(loss), torch.zeros_like(loss)
    into: list[Tensor] = []  # what each unit's incoming weights add to the value, times 2
    out: list[Tensor] = []
    for layer, tensor in enumerate(weights):
        squares = tensor.square()
        by_unit, of_biases = squares[:, :, :-1].sum(dim=2), squares[:, :, -1]
        by_input, square = squares[:, :, :-1].sum(dim=1), by_unit.sum(dim=1)
        of_weight, of_bias = force[layer][:, :, 0], force[layer][:, :, -1]
        into.append(of_weight * by_unit + of_bias * of_biases)
        out.append(of_weight * by_input)
        penalty_force = of_weight[:, 0].square() * square
        total_penalty += penalty_force
        total_data += data_force[layer]
        measured |= {
            f"sq_norm_{layer + 1}": square,
            f"mean_square_{layer + 1}": square / (by_unit.shape[1] * by_input.shape[1]),
            f"bias_sq_norm_{layer + 1}": of_biases.sum(dim=1),
            f"penalty_force_{layer + 1}": penalty_force.sqrt(),
            f"data_force_{layer + 1}": data_force[layer].sqrt(),
            f"sample_force_{layer + 1}": sample_force[layer].sqrt(),
            f"force_ratio_{layer + 1}": (penalty_force / data_force[layer]).sqrt(),
        }
        if layer == 0:
            dead = by_input / by_unit.shape[1] * unused
            measured["unused_1"] = (dead.sum(dim=1) / unused.sum(dim=1)).sqrt()
    for layer in range(len(weights) - 1):
        gap = (into[layer] - out[layer + 1]).abs().sum(dim=1)
        both = (into[layer] + out[layer + 1]).sum(dim=1)
        measured[f"unit_imbalance_{layer + 1}"] = gap / both
    # There are layers, so that this is no plain 0.
    value: Tensor = sum(each.sum(dim=1) for each in into) / 2  # type: ignore[assignment]
    measured |= {
        "penalty_value": value,
        "cost": measured["train_loss"] + value,
        "force_ratio": (total_penalty / total_data).sqrt(),
    }
    checked = [measured[f"{part}_loss"] for part in PARTS] + [value]
    finite = torch.stack([torch.isfinite(v) for v in checked]).all(dim=0)
    measured["finite"] = finite.to(loss)
    return measured


def _on_stretches(
    sizes: Sequence[int], task: str, outputs: Tensor, y: Tensor, label_noise: Tensor
) -> dict[str, Tensor]:
    """What the first samples of the validation part say, for each number of them."""
    measured: dict[str, Tensor] = {}
    if max(sizes, default=0) > y.shape[2]:
        raise ValueError(
            f"held_out has {max(sizes)}, and the validation part {y.shape[2]} samples: choose less"
        )
    for size in sizes:
        some, targets = outputs[:, :, :size], y[:, :, :size]
        loss, error = losses.evaluate(task, some, targets)
        noisy = losses.noisy_loss(task, some, targets, loss, label_noise)
        measured |= {f"val_loss_{size}": loss, f"val_error_{size}": error}
        measured[f"val_loss_noisy_{size}"] = noisy
    return measured
