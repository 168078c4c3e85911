"""What the prose quotes of the comparison of starts that Nielsen published."""

import math

import numpy as np
import pandas as pd

from l2scale.catalogue.numerals import percent_span, points_span
from l2scale.catalogue.results import Result
from l2scale.exhibits.bad_start import published
from l2scale.exhibits.bad_start.published import EPOCHS, RECORD, published_table
from l2scale.exhibits.bad_start.sweeps import PUBLISHED, PUBLISHED_WIDTHS, STARTS
from l2scale.lab.datasets import load
from l2scale.theory.epochs import epoch_factor


def published_numbers(result: Result) -> dict[str, str]:
    """Errors and gaps of both widths, his and ours."""
    table = published_table(result)
    data, n = table["data"].iloc[0], int(table["n_train"].iloc[0])
    squares = np.square(load(data, seed=0, n_train=n).x_train).sum(axis=1)
    batches = n // PUBLISHED.batch_size
    last = published.last(table)
    left = epoch_factor(PUBLISHED.lr, PUBLISHED.lam, batches) ** last
    found = {
        "data": published.named(table),
        "data_images": f"{n:,}",
        "data_batches": f"{batches:,}",
        "data_square": f"{squares.mean():.0f}",
        "data_left": f"{left:.0%}",
        "data_epochs": f"{last:.0f}",
        "data_order": published.orders(table),
        "data_first_held": ("holds" if published.orders(table) == published.HIS_ORDER else "fails"),
        "data_last_held": (
            "is met: both intervals are inside the margin"
            if published.level(table)
            else "is not shown: not both intervals are inside the margin"
        ),
        "data_margin": f"{100 * published.MARGIN:g}",
    }
    return found | gap_numbers(table, last) | record_numbers()


def gap_numbers(table: pd.DataFrame, last: float) -> dict[str, str]:
    """Our errors after one epoch and the differences between the starts."""
    found = {}
    for width in PUBLISHED_WIDTHS:
        for init in STARTS:
            error = published.error(table, width, init, 1)
            found[f"ours_{width}_{init}"] = percent_span(error)
        found[f"ours_{width}_gap"] = points_span(published.gap(table, width, 1))
        found[f"ours_{width}_last"] = points_span(published.gap(table, width, last))
    return found


def record_numbers() -> dict[str, str]:
    """His errors after the first and the last epoch, and what decay alone leaves after all."""
    found = {}
    for row in RECORD:
        found[f"his_{row.width}_{row.init}"] = f"{100 * row.first:.2f}%"
        found[f"his_{row.width}_{row.init}_last"] = f"{100 * row.last:.2f}%"
    batches = 50_000 // PUBLISHED.batch_size
    steps = EPOCHS * batches
    return found | {"his_left": f"{math.exp(-2 * PUBLISHED.lr * PUBLISHED.lam * steps):.0%}"}
