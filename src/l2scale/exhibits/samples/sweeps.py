"""What this chapter trains: the same networks on more and more samples, at every strength."""

from dataclasses import replace
from typing import Any

from l2scale.exhibits.shared import tidy
from l2scale.lab.sweeps.sweep import Sweep
from l2scale.lab.training.runs import Run, grid

# Per task: where lambda is looked for, as a factor on 1/sqrt(n) and exponents of 2 around it. The
# strength that is best for the fewest samples has to be on the grid of the most, kept and divided.
RANGES = {
    "digits": (0.127, -2.5, 4.5),
    "sgd": (0.127, -2.5, 4.5),
    "logistic": (0.127, -2, 6),
    "teacher": (0.4, -2.5, 2.5),
    "line": (0.8, -3.5, 2.5),
}
NOISY = {"teacher": (0.4, -1.5, 1.5), "line": (0.8, -1.5, 1.5)}  # the same, where the noise grows

SETTINGS: dict[str, dict[str, Any]] = {
    "smoke": {
        "digits": (40, 160), "digits_seeds": 3, "digits_iterations": 30, "sgd_steps": 120,
        "teacher": (64, 256), "teacher_seeds": 3, "line": (64, 256), "line_seeds": 3,
        "iterations": 30, "noises": (0.25, 0.5), "noise_n": 128, "noise_seeds": 3,
        "logistic_seeds": 3, "sgd_seeds": 3, "width": 8, "per_doubling": 1,
    },
    "book": {
        "digits": (64, 256, 1024), "digits_seeds": 16, "digits_iterations": 80, "sgd_steps": 8000,
        "teacher": (128, 256, 512, 1024, 2048), "teacher_seeds": 12,
        "line": (128, 512, 2048), "line_seeds": 8,
        "iterations": 120, "noises": (0.125, 0.25, 0.5, 1.0), "noise_n": 1024, "noise_seeds": 6,
        "logistic_seeds": 12, "sgd_seeds": 6, "width": 32, "per_doubling": 2,
    },
    "full": {
        "digits": (64, 128, 256, 512, 1024), "digits_seeds": 128, "digits_iterations": 400,
        "sgd_steps": 20_000,
        "teacher": (128, 256, 512, 1024, 2048, 4096), "teacher_seeds": 128,
        "line": (128, 256, 512, 1024, 2048, 4096), "line_seeds": 64,
        "iterations": 600, "noises": (0.0625, 0.125, 0.25, 0.5, 1.0, 2.0), "noise_n": 2048,
        "noise_seeds": 64,
        "logistic_seeds": 128, "sgd_seeds": 128, "width": 64, "per_doubling": 4,
    },
}  # fmt: skip

MINIMUM = Run(
    label_noise=0.2, bias=False, init="glorot", optimiser="lbfgs", batch_size=None, dtype="float64"
)
SGD = Run(label_noise=0.2, bias=False, init="glorot", lr=0.2, batch_size=32)
SIGMA = 0.5  # of the noise on drawn targets, whose own standard deviation is 1


def sweeps(scale: str) -> tuple[Sweep, ...]:
    """What this chapter trains at a scale."""
    at = SETTINGS[scale]
    wide: dict[str, Any] = {"hidden": (at["width"],)}
    minimum = replace(MINIMUM, steps=at["digits_iterations"])
    drawn = replace(MINIMUM, label_noise=SIGMA, steps=at["iterations"], hidden=(2 * at["width"],))
    return (
        more("digits", replace(minimum, **wide), at),
        more("sgd", replace(SGD, steps=at["sgd_steps"], **wide), at, sizes="digits"),
        more("logistic", replace(minimum, hidden=(), bias=True), at, sizes="digits"),
        more("teacher", replace(drawn, data="teacher"), at),
        more("line", replace(drawn, data="line"), at),
        Sweep("noise", tuple(run for task in NOISY for run in noise_runs(task, drawn, at))),
    )


def more(name: str, base: Run, at: dict[str, Any], sizes: str = "") -> Sweep:
    """One network on more and more samples."""
    runs: tuple[Run, ...] = ()
    for n in at[sizes or name]:
        runs += grid(
            replace(base, n_train=n),
            lam=lambda_grid(RANGES[name], n, at["per_doubling"]),
            seed=range(at[f"{name}_seeds"]),
        )
    return Sweep(name, runs)


def noise_runs(task: str, base: Run, at: dict[str, Any]) -> tuple[Run, ...]:
    """One network on one number of samples of a drawn task, with more and more noise."""
    runs: tuple[Run, ...] = ()
    for sigma in at["noises"]:
        runs += grid(
            replace(base, data=task, n_train=at["noise_n"], label_noise=sigma),
            lam=lambda_grid(NOISY[task], at["noise_n"], at["per_doubling"], sigma / SIGMA),
            seed=range(at["noise_seeds"]),
        )
    return runs


def lambda_grid(
    around: tuple[float, float, float], n: int, per_doubling: int, factor: float = 1.0
) -> list[float]:
    """The lambdas to try, around a factor times 1/sqrt(n); see RANGES."""
    centre, low, high = around
    steps = range(round((high - low) * per_doubling) + 1)
    return [tidy(factor * centre * n**-0.5 * 2 ** (low + i / per_doubling)) for i in steps]
