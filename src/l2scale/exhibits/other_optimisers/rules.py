"""What the chapter predicted, and the claim that it settles. Their words are in `text.toml`."""

import math
from collections.abc import Mapping

from l2scale.catalogue.predictions import Prediction, declare, excludes
from l2scale.catalogue.tables import Table
from l2scale.catalogue.verdicts import settles
from l2scale.exhibits.other_optimisers.exponents import METRICS
from l2scale.exhibits.shared import outcome_of

Tables = Mapping[str, Table]


def changes_row(tables: Tables, size: str) -> bool:
    """Whether in some layer the intervals of a size at the two widths, at their best, are apart."""
    rows = tables["sizes"].frame.query("size == @size")
    ends = rows.pivot(index=["metric", "layers", "layer"], columns="place", values=["low", "high"])
    low, high = ends["low"], ends["high"]
    return bool(((low["wide"] > high["narrow"]) | (high["wide"] < low["narrow"])).any())


RANGES = {
    "falling": ("adamw, rule=inverse_width", 1.0),
    "constant_wrong": ("adamw, rule=constant", 2.0),
    "constant_clean": ("clean_adamw, rule=constant", 2.0),
}

declare(
    __name__,
    "together",
    zero=Prediction("exponents[family=zero]", derivation="eq-objective"),
    early=Prediction(
        "exponents_by_step[step=min, arm=sgd, rule=inverse_width]", 1.0,
        derivation="eq-oo-sgd",
    ),
    **{
        f"{name}_{by}": Prediction(f"exponents[arm={arm}, metric={by}]", 0, high)
        for name, (arm, high) in RANGES.items()
        for by in METRICS
    },
    ceiling=Prediction(
        "exponents[family=ceiling]", "predicted", stated="after", derivation="eq-oo-power"
    ),
    square_root=Prediction(
        "exponents[arm=adamw_three, rule=constant, metric=error]", 0.5, stated=None
    ),
    rate_clock=Prediction("rates[lr=min]", -1.0, stated=None, derivation="eq-oo-clock"),
    rate_ceiling=Prediction("rates[lr=min]", derivation="eq-oo-ceiling"),
    rate_stretch=Prediction("rates[lr=min]", 1.0, stated=None, derivation="eq-oo-stretch"),
    fixed_share=Prediction(
        rule=lambda tables: "failed" if changes_row(tables, "ceiling") else "held", stated="after",
        derivation="prop-oo-ceiling",
    ),
    no_fixed_multiple=Prediction(
        rule=lambda tables: outcome_of(changes_row(tables, "random")), stated="after"
    ),
    # Of SGD it was stated after its cell had been seen, of the others before.
    alike=Prediction("matched[labels=alike]", stated="after", derivation="eq-oo-power"),
    right=Prediction("matched[labels=right]", stated=None),
    square_root_alike=Prediction(
        "matched[arm=adamw_three, labels=alike].power", 0.5, stated=None
    ),
    free=Prediction(
        "transfer[expected=nothing]", -math.inf, 0.0, derivation="eq-oo-power"
    ),
    # From the least number above 0: to cost nothing, at the same lambda, is not to cost something.
    costly=Prediction("transfer[expected=something]", math.ulp(0.0), math.inf),
)  # fmt: skip


@settles("C07", figure="optimiser-exponents", derivation="prop-local")
def one_weight(tables: Tables) -> str:
    """The explicit force knows no neighbours; the wanted strength may."""
    rows = tables["exponents"].frame.query(
        "rule == 'constant' and labels == 'wrong' and metric == 'error'"
    )
    known = rows["exponent"].notna().all()
    moved = any(excludes(row, 0, "exponent") for _, row in rows.iterrows())
    return "CONDITIONAL" if known and moved else "OPEN"
