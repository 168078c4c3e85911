"""What the chapter predicted, and the claims that it settles. Their words are in `text.toml`."""

from collections.abc import Mapping

from l2scale.catalogue.predictions import Prediction, declare, outcome
from l2scale.catalogue.tables import Table
from l2scale.catalogue.verdicts import settles
from l2scale.exhibits.width_limit.sweeps import BASE
from l2scale.exhibits.width_limit.tables import LEVEL

Tables = Mapping[str, Table]
# The text states none of these bounds.
EXACT = 1e-9  # a relative difference below it is one of rounding
SPLIT = 1e-10  # so is a change of the cost below it, as units are split
SOLVED = 0.01  # how near a descent comes to the balance of a unit's two sides
TWINS = 0.1  # by how much two descents to the same minimum may differ
CONSTANT = 0.8  # a training error that is not far from that of the best constant
POINTS = 10


declare(
    __name__,
    "pilot",  # on other sizes
    cost_falls=Prediction("limit.least_ratio", 0.0, 1.0, derivation="thm-wl-limit"),
    cost_level=Prediction("limit.last_least", -LEVEL, LEVEL, derivation="cor-wl-monotone"),
    squares_level=Prediction("limit.last_squares", -LEVEL, LEVEL, derivation="cor-wl-squares"),
    none_below=Prediction("certificate.below", 0.0, EXACT, derivation="thm-wl-line"),
    attained=Prediction("certificate.built", 0.0, EXACT, derivation="thm-wl-line"),
    few_units=Prediction("certificate.most", 0, POINTS - 1, derivation="prop-wl-straight"),
    half_is_r=Prediction("certificate.apart", 0.0, SOLVED, derivation="thm-wl-line"),
    # Said of the widest networks in the text: each step in width would have to come nearer.
    vanishes=Prediction("starts[width=max].median_nearer", "seeds"),
    twins=Prediction("ends.gap", 0.0, TWINS, derivation="thm-wl-others"),
    sum_refuses=Prediction("ends[penalty=sum].train_error", BASE.label_noise, margin=0.1),
    mean_learns=Prediction("ends[penalty=mean].train_error", derivation="thm-wl-others"),
    tensor_mean_learns=Prediction(
        "ends[penalty=tensor_mean].train_error", derivation="thm-wl-others"
    ),
    prior_gives_up=Prediction(
        "ends[penalty=prior].train_error", CONSTANT, 1.0, derivation="thm-wl-others"
    ),
)


@settles("C35", figure="least-cost-by-width", derivation="cor-wl-squares")
def both_right(tables: Tables) -> str:
    """At a minimum the value has a limit too, so value and force agree on the sum."""
    rows = [row for _, row in tables["limit"].frame.iterrows()]
    level = all(outcome(row, -LEVEL, LEVEL, column="last_squares") == "held" for row in rows)
    return "TRUE" if level else "OPEN"


@settles("C38", figure="least-cost-by-width", derivation="thm-wl-split")
def must_grow(tables: Tables) -> str:
    """Splitting units multiplies the parameters and keeps the function and the sum of squares."""
    return "FALSE" if tables["descents"].row()["split"] < SPLIT else "OPEN"
