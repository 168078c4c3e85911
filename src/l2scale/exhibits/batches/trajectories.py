"""What the trajectories of all objectives say: how far each is from the trainer's."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.batches.conventions import CONVENTIONS, MISUSES
from l2scale.exhibits.batches.sweeps import WALKS
from l2scale.exhibits.batches.walks import WALK
from l2scale.exhibits.shared import at_end


@table(source="walks", main="own")
def forms(result: Result) -> pd.DataFrame:
    """Per convention: its own strength and rate for the trajectories in the smallest batches."""
    batch, rows = min(WALKS), []
    for name, form in CONVENTIONS.items():
        own = form.own(WALK.lam, batch, WALK.n_train)
        row = {"form": name, "words": form.words, "own": own}
        rows.append(row | {"rate": form.rate(WALK.lr, own, batch, WALK.n_train)})
    return pd.DataFrame(rows)


@table(source="walks", main="kept")
def relative(result: Result) -> pd.DataFrame:
    """The walks, with `kept`: the sum of squares over that of the start."""
    rows = result["walks"].table
    start = rows.groupby(["form", "batch_size", "seed"])["sq_norm"].transform("first")
    return rows.assign(kept=rows["sq_norm"] / start)


@table(source="walks", main="deviation")
def ends(result: Result) -> pd.DataFrame:
    """Per form and batch size, after the last step: means over seeds."""
    cells = at_end(relative(result)).groupby(["form", "batch_size"], sort=False)
    return cells.mean().reset_index()


@table(source="walks", main="deviation")
def rounding(result: Result) -> pd.DataFrame:
    """One row: the largest `deviation` of any convention at any look, and that of the misuses.

    `between` is the largest difference of the two misuses from each other, in sum of squares and in
    deviation, over one more than the number.
    """
    rows = result["walks"].table
    one, other = (
        rows.loc[rows["form"] == form, ["sq_norm", "deviation"]].to_numpy() for form in MISUSES
    )
    converted = rows.loc[rows["form"].isin([*CONVENTIONS]), "deviation"].max()
    between = (np.abs(one - other) / (1 + np.abs(other))).max()
    return pd.DataFrame([{"deviation": converted, "between": between}])
