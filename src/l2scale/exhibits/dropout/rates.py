"""The best rate and the best strength by width, their exponents, and what it costs to keep them."""

import numpy as np
import pandas as pd

from l2scale.catalogue.predictions import outcomes
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.dropout.reached import arm, networks
from l2scale.exhibits.regrets import edge_note, regret_note
from l2scale.exhibits.shared import CRITERIA, widest, yes
from l2scale.lab.estimates.optimal_lambda import optima
from l2scale.lab.estimates.transfer import exponents as exponents_of
from l2scale.lab.estimates.transfer import transfer_regret
from l2scale.theory.dropout import rate_of

CARRIED = {"rate kept": ("odds", 0.0), "odds by width": ("odds", 1.0), "λ kept": ("lam", 0.0)}
"""What is carried from the narrowest network to wider ones, and with which power of the width."""


def by_odds(result: Result) -> pd.DataFrame:
    """Networks with dropout alone, their odds in the column `lam`, where estimates look."""
    rows = arm(networks(result), "dropout")
    return rows[rows["odds"] > 0].assign(lam=rows["odds"])


def by_lam(result: Result) -> pd.DataFrame:
    """Networks with a penalty, at each rate that has at least three strengths at every width."""
    rows = networks(result)
    rows = rows[rows["lam"] > 0]
    counts = rows.groupby(["odds", "width"])["lam"].nunique().unstack(fill_value=0)
    return rows[rows["odds"].isin(counts.index[(counts >= 3).all(axis=1)])]


@table(source="grid", main="odds")
def best_rates(result: Result) -> pd.DataFrame:
    """Per labels, criterion and width: the best odds without a penalty, the rate, and the edge."""
    parts = []
    for criterion, (select, report) in CRITERIA.items():
        found = optima(by_odds(result), ["labels", "width"], select=select, report=report)
        part = found.rename(columns={"lam": "odds", "lam_low": "low", "lam_high": "high"})
        parts.append(part[["labels", "width", "odds", "low", "high", "edge", "at", "seeds"]])
        parts[-1] = parts[-1].assign(criterion=criterion, edge=found["edge"].fillna("none"))
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(rate=rows["odds"].map(rate_of), note=rows["edge"].map(_BOUND))


_BOUND = {"none": "", "low": "at most", "high": "at least"}


@table(source="grid", main="exponent")
def exponents(result: Result) -> pd.DataFrame:
    """Per labels and criterion: the exponent of the best odds in width; nan with one at an edge.

    `ends` is the power of the width between the grid's best odds in the narrowest network and those
    in the widest, wherever they lie.
    """
    parts = []
    for criterion, (select, _) in CRITERIA.items():
        part = exponents_of(by_odds(result), ["labels"], select=select)
        parts.append(part.assign(criterion=criterion))
    rows = pd.concat(parts, ignore_index=True)
    note = edge_note(rows["edges"]).str.replace("λ", "rate")
    best = best_rates(result)
    ends = [best[best["width"] == end(best["width"])] for end in (min, max)]
    keys = ["labels", "criterion"]
    narrow, far = (part.set_index(keys) for part in ends)
    grew = np.log(far["at"] / narrow["at"]) / np.log(far["width"] / narrow["width"])
    rows = rows.join(grew.rename("ends"), on=keys)
    return rows.assign(
        note=note,
        edges=rows["edges"].replace("", "none"),
        one=outcomes(rows, "exponent", 1.0),
    )


@table(source="grid", main="exponent")
def strengths(result: Result) -> pd.DataFrame:
    """Per labels, criterion and rate: the exponent of the best λ in width; nan at an edge."""
    rows, parts = by_lam(result), []
    for criterion, (select, _) in CRITERIA.items():
        part = exponents_of(rows, ["labels", "odds"], select=select)
        parts.append(part.assign(criterion=criterion))
    found = pd.concat(parts, ignore_index=True)
    return found.assign(
        rate=found["odds"].map(rate_of),
        dropped=yes(found["odds"] > 0),
        note=edge_note(found["edges"]),
        edges=found["edges"].replace("", "none"),
    )


@table(source="grid", main="lam")
def best_strengths(result: Result) -> pd.DataFrame:
    """Per labels, criterion, rate and width: the best λ, its weight_decay, and the edge."""
    parts = []
    for criterion, (select, report) in CRITERIA.items():
        found = optima(by_lam(result), ["labels", "odds", "width"], select=select, report=report)
        found = found.rename(columns={"lam_low": "low", "lam_high": "high"})
        found = found[["labels", "odds", "width", "lam", "low", "high", "edge", "at", "seeds"]]
        parts.append(found.assign(criterion=criterion, edge=found["edge"].fillna("none")))
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(rate=rows["odds"].map(rate_of), weight_decay=2 * rows["lam"])


@table(source="grid", main="excess")
def carried(result: Result) -> pd.DataFrame:
    """Per labels, criterion, what is carried, and width: its cost in the test metric itself."""
    plain = arm(networks(result), "penalty")
    of = {"odds": by_odds(result), "lam": plain[plain["lam"] > 0]}
    parts = []
    for how, (column, power) in CARRIED.items():
        for criterion, (select, report) in CRITERIA.items():
            for labels, cell in of[column].groupby("labels"):
                found = transfer_regret(cell, select=select, report=report, exponent=power)
                about = {"labels": labels, "criterion": criterion, "how": how}
                parts.append(found.assign(**about))
    rows = pd.concat(parts, ignore_index=True)
    columns = ["labels", "criterion", "how", "width", "kept", "own", "excess", "low", "high"]
    note = [regret_note(row).replace(" λ", " setting") for _, row in rows.iterrows()]
    reached = rows["level"] + rows["excess"]
    return rows[columns].assign(level=rows["level"], reached=reached, note=note)


@table(source="grid", main="rate")
def carried_rates(result: Result) -> pd.DataFrame:
    """Per width: the rate carried by its odds, chosen by error in the narrowest, wrong labels."""
    rows = carried(result).query("labels == 'wrong' and criterion == 'error'")
    rows = rows[rows["how"] == "odds by width"]
    return pd.DataFrame({"width": rows["width"], "rate": rows["kept"].map(rate_of)})


@table(source="grid", main="excess")
def carried_far(result: Result) -> pd.DataFrame:
    """The rows of `carried` at the widest network."""
    return widest(carried(result), "how").reset_index(drop=True)
