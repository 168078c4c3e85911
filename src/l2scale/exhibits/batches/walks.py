"""Every convention trained in plain torch on its own objective, beside the lab's own trainer."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from l2scale.exhibits.batches.conventions import FORMS, Convention
from l2scale.exhibits.batches.sweeps import BASE, SETTINGS, WALKS
from l2scale.lab.sweeps.measurement import Measurement, gathered, observe
from l2scale.lab.training.batches import GroupData, batches
from l2scale.lab.training.runs import Run
from l2scale.lab.training.trainer import initial, trained_weights

# Strong and fast enough for what a wrong factor does to be seen after a hundred steps.
WALK = replace(BASE, lam=0.02, lr=0.1, dtype="float64")
LOOKS = 8


def observations(scale: str) -> tuple[Measurement, ...]:
    """The measurement "walks", at a scale."""
    at = SETTINGS[scale]
    seeds, steps = range(at["walk_seeds"]), at["walk_steps"]
    settings = WALK.columns | {"batch_size": list(WALKS), "seed": list(seeds), "steps": steps}
    networks = len(WALKS) * len(seeds) * (len(FORMS) + 1)  # and the lab's own
    cells = [(size, seed, steps) for size in WALKS for seed in seeds]
    return (observe("walks", lambda: gathered(convention_rows, cells), networks, **settings),)


def convention_rows(size: int, seed: int, steps: int) -> list[dict[str, Any]]:
    """One row per form and look of one batch size and seed.

    Returns:
        Columns form, batch_size, seed, step; book_lam, the form's strength in the book's units;
        sq_norm, the sum of squares; deviation, the largest difference of a weight from the lab's
        trainer over the lab's largest weight.
    """
    rows = []
    run = replace(WALK, batch_size=size, seed=seed, steps=steps)
    looks = range(0, steps + 1, steps // LOOKS)
    lab = [trained_weights([replace(run, steps=step)])[0] for step in looks]
    expected = [[torch.from_numpy(layer[:, :-1]) for layer in found] for found in lab]
    for name, form in FORMS.items():
        own = form.own(run.lam, size, run.n_train)
        there = {"form": name, "batch_size": size, "seed": seed}
        there |= {"book_lam": form.book(own, size, run.n_train)}
        walked = islice(trajectory(run, form), 0, None, steps // LOOKS)
        for step, weights, right in zip(looks, walked, expected, strict=True):
            norm = sum(float(w.square().sum()) for w in weights)
            off = {"deviation": deviation(weights, right)}
            rows.append(there | {"step": step, "sq_norm": norm} | off)
    return rows


def trajectory(run: Run, form: Convention) -> Iterator[list[Tensor]]:
    """The weights before every step of one form and after the last, by autograd.

    The run's lambda and rate are the book's; the form has its own for them. SGD with momentum.
    """
    size, samples = run.batch_size, run.n_train
    own = form.own(run.lam, size, samples)
    weights = [layer[0, :, :-1].clone().requires_grad_() for layer in initial([run])]
    optimiser = torch.optim.SGD(
        weights, lr=form.rate(run.lr, own, size, samples), momentum=run.momentum
    )
    for x, y in islice(batches([run], GroupData.of([run], "cpu")), run.steps):
        yield [w.detach().clone() for w in weights]
        first, last = weights
        outputs = torch.relu(x[0, :, :-1] @ first.T) @ last.T
        losses = cross_entropy(outputs, y[0, 0], reduction="sum")
        squares = sum(w.square().sum() for w in weights)
        optimiser.zero_grad()
        data, penalty = (part(own, size, samples) for part in (form.per_sample, form.penalty))
        (data * losses + penalty * squares).backward()
        optimiser.step()
    yield [w.detach().clone() for w in weights]


def deviation(weights: list[Tensor], right: list[Tensor]) -> float:
    """The largest difference of two weights over the largest of the right ones."""
    off = max(float((w - r).abs().max()) for w, r in zip(weights, right, strict=True))
    return off / max(float(r.abs().max()) for r in right)
