"""The networks of the chapter by what trained them: labels, layers, optimiser, rule of the rate."""

from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd

from l2scale.catalogue.results import Result, once
from l2scale.exhibits.optimisers import BASE, OPTIMISERS, scaled_by_rule
from l2scale.exhibits.other_optimisers.sweeps import THREE_LAYERS, TWO_LAYERS

NAMES = {"sgd": "SGD", "momentum": "SGD with momentum", "adam": "Adam", "adamw": "AdamW"}
RATES = {
    "constant": "constant rate",
    "inverse_width": "η ∝ 1/width",
    "maximal_update": "maximal update",
}
RULED = ["optimiser", "momentum", "layer_lr", "layer_init"]


@dataclass(frozen=True)
class Arm:
    """One optimiser under one rule, with 2 or 3 layers, with wrong labels or with clean ones."""

    cell: str
    rule: str = "constant"
    layers: int = 2
    labels: str = "wrong"

    @property
    def label(self) -> str:
        """How a reader says it, the rule aside; two layers and wrong labels are not said."""
        layers = ", three layers" if self.layers == 3 else ""
        return NAMES[self.cell] + layers + (", no wrong labels" if self.labels == "clean" else "")

    @property
    def predicted(self) -> float:
        """The exponent predicted: 0 where training has an objective, the ceiling's for AdamW."""
        return (self.layers - 1) / self.layers if self.cell == "adamw" else 0.0

    def of(self, table: pd.DataFrame) -> pd.DataFrame:
        """The rows of this arm."""
        keys = asdict(self)
        return table[(table[list(keys)] == pd.Series(keys)).all(axis=1)]

    def columns(self) -> dict[str, Any]:
        """What tables say of it: `arm` is its short name, the rule aside."""
        clean, three = "clean_" * (self.labels == "clean"), "_three" * (self.layers == 3)
        family = "ceiling" if self.cell == "adamw" else "zero"
        found = {"arm": clean + self.cell + three, "optimiser": self.label, "family": family}
        found |= {"name": NAMES[self.cell], "rate": RATES[self.rule]}
        return found | {"predicted": self.predicted}


KEYS = list(asdict(Arm("sgd")))
CONSTANT = (*(Arm(cell) for cell in OPTIMISERS), Arm("adamw", layers=3))
CLEAN = tuple(Arm(cell, labels="clean") for cell in OPTIMISERS)
FALLING = tuple(
    Arm(cell, rule, layers)
    for layers, some in ((2, TWO_LAYERS), (3, THREE_LAYERS))
    for cell, rules in some.items()
    for rule in rules
    if rule != "constant"
)
ARMS = (*CONSTANT, *CLEAN, *FALLING)


def described(table: pd.DataFrame) -> pd.DataFrame:
    """A table that has the columns `KEYS`, with those of `Arm.columns` as well."""
    return table.merge(pd.DataFrame([asdict(arm) | arm.columns() for arm in ARMS]), on=KEYS)


@once
def labelled(result: Result) -> pd.DataFrame:
    """Every network with the columns `KEYS`.

    All rules are the same at the least width, so its networks appear once for each of them.
    """
    return pd.concat([under(result, arm) for arm in ARMS], ignore_index=True)


def under(result: Result, arm: Arm) -> pd.DataFrame:
    """The networks of one arm: those whose rates and initial weights are the rule's."""
    base = replace(BASE, hidden=(1,) * (arm.layers - 1), **OPTIMISERS[arm.cell][0])
    sweep, names = {2: "rules", 3: "hidden"}[arm.layers], RULED
    if arm.labels == "clean":  # where all rates are constant, and the layers' not declared
        sweep, names = "clean", RULED[:2]
    table = result[sweep].table
    widths = sorted(table["width"].unique())
    wanted = [scaled_by_rule(base, arm.rule, width, widths[0]).columns for width in widths]
    keys = pd.DataFrame(wanted)[names].assign(width=widths)
    return table.merge(keys, on=list(keys)).assign(**asdict(arm))
