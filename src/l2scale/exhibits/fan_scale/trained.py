"""What the mean squares of trained layers have in common, from three starts."""

import numpy as np
import pandas as pd

from l2scale.catalogue.predictions import outcomes
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.fan_scale.sweeps import (
    PENALISED,
    RATE,
    SHAPES,
    SHORT,
    shapes_of,
    time_in_clocks,
)
from l2scale.exhibits.shared import estimates, yes
from l2scale.lab.estimates.intervals import exponential, mean_interval
from l2scale.looks.numerals import listing
from l2scale.theory.penalties import coefficients, effective_lambda
from l2scale.theory.rescaling import balanced_mean_squares

NETWORK = ["hidden", "penalised", "lam", "init_scale", "seed", "step"]
HIDDEN = {shape: "-".join(map(str, units)) for shape, units in SHAPES.items()}
FUNNEL = HIDDEN["funnel"]
ONE = 1.5  # a ratio whose interval is below this still counts as one number, "about"
NAMES = {
    "none": "no penalty", "sum": "the sum", "tensor_mean": "the per-tensor mean",
    "fan": "the fan penalty", "prior": "the prior",
}  # fmt: skip
ASKED = {"none": "nothing", "fan": "level"}
"""What a penalty asks of the scaled mean squares; of the others, a pattern that is not level."""


def layers_of(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per network, checkpoint and layer, from a sweep's table."""
    long = rows.assign(penalised=rows["penalty"].where(rows["lam"] > 0, "none")).melt(
        id_vars=[*NETWORK, "test_error"],
        value_vars=[f"mean_square_{layer}" for layer in (1, 2, 3, 4)],
        var_name="layer",
        value_name="mean_square",
    )
    layer = long["layer"].str.removeprefix("mean_square_").astype(int)
    fans = [shapes_of(h)[place - 1] for h, place in zip(long["hidden"], layer, strict=True)]
    fan_out, fan_in = np.array(fans).T
    return long.assign(
        layer=layer,
        fan_in=fan_in,
        fan_out=fan_out,
        fan_scaled=long["mean_square"] * (fan_in + fan_out),
        sum_of_squares=long["mean_square"] * fan_in * fan_out,
    )


@table(source="scales", main="fan_scaled")
def mean_squares(result: Result) -> pd.DataFrame:
    """Mean squares of all layers after the short and the long training.

    `fan_scaled` is the mean square times (fan_in + fan_out): 1 if the thread is right.
    """
    rows = result["scales"].table
    rows = layers_of(rows[rows["step"].isin((SHORT, rows["step"].max()))])
    shapes = {hidden: shape for shape, hidden in HIDDEN.items()}
    when = (rows["step"] == SHORT).map({True: "short", False: "long"})
    return rows.assign(shape=rows["hidden"].map(shapes), when=when).reset_index(drop=True)


def funnel_rows(result: Result) -> pd.DataFrame:
    """The rows of the funnel, with the logarithm of the scaled mean square."""
    rows = mean_squares(result).query("shape == 'funnel'")
    return rows.assign(log=np.log(rows["fan_scaled"]))


def by_start(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows by their start, 0.5, 1 or 2, and all of them once more under the start "all"."""
    one = rows.assign(start=rows["init_scale"].map("{:g}".format))
    return pd.concat([one, rows.assign(start="all")], ignore_index=True)


def geometric(rows: pd.DataFrame, by: list[str], name: str) -> pd.DataFrame:
    """`estimates` of the number with the logarithm `log`, averaged over each seed first."""
    seeds = rows.groupby([*by, "seed"], sort=False)["log"].mean().reset_index()
    return estimates(seeds, by, lambda cell: exponential(mean_interval(cell["log"])), name)


def largest_over_least(rows: pd.DataFrame, by: list[str], quantity: str) -> pd.DataFrame:
    """One row per network: the logarithm of its largest over its least layer."""
    layers = rows.groupby([*by, "seed"], sort=False)[quantity]
    return np.log(layers.max() / layers.min()).rename("log").reset_index()


@table(source="scales", main="spread")
def spreads(result: Result) -> pd.DataFrame:
    """Per shape, penalty, training and start: largest over least scaled mean square of the layers.

    Geometric mean over networks; the start "all" averages each seed's three. Shapes that a scale
    does not train have a row without a number.
    """
    keys = ["shape", "penalised", "when", "start"]
    networks = largest_over_least(
        mean_squares(result), ["shape", "penalised", "when", "init_scale"], "fan_scaled"
    )
    measured = geometric(by_start(networks), keys, "spread").set_index(keys)
    values = [SHAPES, PENALISED, ("short", "long"), measured.index.unique("start")]
    found = measured.reindex(pd.MultiIndex.from_product(values, names=keys)).reset_index()
    cells = zip(found["penalised"], found["shape"], strict=True)
    found["predicted"] = [predicted_spread(penalised, HIDDEN[shape]) for penalised, shape in cells]
    return found.assign(
        asked=found["penalised"].map(ASKED).fillna("uneven"),
        off=(found["spread"] / found["predicted"] - 1).abs(),
        outcome=outcomes(found, "spread", found["predicted"]),
        one=yes(found["high"] < ONE),
        note=found["spread"].isna().map({True: "not trained", False: ""}),
    )


@table(source="scales", main="spread")
def product_spreads(result: Result) -> pd.DataFrame:
    """Per penalty: the same of the sums of squares, in the funnel after the long training."""
    rows = funnel_rows(result).query("when == 'long'")
    networks = largest_over_least(rows, ["penalised", "init_scale"], "sum_of_squares")
    return geometric(networks, ["penalised"], "spread")


@table(source="scales", main="under")
def on_scale(result: Result) -> pd.DataFrame:
    """Per shape, and for "every" shape: under which penalties layers end level from each start."""
    rows = spreads(result).query("when == 'long' and start != 'all'").dropna(subset="spread")
    level = rows.assign(level=rows["one"] == "yes").groupby(["shape", "penalised"], sort=False)
    found = level["level"].all().unstack().loc[rows["shape"].unique(), list(PENALISED)]
    found.loc["every"] = found.all()
    under = [
        listing([NAMES[name] for name in PENALISED if row[name]]) for _, row in found.iterrows()
    ]
    found = found.apply(yes).assign(under=[names or "none" for names in under])
    return found.reset_index().assign(named="the " + found.index)


@table(source="scales", main="apart")
def memory(result: Result) -> pd.DataFrame:
    """Per penalty and training, in the funnel: the factor between the widest and narrowest start.

    In the layer that differs most, not the mean: the product of the layers' norms is the
    function's, so that in a mean opposite differences of the layers cancel.
    """
    rows, keys = funnel_rows(result), ["penalised", "when"]
    starts = rows[rows["init_scale"].isin((rows["init_scale"].min(), rows["init_scale"].max()))]
    layers = starts.groupby([*keys, "seed", "layer"], sort=False)["log"]
    apart = (layers.max() - layers.min()).reset_index()
    most = apart.groupby([*keys, "seed"], sort=False)["log"].max().reset_index()
    found = geometric(most, keys, "apart")
    return found.assign(
        pulled=yes(found["penalised"] != "none"),
        forgotten=yes(found["high"] < ONE),
        named=found["penalised"].map(NAMES),
    )


@table(source="scales", main="level")
def levels(result: Result) -> pd.DataFrame:
    """Per penalty after the long training: geometric mean over starts and layers of the funnel."""
    return geometric(funnel_rows(result).query("when == 'long'"), ["penalised"], "level")


@table(source="scales", main="kept")
def layer_ends(result: Result) -> pd.DataFrame:
    """Per penalty and start, in the funnel after the long training: least and largest layer.

    `began` is where all layers start, on average, and `kept` the geometric mean over layers of
    where they end over that.
    """
    keys, rows = ["penalised", "start"], by_start(funnel_rows(result).query("when == 'long'"))
    kept = rows[rows["start"] != "all"].assign(
        log=lambda r: r["log"] - np.log(2 * r["init_scale"] ** 2)
    )
    layers = rows.groupby([*keys, "layer"], sort=False)["fan_scaled"].mean()
    ends = layers.groupby(keys, sort=False).agg(least="min", most="max").reset_index()
    began = 2 * pd.to_numeric(ends["start"], errors="coerce") ** 2
    return ends.assign(began=began).merge(geometric(kept, keys, "kept"), on=keys, how="left")


@table(source="strengths", main="level")
def strengths(result: Result) -> pd.DataFrame:
    """Per strength of the fan penalty: geometric mean over layers of the scaled mean square."""
    rows = layers_of(result["strengths"].table)
    factor = effective_lambda(1.0, coefficients("fan", shapes_of(FUNNEL)))
    rows = rows.assign(log=np.log(rows["fan_scaled"]), strength=(rows["lam"] * factor).round(6))
    return geometric(rows, ["strength"], "level")


@table(source="scales")
def settings(result: Result) -> pd.DataFrame:
    """What was chosen, and the two trainings' errors: one row. Clocks are the sum's."""
    rows = mean_squares(result)
    strength = rows.loc[rows["penalised"] == "sum", "lam"].iloc[0]
    long, starts = rows["step"].max(), rows["init_scale"]
    errors = rows.groupby("when")["test_error"].median()
    row = {"strength": strength, "clock": 1 / (4 * RATE * strength), "one": ONE}
    row |= {
        "short": SHORT,
        "short_clocks": time_in_clocks(SHORT, strength),
        "short_error": errors["short"],
    }
    row |= {
        "long": long,
        "long_clocks": time_in_clocks(long, strength),
        "long_error": errors["long"],
    }
    row |= {"slowest_clocks": own_clocks("tensor_mean", long, strength).min()}
    row |= {"start_memory": (starts.max() / starts.min()) ** 2}
    return pd.DataFrame([row])


def predicted_spread(penalised: str, hidden: str = FUNNEL) -> float:
    """Largest over least of (fan_in + fan_out) times mean square where c_l ||W_l||^2 is equal."""
    if penalised == "none":
        return np.nan
    balanced = pattern(penalised, hidden)
    return float(balanced.max() / balanced.min())


def pattern(penalised: str, hidden: str = FUNNEL) -> np.ndarray:
    """(fan_in + fan_out) times mean square by layer at balance, with geometric mean 1."""
    shapes = shapes_of(hidden)
    values = balanced_mean_squares(penalised, shapes) * np.sum(shapes, axis=1)
    return values / np.exp(np.mean(np.log(values)))


def own_clocks(penalised: str, steps: float, strength: float, hidden: str = FUNNEL) -> np.ndarray:
    """Steps in units of each layer's own 1/(4 lr lam c_l), shape (L,)."""
    c = np.asarray(coefficients(penalised, shapes_of(hidden)))
    return time_in_clocks(steps, strength) * c / effective_lambda(1.0, c)
