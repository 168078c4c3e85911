"""What the best strength does as the network widens, and what it costs to carry it."""

import math
from typing import Any

import numpy as np
import pandas as pd

from l2scale.catalogue.predictions import outcomes
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.normalised.sweeps import LEAST, penalised, weights
from l2scale.exhibits.regrets import edge_note, regret_note
from l2scale.exhibits.shared import AT_EDGE, CRITERIA, NOTHING, bounded
from l2scale.lab.estimates.intervals import paired_interval
from l2scale.lab.estimates.optimal_lambda import optima
from l2scale.lab.estimates.transfer import exponents as exponents_of
from l2scale.lab.estimates.transfer import transfer_regret

WORDS = {
    "sum": "sum, normalised matrices",
    "mean": "mean, normalised matrices",
    "tensor_mean": "tensor mean, normalised matrices",
    "fan": "fan, normalised matrices",
    "last": "sum, last layer",
    "all": "sum, all matrices",
}
COLUMNS = ["kept", "own", "edge", "excess", "low", "high", "level", "reached", "seeds", "note"]


def labelled(result: Result) -> pd.DataFrame:
    """Every network with the penalty, or the place of the decay, in the column `arm`."""
    rows = result["widths"].table
    names = {
        (width, str(penalised(width, name))): name
        for width in map(int, rows["width"].unique())
        for name in LEAST
    }
    keys = zip(rows["width"], rows["penalty"], strict=True)
    return rows.assign(arm=[names[key] for key in keys])


def asked(rows: pd.DataFrame, arm: str) -> tuple[float, float]:
    """The least and the largest power of the width predicted for an arm's typed lambda."""
    widths = np.sort(rows["width"].unique())
    ends = widths[0], widths[-1]

    def power(low: float, high: float) -> float:
        return math.log(high / low) / math.log(ends[1] / ends[0])

    if arm in ("sum", "last", "all"):
        return {"sum": (0.0, 0.0), "last": (1.0, 1.0), "all": (0.0, 1.0)}[arm]
    if arm == "mean":
        found = power(*map(weights, ends))
        return found, found
    narrow, wide = (penalised(width, arm) for width in ends)
    found_in = [power(1 / one, 1 / other) for one, other in zip(narrow[:2], wide[:2], strict=True)]
    return min(found_in), max(found_in)


@table(source="widths")
def best(result: Result) -> pd.DataFrame:
    """Per arm, criterion and width: the best typed lambda, chosen on validation data."""
    found = []
    for criterion, (select, report) in CRITERIA.items():
        at = optima(labelled(result), ["arm", "width"], select=select, report=report)
        found.append(at.rename(columns={report: "test"}).assign(criterion=criterion))
    both = pd.concat(found, ignore_index=True)
    note = both["edge"].map(AT_EDGE)
    columns = ["arm", "criterion", "width", "lam", "lam_low", "lam_high", "edge", "test", "seeds"]
    named = {"lam": "estimate", "lam_low": "low", "lam_high": "high"}
    return both[columns].rename(columns=named).assign(note=note)


@table(source="widths", main="exponent")
def exponents(result: Result) -> pd.DataFrame:
    """Per arm that is trained and criterion: the power of the width of the best typed lambda.

    `asked` is the least power predicted and `at_most` the largest.
    """
    rows, found = labelled(result), []
    for criterion, (select, _) in CRITERIA.items():
        line = exponents_of(rows, ["arm"], select=select)
        found.append(line.assign(criterion=criterion))
    both = pd.concat(found, ignore_index=True)
    both["asked"] = [asked(rows, arm)[0] for arm in both["arm"]]
    both["at_most"] = [asked(rows, arm)[1] for arm in both["arm"]]
    became = outcomes(both, "exponent", both["asked"])
    return both.assign(
        words=both["arm"].map(WORDS),
        seeds=rows["seed"].nunique(),
        note=edge_note(both["edges"]),
        outcome=became,
    )


@table(source="widths", main="excess")
def carried(result: Result) -> pd.DataFrame:
    """Per arm and criterion: what the narrowest network's typed lambda costs the widest one.

    As a difference of test error, or of nats, paired over seeds. The mean's networks are the sum's
    with lambda over P. `level` is what tuning anew reaches and `reached` what the lambda kept does.
    """
    rows, found = labelled(result), []
    widths = np.sort(rows["width"].unique())
    rows = rows[rows["width"].isin((widths[0], widths[-1]))]
    for arm, words in WORDS.items():
        some = rows[rows["arm"] == ("sum" if arm == "mean" else arm)]
        power = -asked(rows, "mean")[0] if arm == "mean" else 0.0
        for criterion, (select, report) in CRITERIA.items():
            how: dict[str, Any] = {"select": select, "report": report, "exponent": power}
            last = transfer_regret(some, **how).iloc[-1]
            row = last.to_dict() | {"reached": last["level"] + last["excess"]}
            row |= {"seeds": some["seed"].nunique(), "note": regret_note(last)}
            keys = {"arm": arm, "words": words, "criterion": criterion, "penalty": arm}
            found.append(keys | {name: row[name] for name in COLUMNS})
    return pd.DataFrame(found)


@table(source="widths", main="more")
def apart(result: Result) -> pd.DataFrame:
    """Per criterion: by how much keeping the per-tensor mean's lambda costs more than the fan's."""
    rows = labelled(result)
    found = carried(result).set_index(["arm", "criterion"])
    wide, differences = rows[rows["width"] == rows["width"].max()], []
    for criterion, (_, report) in CRITERIA.items():
        excess = {}
        for arm in ("tensor_mean", "fan"):
            by = wide[wide["arm"] == arm].pivot(index="seed", columns="lam", values=report)
            at = found.loc[(arm, criterion)]
            if at["kept"] in by:
                excess[arm] = by[at["kept"]] - by[at["own"]]
        both = len(excess) == 2
        pair = paired_interval(excess["tensor_mean"], excess["fan"]) if both else NOTHING
        differences.append({"criterion": criterion} | bounded(pair, main="more"))
    return pd.DataFrame(differences).assign(seeds=rows["seed"].nunique())
