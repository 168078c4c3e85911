"""The tasks of this chapter, and what was chosen for them.

Where targets are labels, of which some are wrong in training, held-out ones count as wrong as often
(`l2scale.lab.training.measures`): the task that the networks were given. Drawn targets are held out
without noise, which for squared error moves no optimum.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.regrets import grid_step
from l2scale.exhibits.samples.ridge import BAR, SPIKE
from l2scale.exhibits.samples.sweeps import MINIMUM, SIGMA
from l2scale.exhibits.shared import bounded
from l2scale.lab.estimates.intervals import paired_interval
from l2scale.lab.estimates.optimal_lambda import optima
from l2scale.theory.shrinkage import best_threshold

USED = 0.05  # share of the coefficients that are not 0 in the model of a threshold


@dataclass(frozen=True)
class Task:
    """A sweep of this chapter: what it is called, what is predicted of it, what its targets are."""

    words: str
    predicted: float  # exponent in n
    labels: bool = False
    hidden: bool = True


TASKS = {
    "logistic": Task("digits, logistic regression", -1.0, labels=True, hidden=False),
    "digits": Task("digits, ReLU", -0.5, labels=True),
    "sgd": Task("digits, ReLU, SGD", -0.5, labels=True),
    "teacher": Task("teacher, ReLU", -0.5),
    "line": Task("line, ReLU", -0.5),
}
CELLS = [
    (name, metric)
    for name, task in TASKS.items()
    for metric in (("loss", "error") if task.labels else ("loss",))
]
"""Tasks and what is reported of them: only labels can be wrong."""


def rows_of_networks(result: Result, task: str) -> pd.DataFrame:
    """The networks of a task, judged by labels as often wrong as in training where it has any."""
    rows = result[task].table
    if not TASKS[task].labels:
        return rows
    return rows.assign(val_loss=rows["val_loss_noisy"], test_loss=rows["test_loss_noisy"])


@table(source=())
def settings(result: Result) -> pd.DataFrame:
    """What was chosen, and the model's local exponents of weak and of strong noise: one row."""
    row = {"wrong": MINIMUM.label_noise, "sigma": SIGMA, "bar": BAR, "spike": SPIKE, "used": USED}
    for name, task in (("digits", "digits"), ("drawn", "teacher")):
        rows = result[task].table
        least, most = rows["n_train"].min(), rows["n_train"].max()
        row |= {f"{name}_least": least, f"{name}_most": most, f"{name}_factor": most // least}
        row |= {f"{name}_units": rows["width"].iloc[0], f"{name}_iterations": rows["steps"].iloc[0]}
    row |= {f"{name}_root": row[f"{name}_factor"] ** 0.5 for name in ("digits", "drawn")}
    row |= {"noise_n": result["noise"].table["n_train"].iloc[0]}
    row |= {"sgd_steps": result["sgd"].table["steps"].iloc[0]}
    row |= {"grid_step": grid_step(result["digits"].table["lam"])}
    row |= {"inputs": result["ridge_risk"].configuration["inputs"]}
    row |= {
        f"spike_{name}": result["ridge_spike"].configuration[name] for name in ("inputs", "samples")
    }
    row |= {"model_weak": model_exponent(0.1), "model_strong": model_exponent(0.5)}
    return pd.DataFrame([row])


def model_exponent(s: float, step: float = 1.05) -> float:
    """Slope of log threshold in log s where a share `USED` of the coefficients is 1, others 0."""
    b = np.zeros(1000)
    b[: round(USED * len(b))] = 1.0
    high, low = (best_threshold(b, s * ratio) for ratio in (step, 1 / step))
    return float(np.log(high / low) / (2 * np.log(step)))


@table(source=("digits", "sgd"))
def training(result: Result) -> pd.DataFrame:
    """One row, of the most digits: how near training came to a minimum.

    `best` and `over_n` are the median ratio of the penalty's force to the loss's, 1 at a minimum,
    at lambda* and at that of the fewest over the factor, each at the nearest of the grid; `clock`
    is 2 eta lambda* t of SGD.
    """
    lams = {
        task: optima(rows_of_networks(result, task), ["n_train"])["lam"]
        for task in ("digits", "sgd")
    }
    rows, sgd = result["digits"].table, result["sgd"].table.iloc[0]
    sizes = rows["n_train"]
    forces = rows[sizes == sizes.max()].groupby("lam")["force_ratio"].median()
    wanted = {"best": lams["digits"].iloc[-1]}
    wanted["over_n"] = lams["digits"].iloc[0] * sizes.min() / sizes.max()
    row = {
        name: forces.iloc[np.abs(np.log(forces.index / lam)).argmin()]
        for name, lam in wanted.items()
    }
    clock = 2 * sgd["lr"] * lams["sgd"].iloc[-1] * sgd["steps"]
    return pd.DataFrame([row | {"clock": clock}])


@table(source="digits")
def learned(result: Result) -> pd.DataFrame:
    """One row: by how much, in nats, the last n on digits has less test loss than the one before.

    Paired by seed, at the lambda that is best for the fewest.
    """
    rows = rows_of_networks(result, "digits")
    kept = optima(rows, ["n_train"])["at"].iloc[0]
    before, last = sorted(rows["n_train"].unique())[-2:]
    rows = rows[(rows["lam"] / kept - 1).abs() < 2e-5]
    at = rows.pivot(index="seed", columns="n_train", values="test_loss")
    return pd.DataFrame([bounded(paired_interval(at[before], at[last]))])
