"""The networks of the chapter by what trained them: labels, layers, optimiser, rule of the rate."""

from dataclasses import asdict, dataclass, replace

import pandas as pd

from l2scale.catalogue.results import Result, once
from l2scale.exhibits.other_optimisers.sweeps import BASE, DEEP_RULES, LEFT_OUT, OPTIMISERS, scaled
from l2scale.theory.parametrisation import RULES

WORDS = {
    "sgd": "SGD",
    "momentum": "SGD with momentum",
    "adam": "Adam",
    "adamw": "AdamW",
    "constant": "constant rate",
    "inverse_width": "η ∝ 1/width",
    "maximal_update": "maximal update",
}
METRICS = ("error", "loss")
RULED = ("optimiser", "momentum", "layer_lr", "layer_init")


@dataclass(frozen=True)
class Arm:
    """One optimiser under one rule, with 2 or 3 layers, with wrong labels or with clean ones."""

    cell: str
    rule: str = "constant"
    layers: int = 2
    labels: str = "wrong"

    @property
    def key(self) -> str:
        """How keys of numbers say the arm, the rule aside."""
        clean = "clean_" if self.labels == "clean" else ""
        return clean + self.cell + ("_three" if self.layers == 3 else "")

    @property
    def words(self) -> str:
        """How a reader says it, the rule aside; two layers and wrong labels are not said."""
        return (
            WORDS[self.cell]
            + (", three layers" if self.layers == 3 else "")
            + (", no wrong labels" if self.labels == "clean" else "")
        )

    @property
    def ceiling(self) -> float:
        """The power of the width by which a ceiling on each weight asks lambda to rise."""
        return (self.layers - 1) / self.layers

    @property
    def predicted(self) -> float:
        """The power predicted: 0 where training has an objective, the ceiling's for AdamW."""
        return self.ceiling if self.cell == "adamw" else 0.0

    def of(self, table: pd.DataFrame) -> pd.DataFrame:
        """The rows of this arm."""
        keep = pd.Series(True, index=table.index)
        for column, value in asdict(self).items():
            keep &= table[column] == value
        return table[keep]


KEYS = list(asdict(Arm("sgd")))
CONSTANT = (*(Arm(cell) for cell in OPTIMISERS), Arm("adamw", layers=3))
CLEAN = tuple(Arm(cell, labels="clean") for cell in OPTIMISERS)
FALLING = (
    *(
        Arm(cell, rule)
        for cell in OPTIMISERS
        for rule in RULES
        if rule != "constant" and (cell, rule) not in LEFT_OUT
    ),
    *(Arm("adamw", rule, layers=3) for rule in DEEP_RULES if rule != "constant"),
)
ARMS = (*CONSTANT, *CLEAN, *FALLING)


@once
def labelled(result: Result) -> pd.DataFrame:
    """Every network with the columns `KEYS`.

    All rules are the same at the least width, so its networks appear once for each of them.
    """
    return pd.concat([under(result, arm) for arm in ARMS], ignore_index=True)


def under(result: Result, arm: Arm) -> pd.DataFrame:
    """The networks of one arm: those whose rates and initial weights are the rule's."""
    base = replace(BASE, hidden=(1,) * (arm.layers - 1), **OPTIMISERS[arm.cell][0])
    if arm.labels == "clean":
        table = result["clean"].table
        same = (table["optimiser"] == base.optimiser) & (table["momentum"] == base.momentum)
        return table[same].assign(**asdict(arm))
    table = result[{2: "rules", 3: "hidden"}[arm.layers]].table
    widths = sorted(table["width"].unique())
    parts = []
    for width in widths:
        wanted = scaled(base, arm.rule, width, widths[0]).columns
        rows = table[table["width"] == width]
        for name in RULED:
            rows = rows[rows[name] == wanted[name]]
        parts.append(rows)
    return pd.concat(parts).assign(**asdict(arm))


def end(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the last look."""
    return table[table["step"] == table["step"].max()]


def one(table: pd.DataFrame, arm: Arm, **where: object) -> pd.Series:
    """The first row of an arm with these values."""
    rows = arm.of(table)
    for column, value in where.items():
        rows = rows[rows[column] == value]
    return rows.iloc[0]
