"""Which valleys are flat: where the best lambda is hardly better than none, or than a rule's."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.atlas.ladder import MEASURED, draws, paid

MARGINS = {"error": 0.005, "cost": 0.02}
"""What is too little to tune for: half a point of test error, for a regression half a percent of
the targets' variance, fixed before any training; two percent of test loss, fixed during it."""
AGAINST = {"none": "no penalty", "constant": "one constant", "rule": "the suggestion"}


@table(source=MEASURED, main="less")
def gains(result: Result) -> pd.DataFrame:
    """One row a problem and what it is tuned against.

    `less` is the test error that the best lambda saves, in shares of the samples or of the targets'
    variance, `loss` the test loss in shares of the best's. On families left out.
    """
    rows = paid(result)
    parts = []
    for name in AGAINST:
        own = rows["suggests"] if name == "rule" else name
        some = rows[rows["rung"] == own]
        parts.append(some.assign(against=name, less=some["error"], loss=np.expm1(some["cost"])))
    keep = ["problem", "optimiser", "data", "family", "n", "width", "labels", "against", "weight"]
    return pd.concat(parts, ignore_index=True)[[*keep, "less", "loss"]]


@table(source=MEASURED, main="share")
def flat(result: Result) -> pd.DataFrame:
    """The share of flat valleys, every data set weighing the same, with a bootstrap over data sets.

    One row per optimiser, labels, what is tuned against, and criterion; see `MARGINS`.
    """
    rows = gains(result)
    found = []
    for optimiser, of in rows.groupby("optimiser", sort=False):
        for labels in ("all", "right", "wrong"):
            some = of if labels == "all" else of[of["labels"] == labels]
            for against, cell in some.groupby("against", sort=False):
                for criterion, column in (("error", "less"), ("loss", "loss")):
                    margin = MARGINS["error" if criterion == "error" else "cost"]
                    below = cell[column] < margin
                    found.append(
                        {"optimiser": optimiser, "labels": labels, "against": against}
                        | {"criterion": criterion, **share_of(below, cell["data"])}
                        | {"margin": margin, "sets": cell["data"].nunique()}
                        | {"problems": len(cell), "count": int(below.sum())}
                    )
    return pd.DataFrame(found)


def share_of(truths: pd.Series, data: pd.Series) -> dict[str, float]:
    """The share of true ones, every data set weighing the same, with its bounds."""
    shares = truths.groupby(data, sort=False).mean()
    ways = shares.to_numpy()[draws(len(shares))].mean(axis=1)
    low, high = np.quantile(ways, (0.025, 0.975))
    return {"share": float(shares.mean()), "low": float(low), "high": float(high)}
