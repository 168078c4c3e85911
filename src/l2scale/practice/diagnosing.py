"""What a penalty does to a model at this moment: value, force and clock, tensor by tensor."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from torch import nn

from l2scale.practice.batches import Data
from l2scale.practice.checks import BIASES_AND_NORMS
from l2scale.practice.diagnosis import Diagnosis
from l2scale.practice.gradients import DataPull, data_pull
from l2scale.practice.losses import Loss
from l2scale.practice.placement import Placed, place
from l2scale.practice.rows import tensor_rows, total_columns
from l2scale.practice.verdict import verdict
from l2scale.theory.penalties import check_lambda, check_rate


def diagnose(
    model: nn.Module,
    loss_fn: Loss,
    data: Data,
    lam: float,
    *,
    penalty: str = "sum",
    lr: float | None = None,
    exclude: Sequence[str] = BIASES_AND_NORMS,
    start: str = "pytorch",
    fans: Mapping[str, tuple[int, int]] = MappingProxyType({}),
) -> Diagnosis:
    """Measure the penalty ``lam * sum_l c_l ||W_l||^2`` against the data.

    The model is measured in the mode it is in, training or evaluation, and nothing of it changes.
    Layers before a batch normalisation are free of scale in training mode only.

    Args:
        model: on any one device; the data follow it.
        loss_fn: from outputs and targets to the mean loss over the batch.
        data: one pair of inputs and targets, or batches of them, weighted by their samples.
        lam: strength beside the mean loss, without 1/2: half of the ``weight_decay`` of
            ``torch.optim.SGD`` or ``Adam``. That of ``AdamW`` is no penalty, and has no value.
        penalty: a name in `l2scale.theory.penalties.PENALTIES`.
        lr: learning rate of SGD or AdamW, for the steps that forgetting takes; over
            ``1 - momentum`` with momentum. Adam divides the penalty by its own scale, and has no
            such clock.
        exclude: what carries no penalty, as in `l2scale.practice.placement.place`.
        start: the initial weights to compare with: "pytorch", each module's own, or a name in
            `l2scale.theory.initialisation.INITS` for all tensors.
        fans: ``(fan_in, fan_out)`` of matrices that are unknown, as in `place`.

    Raises:
        ValueError: as `place`, `data_pull` and `diagnosed`.
        RuntimeError: where a batch does not fit into memory.
    """
    placed = place(model, exclude, fans)
    lam, lr = _checked(lam, lr)
    pull = data_pull(model, loss_fn, data, {tensor.name: tensor.parameter for tensor in placed})
    return diagnosed(placed, lam, penalty=penalty, lr=lr, start=start, pull=pull)


def diagnosed(
    placed: Sequence[Placed],
    lam: float,
    *,
    penalty: str = "sum",
    lr: float | None = None,
    start: str = "pytorch",
    pull: DataPull | None = None,
) -> Diagnosis:
    """The diagnosis of placed tensors; without a pull of the data, what weights alone tell.

    Raises:
        ValueError: for a strength, rate, penalty or start that is none, or weights that are nan
            or infinite.
    """
    lam, lr = _checked(lam, lr)
    table = tensor_rows(placed, lam, penalty, lr, start, pull)
    totals = total_columns(table, lam, lr, pull)
    settings = {"lam": lam, "penalty": penalty, "lr": lr, "start": start}
    return Diagnosis(table, totals, settings, verdict(table, totals, lam, lr, start))


def _checked(lam: float, lr: float | None) -> tuple[float, float | None]:
    return check_lambda(lam), None if lr is None else check_rate(lr)
