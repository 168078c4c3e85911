"""What was measured: a table, and how it was come by.

`l2scale.lab.sweeps.sweep.measure` trains for one; `observe` takes a table that is made by other
means.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import pandas as pd

from l2scale.lab import machine
from l2scale.lab.training.runs import Run


@dataclass(frozen=True)
class Measurement:
    """What a sweep measured.

    Attributes:
        name: of the sweep.
        table: one row per run and checkpoint: `run` (its place in the sweep), its settings, `step`
            and the columns of `l2scale.lab.training.measures.measure_group`.
        networks: networks measured.
        seconds: wall-clock seconds of training and measuring.
        device: the machine in words.
        configuration: the sweep's settings: constants, and the values of what varies.
        untrained: how many of the networks took no step.
    """

    name: str
    table: pd.DataFrame
    networks: int
    seconds: float
    device: str
    configuration: dict[str, Any]
    untrained: int = 0


def observe(
    name: str, look: Callable[[], pd.DataFrame], networks: int = 0, **settings: Any
) -> Measurement:
    """What is measured or computed by other means than training runs of the lab.

    Args:
        name: of the measurement.
        look: makes the table; one column is `seed`.
        networks: how many networks it trains.
        settings: the configuration to publish with the table.
    """
    start = perf_counter()
    table = look()
    return Measurement(
        name=name,
        table=table,
        networks=networks,
        seconds=perf_counter() - start,
        device=machine.describe("cpu"),
        configuration=settings,
    )


def gathered(
    task: Callable[..., Iterable[Mapping[str, Any]]], arguments: Iterable[Sequence[Any]]
) -> pd.DataFrame:
    """One table of the rows that `task(*one)` finds for each of the arguments, in their order.

    The tasks run side by side, see `l2scale.lab.machine.parallel_map`.
    """
    return pd.DataFrame([row for rows in machine.parallel_map(task, arguments) for row in rows])


def configuration(runs: Sequence[Run]) -> dict[str, Any]:
    """Settings that all runs share, as values, and those that vary, as sorted lists of values."""
    table = pd.DataFrame([run.columns for run in runs])
    settings: dict[str, Any] = {"checkpoints": list(runs[0].measured_at)}
    for name in table.columns:
        values = table[name].drop_duplicates().tolist()
        settings[name] = values[0] if len(values) == 1 else sorted(values, key=_sort_key)
    return settings


def _sort_key(value: Any) -> tuple[int, Any]:
    return (0, value) if isinstance(value, int | float) else (1, str(value))
