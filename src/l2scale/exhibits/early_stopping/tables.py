"""What the protocols cost on test data, against one another and with less held-out data."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.early_stopping.choices import (
    SEARCHES,
    Choice,
    cells,
    trainings,
)
from l2scale.exhibits.early_stopping.sweeps import (
    ALIKE,
    ALL_HELD_OUT,
    BASE,
    HELD_OUT,
    NOISES,
    SETTINGS,
)
from l2scale.exhibits.shared import bounded, yes
from l2scale.lab.estimates.intervals import mean_interval, paired_interval

FEW = 3  # strengths of a short search
PAIRS = {
    "stop": ("stop", "lambda"),
    "trick": ("trick", "lambda"),
    "joint": ("joint", "lambda"),
    "reused": ("reused", "joint"),
    "again": ("reused", "lambda"),
    "late": ("late", "lambda"),
    "early": ("joint", "late"),
}
LABELS = {"right": "loss", "alike": "loss_noisy"}
"""Held-out labels that judge a loss: right ones, or as wrong as in training."""


@table(source="trained")
def settings(result: Result) -> pd.DataFrame:
    """What was chosen: one row."""
    at = SETTINGS[result.scale]
    found = next(iter(cells(result).values()))
    row = {"steps": at["steps"], "rate": BASE.lr, "batch": BASE.batch_size, "wrong": max(NOISES)}
    row |= {"hidden": BASE.hidden[0], "few": FEW, "all": len(found.lams), "looks": len(found.steps)}
    row |= {f"splits_{n}": seeds for n, seeds in at["seeds"].items()}
    row |= {"large": max(at["seeds"]), "small": min(at["seeds"])}
    row |= {"least": found.lams[1], "largest": found.lams[-1], "alike": ALIKE}
    row |= {"held_out": ALL_HELD_OUT, "fewest": min(HELD_OUT)}
    row["floor"] = 1 / (2 * BASE.lr * at["steps"])
    return pd.DataFrame([row])


def by_cell(
    result: Result, criterion: str = "error", held_out: int = ALL_HELD_OUT
) -> Iterator[tuple[dict[str, float], Choice]]:
    """Each number of samples and share of wrong labels, and what is chosen there."""
    for (n, noise), cell in cells(result).items():
        yield {"n_train": n, "label_noise": noise}, Choice(cell, criterion, held_out)


def told(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """The rows as a table that says in words whether labels are wrong."""
    found = pd.DataFrame(rows)
    return found.assign(wrong=yes(found["label_noise"] > 0))


def compared(choice: Choice, pair: str, drawn: int | None = None) -> dict[str, Any]:
    """One of PAIRS in one cell: the difference of the two, paired over splits."""
    one, other = (choice.reached(name, drawn) for name in PAIRS[pair])
    found = paired_interval(one, other)
    return {"pair": pair} | bounded(found) | {"seeds": found.n, "says": says(found.low, found.high)}


def says(low: float, high: float) -> str:
    """What the interval of a difference in cost bears."""
    if low > 0:
        return "costs more"
    if high < 0:
        return "costs less"
    return "is alike" if low > -ALIKE and high < ALIKE else "is left open"


@table(source="trained")
def pairs(result: Result) -> pd.DataFrame:
    """Per cell and pair of PAIRS: test error of the first less that of the second.

    Chosen by error on all held-out samples, over all strengths. `says` is what the interval bears.
    """
    return told(cell | compared(choice, pair) for cell, choice in by_cell(result) for pair in PAIRS)


@table(source="trained")
def by_loss(result: Result) -> pd.DataFrame:
    """The same by loss and in test loss, per kind of LABELS, as a share of the second's mean."""
    rows = []
    for labels, criterion in LABELS.items():
        for cell, choice in by_cell(result, criterion):
            for pair, (_, second) in PAIRS.items():
                row = compared(choice, pair)
                mean = choice.reached(second).mean()
                shares = {name: row[name] / mean for name in ("estimate", "low", "high")}
                rows.append(cell | {"labels": labels, "pair": pair, "seeds": row["seeds"]} | shares)
    return told(rows)


@table(source="trained", main="excess")
def costs(result: Result) -> pd.DataFrame:
    """Per cell, protocol and strengths `drawn`: test `error`, and its `excess` over the best.

    The best is the strength and look with the least validation error over all splits together.
    """
    rows = []
    for cell, choice in by_cell(result):
        best, every = choice.reached("best"), len(choice.cell.lams)
        for name, drawn in plans(every):
            found = choice.reached(name, drawn)
            row: dict[str, Any] = {"protocol": name, "drawn": drawn}
            row["search"] = "all" if drawn == every else "few"
            row |= {"trainings": trainings(name, drawn)} | bounded(mean_interval(found), "error")
            row |= bounded(paired_interval(found, best), main="excess")
            rows.append(cell | row | {"seeds": len(found)})
    return told(rows)


def plans(every: int) -> list[tuple[str, int]]:
    """The protocols, with the strengths that each draws."""
    once = [(name, 1) for name in ("none", "stop", "trick")]
    return once + [(name, drawn) for drawn in (FEW, every) for name in SEARCHES]


@table(source="trained")
def equal(result: Result) -> pd.DataFrame:
    """Per cell and strengths `drawn`: both together less lambda alone, at equal epochs."""
    rows = []
    for cell, choice in by_cell(result):
        for drawn in (1, FEW, len(choice.cell.lams)):
            rows.append(cell | {"drawn": drawn} | compared(choice, "joint", drawn))
    return told(rows)


@table(source="trained")
def fewer(result: Result) -> pd.DataFrame:
    """Per cell, protocol and number held out: test error less that of a choice from all of them."""
    rows = []
    for held_out in (*HELD_OUT, ALL_HELD_OUT):
        fuller = by_cell(result)
        for (cell, choice), (_, all_of_them) in zip(
            by_cell(result, held_out=held_out), fuller, strict=True
        ):
            for name in ("stop", "lambda", "joint"):
                found = paired_interval(choice.reached(name), all_of_them.reached(name))
                row = {"held_out": held_out, "protocol": name} | bounded(found)
                rows.append(cell | row | {"seeds": found.n})
    return told(rows)


@table(source="trained")
def cut(result: Result) -> pd.DataFrame:
    """Per cell and number held out: both together less lambda alone."""
    rows = []
    for held_out in (*HELD_OUT, ALL_HELD_OUT):
        for cell, choice in by_cell(result, held_out=held_out):
            rows.append(cell | {"held_out": held_out} | compared(choice, "joint"))
    return told(rows)


@table(source="trained", main="larger")
def strengths(result: Result) -> pd.DataFrame:
    """Per cell: the strength chosen together with a stop beside that chosen at full length.

    `joint` and `full` are medians over splits; `above` and `below` the shares of splits in which
    the first is larger and smaller than the second, and `larger` the first share less the second.
    """
    rows = []
    for cell, choice in by_cell(result):
        joint, full = (choice.strengths(name) for name in ("joint", "lambda"))
        row = {"joint": float(np.median(joint)), "full": float(np.median(full))}
        row |= {"above": float((joint > full).mean()), "below": float((joint < full).mean())}
        row |= bounded(mean_interval(np.sign(joint - full)), main="larger")
        rows.append(cell | row | {"seeds": len(joint)})
    return told(rows)
