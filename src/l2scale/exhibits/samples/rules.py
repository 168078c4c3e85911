"""What the chapter predicted, and the claims that it settles. Their words are in `text.toml`."""

import math
from collections.abc import Mapping
from typing import Any

from l2scale.catalogue.predictions import Prediction, declare, excludes
from l2scale.catalogue.tables import Table
from l2scale.catalogue.verdicts import settles
from l2scale.exhibits.samples.powers import PREDICTED
from l2scale.exhibits.samples.ridge import BAR
from l2scale.exhibits.shared import outcome_of

Tables = Mapping[str, Table]


def tuned_falls(tables: Tables) -> str:
    """The mean risk at the best lambda falls from each n to the next."""
    rows = tables["risks"].frame.query("rule == 'over n'").sort_values("n")
    return outcome_of(rows["estimate"].is_monotonic_decreasing)


def peaks(tables: Tables) -> str:
    """Without a penalty the median risk is largest with as many samples as inputs."""
    peak = tables["risks"].row(rule="none", median="max")["n"]
    return outcome_of(peak == tables["settings"].row()["inputs"])


def falls_to_its_floor(tables: Tables) -> str:
    """The mean risk at the lambda kept falls, and at no n is surely below its floor."""
    rows = tables["risks"].frame.query("rule == 'kept'").sort_values("n")
    low = (rows["high"] >= rows["floor"]).all()
    return outcome_of(low and rows["estimate"].is_monotonic_decreasing)


def negative(tables: Tables) -> str:
    """The best lambda with one strong input is below 0."""
    return outcome_of(tables["spike"].row()["best"] < 0)


RIDGE: dict[str, Any] = {"derivation": "thm-sa-ridge"}
RISKS: dict[str, Any] = {"derivation": "prop-sa-risks"}
THRESHOLD: dict[str, Any] = {"derivation": "prop-sa-threshold"}
ABOVE = (0.0, math.inf)

declare(
    __name__,
    "together",
    keeping=Prediction("costs[rule=kept, metric=loss].ratio", 1.0, math.inf),
    inverse=Prediction("costs[rule=over n, metric=loss, hidden=no].lead", *ABOVE, **RIDGE),
    root=Prediction("costs[rule=over sqrt n, metric=loss, hidden=yes].lead", *ABOVE, **THRESHOLD),
    pairs=Prediction("pairs", -BAR, BAR, **RIDGE),
    tuned_falls=Prediction(rule=tuned_falls, **RISKS),
    peaks=Prediction(rule=peaks),
    floor=Prediction(rule=falls_to_its_floor, **RISKS),
    negative=Prediction(rule=negative),
    linear=Prediction("laws[hidden=no]", "predicted", **RIDGE),
    hidden=Prediction("laws[hidden=yes]", "predicted", **THRESHOLD),
    alike=Prediction("laws[labels=yes, metric=loss]", "predicted"),
    sigma=Prediction("scalings[of=sigma]", *PREDICTED["sigma"], **THRESHOLD),
    share=Prediction("scalings[of=share]", **THRESHOLD),
    one_noise=Prediction("scalings[of=one noise]", stated="after", derivation="eq-sa-model"),
)


@settles("C37", figure="ridge-by-samples", derivation="prop-sa-risks")
def more_data(tables: Tables) -> str:
    """At a kept lambda the risk falls with n, to the penalty's bias and no further."""
    falls = tables["learned"].row(), tables["falls"].row(rule="kept")
    return "CONDITIONAL" if all(fall["low"] > 0 for fall in falls) else "OPEN"


@settles("C09", figure="best-lambda-by-samples", derivation="eq-terms")
def what_survives(tables: Tables) -> str:
    """The calculus holds; what lambda should do with n is another question."""
    for task in ("logistic", "teacher"):
        if not excludes(tables["powers"].row(task=task, metric="loss", end="all"), 0.0, "exponent"):
            return "OPEN"
    return "CONDITIONAL"
