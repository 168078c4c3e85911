"""What this chapter trains, and what it measures of untrained networks."""

from dataclasses import replace
from typing import Any

from l2scale.adapters.initial_weights import missing, observe_libraries
from l2scale.exhibits.shared import INPUTS, OUTPUTS
from l2scale.lab.sweeps.measurement import Measurement, observe
from l2scale.lab.sweeps.sweep import Sweep
from l2scale.lab.training.networks import layer_shapes
from l2scale.lab.training.runs import Run, grid
from l2scale.lab.training.signals import observe_signals
from l2scale.theory.penalties import Shape, coefficients, effective_lambda

SHAPES = {"square": (64, 64, 64), "funnel": (128, 32, 16), "hour-glass": (128, 16, 128)}
PENALISED = ("none", "sum", "tensor_mean", "fan", "prior")
RATE = 0.2
SIGNAL_INITS = ("he", "glorot", "lecun", "pytorch")
# A funnel that halves at every layer, so that forward and backward differ.
SIGNAL_SHAPES = layer_shapes(256, (256, 128, 64, 32, 16), 10)

# "strength" is lam times the geometric mean of the c_l, which is what a ReLU network feels.
SETTINGS: dict[str, dict[str, Any]] = {
    "smoke": {
        "strength": 1e-2,
        "shapes": ("funnel",), "scales": (0.5, 1.0, 2.0), "seeds": 3,
        "checkpoints": (0, 20, 60, 150, 400, 1150),
        "strengths": (5e-3, 2e-2), "batches": (8, 32), "rest_seeds": 2, "rest_steps": 600,
        "signal_seeds": 100, "library_seeds": 3, "units": (32, 128),
    },
    "book": {
        "strength": 5e-3,
        "shapes": tuple(SHAPES), "scales": (0.5, 1.0, 2.0), "seeds": 4,
        "checkpoints": (0, 20, 60, 150, 300, 600, 1200, 2500),
        "strengths": (2e-3, 5e-3, 1e-2, 2e-2), "batches": (8, 16, 32, 64),
        "rest_seeds": 3, "rest_steps": 3000,
        "signal_seeds": 400, "library_seeds": 5, "units": (32, 64, 128, 256, 512),
    },
    "full": {
        "strength": 5e-3,
        "shapes": tuple(SHAPES), "scales": (0.5, 1.0, 2.0), "seeds": 32,
        "checkpoints": (0, 20, 60, 150, 300, 600, 1200, 2400, 5000, 10000, 20000),
        "strengths": (1e-3, 2e-3, 5e-3, 1e-2, 2e-2), "batches": (4, 8, 16, 32, 64, 128, 256),
        "rest_seeds": 32, "rest_steps": 20000,
        "signal_seeds": 1000, "library_seeds": 20, "units": (32, 64, 128, 256, 512, 1024),
    },
}  # fmt: skip

SHORT = 150
"""The checkpoint that stands for a short training; see `time_in_clocks`."""

BASE = Run(hidden=SHAPES["funnel"], init="glorot", lr=RATE, batch_size=32)


def time_in_clocks(steps: float, strength: float) -> float:
    """Steps in units of 1/(4 lr lam), in which the sum forgets how layers differed."""
    return 4 * RATE * strength * steps


def shapes_of(hidden: str | tuple[int, ...]) -> tuple[Shape, ...]:
    """(fan_out, fan_in) of every layer, from the hidden units or their text, "128-32-16"."""
    units = tuple(map(int, hidden.split("-"))) if isinstance(hidden, str) else hidden
    return layer_shapes(INPUTS, units, OUTPUTS)


def penalised(run: Run, name: str, strength: float) -> Run:
    """The run under a penalty whose lam times the geometric mean of the c_l is `strength`."""
    if name == "none":
        return replace(run, penalty="sum", lam=0.0)
    per_layer = coefficients(name, shapes_of(run.hidden))
    return replace(run, penalty=name, lam=strength / effective_lambda(1.0, per_layer))


def sweeps(scale: str) -> tuple[Sweep, ...]:
    """What this chapter trains at a scale."""
    at = SETTINGS[scale]
    points = at["checkpoints"]
    base = replace(BASE, steps=points[-1], checkpoints=points)
    scales: tuple[Run, ...] = ()
    for shape in at["shapes"]:
        for name in PENALISED:
            run = penalised(replace(base, hidden=SHAPES[shape]), name, at["strength"])
            scales += grid(run, init_scale=at["scales"], seed=range(at["seeds"]))
    end = replace(base, checkpoints=points[-1:])
    strengths: tuple[Run, ...] = ()
    for strength in at["strengths"]:
        run = penalised(end, "fan", strength)
        strengths += grid(run, seed=range(at["rest_seeds"]))
    return (
        Sweep("scales", scales),
        Sweep("strengths", strengths),
        Sweep("rest", rest_runs(at)),
    )


def rest_runs(at: dict[str, Any]) -> tuple[Run, ...]:
    """The sum with and without biases, by batch size, measured many times near the end."""
    steps = at["rest_steps"]
    late = tuple(range(steps * 2 // 3, steps + 1, steps // 30))
    run = penalised(replace(BASE, steps=steps, checkpoints=late), "sum", at["strength"])
    return grid(run, bias=(True, False), batch_size=at["batches"], seed=range(at["rest_seeds"]))


def observations(scale: str) -> tuple[Measurement, ...]:
    """What is measured without training."""
    at = SETTINGS[scale]
    seeds, units = range(at["library_seeds"]), at["units"]
    widest = max(units)
    # All with the same many weights, from wide to narrow and back.
    layers = [(widest, n) for n in units] + [(n, widest) for n in units[-2::-1]]
    signals = observe(
        "signals",
        lambda: observe_signals(SIGNAL_INITS, SIGNAL_SHAPES, range(at["signal_seeds"]), samples=16),
        shapes=[list(shape) for shape in SIGNAL_SHAPES],
    )
    libraries = observe(
        "libraries", lambda: observe_libraries(layers, seeds), missing=list(missing())
    )
    networks = len(SIGNAL_INITS) * at["signal_seeds"]
    return (
        replace(signals, networks=networks, untrained=networks),
        replace(libraries, networks=len(libraries.table), untrained=len(libraries.table)),
    )
