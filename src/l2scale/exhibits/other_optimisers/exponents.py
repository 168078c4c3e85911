"""The exponents of the best lambda in width and in the rate, optimiser by optimiser."""

import pandas as pd

from l2scale.catalogue.predictions import outcomes
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.matched import farthest, matched_table
from l2scale.exhibits.other_optimisers.arms import ARMS, CONSTANT, KEYS, Arm, described, labelled
from l2scale.exhibits.regrets import edge_note
from l2scale.exhibits.shared import AT_EDGE, at_end
from l2scale.lab.estimates.optimal_lambda import optima
from l2scale.lab.estimates.transfer import exponents as exponents_of

METRICS = ("error", "loss")
TRAINED = ("rules", "hidden", "clean")


@table(source=("rules", "hidden"))
def best(result: Result) -> pd.DataFrame:
    """Per arm with wrong labels and width: the lambda of least validation error, and bounds."""
    rows = at_end(labelled(result)).query("labels == 'wrong'")
    found = optima(rows, [*KEYS, "width"], select="val_error", report="test_error")
    return described(found).assign(lam_note=found["edge"].map(AT_EDGE))


@table(source=TRAINED, main="exponent")
def exponents_by_step(result: Result) -> pd.DataFrame:
    """Per arm, step and metric: the exponent in width; `edges` says where there is none, and why.

    `outcome` is what became of the one predicted.
    """
    rows = labelled(result)
    found = pd.concat(
        exponents_of(rows, [*KEYS, "step"], select=f"val_{metric}").assign(metric=metric)
        for metric in METRICS
    )
    seeds = rows.groupby([*KEYS, "step"])["seed"].nunique().rename("seeds").reset_index()
    found = described(found.merge(seeds, on=[*KEYS, "step"]))
    became = outcomes(found, "exponent", found["predicted"])
    return found.assign(note=edge_note(found["edges"]), outcome=became)


@table(source=TRAINED, main="exponent")
def exponents(result: Result) -> pd.DataFrame:
    """The same at the end of training alone, arm by arm."""
    rows = at_end(exponents_by_step(result)).set_index(KEYS, drop=False)
    order = [tuple(vars(arm).values()) for arm in ARMS]
    return pd.concat([rows.loc[[arm]] for arm in order], ignore_index=True)


def by_rate(result: Result) -> pd.DataFrame:
    """AdamW at every rate tried, at the end, for the widths and seeds that all rates share."""
    others, base = at_end(result["rates"].table), Arm("adamw").of(at_end(labelled(result)))
    base = base[base["width"].isin(others["width"]) & base["seed"].isin(others["seed"])]
    return pd.concat([base[others.columns], others], ignore_index=True)


@table(source=("rates", "rules"), main="exponent")
def rates(result: Result) -> pd.DataFrame:
    """Per metric, width and rate: the best lambda; and its exponent in the rate at that width."""
    rows, found = by_rate(result), []
    for metric in METRICS:
        select = f"val_{metric}"
        at = optima(rows, ["width", "lr"], select=select, report=f"test_{metric}")
        line = exponents_of(rows, ["width"], x="lr", select=select)
        found.append(at.merge(line, on="width").assign(metric=metric))
    columns = ["metric", "width", "lr", "lam", "lam_low", "lam_high", "edge", "seeds"]
    both = pd.concat(found, ignore_index=True)
    return both[[*columns, "exponent", "low", "high"]].assign(note=edge_note(both["edges"]))


@table(source=("rates", "rules"), main="exponent")
def exponents_by_rate(result: Result) -> pd.DataFrame:
    """Per rate: the exponent in width of the best lambda by error."""
    found = exponents_of(by_rate(result), ["lr"], select="val_error").sort_values("lr")
    return found.assign(note=edge_note(found["edges"]))


@table(source=("rules", "hidden"), main="exponent")
def matched(result: Result) -> pd.DataFrame:
    """`l2scale.exhibits.matched.matched_table` of the networks at constant rates."""
    rows = at_end(labelled(result))
    found = matched_table({arm.label: (arm.of(rows), arm.predicted) for arm in CONSTANT})
    about = pd.DataFrame([arm.columns() for arm in CONSTANT]).rename(columns={"optimiser": "cell"})
    return found.merge(about[["cell", "arm", "family"]], on="cell")


@table(source=("rules", "hidden"), main="off")
def matched_farthest(result: Result) -> pd.DataFrame:
    """Per family and labels: how far an exponent is from the one predicted, at most."""
    families = matched(result).groupby("family")
    return pd.concat([farthest(rows).assign(family=name) for name, rows in families])
