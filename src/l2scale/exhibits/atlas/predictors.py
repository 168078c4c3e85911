"""The rungs of the ladder: what each says of a problem's best lambda, on families left out.

A rule is a number known before the problem is tuned, in doublings, and a *shift* that is fitted:
that with the least mean validation cost, where every data set weighs the same. Rules for the
problems of one family are fitted on all other families.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from l2scale.exhibits.atlas.problems import FAMILY
from l2scale.exhibits.atlas.valleys import FINE, KEY, Valley

SIMPLE = ("constant", "root_n", "crush", "shuffled", "noise")
"""Rules with one constant that need no training, in the order of the ladder."""
SHAPE = ("n_train", "width", "inputs", "classes")
"""What is known of a problem without its data."""
DATA = (*SHAPE, "crush", "shuffled", "noise")
"""What its data tell without a network."""
TOLD = (*DATA, "start")
ALPHAS = np.logspace(-2, 4, 13)
SHUFFLE = 7  # seed of the control
REACH = np.arange(-40 * FINE, 40 * FINE + 1) / FINE  # shifts that are tried, in doublings


@dataclass(frozen=True, eq=False)
class Problems:
    """What the ladder is fitted and judged on: one row a problem of one optimiser.

    Attributes:
        valleys: the problems.
        told: what is known of each before it is tuned, base-2 logarithms, one column a feature.
        cost: logarithm of the test loss at the `fine` strengths over the least, ``(P, G)``.
        val_cost: the same of validation loss, ``(P, G)``.
        error: test error at the `fine` strengths less the least, ``(P, G)``.
        weight: one over the number of problems of its data set, ``(P,)``.
        family: of its data set, ``(P,)``.
        best: logarithm of the best lambda, ``(P,)``.
    """

    valleys: list[Valley]
    told: pd.DataFrame
    cost: np.ndarray
    val_cost: np.ndarray
    error: np.ndarray
    weight: np.ndarray
    family: np.ndarray
    best: np.ndarray

    @property
    def data(self) -> np.ndarray:
        """The data set of each problem."""
        return np.array([valley.data for valley in self.valleys])

    def places(self, logs: np.ndarray) -> np.ndarray:
        """Places among the `fine` strengths of one strength a problem, ``(P,)``."""
        return self.valleys[0].place(logs)

    def where(self, kept: np.ndarray) -> "Problems":
        """Those of a mask, which takes data sets whole or not at all."""
        valleys = [valley for valley, keep in zip(self.valleys, kept, strict=True) if keep]
        names = [field.name for field in fields(self) if field.name != "valleys"]
        return Problems(valleys, **{name: getattr(self, name)[kept] for name in names})


def problems_of(valleys: list[Valley], before: pd.DataFrame) -> Problems:
    """The problems of one optimiser, with what was observed of them before."""
    keys = pd.DataFrame([valley.key for valley in valleys], columns=KEY)
    columns = list(dict.fromkeys([*TOLD, *SIMPLE, "early_stopping"]))
    told = keys.merge(before, on=KEY, how="left")[columns]
    val = np.array([valley.curve("val_loss") for valley in valleys])
    data = keys["data"]
    return Problems(
        valleys=valleys,
        told=np.log2(told),
        cost=np.array([np.log(v.curve("test_loss") / v.least("loss")) for v in valleys]),
        val_cost=np.log(val / val.min(axis=1, keepdims=True)),
        error=np.array([v.curve("test_error") - v.least("error") for v in valleys]),
        weight=1 / data.map(data.value_counts()).to_numpy(),
        family=data.map(FAMILY).to_numpy(),
        best=np.log2([valley.lam[0] for valley in valleys]),
    )


Say = Callable[[np.ndarray], np.ndarray]
"""Of a mask of the problems to fit on: what a rule says of all problems, in doublings."""


def rules(problems: Problems) -> dict[str, Say]:
    """Every rule of the ladder that is fitted, by name."""
    found: dict[str, Say] = {}
    for name in (*SIMPLE, "early_stopping"):
        found[name] = shifted(problems, problems.told[name].to_numpy())
    shuffled = permuted(problems)
    for name, told in (
        ("powers", problems.told[list(SHAPE)]),
        ("mixed", problems.told[list(DATA)]),
        ("features", problems.told[list(TOLD)]),
        ("permuted", shuffled[list(TOLD)]),
    ):
        found[name] = regressed(problems, told.to_numpy())
    return found


def shifted(problems: Problems, logs: np.ndarray) -> Say:
    """A yardstick times a constant."""
    return lambda fit: logs + shift(problems, logs, fit)


def regressed(problems: Problems, told: np.ndarray) -> Say:
    """Ridge regression of the best lambda on features, then times a constant."""

    def say(fit: np.ndarray) -> np.ndarray:
        logs = np.asarray(ridge(problems, told, fit).predict(told))
        return logs + shift(problems, logs, fit)

    return say


def ridge(problems: Problems, told: np.ndarray, fit: np.ndarray) -> Pipeline:
    """The regression, fitted where `fit` is true, with its own strength by leave-one-out."""
    model = make_pipeline(StandardScaler(), RidgeCV(ALPHAS))
    model.fit(told[fit], problems.best[fit], ridgecv__sample_weight=problems.weight[fit])
    return model


def shift(problems: Problems, logs: np.ndarray, fit: np.ndarray) -> float:
    """The shift of a rule, in doublings, with the least mean validation cost on some problems."""
    rows = np.flatnonzero(fit)
    places = problems.places(logs[rows, None] + REACH)
    costs = problems.weight[rows] @ problems.val_cost[rows[:, None], places]
    least = np.flatnonzero(costs <= costs.min() + 1e-12)  # beyond a grid's end all are one
    return float(REACH[least[len(least) // 2]])


def left_out(problems: Problems, say: Say) -> np.ndarray:
    """What a rule says of each problem when it was fitted on the other families, ``(P,)``."""
    found = np.empty(len(problems.best))
    for family in np.unique(problems.family):
        inside = problems.family == family
        found[inside] = say(~inside)[inside]
    return found


def cheapest(problems: Problems, said: dict[str, np.ndarray], names: tuple[str, ...]) -> str:
    """The rule among some with the least mean *validation* cost on families left out."""
    rows = np.arange(len(problems.best))
    costs = {
        name: problems.weight @ problems.val_cost[rows, problems.places(said[name])]
        for name in names
    }
    return min(costs, key=costs.__getitem__)


def chosen_anew(problems: Problems, names: tuple[str, ...]) -> np.ndarray:
    """What is said of each family by the rule that the others alone choose and fit, ``(P,)``.

    It is chosen by what it costs on each of them, fitted on the rest of them. So no family judges
    a rule that it helped to choose.
    """
    found = np.empty(len(problems.best))
    every = rules(problems)
    for family in np.unique(problems.family):
        inside = problems.family == family
        others = problems.where(~inside)
        say = rules(others)
        name = cheapest(others, {each: left_out(others, say[each]) for each in names}, names)
        found[inside] = every[name](~inside)[inside]
    return found


def permuted(problems: Problems) -> pd.DataFrame:
    """What is known of the problems, dealt anew among the data sets: each gets another's rows."""
    names = list(dict.fromkeys(problems.data))
    order = np.random.default_rng(SHUFFLE).permutation(len(names))
    rows = np.empty(len(problems.best), dtype=int)
    for name, other in zip(names, order, strict=True):
        own = np.flatnonzero(problems.data == name)
        given = np.flatnonzero(problems.data == names[other])
        rows[own] = np.resize(given, len(own))
    return problems.told.iloc[rows].reset_index(drop=True)
