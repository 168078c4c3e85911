"""What this chapter trains."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain, product
from typing import Any

from l2scale.exhibits.optimisers import BASE, OPTIMISERS, look, scaled_by_rule
from l2scale.exhibits.shared import doublings
from l2scale.lab.sweeps.sweep import Sweep
from l2scale.lab.training.runs import Run, grid
from l2scale.theory.parametrisation import RULES

SETTINGS: dict[str, dict[str, Any]] = {
    "smoke": {
        "widths": (8, 32), "deep_widths": (8, 64), "seeds": 3, "steps": 120, "per_doubling": 1,
        "more_seeds": 3, "rates": (0.001, 0.016),
    },
    "book": {
        "widths": (16, 64, 256), "deep_widths": (16, 32, 64, 128), "seeds": 8, "steps": 1000,
        "per_doubling": 2, "more_seeds": 6, "rates": (0.001, 0.002, 0.008),
    },
    "full": {
        "widths": tuple(2**i for i in range(4, 13)),
        "deep_widths": tuple(2**i for i in range(4, 11)),
        "seeds": 64, "steps": 8000, "per_doubling": 4,
        "more_seeds": 64, "rates": (0.0005, 0.001, 0.002, 0.008),
    },
}  # fmt: skip

# What momentum does to SGD at other rates it should do to SGD with those rates: left out.
TWO_LAYERS = {name: ("constant",) if name == "momentum" else RULES for name in OPTIMISERS}
THREE_LAYERS = {"adamw": ("constant", "maximal_update")}


def sweeps(scale: str) -> tuple[Sweep, ...]:
    """What this chapter trains at a scale.

    Two layers under four optimisers and three rules for the rate; three, where the matrix between
    two hidden layers grows on both sides; the constant rates without wrong labels, which call for
    less decay; and AdamW at other rates, in the narrowest and the widest network.
    """
    at = SETTINGS[scale]
    two, three, seeds = at["widths"], at["deep_widths"], range(at["more_seeds"])
    widths, ends = [(width,) for width in two], [(two[0],), (two[-1],)]
    clean = [
        grid(replace(run, label_noise=0.0), hidden=widths, lam=lams, seed=seeds)
        for run, lams in (tuning_grid(at, name, -4, -2) for name in OPTIMISERS)
    ]
    adamw, lams = tuning_grid(at, "adamw")
    rates = grid(adamw, lr=at["rates"], hidden=ends, lam=lams, seed=seeds)
    return (
        Sweep("rules", rule_runs(at, two, 2, TWO_LAYERS)),
        Sweep("hidden", rule_runs(at, three, 3, THREE_LAYERS)),
        Sweep("clean", tuple(chain(*clean))),
        Sweep("rates", rates),
    )


def tuning_grid(
    at: dict[str, Any], name: str, low: int = 0, high: int = 0
) -> tuple[Run, list[float]]:
    """An optimiser's run, and the lambdas tried, the ends of whose range are moved by doublings."""
    settings, (least, most) = OPTIMISERS[name]
    lams = doublings(least + low, most + high, at["per_doubling"])
    return replace(BASE, **settings, **look(at["steps"])), lams


def rule_runs(
    at: dict[str, Any], widths: tuple[int, ...], layers: int, rules: Mapping[str, Iterable[str]]
) -> tuple[Run, ...]:
    """The rules of each optimiser, which share the networks of the least width."""
    runs: tuple[Run, ...] = ()
    for name, some in rules.items():
        base, lams = tuning_grid(at, name)
        base = replace(base, hidden=(1,) * (layers - 1))
        for rule, width in product(some, widths):
            run = scaled_by_rule(base, rule, width, widths[0])
            runs += grid(run, lam=lams, seed=range(at["seeds"]))
    return tuple(dict.fromkeys(runs))
