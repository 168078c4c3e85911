"""What the chapter measures by other means than the lab's trainer."""

from collections.abc import Callable, Iterable
from itertools import product
from typing import Any

from l2scale.adapters.penalties import minima, trajectories
from l2scale.exhibits.frameworks import alpha, applied, forgetting, kinds, watching
from l2scale.exhibits.frameworks.by_hand import run_of_seed
from l2scale.exhibits.frameworks.sweeps import SETTINGS, STRONG
from l2scale.lab.sweeps.measurement import Measurement, gathered, observe


def observations(scale: str) -> tuple[Measurement, ...]:
    """All of them, at a scale."""
    at = SETTINGS[scale]
    samples, seeds, libraries = (
        at["samples"],
        at["apply_seeds"],
        len(trajectories()) + len(minima()),
    )
    watched: dict[str, Any] = {"lam": watching.LAM, "lr": watching.RATE}
    bounds = {"clip": [str(bound) for bound in watching.BOUNDS]}
    return (
        observe(
            "applied", lambda: applied.observe_applied(samples, seeds), seeds * libraries,
            value=applied.VALUE, lr=applied.LR, n_samples=samples, batch_size=applied.BATCH,
        ),
        observe(
            "forgotten", forgetting.forgotten, lr=forgetting.RATE, lam=list(forgetting.LAMS),
            momentum=forgetting.MOMENTUM, steps=forgetting.STEPS,
        ),
        observe_training("kinds", kinds.arm_rows, at, "walk", (), len(kinds.ARMS), lam=STRONG),
        observe_training(
            "watched", watching.train_watched, at, "watch", (watching.WATCHED,), batch_size=0,
            **watched,
        ),
        observe_training(
            "clipped", watching.clip, at, "clip", (watching.PLACES, watching.BOUNDS),
            **watched | bounds,
        ),
        observe(
            "alpha", alpha.observe_divided, 3 * len(alpha.BATCHES), alpha=alpha.ALPHA,
            batch_size=list(alpha.BATCHES), n_train=alpha.SAMPLES, lr=alpha.RATE,
        ),
    )  # fmt: skip


def observe_training(
    name: str,
    task: Callable[..., list[dict[str, Any]]],
    at: dict[str, Any],
    of: str,
    axes: tuple[Iterable[Any], ...],
    networks: int = 1,
    **settings: Any,
) -> Measurement:
    """The rows of a task, for every seed and all values of the axes; it trains `networks` each."""
    seeds, steps = list(range(at[f"{of}_seeds"])), at[f"{of}_steps"]
    arms = list(product(seeds, *axes, [steps]))
    settings = run_of_seed(0).columns | {"seed": seeds, "steps": steps} | settings
    return observe(name, lambda: gathered(task, arms), networks * len(arms), **settings)
