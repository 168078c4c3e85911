"""The best strength at several learning rates: whether only their product counts."""

import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.normalised.angles import NAMES
from l2scale.exhibits.normalised.sweeps import ALL, NORMALISED
from l2scale.exhibits.regrets import edge_note
from l2scale.exhibits.shared import AT_EDGE, CRITERIA, estimates
from l2scale.lab.estimates.intervals import mean_interval
from l2scale.lab.estimates.optimal_lambda import optima
from l2scale.lab.estimates.transfer import exponents

DECAYED = {str(NORMALISED): "normalised", str(ALL): "all"}
KEYS = ["optimiser", "decayed"]


def labelled(result: Result) -> pd.DataFrame:
    """The networks of the map, with which of their matrices are decayed."""
    rows = result["map"].table
    decayed = rows["penalty"].map(DECAYED)
    return rows.assign(decayed=decayed, name=rows["optimiser"].map(NAMES))


@table(source="map", main="test_error")
def curves(result: Result) -> pd.DataFrame:
    """Per optimiser, what is decayed, rate and strength: mean test error, with its product."""
    rows = labelled(result)
    by = [*KEYS, "name", "lr", "lam"]
    found = estimates(rows, by, lambda cell: mean_interval(cell["test_error"]), "test_error")
    return found.assign(product=found["lr"] * found["lam"])


@table(source="map")
def products(result: Result) -> pd.DataFrame:
    """Per optimiser, what is decayed, criterion and rate: the best lambda, and its product.

    Chosen on validation data; `test` is the metric on test data there.
    """
    found = []
    for criterion, (select, report) in CRITERIA.items():
        at = optima(labelled(result), [*KEYS, "lr"], select=select, report=report)
        found.append(at.rename(columns={report: "test"}).assign(criterion=criterion))
    both = pd.concat(found, ignore_index=True)
    columns = [*KEYS, "criterion", "lr", "lam", "lam_low", "lam_high", "edge", "at", "test"]
    both = both[[*columns, "seeds"]].assign(estimate=both["lam"] * both["lr"])
    return both.assign(
        low=both["lam_low"] * both["lr"],
        high=both["lam_high"] * both["lr"],
        note=both["edge"].map(AT_EDGE),
    )


@table(source="map", main="power")
def ridges(result: Result) -> pd.DataFrame:
    """Per optimiser, what is decayed and criterion: the power of eta that the best lambda follows.

    None where a best lambda lies at the edge of its grid. `spread` is the factor between the
    largest and the least best product.
    """
    rows, found = labelled(result), []
    for criterion, (select, _) in CRITERIA.items():
        line = exponents(rows, KEYS, x="lr", select=select)
        found.append(line.assign(criterion=criterion))
    both = pd.concat(found, ignore_index=True).rename(columns={"exponent": "power"})
    ends = products(result).groupby([*KEYS, "criterion"])["estimate"].agg(["min", "max"])
    both = both.merge((ends["max"] / ends["min"]).rename("spread").reset_index())
    return both.assign(
        name=both["optimiser"].map(NAMES),
        seeds=rows["seed"].nunique(),
        note=edge_note(both["edges"]),
    )


@table(source="map")
def settings(result: Result) -> pd.DataFrame:
    """What the chapter chose: one row."""
    rows, widths = labelled(result), result["widths"].table["width"]
    sgd = rows[rows["optimiser"] == "sgd"]["lr"]
    row = {"width": rows["width"].iloc[0], "steps": rows["step"].max()}
    row |= {"samples": rows["n_train"].iloc[0]}
    row |= {"rates": sgd.nunique(), "rate_factor": sgd.max() / sgd.min()}
    row |= {"noise": rows["label_noise"].iloc[0], "seeds": rows["seed"].nunique()}
    row |= {"narrow": widths.min(), "wide": widths.max(), "factor": widths.max() / widths.min()}
    return pd.DataFrame([row])
