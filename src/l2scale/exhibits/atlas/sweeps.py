"""What this chapter trains: one small network on each real problem, at every strength."""

from dataclasses import replace
from typing import Any

from l2scale.exhibits.atlas.problems import FAMILY, is_regression, sizes
from l2scale.exhibits.shared import doublings
from l2scale.lab.sweeps.sweep import Sweep
from l2scale.lab.training.runs import Run, grid

STEPS, MIDDLE = 600, 500
NOISE = {True: 0.5, False: 0.2}
"""Label noise by whether it is a regression: of standard deviation 0.5 it is a fifth of the
variance of the targets that are learned; of classes it is a fifth of the labels."""
RATES = {True: 0.005, False: 0.05}
LOOKS = (10, 20, 40, 80, 150, 300, STEPS)  # when a training without penalty is looked at

SGD = Run(optimiser="sgd", momentum=0.9, batch_size=32, steps=STEPS)
ADAMW = replace(SGD, optimiser="adamw", momentum=0.0, lr=0.003)
RANGES = {"sgd": (-13.0, -1.0), "adamw": (-6.0, 4.5)}  # exponents of 2

SETTINGS: dict[str, dict[str, Any]] = {
    "smoke": {
        "sets": ("digits", "pima", "phoneme", "german", "auto", "oj"), "most": 500, "widths": (8,),
        "seeds": 2, "per_doubling": 1 / 3, "adamw_widths": (8,),
    },
    "book": {
        "sets": tuple(FAMILY), "most": 2000, "widths": (32, 128),
        "seeds": 4, "per_doubling": 2 / 3, "adamw_widths": (32, 128),
    },
    "full": {
        "sets": tuple(FAMILY), "most": 2000, "widths": (32, 128, 512),
        "seeds": 32, "per_doubling": 4 / 3, "adamw_widths": (32, 128, 512),
    },
}  # fmt: skip


def sweeps(scale: str) -> tuple[Sweep, ...]:
    """What this chapter trains at a scale: each optimiser with a penalty, and once without."""
    at = SETTINGS[scale]
    runs: dict[str, tuple[Run, ...]] = {}
    for base, widths in ((SGD, at["widths"]), (ADAMW, at["adamw_widths"])):
        name = base.optimiser
        runs[name] = runs[f"{name}_without"] = ()
        for one in problems(base, at):
            how = {"hidden": [(width,) for width in widths], "seed": range(at["seeds"])}
            lam = doublings(*RANGES[name], at["per_doubling"])
            runs[name] += grid(one, lam=lam, **how)
            runs[f"{name}_without"] += grid(replace(one, checkpoints=LOOKS), **how)
    return tuple(Sweep(name, each) for name, each in runs.items())


def problems(base: Run, at: dict[str, Any]) -> list[Run]:
    """One run for each data set, number of samples, and labels as they are or some of them wrong.

    AdamW learns from 500 samples, or as many as there are.
    """
    found = []
    for name in at["sets"]:
        numbers = is_regression(name)
        counts = [n for n in sizes(name) if n <= at["most"]]
        if base.optimiser == "adamw":
            counts = [max(n for n in counts if n <= MIDDLE)]
        lr = RATES[numbers] if base.optimiser == "sgd" else base.lr
        found += [
            replace(base, data=name, n_train=n, label_noise=noise, lr=lr)
            for n in counts
            for noise in (0.0, NOISE[numbers])
        ]
    return found
