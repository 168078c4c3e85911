"""Networks per second: `l2scale.lab.sweeps.sweep.measure` beside what a reader would train with.

Every contender trains the same work on all cores, from data and initial weights to test accuracy.
They take turns, so that a machine whose speed drifts slows all of them alike. Each turn has seeds
of its own, and every seed a range of lambdas, as in the book's sweeps: the networks of a seed share
their split, initial weights and batch order, and whoever can make use of that may.

Run it with `make bench`: it prints and writes what `benchmarks.report` makes of the turns, and
fails if the contenders disagree on what they have learnt.
"""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter

import pandas as pd

from benchmarks import contenders, ensembles, peak, report
from benchmarks.pool import accuracies, everywhere
from benchmarks.work import CONFIGURATIONS, SAMPLES, Train, Work, flops, next_seed, traffic
from l2scale.lab import machine
from l2scale.lab.sweeps import run_cache
from l2scale.lab.sweeps.sweep import Sweep, measure
from l2scale.lab.training.runs import Run

ROUNDS = 3


@dataclass(frozen=True)
class Contender:
    """Who trains, and how much of it.

    Attributes:
        train: gives the test accuracy of each run; the second argument is a number of processes.
        networks: in a process and a round of the base. A loop's rate does not depend on it; an
            ensemble is as large as suits it.
        kind: of the device that it trains on.
        warm: gets that many processes ready for such runs, outside the clock.
    """

    train: Callable[[Sequence[Run], int], list[float]]
    networks: int
    kind: str
    warm: Callable[[Sequence[Run], int], object]

    def share(self, work: Work) -> int:
        """Networks in a process and a round."""
        return max(1, round(self.networks * work.size))


def field(kind: str) -> dict[str, Contender]:
    """Everybody who can run here. On a GPU, torch's ways use it, and the others the CPU's cores."""
    gpu = kind == "cuda"

    def alone(train: Train, networks: int, kind: str = kind) -> Contender:
        return Contender(partial(accuracies, train), networks, kind, partial(_warm_up, train))

    def compiled(which: str, train: Train) -> Contender:
        return Contender(partial(accuracies, train), 64, "cpu", partial(_compile, which))

    known = {
        "ours": Contender(ours, 2**14 if gpu else 128, kind, _warm_us_up),
        "plain_torch": alone(contenders.plain_torch, 2),
        "lean_torch": alone(contenders.lean_torch, 3),
        "sklearn": alone(contenders.sklearn, 8, "cpu"),
        "torch_func": alone(ensembles.torch_func, 1024 if gpu else 64),
    }
    if ensembles.has_jax():
        known["jax_vmap"] = compiled("vmap", ensembles.jax_vmap)
        known["jax_map"] = compiled("map", ensembles.jax_map)
    return known


def ours(runs: Sequence[Run], processes: int) -> list[float]:
    """Test accuracy of networks trained by the lab, which finds its processes itself."""
    return (1 - measure(Sweep("ours", tuple(runs))).table["test_error"]).tolist()


def turns(
    configurations: Sequence[Work], known: dict[str, Contender], rounds: int, kind: str
) -> pd.DataFrame:
    """One row for each turn: who trained what, how fast, how well, and the peak at the time.

    Columns: configuration, contender, round, networks, seconds, networks_per_second, sgemm
    (FLOP/s of the round), flops and traffic (of a network) and accuracies by run.
    """
    rows = []
    for work in configurations:
        for contender in known.values():
            contender.warm(work.runs(contender.share(work)), machine.workers(contender.kind))
        for turn in range(rounds):
            sgemm = peak.sgemm(kind)
            for name, contender in known.items():
                processes = machine.workers(contender.kind)
                networks = contender.share(work) * processes
                runs = work.runs(networks, next_seed(turn, networks))
                start = perf_counter()
                found = contender.train(runs, processes)
                seconds = perf_counter() - start
                rows.append(
                    {
                        "configuration": work.name,
                        "contender": name,
                        "round": turn,
                        "networks": networks,
                        "seconds": seconds,
                        "networks_per_second": networks / seconds,
                        "sgemm": sgemm,
                        "flops": flops(work.run),
                        "traffic": traffic(work.run),
                        "accuracies": dict(zip(runs, found, strict=True)),
                    }
                )
        print(f"{work.name} is timed", file=sys.stderr)
    return pd.DataFrame(rows)


def _one_epoch(runs: Sequence[Run]) -> list[Run]:
    return [replace(run, steps=SAMPLES // (run.batch_size or SAMPLES)) for run in runs]


def _warm_up(train: Train, runs: Sequence[Run], processes: int) -> None:
    everywhere(processes, train, _one_epoch(runs[:2]))


def _warm_us_up(runs: Sequence[Run], processes: int) -> None:
    ours(_one_epoch(runs), processes)


def _compile(which: str, runs: Sequence[Run], processes: int) -> None:
    everywhere(processes, ensembles.compile_jax, which, runs)


def main() -> None:
    """Let all take turns; print and write what came out."""
    os.environ.pop(run_cache.VARIABLE, None)  # what is finished already would take no time
    os.environ["L2SCALE_PROGRESS"] = os.devnull  # the table is what is printed
    kind = machine.device()
    known = field(kind)
    if not ensembles.has_jax():
        print("JAX is not installed, and left out")
    report.publish(turns(CONFIGURATIONS, known, ROUNDS, kind), kind)


if __name__ == "__main__":
    main()
