"""What `l2scale suggest` says: the best rules with their constants, as the atlas measured them."""

from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.atlas.flat import MARGINS, share_of
from l2scale.exhibits.atlas.ladder import (
    MEASURED,
    SUGGESTED,
    known,
    ladder,
    paid,
    quantile,
)
from l2scale.exhibits.atlas.observed import SAID
from l2scale.exhibits.atlas.predictors import DATA, SHAPE, Problems, cheapest, ridge, shift
from l2scale.exhibits.atlas.sweeps import ADAMW, RATES, SGD
from l2scale.exhibits.atlas.valleys import OPTIMISERS

USES = {"data": SUGGESTED, "form": ("constant", "root_n", "powers")}
"""The rules that may be suggested, by what has to be known: the data, or their numbers alone."""
POWERS = {name.removesuffix("_train"): name for name in DATA}
MADE_OF = {"powers": SHAPE, "mixed": DATA}
YARDSTICK = {other: own for own, other in SAID.items()}
MIDDLE, WIDE = (0.1, 0.9), (0.05, 0.95)
TOML = files("l2scale.practice") / "suggest_rules.toml"


@table(source=MEASURED, main="share")
def suggested(result: Result) -> pd.DataFrame:
    """One row per optimiser and use ("data", "form"): the rule with the least validation cost.

    `share` is its constant, fitted on all problems; with `power_` of samples, width, inputs,
    classes and the three thresholds where it is made of those. All else was measured on families
    left out: `low` and `high` bound lambda's best over what was said in the middle 80 % of the
    problems, `search_low` and `search_high` in 90 %; `regret` and `error` are the rule's, as in
    `ladder`. `flat` is the share of problems in which the best lambda saves less than half a point
    of error against none, `settled` against what was said.
    """
    rows = []
    for optimiser in OPTIMISERS:
        problems = known(result, optimiser)
        told = paid(result).query("optimiser == @optimiser")
        said = {name: told.loc[told["rung"] == name, "said"].to_numpy() for name in USES["data"]}
        for use, names in USES.items():
            rule = cheapest(problems, said, names)
            made = constants(problems, rule)
            rows.append(
                {"optimiser": optimiser, "use": use, "yardstick": rule}
                | {"formula": formula(rule, made)}
                | made
                | reach(problems, said[rule])
                | costs(result, optimiser, rule)
                | measured_at(problems)
            )
    return pd.DataFrame(rows)


def constants(problems: Problems, rule: str) -> dict[str, float]:
    """What a rule multiplies, and to which powers, fitted on all problems."""
    everywhere = np.ones(len(problems.best), dtype=bool)
    powers = dict.fromkeys(POWERS, 0.0)
    if rule in MADE_OF:
        told = problems.told[list(MADE_OF[rule])].to_numpy()
        model: Any = ridge(problems, told, everywhere)
        scaler, fitted = model[0], model[-1]
        slopes = fitted.coef_ / scaler.scale_
        powers |= dict(zip(POWERS, map(float, slopes), strict=False))  # the shape comes first
        start = float(fitted.intercept_ - slopes @ scaler.mean_)
        logs = start + told @ slopes
        log = start + shift(problems, logs, everywhere)
    else:
        log = shift(problems, problems.told[rule].to_numpy(), everywhere)
        powers["n"] = -0.5 if rule == "root_n" else 0.0
    return {"share": 2.0**log} | {f"power_{name}": value for name, value in powers.items()}


THRESHOLDS = {
    "crush": "the crush threshold",
    "shuffled": "the threshold of shuffled targets",
    "noise": "the noise threshold",
}


def formula(rule: str, made: dict[str, float]) -> str:
    """A rule in words, as one types it."""
    share = f"{made['share']:.2g}"
    if rule in THRESHOLDS:
        return f"{share} times {THRESHOLDS[rule]}"
    if rule == "root_n":
        return f"{share}/√n"
    powers = [f"{name}^{made[f'power_{name}']:.2f}" for name in POWERS if made[f"power_{name}"]]
    return share if rule == "constant" else " × ".join([share, *powers])


def reach(problems: Problems, logs: np.ndarray) -> dict[str, float]:
    """How far the best lambdas are from what was said, as factors."""
    away, weight = problems.best - logs, problems.weight[None]
    low, high, search_low, search_high = (
        float(2 ** quantile(away, weight, share)[0]) for share in (*MIDDLE, *WIDE)
    )
    return {"low": low, "high": high, "search_low": search_low, "search_high": search_high}


def costs(result: Result, optimiser: str, rule: str) -> dict[str, Any]:
    """What a rule costs on families left out, and how many valleys are flat."""
    row = ladder(result).query("optimiser == @optimiser and labels == 'all' and rung == @rule")
    columns = {"regret": "regret", "regret_low": "low", "regret_high": "high"}
    columns |= {name: name for name in ("error", "error_low", "error_high", "sets", "problems")}
    found: dict[str, Any] = {name: row[column].item() for name, column in columns.items()}
    rows = paid(result).query("optimiser == @optimiser")
    for name, rung in (("flat", "none"), ("settled", rule)):
        some = rows[rows["rung"] == rung]
        share = share_of(some["error"] < MARGINS["error"], some["data"])
        found |= {name: share["share"], f"{name}_low": share["low"], f"{name}_high": share["high"]}
    return found


def measured_at(problems: Problems) -> dict[str, Any]:
    """How the networks were trained, and for which sizes it was measured."""
    optimiser = problems.valleys[0].optimiser
    base = {"sgd": SGD, "adamw": ADAMW}[optimiser]
    logs = problems.valleys[0].logs
    names = {"n": "samples", "width": "width", "inputs": "inputs", "classes": "classes"}
    bounds = {"lam_low": 2.0 ** logs[0], "lam_high": 2.0 ** logs[-1]}
    for name, column in names.items():
        numbers = np.rint(2 ** problems.told[POWERS[name]]).astype(int)
        bounds |= {f"{column}_low": numbers.min(), f"{column}_high": numbers.max()}
    rates = RATES if optimiser == "sgd" else dict.fromkeys(RATES, base.lr)
    return bounds | {
        "layers": len(base.hidden), "lr": rates[False], "lr_regression": rates[True],
        "momentum": base.momentum, "steps": base.steps, "batch_size": base.batch_size,
        "schedule": base.schedule,
    }  # fmt: skip


def as_toml(table: pd.DataFrame, scale: str) -> str:
    """The table as `l2scale.practice` reads it: the rows of `suggested`, numbers to six digits."""
    words = [
        "# What `l2scale suggest` says, written from the table `suggested` of the chapter atlas by",
        "# l2scale.exhibits.atlas.suggested.write; its docstring says what the fields are.",
        f'scale = "{scale}"',
    ]
    fields = {name: name.replace("shuffled", "null") for name in table if name != "formula"}
    for _, row in table.iterrows():
        lines = [f"{field} = {literal(row[name])}" for name, field in fields.items()]
        words += ["", "[[suggested]]", *lines]
    return "\n".join(words) + "\n"


def literal(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, str):
        return f'"{YARDSTICK.get(value, value)}"'
    if isinstance(value, int | np.integer):
        return str(value)
    text = f"{float(value):.6g}"
    return text if "." in text or "e" in text or "n" in text else f"{text}.0"


def write(result: Result) -> None:
    """Write `suggest_rules.toml` of this package's source from a result."""
    with open(str(TOML), "w", encoding="utf-8") as file:
        file.write(as_toml(suggested(result), result.scale))
