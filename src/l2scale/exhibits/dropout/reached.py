"""What each way to regularise reaches, as many settings tried of each, and how they compare."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.dropout.sweeps import LABELS
from l2scale.exhibits.shared import CRITERIA, DIGITS, NOTHING, bounded, tidy, yes
from l2scale.lab.estimates.intervals import Interval, mean_interval
from l2scale.lab.estimates.search import chances, expected
from l2scale.theory.dropout import rate_of

ARMS = ("neither", "penalty", "dropout", "both")
SETTING = ["odds", "lam"]
CELL = ["labels", "criterion", "width"]


def networks(result: Result) -> pd.DataFrame:
    """The grid's rows, with `odds` of the rate, and `labels`, right or wrong."""
    rows = result["grid"].table
    odds = rows["dropout"] / (1 - rows["dropout"])
    labels = np.where(rows["label_noise"] > 0, "wrong", "right")
    return rows.assign(odds=odds.map(tidy), labels=labels)


def arm(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """The rows of one of ARMS. Each of the two alone may be 0, too; both are above it.

    Of both, those settings count that were trained at every width.
    """
    dropped, penalised = rows["odds"] > 0, rows["lam"] > 0
    if name == "penalty":
        return rows[~dropped]
    if name == "dropout":
        return rows[~penalised]
    if name == "neither":
        return rows[~dropped & ~penalised]
    chosen = rows[dropped & penalised]
    everywhere = chosen.groupby(SETTING)["width"].transform("nunique") == rows["width"].nunique()
    return chosen[everywhere]


def least_tries(rows: pd.DataFrame) -> int:
    """As many settings as every way has that has several."""
    sizes = [len(arm(rows, name).drop_duplicates(SETTING)) for name in ARMS if name != "neither"]
    return min(sizes)


def searches(result: Result) -> pd.DataFrame:
    """Per cell, way and seed: what a search of `least_tries` trainings reports, on average.

    A setting is chosen by the mean over seeds on validation data; `score` is that mean, on average,
    and odds and lam are those of the setting that the whole pool has at its best.
    """
    rows, parts = networks(result), []
    tries = least_tries(rows)
    for name in ARMS:
        for (labels, width), cell in arm(rows, name).groupby(["labels", "width"]):
            for criterion, metrics in CRITERIA.items():
                select, report = (
                    cell.pivot(index=SETTING, columns="seed", values=metric) for metric in metrics
                )
                validation = select.mean(axis=1, skipna=False)
                chance = chances(validation, min(tries, len(validation)))
                value = expected(chance, report.T)
                best = validation.index[int(np.argmax(chances(validation, len(validation))))]
                part = pd.DataFrame({"seed": report.columns, "value": value}).assign(
                    labels=labels, criterion=criterion, width=width, arm=name,
                    score=expected(chance, validation), odds=best[0], lam=best[1],
                )  # fmt: skip
                parts.append(part)
    return pd.concat(parts, ignore_index=True)


@table(source="grid", main="value")
def reached(result: Result) -> pd.DataFrame:
    """Per cell and way: the test metric that a search of `least_tries` trainings reaches.

    `lam`, `weight_decay` and `rate` are those of the best setting of the whole pool.
    """
    rows = []
    for key, cell in searches(result).groupby([*CELL, "arm"], sort=False):
        first = cell.iloc[0]
        rows.append(
            dict(zip([*CELL, "arm"], key, strict=True))
            | bounded(mean_interval(cell["value"]), main="value")
            | {"seeds": len(cell), "lam": first["lam"], "odds": first["odds"]}
            | {"weight_decay": 2 * first["lam"], "rate": rate_of(first["odds"])}
        )
    return pd.DataFrame(rows)


@table(source="grid", main="value")
def errors(result: Result) -> pd.DataFrame:
    """The rows of `reached` chosen by error where labels are wrong."""
    rows = reached(result)
    return rows[(rows["criterion"] == "error") & (rows["labels"] == "wrong")].reset_index(drop=True)


def side_by_side(result: Result) -> pd.DataFrame:
    """One row per cell and seed, a column a way; `alone` is the one alone with the better score."""
    found = searches(result)
    scores = found.drop_duplicates([*CELL, "arm"]).pivot(index=CELL, columns="arm", values="score")
    better = scores[["penalty", "dropout"]].idxmin(axis=1)
    seeds = found.pivot(index=[*CELL, "seed"], columns="arm", values="value")
    alone = [row[better[key[:-1]]] for key, row in seeds.iterrows()]
    return seeds.assign(alone=alone).reset_index()


DIFFERENCES = {
    "dropout": ("penalty", "dropout"),
    "both": ("alone", "both"),
    "dropout over nothing": ("neither", "dropout"),
    "penalty over nothing": ("neither", "penalty"),
}
"""What each gains: the test metric of the first less that of the second."""


@table(source="grid", main="gain")
def gains(result: Result) -> pd.DataFrame:
    """Per cell: what dropout gains on the penalty, both on the better alone, each on nothing."""
    rows = []
    for key, cell in side_by_side(result).groupby(CELL, sort=False):
        for name, (one, other) in DIFFERENCES.items():
            gain = mean_interval(cell[one] - cell[other])
            rows.append(
                dict(zip(CELL, key, strict=True))
                | {"of": name} | bounded(gain, main="gain") | {"seeds": gain.n}
            )  # fmt: skip
    found = pd.DataFrame(rows)
    return found.assign(ahead=yes(found["low"] > 0))


@table(source="grid", main="slope")
def slopes(result: Result) -> pd.DataFrame:
    """Per labels and criterion: by how much a gain changes each time the width doubles.

    `later` is the same without the narrowest network.
    """
    rows = []
    for (labels, criterion), cell in side_by_side(result).groupby(
        ["labels", "criterion"], sort=False
    ):
        for name, (one, other) in DIFFERENCES.items():
            gain = cell.assign(gain=cell[one] - cell[other])
            by_width = gain.pivot(index="width", columns="seed", values="gain")
            found = per_doubling(by_width)
            rows.append(
                {"labels": labels, "criterion": criterion, "of": name}
                | bounded(found, main="slope") | bounded(per_doubling(by_width.iloc[1:]), "later")
                | {"seeds": found.n}
            )  # fmt: skip
    every = pd.DataFrame(rows)
    return every.assign(grows=yes(every["low"] > 0))


def per_doubling(values: pd.DataFrame) -> Interval:
    """The mean over seeds of each one's least-squares slope in log2 of the index.

    Nothing is known of it where there are fewer than two widths.
    """
    if len(values) < 2:
        return NOTHING
    logs = np.log2(values.index.to_numpy(float))
    slopes = np.polyfit(logs, values.to_numpy(), 1)[0]
    return mean_interval(slopes)


@table(source="grid")
def settings(result: Result) -> pd.DataFrame:
    """What was chosen: one row."""
    rows = networks(result)
    dropped = rows.loc[rows["odds"] > 0, "dropout"]
    strengths = rows.loc[rows["lam"] > 0, "lam"]
    pools = {f"tries_{name}": len(arm(rows, name).drop_duplicates(SETTING)) for name in ARMS}
    row = {"narrowest": rows["width"].min(), "widest": rows["width"].max()}
    row |= {"factor": row["widest"] / row["narrowest"], "widths": rows["width"].nunique()}
    row |= {"steps": rows["step"].max(), "seeds": rows["seed"].nunique(), "noise": max(LABELS)}
    row |= {"lr": DIGITS.lr, "samples": DIGITS.n_train, "tries": least_tries(rows), **pools}
    row |= {"epochs": row["steps"] // (DIGITS.n_train // DIGITS.batch_size)}
    row |= {"most_scale": 1 / (1 - dropped.max())}
    row |= {"least_rate": dropped.min(), "most_rate": dropped.max()}
    row |= {"least_lam": strengths.min(), "most_lam": strengths.max()}
    row |= {"diverged": int(rows["diverged"].sum())}
    return pd.DataFrame([row])
