"""What the chapter predicted, and the claims that it settles. Their words are in `text.toml`."""

import math
from collections.abc import Mapping

from l2scale.catalogue.predictions import Prediction, declare
from l2scale.catalogue.tables import Table
from l2scale.catalogue.verdicts import settles
from l2scale.exhibits.fan_scale.sweeps import PENALISED
from l2scale.exhibits.fan_scale.trained import ONE
from l2scale.exhibits.fan_scale.untrained import KERAS, LINEAR
from l2scale.exhibits.shared import outcome_of

Tables = Mapping[str, Table]
INF = math.inf


def alone(tables: Tables, shape: object) -> str:
    """Layers end level under the fan penalty, and under no other."""
    row = tables["on_scale"].row(shape=shape)
    return outcome_of([p for p in PENALISED if row[p] == "yes"] == ["fan"])


def alone_everywhere(tables: Tables) -> str:
    """That, in each shape that was trained."""
    shapes = set(tables["on_scale"].frame["shape"]) - {"every"}
    return outcome_of(all(alone(tables, shape) == "held" for shape in shapes))


def terms_part(tables: Tables) -> str:
    """The fan penalty's terms are further apart in between than at the start."""
    start = tables["term_spreads"].row(penalised="fan", step="min")
    most = tables["term_spreads"].row(penalised="fan", spread="max")
    return outcome_of(most["low"] > start["high"])


declare(
    __name__,
    "together",
    signals=Prediction("signal_means", 1.0, derivation="prop-moments"),
    linear=Prediction(f"library_shapes[name={LINEAR}]", "predicted", derivation="eq-fan-linear"),
    scikit_learn=Prediction(
        "library_shapes[library=scikit-learn]", "predicted", derivation="library-defaults"
    ),
    start_shows=Prediction("memory[when=short]", ONE, INF),
    forgotten=Prediction("memory[when=long, pulled=yes]", 0.0, ONE, derivation="eq-fan-ends"),
    level=Prediction(rule=alone_everywhere, derivation="eq-fan-ends"),
    level_in_a_funnel=Prediction(
        rule=lambda tables: alone(tables, "funnel"), stated="after", derivation="eq-fan-ends"
    ),
    pattern=Prediction(
        "spreads[when=long, start=all, asked=uneven]", "predicted", derivation="eq-fan-ends"
    ),
    never_forgotten=Prediction("layer_ends[penalised=none]", 1 / ONE, ONE),
    large_stay=Prediction("layer_ends[penalised=none, start=2]", 1 / ONE, INF, stated="after"),
    two_each=Prediction("start_terms[per=layer]", 2.0, derivation="eq-fan-two"),
    unequal_at_start=Prediction("term_spreads[step=min, factor=other]", ONE, INF),
    part=Prediction(rule=terms_part),
    equal_at_end=Prediction("term_spreads[step=max]", 0.0, ONE, derivation="eq-fan-ends"),
    noise=Prediction("gaps[bias=False].explained", 1.0, derivation="eq-fan-noise"),
    less_with_batch=Prediction("gaps[bias=False].change", -INF, 0.0, derivation="eq-fan-noise"),
    biases=Prediction("gaps[bias=True]", -INF, 0.0, derivation="eq-fan-biases"),
    biases_alone=Prediction(
        "gaps[bias=True, batch_size=max]", -INF, 0.0, stated="after", derivation="eq-fan-biases"
    ),
)


@settles("C17", figure="trained-mean-squares", derivation="eq-fan-ends")
def fan_based_scale(tables: Tables) -> str:
    """The fan-based scale is where the fan penalty ends, and the sum does not."""
    every = tables["on_scale"].row(shape="every")
    if every["fan"] == "yes":
        return "TRUE" if every["sum"] == "yes" else "CONDITIONAL"
    spreads = tables["spreads"].frame
    fan = spreads.query("shape == 'funnel' and penalised == 'fan' and when == 'long'")
    return "FALSE" if (fan[fan["start"] != "all"]["low"] >= ONE).all() else "OPEN"


@settles("C18", figure="fan-value-by-layer", derivation="eq-fan-two")
def equal_terms(tables: Tables) -> str:
    """The fan factor equalises at Glorot's start; at a stationary point every factor does."""
    start = tables["term_spreads"].row(penalised="fan", step="min")
    end = tables["term_spreads"].frame.query("step == step.max()").set_index("penalised")["equal"]
    if start["equal"] == "no" or end["fan"] == "no":
        return "FALSE"
    return "CONDITIONAL" if (end == "yes").all() else "TRUE"


@settles("C19", figure="library-scales", derivation="eq-fan-linear")
def defaults(tables: Tables) -> str:
    """Keras starts in proportion to 1/(fan_in + fan_out), PyTorch's Linear does not.

    "Close" is read as "in proportion", which decides the word; a factor 2 is told beside it.
    """
    keras, linear = (tables["library_ends"].row(name=name) for name in (KERAS, LINEAR))
    if keras["measured"] == "no":
        return "PENDING"
    found = {keras["proportional"], linear["proportional"]}
    return "CONDITIONAL" if len(found) == 2 else "TRUE" if found == {"yes"} else "FALSE"
