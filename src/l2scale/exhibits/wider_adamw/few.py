"""Few data that are seen often: the best strength by width, at one rate and at rates as 1/width."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.regrets import edge_note, relative_regret
from l2scale.exhibits.shared import AT_EDGE, at_end
from l2scale.exhibits.wider_adamw.tables import READINGS, WORDS
from l2scale.lab.estimates.optimal_lambda import optima
from l2scale.lab.estimates.transfer import exponents

RULES = {"kept": "same rate", "falling": "rate as 1/d"}


def few_rows(result: Result) -> pd.DataFrame:
    """Networks by `rule` for the rate and by `rate`, that of the narrowest network.

    A network of another width is under "falling" where the rate that the rule asks for was tried.
    """
    rows = at_end(result["few"].table)
    narrow = rows["width"].min()
    falling = rows.assign(rule="falling", rate=(rows["lr"] * rows["width"] / narrow).round(6))
    widths = falling.groupby("rate")["width"].transform("nunique")
    whole = falling[widths == rows["width"].nunique()]
    return pd.concat([rows.assign(rule="kept", rate=rows["lr"]), whole], ignore_index=True)


@table(source="few")
def few_best(result: Result) -> pd.DataFrame:
    """Per rule, rate of the narrowest and width: the lambda of least validation loss."""
    at = optima(few_rows(result), ["rule", "rate", "width"])
    note = at["edge"].map(AT_EDGE)
    names = {"lam": "estimate", "lam_low": "low", "lam_high": "high"}
    return at.rename(columns=names).assign(note=note)


@table(source="few", main="exponent")
def few_exponents(result: Result) -> pd.DataFrame:
    """Per rule and rate of the narrowest: the power of the width of the best lambda.

    `doubling` is the factor on lambda for twice the width.
    """
    rows = few_rows(result)
    found = exponents(rows, ["rule", "rate"])
    ends = {"": "exponent", "_low": "low", "_high": "high"}
    factors = {f"doubling{end}": 2 ** found[column] for end, column in ends.items()}
    seeds = rows["seed"].nunique()
    return found.assign(**factors, seeds=seeds, note=edge_note(found["edges"]))


@table(source="few", main="excess")
def few_carried(result: Result) -> pd.DataFrame:
    """Per rule and rate: what the narrowest's lambda costs the widest, as a share of test loss."""
    rows, found = few_rows(result), []
    for (rule, rate), part in few_rows(result).groupby(["rule", "rate"], sort=False):
        row = relative_regret(part, "val_loss", "test_loss").iloc[[-1]]
        found.append(row.assign(rule=rule, rate=rate, seeds=rows["seed"].nunique()))
    return pd.concat(found, ignore_index=True)


@table(source="few", main="left_out")
def few_readings(result: Result) -> pd.DataFrame:
    """Per reading of others: how many intervals of the power at rates as 1/width leave its out.

    `of` how many there are, of which `all_out` leave out those of all readings. Data are the same
    at every width, as in arm A.
    """
    rows = few_exponents(result).query("rule == 'falling'").dropna(subset="exponent")
    powers = {name: power for name, (power, _) in READINGS.items()}
    out = {name: (rows["low"] > power) | (rows["high"] < power) for name, power in powers.items()}
    every = int(np.logical_and.reduce(list(out.values())).sum())
    return pd.DataFrame(
        {"reading": name, "words": WORDS[name], "power": power, "left_out": int(out[name].sum())}
        | {"of": len(rows), "all_out": every}
        for name, power in powers.items()
    )


@table(source="few")
def few_settings(result: Result) -> pd.DataFrame:
    """What was chosen: one row."""
    rows = at_end(result["few"].table)
    row = {"narrow": rows["width"].min(), "wide": rows["width"].max()}
    row |= {"samples": rows["n_train"].max(), "seeds": rows["seed"].nunique()}
    row |= {"epochs": rows["steps"].max() * rows["batch_size"].max() // rows["n_train"].max()}
    return pd.DataFrame([row])
