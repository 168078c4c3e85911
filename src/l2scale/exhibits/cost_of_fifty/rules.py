"""What the chapter predicted, and the claims that it settles. Their words are in `text.toml`."""

import math
from collections.abc import Mapping

from l2scale.catalogue.predictions import Prediction, declare
from l2scale.catalogue.tables import Table
from l2scale.catalogue.verdicts import settles
from l2scale.exhibits.cost_of_fifty.large import PLAIN
from l2scale.exhibits.shared import outcome_of

Tables = Mapping[str, Table]
# The text states none of these bounds.
CLOSE = 0.02  # share by which a number may be off one that theory gives
NEARLY_ALL = 0.9  # of the value
LEARNS = 0.4  # error below which a network has learned; a coin errs on half
FORGETS = 1 / 4  # of the growth at the start: a growth below it is nearly none


def starts_as_the_shapes_say(tables: Tables) -> str:
    """Glorot's cost, and the penalties of all initialisations, are those of the shapes."""
    glorot = tables["costs"].row(init="glorot", convention=PLAIN)
    return outcome_of(max(glorot["off"], tables["costs"].frame["penalty_off"].max()) < CLOSE)


def value_and_force_part(tables: Tables) -> str:
    """The layer that holds nearly all of the value has the smallest force on a weight."""
    heavy, forces = tables["forces"].row(value_share="max"), tables["forces"].frame
    least = forces["penalty_force"].min()
    return outcome_of(heavy["value_share"] > NEARLY_ALL and heavy["penalty_force"] == least)


def falls_unopposed(tables: Tables) -> str:
    """The value ends where decay alone would have brought it."""
    return outcome_of(abs(tables["course"].row(lam="max", step="max")["unopposed"] - 1) < CLOSE)


declare(
    __name__,
    "together",
    start=Prediction(rule=starts_as_the_shapes_say, derivation="eq-start-value"),
    layers=Prediction(rule=value_and_force_part, derivation="eq-force"),
    decay=Prediction(rule=falls_unopposed, derivation="eq-forgetting"),
    data_loss=Prediction("paid", 1.0),
    grows=Prediction("growth[when=start, by=width]", 0.0, math.inf, derivation="eq-start-glorot"),
    forgets=Prediction("growth[when=end, of=value]", derivation="cor-wl-squares"),
    stays=Prediction("optimum"),
)


@settles("C21", figure="cost-falls", derivation="eq-start-glorot")
def will_it_only_crush(tables: Tables) -> str:
    """The large network learns at lam = 0.01 while its cost is almost all penalty."""
    end = tables["course"].row(lam="max", step="max")
    return "CONDITIONAL" if end["test_error_high"] < LEARNS else "OPEN"


@settles("C01", figure="value-over-time", derivation="eq-start-value")
def size_and_value(tables: Tables) -> str:
    """The value grows with width at the start and not at the end."""
    start, weights = (tables["growth"].row(when="start", by=by) for by in ("width", "weights"))
    end = tables["growth"].row(when="end", of="value")
    forgets = max(abs(end["low"]), abs(end["high"])) < FORGETS * start["low"]
    return "CONDITIONAL" if weights["low"] > 0 and forgets else "OPEN"


@settles("C32", figure="value-over-time", derivation="cor-wl-squares")
def does_the_sum_dominate(tables: Tables) -> str:
    """Dominance at the start grows with the model; at the end it does not depend on it."""
    start = tables["growth"].row(when="start", by="width")
    ratio = tables["growth"].row(when="end", of="ratio")
    return "CONDITIONAL" if ratio["high"] < start["low"] else "TRUE"


@settles("C28", figure="cost-and-optimum", derivation="thm-crush-threshold")
def cannot_crush(tables: Tables) -> str:
    """The force does not know the size, and yet it crushes."""
    return "OPEN" if math.isnan(tables["crushing"].row()["lam"]) else "CONDITIONAL"
