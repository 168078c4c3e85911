"""LoRA: frozen weights are in no group, and decay on both factors prefers a change of low rank."""

import numpy as np
import torch
from torch import nn

from l2scale.practice import param_groups


class Adapted(nn.Module):
    """A frozen linear layer, and a change of it of rank 2."""

    def __init__(self) -> None:
        super().__init__()
        self.base = nn.Linear(6, 5, bias=False)
        self.base.weight.requires_grad_(False)
        self.a, self.b = nn.Linear(6, 2, bias=False), nn.Linear(2, 5, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.base(x) + self.b(self.a(x))


def test_only_the_factors_are_penalised():
    [group] = param_groups(Adapted(), lam=0.1)
    assert group["names"] == ["a.weight", "b.weight"] and group["weight_decay"] == 0.2


def test_of_all_factors_those_of_least_penalty_have_twice_the_singular_values():
    rng = np.random.default_rng(0)
    b, a = rng.standard_normal((5, 2)), rng.standard_normal((2, 6))
    left, values, right = np.linalg.svd(b @ a, full_matrices=False)
    best_b, best_a = left[:, :2] * np.sqrt(values[:2]), np.sqrt(values[:2, None]) * right[:2]
    assert np.allclose(best_b @ best_a, b @ a)
    least = 2 * values.sum()
    assert np.isclose((best_a**2).sum() + (best_b**2).sum(), least)
    for _ in range(200):
        mix = rng.standard_normal((2, 2))
        other_b, other_a = best_b @ mix, np.linalg.solve(mix, best_a)
        assert np.allclose(other_b @ other_a, b @ a)
        assert (other_a**2).sum() + (other_b**2).sum() >= least * (1 - 1e-12)
