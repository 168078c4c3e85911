"""What the chapter predicted, and the claim that it settles. Their words are in `text.toml`."""

import math
from collections.abc import Mapping

from l2scale.catalogue.predictions import Prediction, declare, outcome
from l2scale.catalogue.tables import Table
from l2scale.catalogue.verdicts import settles

Tables = Mapping[str, Table]
PER_DOUBLING = 0.0025
"""Change of test error a doubling, below which an interval about 0 says that there is none."""
HALF_A_POINT = 0.005

declare(
    __name__,
    "before",
    fades=Prediction("fades[stated=yes]", "predicted", derivation="prop-do-fades"),
    odds=Prediction("exponents", 1.0, derivation="prop-do-fades"),
    strengths=Prediction("strengths[dropped=yes]", 0.0, math.inf),
    kept=Prediction('carried_far[criterion=error, how="rate kept"]', 0.0, math.inf),
    by_width=Prediction(
        'carried_far[criterion=error, how="odds by width"]', margin=HALF_A_POINT,
        derivation="prop-do-fades",
    ),
    neither_gains=Prediction("slopes[criterion=error, of=dropout]", margin=PER_DOUBLING),
    together=Prediction("gains[criterion=error, of=both]", margin=HALF_A_POINT),
)  # fmt: skip


@settles("C27", figure="dropout-or-penalty", derivation="prop-do-fades")
def large_networks(tables: Tables) -> str:
    """Whether dropout gains on the penalty as networks widen, and is ahead in the widest."""
    rows = tables["slopes"].frame.query("criterion == 'error' and of == 'dropout'")
    gains = tables["gains"].frame.query("criterion == 'error' and of == 'dropout'")
    at_widest = gains[gains["width"] == gains["width"].max()]
    grows = list(rows["low"] > 0)
    ahead = list(at_widest["low"] > 0)
    if all(grows) and all(ahead):
        return "TRUE"
    if any(grows) or any(ahead):
        return "CONDITIONAL"
    flat = [outcome(row, 0.0, margin=PER_DOUBLING, column="slope") for _, row in rows.iterrows()]
    return "OPEN" if "undecided" in flat else "FALSE"
