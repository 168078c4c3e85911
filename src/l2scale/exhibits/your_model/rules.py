"""What the chapter predicted. The words are in `text.toml`."""

import math
from collections.abc import Mapping

import pandas as pd

from l2scale.catalogue import cells
from l2scale.catalogue.predictions import Prediction, declare, excludes
from l2scale.catalogue.tables import Table
from l2scale.exhibits.shared import outcome_of
from l2scale.exhibits.your_model.measured import MINIMA

Tables = Mapping[str, Table]

# The text states the five per cent of the values alone.
NEAR = 0.05
"""How near to 0 or 1 a balance has to be, and ln 2 to the first loss."""
NEARLY_ALL = 0.95
"""The share of a cost that is nearly all of it."""
SLIGHT = 0.3
"""Half-width of an interval below which it confirms a rank correlation of 0."""


def tensor_rows(tables: Tables, **keys: str) -> pd.DataFrame:
    """The tensors that fit the keys."""
    return cells.rows(tables["tensors"].frame, keys)


def the_start_is_penalty(tables: Tables) -> str:
    """The first loss is ln 2, and falls while the cost stays nearly all penalty."""
    start, end = (tables["fifty"].row(look=look) for look in ("start", "end"))
    near = abs(start["data_loss"] - math.log(2)) < NEAR
    falls = end["data_loss"] < start["data_loss"]
    return outcome_of(near and falls and end["value_share"] > NEARLY_ALL)


def within_five_per_cent(tables: Tables) -> str:
    """Every large tensor's first value is what its initialisation gives."""
    return outcome_of(tensor_rows(tables, look="start", large="yes")["start_off"].max() < NEAR)


def within_chance(tables: Tables) -> str:
    """The same by chance, of what PyTorch's modules draw."""
    rows = tensor_rows(tables, look="start", large="yes", at_minimum="no")
    return outcome_of(rows["deviations"].max() < tables["counts"].row()["limit"])


def no_scale_before_normalisation(tables: Tables) -> str:
    """The convolutions have balance 0 at the start and at the end, and go on changing."""
    rows = tensor_rows(tables, kind="convolution").query("look != 'between'")
    moving = excludes(tables["kinds"].row(kind="convolution"), 1.0, "growth")
    return outcome_of(rows["size"].max() < NEAR and moving)


def balanced_at_minima(tables: Tables) -> str:
    """Balances and ratios of forces are 1, and the layers of ReLU are equal."""
    rows = tensor_rows(tables, look="end", at_minimum="yes")
    off = rows[["balance_off", "force_off"]].max(axis=None)
    layers = tensor_rows(tables, look="end", model=MINIMA["relu"])["layers_off"].max()
    return outcome_of(max(off, layers) < NEAR)


def between_the_two(tables: Tables) -> str:
    """The head behind the convolutions and the transformer are on their way from 0 to 1."""
    head = tensor_rows(tables, look="end", model="convolutions", kind="linear")["balance"]
    found = pd.concat([tensor_rows(tables, look="end", model="transformer")["balance"], head])
    return outcome_of(found.between(0, 1, inclusive="neither").all())


def between_by_means(tables: Tables) -> str:
    """The same of means over seeds."""
    rows = tensor_rows(tables, look="end", at_minimum="no").query("kind != 'convolution'")
    means = rows.groupby(["model", "name"])["balance"].mean()
    return outcome_of(means.between(0, 1, inclusive="neither").all())


declare(
    __name__,
    "together",
    fifty=Prediction(rule=the_start_is_penalty, derivation="eq-start-value"),
    start=Prediction(rule=within_five_per_cent, derivation="eq-start-value"),
    start_by_chance=Prediction(rule=within_chance, stated="after", derivation="eq-start-value"),
    free=Prediction(rule=no_scale_before_normalisation, derivation="eq-ym-balance"),
    minima=Prediction(rule=balanced_at_minima, derivation="ex-slope"),
    between=Prediction(rule=between_the_two, stated="pilot"),
    between_means=Prediction(rule=between_by_means, stated=None),
    rank_start=Prediction("ranks[look=start]", margin=SLIGHT),
    rank_end=Prediction("ranks[look=end]", margin=SLIGHT),
)
