"""What this chapter trains."""

from dataclasses import replace
from typing import Any

from l2scale.exhibits.shared import DIGITS, doublings
from l2scale.lab.runs import Run, grid
from l2scale.lab.sweeps import Sweep
from l2scale.theory.parametrisation import RULES, factors

SETTINGS = {
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

# Without biases, which no learning-rate rule here covers.
BASE = replace(DIGITS, bias=False)
# optimiser -> (settings, exponents of 2 between which lambda is tried)
OPTIMISERS: dict[str, tuple[dict[str, Any], tuple[float, float]]] = {
    "sgd": ({"optimiser": "sgd", "lr": 0.1}, (-10, -3)),
    "momentum": ({"optimiser": "sgd", "lr": 0.02, "momentum": 0.9}, (-10, -3)),
    "adam": ({"optimiser": "adam", "lr": 0.004}, (-10, -3)),
    "adamw": ({"optimiser": "adamw", "lr": 0.004}, (-3, 4)),
}
# What momentum does to SGD at other rates it should do to SGD with those rates: left out.
LEFT_OUT = {("momentum", "inverse_width"), ("momentum", "maximal_update")}
DEEP_RULES = ("constant", "maximal_update")


def sweeps(scale: str) -> tuple[Sweep, ...]:
    """What this chapter trains at a scale."""
    at = SETTINGS[scale]
    return (
        Sweep("rules", rules(at)),
        Sweep("hidden", hidden(at)),
        Sweep("clean", clean(at)),
        Sweep("rates", rates(at)),
    )


def look(steps: int) -> dict[str, Any]:
    """Measured at an eighth of the steps, and at the end."""
    return {"steps": steps, "checkpoints": (steps // 8, steps)}


def scaled(run: Run, rule: str, width: int, base_width: int) -> Run:
    """The run at a width, its rates and initial weights carried from the base width by a rule."""
    depth = len(run.hidden) + 1
    found = factors(rule, run.optimiser, depth, width / base_width)
    return replace(run, hidden=(width,) * len(run.hidden), layer_init=found.init, layer_lr=found.lr)


def rules(at: dict[str, Any]) -> tuple[Run, ...]:
    """Two layers: four optimisers, three rules, which share the networks of the least width."""
    runs: tuple[Run, ...] = ()
    for name, (settings, (low, high)) in OPTIMISERS.items():
        base = replace(BASE, **settings, **look(at["steps"]))
        for rule in RULES:
            if (name, rule) not in LEFT_OUT:
                for width in at["widths"]:
                    runs += grid(
                        scaled(base, rule, width, at["widths"][0]),
                        lam=doublings(low, high, at["per_doubling"]),
                        seed=range(at["seeds"]),
                    )
    return tuple(dict.fromkeys(runs))


def hidden(at: dict[str, Any]) -> tuple[Run, ...]:
    """Three layers, where the matrix between two hidden layers grows on both sides: AdamW."""
    settings, (low, high) = OPTIMISERS["adamw"]
    widths = at["deep_widths"]
    base = replace(BASE, hidden=(1, 1), **settings, **look(at["steps"]))
    runs: tuple[Run, ...] = ()
    for rule in DEEP_RULES:
        for width in widths:
            runs += grid(
                scaled(base, rule, width, widths[0]),
                lam=doublings(low, high, at["per_doubling"]),
                seed=range(at["seeds"]),
            )
    return tuple(dict.fromkeys(runs))


def clean(at: dict[str, Any]) -> tuple[Run, ...]:
    """The four optimisers at constant rates, without wrong labels, which call for less decay."""
    runs: tuple[Run, ...] = ()
    for settings, (low, high) in OPTIMISERS.values():
        runs += grid(
            replace(BASE, label_noise=0.0, **settings, **look(at["steps"])),
            hidden=[(width,) for width in at["widths"]],
            lam=doublings(low - 4, high - 2, at["per_doubling"]),
            seed=range(at["more_seeds"]),
        )
    return runs


def rates(at: dict[str, Any]) -> tuple[Run, ...]:
    """AdamW at other rates, in the narrowest and the widest network."""
    settings, (low, high) = OPTIMISERS["adamw"]
    return grid(
        replace(BASE, **settings, **look(at["steps"])),
        lr=at["rates"],
        hidden=[(at["widths"][0],), (at["widths"][-1],)],
        lam=doublings(low, high, at["per_doubling"]),
        seed=range(at["more_seeds"]),
    )
