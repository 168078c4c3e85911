"""Other optimisers and learning rates: whether the best strength stays as the network widens."""

from l2scale.catalogue.results import Result
from l2scale.exhibits import train
from l2scale.exhibits.drawing import plain
from l2scale.exhibits.other_optimisers.carried_by_optimiser import (
    ARMS,
    METRICS,
    READINGS,
    carried_by_optimiser,
    carried_table,
    one,
    said,
)
from l2scale.exhibits.other_optimisers.cells import arm, arms, labelled
from l2scale.exhibits.other_optimisers.optimiser_exponents import (
    exponents_table,
    optimiser_exponents,
)
from l2scale.exhibits.other_optimisers.optimiser_exponents import said as said_exponent
from l2scale.exhibits.other_optimisers.optimum_by_optimiser import optimum_by_optimiser
from l2scale.exhibits.other_optimisers.sweeps import sweeps
from l2scale.exhibits.other_optimisers.weight_sizes import size_numbers

__all__ = [
    "carried_by_optimiser",
    "numbers",
    "optimiser_exponents",
    "optimum_by_optimiser",
    "run",
    "sweeps",
]

LAYERS = {2: "", 3: "_three"}  # how a key says three layers


def run(scale: str | None = None) -> Result:
    """Train the chapter's networks; see `l2scale.exhibits.train`."""
    return train("other_optimisers", sweeps, scale)


def numbers(result: Result) -> dict[str, str]:
    """What the prose quotes."""
    return (
        setting_numbers(result)
        | exponent_numbers(result)
        | carried_numbers(result)
        | size_numbers(result)
    )


def setting_numbers(result: Result) -> dict[str, str]:
    """Widths, steps, seeds and samples."""
    table = labelled(result)
    numbers = {
        "first_look": f"{table['step'].min():,}",
        "steps": f"{table['step'].max():,}",
        "seeds": f"{table['seed'].nunique()}",
        "samples": f"{table['n_train'].iloc[0]:,}",
    }
    for layers, key in LAYERS.items():
        widths = table.loc[table["layers"] == layers, "width"]
        numbers |= {
            f"narrow{key}": f"{widths.min()}",
            f"wide{key}": f"{widths.max()}",
            f"factor{key}": f"{widths.max() / widths.min():.0f}",
        }
    tried = {"coupled": arm(table, "sgd"), "adamw": arm(table, "adamw")}
    for name, rows in tried.items():
        numbers[f"{name}_low"] = plain(rows["lam"].min())
        numbers[f"{name}_high"] = plain(rows["lam"].max())
    return numbers


def exponent_numbers(result: Result) -> dict[str, str]:
    """Every exponent: at the end, by error and by loss; at the first look, by error."""
    table = exponents_table(result)
    last, first = table["step"].max(), table["step"].min()
    quoted = [("", last, "error"), ("", last, "loss"), ("early_", first, "error")]
    numbers = {}
    for layers, cell, rule in arms(table):
        some = arm(table, cell, rule, layers)
        for when, step, metric in quoted:
            row = some[(some["step"] == step) & (some["metric"] == metric)].iloc[0]
            numbers[f"{when}{cell}{LAYERS[layers]}_{rule}_{metric}"] = said_exponent(row)
    return numbers


def carried_numbers(result: Result) -> dict[str, str]:
    """What carrying costs: hold, root or clock, optimiser, and metric."""
    table = carried_table(result)
    return {
        f"{reading}_{cell}{LAYERS[layers]}_{metric}": said(
            one(table, cell, reading, metric, layers)
        )
        for layers, cell in ARMS
        for reading in READINGS
        for metric in METRICS
    }
