"""What this chapter trains."""

from dataclasses import replace
from typing import Any

from l2scale.exhibits.which_penalty.sweeps import DIGITS, doublings
from l2scale.lab.runs import Run, grid
from l2scale.lab.sweeps import Sweep
from l2scale.theory.parametrisation import RULES, factors

SETTINGS = {
    "smoke": {
        "widths": (8, 32), "deep_widths": (8, 64), "five_widths": (8, 16), "seeds": 3,
        "steps": 120, "per_doubling": 1,
    },
    "book": {
        "widths": (16, 64, 256), "deep_widths": (16, 32, 64, 128), "five_widths": (16, 32, 64),
        "seeds": 8, "steps": 1000, "per_doubling": 3,
    },
    "full": {
        "widths": tuple(2**i for i in range(4, 13)),
        "deep_widths": tuple(2**i for i in range(4, 11)),
        "five_widths": tuple(2**i for i in range(4, 10)),
        "seeds": 64, "steps": 8000, "per_doubling": 4,
    },
}  # fmt: skip

# Without biases, which no learning-rate rule here covers.
BASE = replace(DIGITS, bias=False)
# optimiser -> (settings, exponents of 2 between which lambda is tried)
OPTIMISERS: dict[str, tuple[dict[str, Any], tuple[float, float]]] = {
    "sgd": ({"optimiser": "sgd", "lr": 0.1}, (-10, -4)),
    "momentum": ({"optimiser": "sgd", "lr": 0.02, "momentum": 0.9}, (-10, -4)),
    "adam": ({"optimiser": "adam", "lr": 0.004}, (-10, -4)),
    "adamw": ({"optimiser": "adamw", "lr": 0.004}, (-3, 3)),
}
# What momentum does to SGD at other rates it should do to SGD with those rates: left out.
LEFT_OUT = {("momentum", "inverse_width"), ("momentum", "maximal_update")}
# layers -> (the setting with its widths, the rules for the rate), all under AdamW
DEEP = {3: ("deep_widths", ("constant", "maximal_update")), 5: ("five_widths", ("constant",))}


def sweeps(scale: str) -> tuple[Sweep, ...]:
    """What this chapter trains at a scale."""
    at = SETTINGS[scale]
    return (Sweep("rules", rules(at)), Sweep("hidden", hidden(at)))


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
    """More layers, where matrices between hidden layers grow on both sides: AdamW."""
    settings, (low, high) = OPTIMISERS["adamw"]
    runs: tuple[Run, ...] = ()
    for layers, (setting, some) in DEEP.items():
        base = replace(BASE, hidden=(1,) * (layers - 1), **settings, **look(at["steps"]))
        for rule in some:
            for width in at[setting]:
                runs += grid(
                    scaled(base, rule, width, at[setting][0]),
                    lam=doublings(low, high, at["per_doubling"]),
                    seed=range(at["seeds"]),
                )
    return tuple(dict.fromkeys(runs))
