"""What more networks, units, layers and samples cost: seconds of `measure`, and their powers.

Along each axis one setting grows and all others stay. The sizes are measured in turns, several
times, and every round gives a power: the slope of a straight line through the logarithms. The
interval is Student's over the rounds. Beside it stands the power that the arithmetic alone would
have (`benchmarks.work.flops`). Run it with `make bench`.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
import pandas as pd

from benchmarks import growth_figure, record
from benchmarks.report import OUT
from benchmarks.work import flops, next_seed, varied
from l2scale.lab import machine
from l2scale.lab.estimates.intervals import mean_interval
from l2scale.lab.sweeps import run_cache
from l2scale.lab.sweeps.sweep import Sweep, measure
from l2scale.lab.training.runs import Run
from l2scale.press import bench

ROUNDS = 4
BATCH = 32
EPOCHS = 20
EACH = {"cpu": 16, "cuda": 1024}
"""Networks for a core, or for a GPU, where their number does not grow."""


@dataclass(frozen=True)
class Point:
    """One size along one axis, and what is trained there: as many networks of this kind."""

    axis: str
    size: int
    run: Run
    networks: int

    def sweep(self, turn: int) -> Sweep:
        """The runs, with seeds of the turn's own."""
        runs = varied(self.run, self.networks, next_seed(turn, self.networks))
        return Sweep(f"{self.axis} {self.size}", tuple(runs))


def points(few: int) -> tuple[Point, ...]:
    """All sizes of all axes, with `few` networks where their number does not grow."""

    def run(width: int = 128, layers: int = 1, samples: int = 1024) -> Run:
        steps = EPOCHS * (samples // BATCH)
        hidden = (width,) * layers
        return Run(hidden=hidden, n_train=samples, batch_size=BATCH, steps=steps, lr=0.01)

    return (
        *(Point("networks", n, run(), n) for n in (few, 2 * few, 4 * few, 8 * few)),
        *(Point("width", n, run(width=n), few) for n in (64, 128, 256, 512)),
        *(Point("depth", n, run(layers=n), few) for n in (1, 2, 4, 8)),
        *(Point("samples", n, run(samples=n), 2 * few) for n in (128, 256, 512, 1024)),
    )


def timed(sizes: Sequence[Point], rounds: int) -> pd.DataFrame:
    """One row for each size and round: axis, size, round, networks, seconds, flops (of all)."""
    rows = []
    for point in sizes:  # processes start, and whatever is compiled is compiled
        short = replace(point, run=replace(point.run, steps=1))
        measure(short.sweep(0))
    for turn in range(rounds):
        for point in sizes:
            sweep = point.sweep(turn)
            start = perf_counter()
            measure(sweep)
            rows.append(
                {
                    "axis": point.axis,
                    "size": point.size,
                    "round": turn,
                    "networks": point.networks,
                    "seconds": perf_counter() - start,
                    "flops": point.networks * flops(point.run),
                }
            )
    return pd.DataFrame(rows)


def fitted(rows: pd.DataFrame) -> pd.DataFrame:
    """One row for each size, sorted along its axis, with the axis's powers.

    Columns: axis, size, networks (in all rounds), low, seconds and high (least, median and largest
    of the rounds), rounds, power, power_low, power_high and arithmetic (the power of the
    operations).
    """
    tables = []
    for axis, along in rows.groupby("axis", sort=False):
        found = mean_interval([_power(one, "seconds") for _, one in along.groupby("round")])
        seconds = along.groupby("size")["seconds"]
        tables.append(
            pd.DataFrame(
                {
                    "axis": axis,
                    "size": seconds.median().index,
                    "networks": along.groupby("size")["networks"].sum().to_numpy(),
                    "low": seconds.min().to_numpy(),
                    "seconds": seconds.median().to_numpy(),
                    "high": seconds.max().to_numpy(),
                    "rounds": found.n,
                    "power": found.estimate,
                    "power_low": found.low,
                    "power_high": found.high,
                    "arithmetic": _power(along, "flops"),
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def _power(rows: pd.DataFrame, column: str) -> float:
    return float(np.polyfit(np.log(rows["size"]), np.log(rows[column]), 1)[0])


def main() -> None:
    """Measure; print the powers, and write them with their figure."""
    os.environ.pop(run_cache.VARIABLE, None)  # what is finished already would take no time
    os.environ["L2SCALE_PROGRESS"] = os.devnull  # the powers are what is printed
    kind = machine.device()
    table = fitted(timed(points(EACH[kind] * machine.workers(kind)), ROUNDS))
    print(*growth_figure.spelled(table), sep="\n")
    OUT.mkdir(exist_ok=True)
    words, device = growth_figure.describe(table), machine.describe(kind)
    record.write(OUT, bench.GROWTH, growth_figure.draw, table, words, device)


if __name__ == "__main__":
    main()
