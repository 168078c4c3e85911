"""Decay that acts in one half of the steps alone, at a constant rate of SGD."""

from dataclasses import replace

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.normalised.angles import said_angle
from l2scale.exhibits.normalised.sweeps import BASE, NORMALISED, SETTINGS
from l2scale.exhibits.shared import at_end, batch_square, bounded, means, tidy
from l2scale.lab import machine
from l2scale.lab.estimates.intervals import paired_interval
from l2scale.lab.sweeps.measurement import Measurement, observe
from l2scale.lab.training.runs import Run, grid
from l2scale.lab.training.trainer import initial, train_from

PRODUCT = 2.0**-5
LOOKS = 8
WHEN = {"always": (1, 1), "late": (0, 1), "early": (1, 0), "never": (0, 0)}
"""In which half of the steps decay acts."""
WORDS = {
    "always": "decay throughout",
    "late": "from half way on",
    "early": "up to half way",
    "never": "no decay",
}


def observations(scale: str) -> tuple[Measurement, ...]:
    """Networks of each way, at a scale."""
    at = SETTINGS[scale]
    half = at["steps"]
    run = replace(BASE, schedule="constant", penalty=NORMALISED, hidden=(at["map_width"],) * 2)
    run = replace(run, lam=tidy(PRODUCT / run.lr), steps=half)
    run = replace(run, checkpoints=tuple(half * i // LOOKS for i in range(1, LOOKS + 1)))
    seeds = 2 * at["seeds"]
    settings = run.columns | {"seed": list(range(seeds)), "steps": 2 * half}
    return (observe("late", lambda: halves(run, seeds), len(WHEN) * seeds, **settings),)


def halves(run: Run, seeds: int) -> pd.DataFrame:
    """Two trainings in a row, of which decay acts in both, one or none; the batches start anew.

    Networks that are alike in the first half are trained once for both of their ways.
    """
    found = []
    with machine.one_thread():
        for first in (1, 0):
            runs = grid(run, lam=(first * run.lam,), seed=range(seeds))
            weights = initial(runs)
            begun = pd.DataFrame(train_from(runs, weights))
            for when, (one, second) in WHEN.items():
                if one != first:
                    continue
                again = grid(run, lam=(second * run.lam,), seed=range(seeds))
                ended = pd.DataFrame(train_from(again, [layer.clone() for layer in weights]))
                ended["step"] += run.steps
                found.append(pd.concat([begun, ended]).assign(when=when))
    return pd.concat(found, ignore_index=True)


def labelled(result: Result) -> pd.DataFrame:
    """Every network at every look, with the angle of a step, in radians.

    The angle is that expected of a batch, a root mean square over the two normalised matrices.
    """
    rows = result["late"].table
    square = sum(step_square(rows, layer) for layer in (1, 2)) / 2
    return rows.assign(angle=np.sqrt(square))


def step_square(rows: pd.DataFrame, layer: int) -> pd.Series:
    """The squared angle of a step of SGD, expected of a batch: its gradient is at right angles."""
    full, one = rows[f"data_force_{layer}"] ** 2, rows[f"sample_force_{layer}"] ** 2
    square = batch_square(full, one, rows["batch_size"], rows["n_train"])
    left = 1 - 2 * rows["lr"] * rows["lam"]
    return np.square(np.arctan(rows["lr"] * np.sqrt(square / rows[f"sq_norm_{layer}"]) / left))


@table(source="late", main="test_error")
def course(result: Result) -> pd.DataFrame:
    """Per way and look: test and training error, and the angle of a step; means over seeds.

    `predicted` is the settled angle where decay acts.
    """
    rows = labelled(result)
    found = means(rows, ["when", "step"], "test_error", "train_error", "angle")
    said = said_angle("sgd", rows["lr"].iloc[0], rows["lam"].max())
    return found.assign(words=found["when"].map(WORDS), predicted=said)


@table(source="late", main="more")
def ends(result: Result) -> pd.DataFrame:
    """Per way but the first: test error at the end, less that with decay throughout, paired.

    `turned` is the angle of a step at the end over that at half way, and `fitted` the training
    error less that at half way.
    """
    rows = labelled(result)
    halfway, last = rows["step"].max() // 2, at_end(rows)
    by = last.pivot(index="seed", columns="when", values="test_error")
    angles = rows.pivot(index="seed", columns=["when", "step"], values="angle")
    trained = rows.pivot(index="seed", columns=["when", "step"], values="train_error")
    found = []
    for when in list(WHEN)[1:]:
        more = paired_interval(by[when], by["always"])
        end = angles[when][last["step"].iloc[0]]
        turned = paired_interval(end, angles[when][halfway], ratio=True)
        fits = trained[when]
        fitted = paired_interval(fits[last["step"].iloc[0]], fits[halfway])
        row = {"when": when, "words": WORDS[when], "level": by["always"].mean()}
        row |= {"reached": by[when].mean(), "seeds": more.n}
        found.append(
            row | bounded(more, main="more") | bounded(turned, "turned") | bounded(fitted, "fitted")
        )
    return pd.DataFrame(found)
