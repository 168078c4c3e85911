"""What the chapter predicted, and the claim that it settles. Their words are in `text.toml`."""

import math
from collections.abc import Mapping
from typing import Any

from l2scale.catalogue.predictions import Prediction, Rule, declare
from l2scale.catalogue.tables import Table
from l2scale.catalogue.verdicts import settles
from l2scale.exhibits.shared import CRITERIA, outcome_of


def never(table: str, query: str) -> Rule:
    """Failed where there is any such row."""
    return lambda tables: outcome_of(tables[table].frame.query(query).empty)


LAGS = "cause == 'slower' and sign != 'above' or cause == 'slower, longer' and sign == 'above'"
BELOW: dict[str, Any] = {"value": -math.inf, "high": -math.ulp(0.0)}
ABOVE: dict[str, Any] = {"value": math.ulp(0.0), "high": math.inf}

declare(
    __name__,
    "together",
    width=Prediction(
        rule=never("by_lam", "kind == 'width' and sign == 'above'"),
        derivation="thm-wl-split",
    ),
    lag=Prediction(
        rule=never("effects", f"choice == 'none' and ({LAGS})"),
        derivation="eq-decay",
    ),
    lag_tuned=Prediction("effects[cause=slower, choice=tuned]", **ABOVE),
    **{
        cause: Prediction(
            rule=never("by_lam", f"cause == '{cause}' and sign == 'above'")
        )
        for cause in ("adam", "normalised")
    },
    adamw=Prediction("by_lam[cause=adamw]", stated="after", **BELOW),
    weak=Prediction(
        "by_lam[kind=depth, lam=min]", derivation="eq-uf-pull", **BELOW
    ),
    cross=Prediction(
        rule=never("crossings", "crosses == 'no'"), derivation="eq-uf-pull"
    ),
    first=Prediction(
        rule=lambda tables: tables["fall"].row()["deepest_first"],
        derivation="eq-uf-end",
    ),
    **{
        f"rises_{criterion}": Prediction(
            f"best[criterion={criterion}, depth=min]", 0.0, math.inf,
            derivation="eq-uf-pull",
        )
        for criterion in CRITERIA
    },
    **{
        end: Prediction(
            rule=never("collapses", f"{end} == 'outside'"), stated="after", derivation=derivation
        )
        for end, derivation in (("expanded", "eq-uf-end"), ("path", "eq-uf-real-end"))
    },
)  # fmt: skip


@settles("C39", figure="what-makes-it-underfit", derivation="thm-uf-depth")
def larger_underfits(tables: Mapping[str, Table]) -> str:
    """Wider hardly does; deeper does at the strong end of what suits two layers."""
    rows = tables["effects"].frame
    deep = rows.query("reach == 'deepest' and choice == 'strong' and underfits == 'yes'")
    wide = rows.query("kind == 'width' and choice in ('tuned', 'strong') and sign == 'above'")
    return "CONDITIONAL" if len(deep) and wide.empty else "OPEN"
