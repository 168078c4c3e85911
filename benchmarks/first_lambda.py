"""What `suggest_lambda` is worth on data sets kept out of the atlas: one table, printed.

    python -m benchmarks.first_lambda

On each, networks of the atlas's kind learn with no penalty, at every strength of its grid and at
what is suggested from the training rows of the first seed. The best strength has the least mean
validation loss. `regret` is the test loss at the suggestion over that at the best, less 1; `points`
the excess test error, of a regression in hundredths of the targets' variance; both with a 95 %
interval over seeds, paired. `none` is the regret of no penalty.

A pilot, which chose rates, steps and ranges, had shown valleys of breast_cancer, magic and wage.
"""

import time
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from l2scale.exhibits.atlas.problems import HELD_OUT
from l2scale.exhibits.atlas.sweeps import ADAMW, NOISE, RANGES, RATES, SGD
from l2scale.exhibits.atlas.valleys import METRICS
from l2scale.exhibits.shared import doublings, tidy
from l2scale.lab.data.datasets import DATASETS, load
from l2scale.lab.sweeps.sweep import Sweep, measure
from l2scale.lab.training.runs import Run, grid
from l2scale.practice import suggest_lambda
from l2scale.practice.suggest import Suggestion

MOST, WIDTH, SEEDS, PER_DOUBLING = 2000, 128, 8, 2 / 3


def cells() -> list[Run]:
    """One run for each held-out data set, optimiser, and labels as they are or some wrong."""
    found = []
    for name in sorted(set(HELD_OUT) & set(DATASETS)):
        split = load(name, seed=0)
        numbers = split.task == "regression"
        for base in (SGD, ADAMW):
            lr = RATES[numbers] if base is SGD else base.lr
            one = replace(base, data=name, n_train=min(MOST, len(split.x_train)), lr=lr)
            one = replace(one, hidden=(WIDTH,))
            found += [replace(one, label_noise=noise) for noise in (0.0, NOISE[numbers])]
    return found


def suggested(run: Run) -> Suggestion:
    """What the tool says of a cell."""
    split = load(run.data, seed=0, n_train=run.n_train, label_noise=run.label_noise)
    task = "numbers" if split.task == "regression" else "classes"
    return suggest_lambda(
        split.x_train, split.y_train, hidden=WIDTH, optimiser=run.optimiser, task=task,
        lr=run.lr, momentum=run.momentum, steps=run.steps,
    )  # fmt: skip


def judged(run: Run) -> dict[str, object]:
    """The row of a cell."""
    said = suggested(run)
    own = tidy(said.lam)
    strengths = doublings(*RANGES[run.optimiser], PER_DOUBLING)
    runs = grid(run, lam=sorted({0.0, own, *strengths}), seed=range(SEEDS))
    began = time.perf_counter()
    table = measure(Sweep("held_out", runs)).table
    trained = time.perf_counter() - began
    reached = {
        name: table.pivot(index="seed", columns="lam", values=column)
        for name, column in METRICS.items()
    }
    worst = {name: grid.fillna(np.nanmax(grid.to_numpy())) for name, grid in reached.items()}
    offered = [0.0, *strengths]
    best = {of: worst[f"val_{of}"][offered].mean().idxmin() for of in ("loss", "error")}
    loss, error = worst["test_loss"], worst["test_error"]
    regret = interval(loss[own] - loss[best["loss"]]) / loss[best["loss"]].mean()
    points = 100 * interval(error[own] - error[best["error"]])
    none = loss[0.0].mean() / loss[best["loss"]].mean() - 1
    labels = "wrong" if run.label_noise else "right"
    return {
        "data": run.data, "n": run.n_train, "labels": labels, "steps": run.optimiser,
        "suggested": own, "best": best["loss"],
        "ratio": best["loss"] / own if best["loss"] else np.nan,
        "inside": said.low <= best["loss"] <= said.high,
        "regret": regret[0], "low": regret[1], "high": regret[2], "none": none,
        "points": points[0], "points_low": points[1], "points_high": points[2],
        "suggested_in": said.seconds, "networks": len(runs), "trained_in": trained,
    }  # fmt: skip


def interval(paired: pd.Series) -> np.ndarray:
    """Mean, and its 95 % interval by Student's t."""
    half = stats.t.ppf(0.975, len(paired) - 1) * paired.sem()
    return np.array([paired.mean(), paired.mean() - half, paired.mean() + half])


if __name__ == "__main__":
    rows = pd.DataFrame([judged(run) for run in cells()])
    print(rows.to_string(index=False, float_format=lambda x: f"{x:.4g}"))
    per_set = rows.groupby(["steps", "data"])[["regret", "none", "points"]].mean()
    print(per_set.groupby("steps").mean().to_string(float_format=lambda x: f"{x:.4f}"))
    print(rows["networks"].sum(), "networks,", f"{rows['trained_in'].sum():.0f} s")
