"""What the chapter predicted, and the claims that it settles. Their words are in `text.toml`."""

import math
from collections.abc import Mapping

import numpy as np

from l2scale.catalogue.predictions import Prediction, declare, excludes, outcome
from l2scale.catalogue.tables import Table
from l2scale.catalogue.verdicts import settles
from l2scale.exhibits.bad_start.course import FADED, SAME
from l2scale.exhibits.bad_start.first_epochs import CLOSE
from l2scale.exhibits.bad_start.published import MARGIN
from l2scale.exhibits.shared import outcome_of

# The text states none of these but the first.
AGREES = 0.15  # of one sample's force
AT_REST = 0.1  # between two forces, as far as L-BFGS gets
NEARER = -0.75  # above it an exponent is nearer to -1/2 than to -1
ORDER = 3.0  # a size within this factor of another is of its order
NEAR = 0.1  # an exponent of the kurtosis this near to -1 is taken for it

Tables = Mapping[str, Table]


def one_sample_agrees(tables: Tables) -> str:
    """One sample's force is as predicted in both layers, at every width."""
    return outcome_of((tables["equality"].frame["off"] < AGREES).all())


def larger_in_the_output_layer(tables: Tables) -> str:
    """Equality is at a larger strength in the output layer, at every width."""
    first, output = (rows for _, rows in tables["equality"].frame.groupby("layer"))
    apart = output["low"].to_numpy() > first["high"].to_numpy()
    return outcome_of(apart.all())


def forces_rest(tables: Tables) -> str:
    """Both forces are equal at minima, in every run and layer."""
    return outcome_of(tables["rest"].row()["imbalance"] < AT_REST)


def norm_is_bounded(tables: Tables) -> str:
    """The norm is below its bound and falls with lambda."""
    ends = tables["ends"].frame.sort_values("ratio")
    bounded = (ends["norm"] < ends["bound"]).all()
    return outcome_of(bounded and ends["norm"].is_monotonic_decreasing)


SIGMOID = "kurtosis[activation=sigmoid].of_product"

declare(
    __name__,
    "together",
    between=Prediction("equality.place", 0.0, 1.0, derivation="eq-bs-equal"),
    output_larger=Prediction(rule=larger_in_the_output_layer, derivation="eq-bs-equal"),
    one_sample=Prediction(rule=one_sample_agrees, stated="after", derivation="eq-bs-equal"),
    power=Prediction("epoch.miss", -CLOSE, CLOSE, derivation="eq-bs-epoch"),
    forces_rest=Prediction(rule=forces_rest, derivation="bs-end"),
    half=Prediction("ends", -0.5, derivation="prop-bs-limit"),
    not_inverse=Prediction("ends", NEARER, math.inf, derivation="prop-bs-limit"),
    norm=Prediction(rule=norm_is_bounded, derivation="eq-bs-bound"),
    nearer=Prediction("ends.nearer", 1.0, stated="after", derivation="prop-bs-limit"),
    one_end=Prediction("forgetting[forgets=yes]", 1 - SAME, 1 + SAME, derivation="bs-forget"),
    two_ends=Prediction("forgetting[forgets=no]", 1 + SAME, math.inf, derivation="bs-forget"),
    product=Prediction("kurtosis[activation=linear]", "predicted", derivation="eq-bs-mixture"),
    less=Prediction(SIGMOID, 0.0, 1.0, derivation="eq-bs-mixture"),
    falls=Prediction("kurtosis_exponents", -1.0, derivation="eq-bs-mixture"),
    his_order=Prediction("gaps[when=first]", 0.0, math.inf),
    level=Prediction("gaps[when=last]", -MARGIN, MARGIN, stated="after"),
)


@settles("C41", figure="share-of-decay", derivation="eq-bs-net")
def first_epochs_are_decay(tables: Tables) -> str:
    """From some strength on most of the movement is; nearly all of it where nothing is learned."""
    shares = tables["shares"].frame.query("layer == 1")
    found = (shares["learns"] == "yes").any() and (shares["low"] > 0.5).any()
    return "CONDITIONAL" if found else "OPEN"


@settles("C42", figure="decay-by-epoch", derivation="eq-bs-epoch")
def an_epoch_is_an_exponential(tables: Tables) -> str:
    """The rate is right of weights without a gradient; those with one leave it."""
    epoch = tables["epoch"].frame
    right = (epoch["close"] == "yes").any() and (epoch["miss"] <= CLOSE).all()
    return "CONDITIONAL" if right else "FALSE"


@settles("C43", figure="weights-at-the-end", derivation="prop-bs-limit")
def weights_end_at_one_over_their_number(tables: Tables) -> str:
    """The norm of all weights settles, at a value that lambda sets: the exponent is the book's."""
    rows = [row for _, row in tables["ends"].frame.iterrows()]
    inverse = [outcome(row, -1.0, column="exponent") == "held" for row in rows]
    if all(inverse) and all(1 / ORDER < row["over_inverse"] < ORDER for row in rows):
        return "TRUE"
    far = [excludes(row, -1.0, "exponent") and row["low"] > NEARER for row in rows]
    return "FALSE" if all(far) else "OPEN"


@settles("C44", figure="forces-meet", derivation="bs-end")
def decay_vanishes(tables: Tables) -> str:
    """It goes to where it balances the gradient, wherever a network learns."""
    learn = tables["forgetting"].frame.query("learns == 'yes'")
    faded = (learn["change"] < FADED) & (learn["balance_most"] < FADED)
    if len(learn) and faded.all():
        return "TRUE"
    balanced = (learn["balance_least"] > 1 - SAME) & (learn["balance_most"] < 1 + SAME)
    same = (learn["same"] == "yes").any()
    return "FALSE" if same and balanced.any() and not faded.any() else "OPEN"


@settles("C45", figure="forces-meet", derivation="bs-forget")
def decay_imitates_the_small_start(tables: Tables) -> str:
    """Decay forgets the large start in time; its end is not the small start, but for one lambda."""
    learn = tables["forgetting"].frame.query("learns == 'yes'")
    forgets = (learn["same"] == "yes").any()
    return "CONDITIONAL" if forgets and np.ptp(learn["size"]) >= SAME else "OPEN"


@settles("C46", figure="preactivation-kurtosis", derivation="eq-bs-mixture")
def products_break_the_argument(tables: Tables) -> str:
    """True of one product and of few units; sums over many come near normal as 1/H."""
    found = tables["kurtosis_exponents"].frame
    falls = (found["high"] < 0) & ((found["exponent"] + 1).abs() < NEAR)
    return "CONDITIONAL" if falls.all() else "OPEN"
