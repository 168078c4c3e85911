"""What this chapter trains: pre-norm residual networks under both settings of Muon."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from l2scale.exhibits.shared import tidy
from l2scale.lab.sweeps.sweep import Sweep
from l2scale.lab.training.runs import Run, grid
from l2scale.theory.muon import matching_lambda, matching_rate

SETTINGS: dict[str, dict[str, Any]] = {
    "smoke": {"widths": (8, 16), "seeds": 3, "samples": 128, "points": 4, "epochs": 16},
    "book": {"widths": (12, 24, 48), "seeds": 5, "samples": 256, "points": 6, "epochs": 64},
    "full": {"widths": (64, 128, 256, 512), "seeds": 12, "samples": 1024, "points": 13,
             "epochs": 64},
}  # fmt: skip

BASE = Run(
    architecture="residual", label_noise=0.2, bias=False, schedule="warmup_cosine", warmup=1,
    hidden=(16,),
)  # fmt: skip
RATES = (0.005, 0.015, 0.045)
"""Learning rates of Muon's own setting, at every width."""
ADAMW_RATE = 0.001
"""Learning rate of AdamW where it has the first and the last matrix, at every width."""
DOWN, LAST = 2, 3
"""Places of the block's second matrix and of the last among the four."""
STRENGTHS = (-4.0, 3.4)
"""Powers of 2 between which lambda is tried there; at the end a step leaves a twentieth.

Of a matrix that is decayed more than the others, a step may take more than the whole.
"""


def sweeps(scale: str) -> tuple[Sweep, ...]:
    """What this chapter trains at a scale: both settings of Muon, and AdamW at the middle width.

    The others are of the first setting: "last" with the last matrix decayed as the root of the
    width, "down" with the block's second one so; "beside" with AdamW on the first and the last, and
    "scaled" with the last one's rate over the width and its lambda times the width as well.
    """
    at = SETTINGS[scale]
    widths = at["widths"]
    middle = widths[len(widths) // 2]
    original = runs_of(at, "muon_original", widths)
    faster = [run for run in original if run.lr != RATES[0]]
    one_rate = [run for run in original if run.lr == RATES[1]]

    def times(run: Run) -> float:
        return run.hidden[0] / widths[0]

    return (
        Sweep("original", original),
        Sweep("match", runs_of(at, "muon_match_rms_adamw", widths)),
        Sweep("adamw", runs_of(at, "adamw", (middle,))),
        Sweep("last", tuple(decayed_more(run, LAST, times(run) ** 0.5) for run in faster)),
        Sweep("down", tuple(decayed_more(run, DOWN, times(run) ** 0.5) for run in one_rate)),
        Sweep("beside", tuple(beside_adamw(run) for run in one_rate)),
        Sweep(
            "scaled",
            tuple(
                decayed_more(beside_adamw(run, 1 / times(run)), LAST, times(run))
                for run in one_rate
            ),
        ),
    )


def decayed_more(run: Run, matrix: int, factor: float) -> Run:
    """The run with the decay of one of its four matrices multiplied."""
    return replace(run, penalty=tuple(tidy(factor) if i == matrix else 1.0 for i in range(4)))


def beside_adamw(run: Run, last: float = 1.0) -> Run:
    """The run with AdamW on the first and the last matrix, at `last` times its rate on the last."""
    share = ADAMW_RATE / run.lr
    return replace(run, muon_on="hidden", layer_lr=(tidy(share), 1.0, 1.0, tidy(share * last)))


def runs_of(at: dict[str, Any], optimiser: str, widths: Iterable[int]) -> tuple[Run, ...]:
    """Strengths at each width and rate of Muon's own setting, looked at half way and at the end.

    All other optimisers have the rates and strengths of match_rms_adamw that take the same steps on
    a matrix of so many inputs.
    """
    low, high = STRENGTHS
    powers = [low + i * (high - low) / (at["points"] - 1) for i in range(at["points"])]
    steps = at["epochs"] * at["samples"] // (BASE.batch_size or 1)
    own = optimiser == "muon_original"
    found: tuple[Run, ...] = ()
    for width in widths:
        for c in RATES:
            run = replace(
                BASE, optimiser=optimiser, hidden=(width,), n_train=at["samples"],
                lr=tidy(c if own else matching_rate(c, width)), steps=steps,
                warmup=steps // 10, checkpoints=(steps // 2, steps),
            )  # fmt: skip
            lams = [tidy(2**p if own else matching_lambda(2**p, width)) for p in powers]
            found += grid(run, lam=lams, seed=range(at["seeds"]))
    return found
