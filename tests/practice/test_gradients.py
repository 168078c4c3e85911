"""The data's pull where a plain gradient misses it, and losses that are sums in disguise."""

import copy
from types import SimpleNamespace

import pytest
import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import FullyShardedDataParallel, fully_shard
from torch.nn.functional import cross_entropy, mse_loss
from torch.utils.checkpoint import checkpoint

from l2scale.practice import diagnose

LAM = 1e-3


@pytest.fixture
def alone(tmp_path):
    """A group of one process."""
    dist.init_process_group("gloo", init_method=f"file://{tmp_path}/store", rank=0, world_size=1)
    yield
    dist.destroy_process_group()


def small() -> tuple[nn.Sequential, tuple[torch.Tensor, torch.Tensor]]:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4))
        return model, (torch.randn(32, 8), torch.randn(32, 4))


class Checkpointed(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.first, self.last = model[:2], model[2]

    def forward(self, x):
        return self.last(checkpoint(self.first, x.clone().requires_grad_(), use_reentrant=True))


WRAPPED = {
    "fully_shard": lambda model: fully_shard(model, mesh=init_device_mesh("cpu", (1,))),
    "fsdp": lambda model: FullyShardedDataParallel(
        model, use_orig_params=True, device_id=torch.device("cpu")
    ),
    "re-entrant": Checkpointed,
}


@pytest.mark.filterwarnings("ignore")  # PyTorch's own, of what it shards
@pytest.mark.parametrize("how", WRAPPED)
def test_the_pull_is_the_same_where_gradients_come_by_hooks(alone, how):
    model, data = small()
    plain = diagnose(model, mse_loss, data, LAM).totals
    found = diagnose(WRAPPED[how](copy.deepcopy(model)), mse_loss, data, LAM).totals
    for name in ("data_loss", "data_force", "force_ratio"):
        assert found[name] == pytest.approx(plain[name], rel=1e-6)
    assert plain["data_force"] == pytest.approx(0.5249, abs=1e-4)


def test_gradients_of_before_stay():
    model, data = small()
    held = torch.ones_like(model[0].weight)
    model[0].weight.grad = held
    diagnose(model, mse_loss, data, LAM)
    assert model[0].weight.grad is held and (held == 1).all()
    assert model[2].weight.grad is None


def test_a_hook_that_may_take_a_step_is_refused():
    model, data = small()
    hook = model[2].weight.register_post_accumulate_grad_hook(lambda p: p.data.zero_())
    with pytest.raises(ValueError, match=r"2.weight has a hook .* hook.remove\(\)"):
        diagnose(model, mse_loss, data, LAM)
    hook.remove()
    assert diagnose(model, mse_loss, data, LAM).totals["data_force"] > 0


class Tokens(nn.Module):
    """Gives no tensor, as models of transformers do."""

    def __init__(self):
        super().__init__()
        self.table, self.drop, self.out = nn.Embedding(9, 6), nn.Dropout(0.5), nn.Linear(6, 9)

    def forward(self, ids):
        return SimpleNamespace(logits=self.out(self.drop(self.table(ids))))


def flat(reduction):
    def loss(found, ids):
        logits, wanted = found.logits.flatten(0, 1), ids.flatten()
        return cross_entropy(logits, wanted, ignore_index=0, reduction=reduction)

    return loss


def test_a_sum_is_seen_whatever_the_outputs_are():
    ids = torch.arange(40).reshape(8, 5) % 9
    with pytest.raises(ValueError, match="it is a sum"):
        diagnose(Tokens(), flat("sum"), (ids, ids), LAM)
    assert diagnose(Tokens(), flat("mean"), (ids, ids), LAM).totals["data_loss"] > 0


@pytest.mark.parametrize("sizes", [(0, 4), (4, 0), (0, 0)])
def test_a_batch_without_inputs_or_targets_has_no_samples(sizes):
    data = torch.randn(sizes[0], 3), torch.randn(sizes[1], 1)
    with pytest.raises(ValueError, match="a batch has no samples"):
        diagnose(nn.Linear(3, 1), lambda out, y: (out.sum() - y).square().mean(), data, LAM)


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_a_sum_is_seen_where_samples_have_several_targets(reduction):
    model = nn.Sequential(nn.Embedding(9, 6), nn.Linear(6, 9), nn.Flatten(0, 1))
    ids = torch.arange(40).reshape(8, 5) % 9
    data = ids, ids.flatten()

    def loss(outputs, targets):  # which does not say how it is reduced
        return cross_entropy(outputs, targets, reduction=reduction)

    if reduction == "sum":
        with pytest.raises(ValueError, match="it is a sum"):
            diagnose(model, loss, data, LAM)
    else:
        assert diagnose(model, loss, data, LAM).totals["data_loss"] > 0


def test_a_sum_is_seen_beside_a_penalty_written_by_hand():
    model, data = small()

    def loss(reduction):
        weights = [p for p in model.parameters() if p.ndim > 1]
        return lambda a, b: (
            mse_loss(a, b, reduction=reduction) + sum(p.square().sum() for p in weights)
        )

    with pytest.raises(ValueError, match="it is a sum"):
        diagnose(model, loss("sum"), data, LAM)
    assert diagnose(model, loss("mean"), data, LAM).totals["data_loss"] > 0


def test_a_mean_in_training_mode_is_no_sum():
    model, data = small()
    model.insert(1, nn.BatchNorm1d(16))
    model.insert(2, nn.Dropout(0.5))
    model[2].eval()  # a mode of its own, which stays
    assert diagnose(model, mse_loss, data, LAM).totals["data_loss"] > 0
    assert [module.training for module in model] == [True, True, False, True, True]
    assert model.training
