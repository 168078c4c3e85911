"""The deepest network from He's start, and from the weights found at the strength before."""

from dataclasses import replace
from typing import Any

import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.shared import bounded, doublings, yes
from l2scale.exhibits.underfit.networks import deeper
from l2scale.exhibits.underfit.sweeps import RAISED, SETTINGS, depth_runs
from l2scale.lab.estimates.intervals import mean_interval, paired_interval
from l2scale.lab.sweeps.measurement import Measurement, gathered, observe
from l2scale.lab.training.runs import Run
from l2scale.lab.training.trainer import initial, train_from

COLUMNS = ["way", "depth", "width", "n_train", "lam", "seed", "step", "train_loss", "test_error"]
WAYS = ("he", "longer", "raised")


def observations(scale: str) -> tuple[Measurement, ...]:
    """The measurement "gradual", at a scale: one row per way to start, strength and seed.

    With T steps a strength, the raised networks have taken k T at the k-th. At the same strength
    from He's start, the networks are measured after T ("he") and after k T ("longer").
    """
    at = SETTINGS[scale]
    lams = doublings(*RAISED, at["per_doubling"])
    deepest = at["depths"][-1]
    runs = [run for run in depth_runs(at) if run.lam == 0.0 and len(run.hidden) + 1 == deepest]
    settings = runs[0].columns | {"lam": lams, "seed": [run.seed for run in runs]}
    settings |= {"checkpoints": [runs[0].steps], "steps": runs[0].steps}
    networks, jobs = (2 * len(lams) - 1) * len(runs), [(run, lams) for run in runs]
    return (observe("gradual", lambda: gathered(raise_lam, jobs), networks, **settings),)


def raise_lam(run: Run, lams: list[float]) -> list[dict[str, Any]]:
    """The rows of one seed, see `observations`."""
    steps, rows = run.steps, []
    weights = initial([run])
    for k, lam in enumerate(lams, start=1):
        once = replace(run, lam=lam, checkpoints=(steps,))
        rows += [{"way": "raised"} | row for row in train_from([once], weights)]
        longer = replace(once, steps=k * steps, checkpoints=tuple({steps, k * steps}))
        found = train_from([longer], initial([longer]))
        for way, step in (("he", steps), ("longer", k * steps)):
            rows += [{"way": way} | row for row in found if row["step"] == step]
    return [{name: row[name] for name in COLUMNS} for row in rows]


@table(source="gradual", main="train_loss")
def gradual(result: Result) -> pd.DataFrame:
    """Training loss by way to start, strength and seed."""
    return result["gradual"].table


@table(source=("gradual", "deeper"), main="train_loss")
def starts(result: Result) -> pd.DataFrame:
    """Per way and strength: training loss, and its excess over the raised networks and over two.

    Two layers are from He's start, paired by seed. At the least strength all ways are the same;
    `second` marks the next.
    """
    rows, deep = gradual(result), deeper(result)
    two = deep[deep["depth"] == deep["depth"].min()]
    by_seed = two.pivot(index="seed", columns="lam", values="train_loss")
    losses = rows.pivot(index="seed", columns=["way", "lam"], values="train_loss")
    found = [
        {"way": way, "lam": lam, "depth": rows["depth"].iloc[0]}
        | bounded(mean_interval(losses[way, lam]), main="train_loss")
        | bounded(paired_interval(losses[way, lam], losses["raised", lam]), "over_raised")
        | bounded(paired_interval(losses[way, lam], by_seed[lam]), "over_two")
        for way in WAYS
        for lam in sorted(rows["lam"].unique())
    ]
    table = pd.DataFrame(found)
    return table.assign(second=yes(table["lam"] == sorted(table["lam"].unique())[1]))
