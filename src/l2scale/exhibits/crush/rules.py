"""What the chapter predicted, and the claims that it settles. Their words are in `text.toml`."""

from collections.abc import Callable, Mapping

from l2scale.catalogue.predictions import Prediction, declare
from l2scale.catalogue.tables import Table
from l2scale.catalogue.verdicts import settles
from l2scale.exhibits.crush.sweeps import TOLERANCE
from l2scale.exhibits.shared import outcome_of

Tables = Mapping[str, Table]
NEAR = 0.05  # share by which networks may leave zero off the threshold; the text says "just"
DEEP = (3, 4)


def leaves_at_the_threshold(tables: Tables) -> bool:
    """Whether networks of every width and arm leave zero at the threshold predicted."""
    row = tables["leaves"].row(arm="all")
    return bool(row["alive_to"] >= 1 - NEAR and row["zero_from"] <= 1 + NEAR)


def small_starts_end_at_zero(tables: Tables) -> bool:
    """Whether with three and four layers every small start ended at zero."""
    rows = [tables["ends"].row(depth=depth) for depth in DEEP]
    return all(row["zero"] == row["small"] for row in rows)


def never_early(tables: Tables, way: str) -> bool:
    """Whether on no training set a way of deep networks to zero is passed before the path's."""
    return not any(tables["jumps"].row(way=way, depth=depth)["early"] for depth in DEEP)


def chapter_prediction(
    rule: Callable[[Tables], bool], derivation: str, stated: str = ""
) -> Prediction:
    """A prediction of this chapter: its formulas are older than the data, but not than a pilot."""
    return Prediction(rule=lambda t: outcome_of(rule(t)), stated=stated, derivation=derivation)


declare(
    __name__,
    "pilot",
    # In one commit with the first results: no earlier date can be shown.
    certificate=chapter_prediction(
        lambda t: t["certainty"].row()["gap"] < TOLERANCE, "prop-crush-cap", stated="after"
    ),
    widths=chapter_prediction(leaves_at_the_threshold, "thm-crush-threshold"),
    line=Prediction("thresholds.line", 1.0, derivation="prop-crush-path"),
    clock=Prediction("rates[side=above]", "stepped", derivation="thm-crush-threshold"),
    stays=chapter_prediction(
        lambda t: t["rates"].row(side="below")["keeps"] == "yes", "thm-crush-threshold"
    ),
    fades=chapter_prediction(
        lambda t: t["ends"].row(depth=2)["fades"] == "yes", "thm-crush-threshold"
    ),
    small=chapter_prediction(small_starts_end_at_zero, "thm-crush-deep"),
    branch=chapter_prediction(lambda t: never_early(t, "end"), "prop-crush-path"),
    jump=chapter_prediction(lambda t: never_early(t, "lowest"), "prop-crush-path"),
    border=Prediction("borders", "predicted", derivation="prop-crush-border"),
)


@settles("C24", figure="threshold-by-width", derivation="thm-crush-threshold")
def strong_enough(tables: Tables) -> str:
    """Two layers have a threshold without width; more layers have a jump."""
    jumps = [tables["jumps"].row(way="lowest", depth=depth)["after"] for depth in DEEP]
    deep = small_starts_end_at_zero(tables) and all(after < 1 for after in jumps)
    return "CONDITIONAL" if leaves_at_the_threshold(tables) and deep else "OPEN"
