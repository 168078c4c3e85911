"""What the chapter predicted, and the claim that it settles. Their words are in `text.toml`."""

import math
from collections.abc import Mapping

from l2scale.catalogue.predictions import Prediction, declare
from l2scale.catalogue.tables import Table
from l2scale.catalogue.verdicts import settles
from l2scale.exhibits.early_stopping.sweeps import ALIKE
from l2scale.exhibits.shared import outcome_of

Tables = Mapping[str, Table]
SAME = (-ALIKE, ALIKE)
MORE = (0.0, math.inf)


def follows_the_clock(tables: Tables) -> str:
    """The best lambda by loss on labels as wrong, at every look before the last."""
    looks = tables["clock"].frame.query("labels == 'alike'")
    return outcome_of((looks["meets"] == "yes").all())


def below_the_clock(tables: Tables) -> str:
    """Roegnvaldsson's estimate is below 1/(2 eta t) in every training."""
    return outcome_of((tables["trick"].frame["largest"] < 1).all())


declare(
    __name__,
    "before",
    clock=Prediction(rule=follows_the_clock, derivation="thm-es-adds"),
    replaces=Prediction("pairs[pair=stop, wrong=no]", *SAME, derivation="thm-es-adds"),
    falls_short=Prediction("pairs[pair=stop, wrong=yes]", *MORE),
    joint=Prediction("pairs[pair=joint]", *SAME, derivation="thm-es-adds"),
    # Its words came before, its rule with the strengths in view.
    too_small=Prediction("strengths", -math.inf, 0.0, stated="after", derivation="thm-es-adds"),
    reused_clean=Prediction("pairs[pair=reused, wrong=no]", *SAME, derivation="thm-es-adds"),
    reused_wrong=Prediction("pairs[pair=reused, wrong=yes]", *MORE, derivation="thm-es-adds"),
    trick_below=Prediction(rule=below_the_clock, derivation="prop-es-trick"),
    trick_clean=Prediction("pairs[pair=trick, wrong=no]", *SAME),
    trick_wrong=Prediction("pairs[pair=trick, wrong=yes]", *MORE, derivation="prop-es-trick"),
    fewer=Prediction("fewer[held_out=40]", *MORE),
    equal=Prediction("equal", -math.inf, ALIKE),
)


@settles("C26", figure="what-a-search-costs", derivation="thm-es-adds")
def held_out_and_stopping(tables: Tables) -> str:
    """Chosen under a stop, lambda is good with that stop; whether it is good without decides."""
    pairs = tables["pairs"].frame
    joint, reused = (pairs[pairs["pair"] == pair] for pair in ("joint", "reused"))
    if (joint["low"] > ALIKE).all():
        return "FALSE"
    if not (joint["high"] < ALIKE).all():
        return "OPEN"
    if (reused["low"] > 0).any():
        return "CONDITIONAL"
    return "TRUE" if (reused["high"] < ALIKE).all() else "OPEN"
