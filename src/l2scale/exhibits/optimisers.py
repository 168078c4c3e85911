"""Optimisers of the digits without biases, and rules that carry their rates to other widths."""

from dataclasses import replace
from typing import Any

from l2scale.exhibits.shared import DIGITS
from l2scale.lab.training.runs import Run
from l2scale.theory.parametrisation import width_factors

# Without biases, which no learning-rate rule here covers.
BASE = replace(DIGITS, bias=False)
# optimiser -> (settings, exponents of 2 between which lambda is tried)
OPTIMISERS: dict[str, tuple[dict[str, Any], tuple[float, float]]] = {
    "sgd": ({"optimiser": "sgd", "lr": 0.1}, (-10, -3)),
    "momentum": ({"optimiser": "sgd", "lr": 0.02, "momentum": 0.9}, (-10, -3)),
    "adam": ({"optimiser": "adam", "lr": 0.004}, (-10, -3)),
    "adamw": ({"optimiser": "adamw", "lr": 0.004}, (-3, 4)),
}


def look(steps: int) -> dict[str, Any]:
    """Measured at an eighth of the steps, and at the end."""
    return {"steps": steps, "checkpoints": (steps // 8, steps)}


def scaled_by_rule(run: Run, rule: str, width: int, base_width: int) -> Run:
    """The run at a width, its rates and initial weights carried from the base width by a rule."""
    depth = len(run.hidden) + 1
    found = width_factors(rule, run.optimiser, depth, width / base_width)
    return replace(run, hidden=(width,) * len(run.hidden), layer_init=found.init, layer_lr=found.lr)
