"""What the chapter predicted, and the claims that it settles. Their words are in `text.toml`."""

import math
from collections.abc import Mapping

from l2scale.catalogue.predictions import Prediction, declare
from l2scale.catalogue.tables import Table
from l2scale.catalogue.verdicts import settles
from l2scale.exhibits.one_lambda.balance import NORMALISED, PENALISED
from l2scale.exhibits.one_lambda.landscape import ALIKE, EXACT
from l2scale.exhibits.shared import outcome_of

Tables = Mapping[str, Table]
# The text states the second alone.
LEADING = 0.01  # one above it is in the leading digits
ASKED = 0.001  # of agreement and of balance
KEPT = 0.02  # an imbalance of layers below it counts as none
FACTOR = 2.0  # from here on costs differ by factors
RATE = 0.03  # how near a fitted rate comes to the law's
SAME = 0.05  # half-width of an interval that confirms that there is no difference
FORGOTTEN = 0.01  # share of the start's squares that leaves no trace of it


def adamw_breaks(tables: Tables) -> str:
    """AdamW ends out of balance, once its decay has had the time to forget the start."""
    row = tables["conditions"].row(balanced="unsaid")
    if row["decayed"] > FORGOTTEN:
        return "undecided"
    return outcome_of(row["layers"] > KEPT)


declare(
    __name__,
    "pilot",  # on other sizes
    rounding=Prediction("gaps[homogeneous=yes].largest", 0.0, EXACT, derivation="thm-landscape"),
    leading=Prediction("gaps[homogeneous=no].median", LEADING, math.inf),
    one_cost=Prediction("agreement[among=named].spread", 0.0, ASKED, derivation="cor-minima"),
    one_cost_orders=Prediction(
        "agreement[among=orders].spread", 0.0, ASKED, derivation="cor-minima"
    ),
    factors=Prediction("typed.factor", FACTOR, math.inf),
    balanced=Prediction("spreads[where=shapes]", 0.0, ASKED, derivation="thm-balance"),
    balanced_digits=Prediction("spreads[where=digits]", 0.0, ASKED, derivation="thm-balance"),
    balanced_kernels=Prediction("spreads[where=kernels]", 0.0, ASKED, derivation="thm-balance"),
    keeps=Prediction("conditions[balanced=yes]", 0.0, KEPT, derivation="thm-balance"),
    breaks=Prediction("conditions[balanced=no]", KEPT, math.inf),
    adamw=Prediction(rule=adamw_breaks),
    units=Prediction(
        f'conditions[condition="{PENALISED}"].units', 0.0, ASKED, derivation="prop-ol-biases"
    ),
    # It falls as decay alone would have it, which ends where the learning rate does.
    falls=Prediction(
        f"conditions[condition={NORMALISED}].over", 1 - KEPT, 1 + KEPT, derivation="prop-ol-norm"
    ),
    rate=Prediction("rates[batches=full, at=one]", 1 - RATE, 1 + RATE, derivation="prop-ol-clock"),
    floor=Prediction("rates[batches=mini, at=all].over_floor", 1.0, derivation="prop-ol-clock"),
    same_loss=Prediction("differences[case=tuned, metric=loss]", margin=SAME),
    same_error=Prediction("differences[case=tuned, metric=error]", margin=SAME),
)


def agree(tables: Tables) -> bool:
    """Whether costs agree at every point, and at the ends, where coefficients differ a hundredfold.

    The first is the theorem. The second says that the solver came near enough to minima.
    """
    exact = tables["settings"].row()["matches"] == "yes"
    return exact and tables["agreement"].row(among="all")["spread"] < ALIKE


@settles("C03", figure="matched-minima", derivation="cor-minima")
def own_divisors(tables: Tables) -> str:
    """Divisors of its own for each layer act through their geometric mean alone."""
    return "CONDITIONAL" if agree(tables) else "OPEN"


@settles("C12", figure="matched-minima")
def nobody_divides(tables: Tables) -> str:
    """A widely used implementation of Mask R-CNN does."""
    return "FALSE"


@settles("C20", figure="matched-minima", derivation="cor-minima")
def search_dimensions(tables: Tables) -> str:
    """Strengths per layer are possible; for homogeneous layers one number of them counts."""
    return "CONDITIONAL" if agree(tables) else "OPEN"


@settles("C16", figure="tuned-penalties", derivation="cor-minima")
def equal_layers(tables: Tables) -> str:
    """Whether a penalty that changes the layers' shares beats the sum, in loss or in error."""
    frame = tables["differences"].frame
    better = frame.query("case == 'tuned' and layerwise == 'yes' and side == 'lower'")
    if not agree(tables):
        return "OPEN"
    return "TRUE" if better.empty else "CONDITIONAL"
