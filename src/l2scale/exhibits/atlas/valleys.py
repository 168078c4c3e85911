"""The valley of each problem: held-out loss and error at every strength, and the best one."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from scipy.interpolate import PchipInterpolator

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.atlas.problems import FAMILY
from l2scale.exhibits.shared import tidy
from l2scale.lab.estimates.optimal_lambda import optimum

OPTIMISERS = ("sgd", "adamw")
TRAINED = ("sgd", "sgd_without", "adamw", "adamw_without")
KEY = ["data", "n_train", "label_noise", "width"]
METRICS = {
    "val_loss": "val_loss_noisy", "test_loss": "test_loss_noisy",
    "val_error": "val_error", "test_error": "test_error",
}  # fmt: skip
"""What is read of a network. Loss is by labels as often wrong as those in training, error by right
ones, which puts strengths in the same order as wrong ones would."""
FINE = 8
"""Parts of a doubling: strengths between those of the grid are told apart so finely."""


@dataclass(frozen=True)
class Valley:
    """One problem under one optimiser.

    Attributes:
        key: data set, samples, label noise and width.
        logs: base-2 logarithms of the strengths above 0, ``(L,)``.
        reached: per metric, what networks reach, ``(seeds, L)``.
        without: per metric the same without a penalty, ``(seeds,)``.
        diverged: networks that did.
        lam: where the mean validation loss is least; its bounds; "low" or "high" at an edge.
    """

    optimiser: str
    key: tuple[str, int, float, int]
    logs: np.ndarray
    reached: dict[str, np.ndarray]
    without: dict[str, np.ndarray]
    diverged: int
    lam: tuple[float, float, float]
    edge: str | None

    @property
    def data(self) -> str:
        """The data set."""
        return self.key[0]

    @cached_property
    def fine(self) -> np.ndarray:
        """Strengths from one end of the grid to the other, in doublings, `FINE` to each."""
        low, high = self.logs[0], self.logs[-1]
        return np.asarray(low + np.arange(round((high - low) * FINE) + 1) / FINE)

    def curve(self, metric: str) -> np.ndarray:
        """The mean over seeds of a metric at the `fine` strengths, monotone between the grid's."""
        return np.asarray(PchipInterpolator(self.logs, self.means(metric)[1:])(self.fine))

    def means(self, metric: str) -> np.ndarray:
        """The mean over seeds of a metric without a penalty, and then at each strength."""
        return np.append(self.without[metric].mean(), self.reached[metric].mean(axis=0))

    def least(self, of: str) -> float:
        """What the strength with the best mean validation "loss" or "error" reaches on test data.

        No penalty is one of the strengths.
        """
        val, test = (self.means(f"{part}_{of}") for part in ("val", "test"))
        return float(test[val.argmin()])

    def place(self, log2_lam: float | np.ndarray) -> np.ndarray:
        """Places among the `fine` strengths of the ones nearest to some."""
        places = np.rint((np.asarray(log2_lam) - self.logs[0]) * FINE).astype(int)
        return np.clip(places, 0, len(self.fine) - 1)


_MADE: WeakKeyDictionary[Result, dict[str, list[Valley]]] = WeakKeyDictionary()


def valleys_of(result: Result, optimiser: str) -> list[Valley]:
    """Every problem of an optimiser, in the order of the sweep; made once for each result."""
    made = _MADE.setdefault(result, {})
    if optimiser not in made:
        rows = result[optimiser].table
        bare = result[f"{optimiser}_without"].table
        bare = bare[bare["step"] == bare["step"].max()].groupby(KEY, sort=False)
        made[optimiser] = [
            _valley(optimiser, key, cell, bare.get_group(key))
            for key, cell in rows.groupby(KEY, sort=False)
        ]
    return made[optimiser]


def _valley(
    optimiser: str, key: tuple[str, int, float, int], cell: pd.DataFrame, bare: pd.DataFrame
) -> Valley:
    lost = int(cell["diverged"].sum() + bare["diverged"].sum())
    reached, without = {}, {}
    for name, column in METRICS.items():
        grid = cell.pivot(index="seed", columns="lam", values=column)
        # A network that diverged is as bad as the worst that did not.
        worst = np.nanmax(grid.to_numpy())
        reached[name] = grid.fillna(worst).to_numpy()
        without[name] = bare.sort_values("seed")[column].fillna(worst).to_numpy()
    logs = np.log2(np.sort(cell["lam"].unique()))
    best = optimum(cell, METRICS["val_loss"], METRICS["test_loss"])
    lam = (best.lam.estimate, best.lam.low, best.lam.high)
    return Valley(optimiser, key, logs, reached, without, lost, lam, best.edge)


def both(result: Result) -> Iterator[Valley]:
    """The valleys of both optimisers."""
    for optimiser in OPTIMISERS:
        yield from valleys_of(result, optimiser)


def identity(valley: Valley) -> dict[str, object]:
    """The first columns of a problem's row, with its name."""
    data, n, noise, width = valley.key
    labels = "wrong" if noise else "right"
    name = f"{data}-{n}-{width}-{labels}-{valley.optimiser}"
    return {
        "problem": name, "optimiser": valley.optimiser, "data": data, "family": FAMILY[data],
        "n": n, "width": width, "labels": labels,
    }  # fmt: skip


@table(source=TRAINED, main="lam")
def atlas(result: Result) -> pd.DataFrame:
    """One row a problem: its best lambda, what it gains over no penalty, and how it was found.

    `gain` is by how much it lowers the test loss, as a share of that without penalty, and
    `fewer` by how much the test error, as a share of the samples or of the targets' variance; each
    is chosen by its own validation metric.
    """
    rows = []
    for valley in both(result):
        lam, low, high = valley.lam
        bare = {of: float(valley.without[f"test_{of}"].mean()) for of in ("loss", "error")}
        best = {of: valley.least(of) for of in ("loss", "error")}
        rows.append(
            identity(valley)
            | {"lam": lam, "low": low, "high": high, "edge": valley.edge or "none"}
            | {"test_loss": best["loss"], "test_error": best["error"]}
            | {"gain": 1 - best["loss"] / bare["loss"], "fewer": bare["error"] - best["error"]}
            | {"diverged": valley.diverged, "seeds": len(valley.reached["val_loss"])}
        )
    return pd.DataFrame(rows)


@table(source=TRAINED, main="test_loss")
def points(result: Result) -> pd.DataFrame:
    """One row a problem and strength: means over seeds. `lam` 0 is no penalty."""
    rows = []
    for valley in both(result):
        first = identity(valley)["problem"]
        means = {name: valley.means(name) for name in METRICS}
        for place, lam in enumerate([0.0, *2**valley.logs]):
            cells = {name: float(values[place]) for name, values in means.items()}
            rows.append({"problem": first, "lam": tidy(lam)} | cells)
    return pd.DataFrame(rows).round(dict.fromkeys(METRICS, 6))
