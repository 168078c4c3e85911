"""Many networks at once, by the transformations of torch.func and of JAX.

As in `benchmarks.contenders`, each takes runs in one process of one thread. For JAX the clock
leaves compilation out: it is compiled before, as it is for a reader's second call.
"""

from collections.abc import Sequence
from importlib.util import find_spec

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, stack_module_state, vmap

from benchmarks.contenders import module
from benchmarks.work import Weights, arrays, batch_rows
from l2scale.lab import machine
from l2scale.lab.training.runs import Run


def torch_func(runs: Sequence[Run]) -> list[Weights]:
    """An ensemble of modules: stack_module_state, functional_call, and vmap of grad."""
    device, run = machine.device(), runs[0]
    model = module(run)
    parameters, _ = stack_module_state([module(one).to(device) for one in runs])
    parameters = {name: tensor.detach() for name, tensor in parameters.items()}
    x, y, rows, lams = (torch.from_numpy(array).to(device) for array in stacked(runs))

    def cost(one: dict[str, Tensor], x: Tensor, y: Tensor, lam: Tensor) -> Tensor:
        loss = nn.functional.cross_entropy(functional_call(model, one, (x,)), y)
        return loss + lam * sum(p.square().sum() for p in one.values() if p.ndim == 2)

    slopes = vmap(grad(cost))
    replica = torch.arange(len(runs), device=device)[:, None]
    for step in range(run.steps):
        batch = replica, rows[:, step]
        for name, slope in slopes(parameters, x[batch], y[batch], lams).items():
            parameters[name].sub_(slope, alpha=run.lr)
    pairs = [
        torch.cat([weights, biases[:, :, None]], dim=2).cpu().numpy()
        for weights, biases in zip(*_by_kind(parameters), strict=True)
    ]
    return [[layer[r] for layer in pairs] for r in range(len(runs))]


def jax_vmap(runs: Sequence[Run]) -> list[Weights]:
    """JAX: jit(vmap(network)), each a scan over its steps."""
    from benchmarks import in_jax  # it may be missing

    return in_jax.train("vmap", runs)


def jax_map(runs: Sequence[Run]) -> list[Weights]:
    """JAX: jit(map over networks), each a scan over its steps."""
    from benchmarks import in_jax

    return in_jax.train("map", runs)


def compile_jax(kind: str, runs: Sequence[Run]) -> None:
    """Compile what `kind`, "vmap" or "map", needs for runs of this shape and number."""
    from benchmarks import in_jax

    in_jax.warm(kind, runs)


def has_jax() -> bool:
    """Whether JAX is installed; the package itself does not need it."""
    return find_spec("jax") is not None


def stacked(runs: Sequence[Run]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Inputs (R, n, d), classes (R, n), rows of every step's batch (R, steps, B) and lambdas."""
    x, y = zip(*(arrays(run) for run in runs), strict=True)
    rows = np.stack([batch_rows(run) for run in runs])
    return np.stack(x), np.stack(y), rows, np.array([run.lam for run in runs], dtype=np.float32)


def _by_kind(parameters: dict[str, Tensor]) -> tuple[list[Tensor], list[Tensor]]:
    weights = [tensor for name, tensor in parameters.items() if name.endswith("weight")]
    return weights, [tensor for name, tensor in parameters.items() if name.endswith("bias")]
