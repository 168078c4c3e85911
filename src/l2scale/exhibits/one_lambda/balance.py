"""What each layer adds to the penalty: at minima, where balance breaks, and on the way to it."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.one_lambda.landscape import NAMES, still_to_gain
from l2scale.exhibits.one_lambda.sweeps import BALANCED, COMPARED, CONDITIONS
from l2scale.exhibits.shared import at_end, batch_square, bounded, yes
from l2scale.lab.estimates.intervals import Interval, mean_interval
from l2scale.lab.training.networks import layer_shapes
from l2scale.theory.penalties import coefficients
from l2scale.theory.rescaling import balanced_mean_squares, imbalance_left, noise_gap

DIGITS, KERNELS = "digits, ten classes", "kernels and max-pooling"
STALLED = "the same digits by L-BFGS"  # in the table, for the text, and not in the figure
SOURCES = ("minima", "digits_minima", "kernels")
WHERE = {DIGITS: "digits", KERNELS: "kernels", STALLED: "stalled"}
MATCH = ["activation", "norm", "optimiser", "penalise_biases"]  # what tells conditions apart
NORMALISED, DECOUPLED = "layer normalisation", "ReLU, AdamW"
PENALISED = "ReLU, biases penalised"
ORDER = (*BALANCED, *(name for name in CONDITIONS if name not in BALANCED))
PAIRS = ((1, 2), (2, 3), (3, 4))
DRIVEN = 0.05  # the fitted rate is that of the time in which the law leaves as much or more


@table(source=SOURCES, main="relative")
def balance(result: Result) -> pd.DataFrame:
    """Value of each layer at the end, relative to the mean of its network's layers.

    `asked` is the layer's mean square in a balanced network, up to one factor.
    """
    shapes, digits = (result[sweep].table for sweep in SOURCES[:2])
    named = shapes["penalty"].isin(COMPARED) & (shapes["init"] == "he")
    shapes = at_end(shapes[named]).assign(gain=shapes["run"].map(still_to_gain(shapes)))
    digits = digits[digits["step"] == digits.groupby("run")["step"].transform("max")]
    stalled = digits["optimiser"] == "lbfgs"
    digits = digits.assign(shape=stalled.map({True: STALLED, False: DIGITS}))
    ends = pd.concat([shapes.assign(shape=shapes["hidden"].map(NAMES)), digits])
    rows = []
    for _, end in ends.iterrows():
        about = end[["shape", "penalty", "seed", "cost", "gain"]].to_dict()
        sizes = shapes_in(end)
        asked = balanced_mean_squares(end["penalty"], sizes)
        for layer, c in enumerate(coefficients(end["penalty"], sizes), start=1):
            value = end["lam"] * c * end[f"sq_norm_{layer}"]
            row = {"layer": layer, "value": value, "mean_square": end[f"mean_square_{layer}"]}
            rows.append(about | row | {"asked": asked[layer - 1]})
    kernels = result["kernels"].table.assign(shape=KERNELS)
    found = pd.concat([pd.DataFrame(rows), kernels], ignore_index=True)
    mean = found.groupby(["shape", "penalty", "seed"])["value"].transform("mean")
    return found.assign(relative=found["value"] / mean)


def shapes_in(row: pd.Series) -> tuple[tuple[int, int], ...]:
    """A network's shapes from its row: the weights of a layer are its sum over its mean square."""
    hidden = [int(width) for width in row["hidden"].split("-")]
    ends = (1, len(hidden) + 1)
    first, last = (round(row[f"sq_norm_{end}"] / row[f"mean_square_{end}"]) for end in ends)
    return layer_shapes(first // hidden[0], hidden, last // hidden[-1])


@table(source=SOURCES, main="spread")
def spreads(result: Result) -> pd.DataFrame:
    """Per network: the largest value of its layers over the least, less 1.

    `off` is the same of their mean squares over those asked. `where` is "shapes", "digits",
    "kernels" or "stalled", whose cost lies `above` that of the same digits by Adam.
    """
    rows = balance(result)
    rows["over"] = rows["mean_square"] / rows["asked"]
    cells = rows.groupby(["shape", "penalty", "seed"], sort=False)
    largest, least = cells[["value", "over"]].max(), cells[["value", "over"]].min()
    found = cells[["cost", "gain"]].first().join(largest / least - 1).reset_index()
    found = found.rename(columns={"value": "spread", "over": "off"})
    found["where"] = where = found["shape"].map(WHERE).fillna("shapes")
    adam = found[where == "digits"].set_index(["penalty", "seed"])["cost"].rename("adam")
    above = found["cost"] / found.join(adam, on=["penalty", "seed"])["adam"] - 1
    return found.assign(
        where=where, drawn=yes(where != "stalled"), above=above.where(where == "stalled")
    )


@table(source="breaks", main="layers")
def breaks(result: Result) -> pd.DataFrame:
    """Imbalance of layers and of units over time, and what is left of the first layer."""
    rows = result["breaks"].table.sort_values(["run", "step"])
    names = {tuple(getattr(run, key) for key in MATCH): name for name, run in CONDITIONS.items()}
    squares = rows[[f"sq_norm_{layer}" for layer in (1, 2, 3)]]
    return rows[["seed", "step", "lr", "lam", "cost"]].assign(
        condition=[names[tuple(row)] for row in rows[MATCH].itertuples(index=False)],
        layers=squares.max(axis=1) / squares.min(axis=1) - 1,
        units=rows[["unit_imbalance_1", "unit_imbalance_2"]].max(axis=1),
        left_1=rows["sq_norm_1"] / rows.groupby("run")["sq_norm_1"].transform("first"),
    )


@table(source="breaks", main="layers")
def conditions(result: Result) -> pd.DataFrame:
    """Per condition: medians over seeds at the end of the imbalance of `layers` and of `units`.

    `ratio` is that of the largest layer's sum of squares to the least, `ratio_before` before the
    first step; `left` the share left of the first layer's, `decayed` what decay alone would leave,
    and `over` the one over the other. Whether theory says that it is `balanced`: "yes", "no", or of
    AdamW "unsaid".
    """
    said = dict.fromkeys(CONDITIONS, "no") | dict.fromkeys(BALANCED, "yes") | {DECOUPLED: "unsaid"}
    rows, found = breaks(result), []
    for name in ORDER:
        cells = rows[rows["condition"] == name]
        start, end = cells[cells["step"] == 0], at_end(cells)
        row = {"condition": name, "balanced": said[name]} | end[
            ["layers", "units"]
        ].median().to_dict()
        row |= {"ratio": 1 + row["layers"], "ratio_before": 1 + start["layers"].median()}
        row |= {"decayed": decay_alone(cells)[-1]} | bounded(mean_interval(end["left_1"]), "left")
        found.append(row | bounded(mean_interval(end["left_1"] / row["decayed"]), "over"))
    return pd.DataFrame(found)


def decay_alone(rows: pd.DataFrame) -> np.ndarray:
    """The share of a sum of squares that decay with a falling rate leaves, after each step."""
    steps, lr, lam = rows["step"].max(), rows["lr"].iloc[0], rows["lam"].iloc[0]
    rates = lr * 0.5 * (1 + np.cos(np.pi * np.arange(steps) / steps))
    return np.cumprod([1, *(1 - 2 * rates * lam) ** 2])


@table(source="clock", main="left")
def clock(result: Result) -> pd.DataFrame:
    """What is left of the layers' imbalance: the root of the mean square over three pairs.

    `law` is what the law leaves, and `floor` what the gradients at these weights would keep up.
    """
    rows = result["clock"].table.sort_values(["run", "step"])
    gaps = [np.square(rows[f"sq_norm_{i}"] - rows[f"sq_norm_{j}"]) for i, j in PAIRS]
    imbalance = np.sqrt(sum(gaps) / len(PAIRS))
    start = imbalance.groupby(rows["run"]).transform("first")
    each = zip(rows["lr"], rows["lam"], rows["step"], strict=True)
    return rows[["batch_size", "lam", "lr", "seed", "step", "train_loss"]].assign(
        left=imbalance / start,
        law=[imbalance_left(*row) for row in each],
        floor=rows.apply(predicted_floor, axis=1) / start,
    )


def predicted_floor(row: pd.Series) -> float:
    """The imbalance that the batches' gradients at these weights would keep up."""
    layers = range(1, PAIRS[-1][-1] + 1)
    full, each = (
        np.array([row[f"{kind}_force_{layer}"] ** 2 for layer in layers])
        for kind in ("data", "sample")
    )
    noise = batch_square(full, each, row["batch_size"] or row["n_train"], row["n_train"])
    gaps = noise_gap(row["lr"], row["lam"], noise, np.ones(len(noise)))
    return float(np.sqrt(np.mean([(gaps[i - 1] - gaps[j - 1]) ** 2 for i, j in PAIRS])))


def relative_rate(rows: pd.DataFrame) -> Interval:
    """Fitted rate of decay over the law's; one slope a seed and strength, averaged by seed.

    The law's rate is -2 log(1 - 2 lr lam) a step, which is 4 lr lam (1 + lr lam) to second order.
    """
    logs = np.log(rows.loc[rows["law"] >= DRIVEN].set_index(["seed", "lam"])[["law", "left"]])

    def slope(run: pd.DataFrame) -> float:
        law, left = run.to_numpy().T
        return float(np.polyfit(law, left, 1)[0])

    slopes = logs.groupby(["seed", "lam"]).apply(slope)
    return mean_interval(slopes.groupby("seed").mean())


@table(source="clock")
def rates(result: Result) -> pd.DataFrame:
    """Per `batches`, "full" or "mini": the fitted rate over the law's, at all strengths and each.

    `over_law` and `over_floor` are what is left at the end at the largest strength, over what the
    law leaves and over the floor predicted.
    """
    found = []
    for batch, cells in clock(result).groupby("batch_size"):
        about = {"batches": "mini" if batch else "full", "batch_size": batch}
        last = at_end(cells[cells["lam"] == cells["lam"].max()])
        row = about | {"at": "all", "lr": last["lr"].iloc[0]} | bounded(relative_rate(cells))
        row |= bounded(mean_interval(last["left"] / last["law"]), "over_law")
        found.append(row | bounded(mean_interval(last["left"] / last["floor"]), "over_floor"))
        for lam, some in cells.groupby("lam"):
            found.append(about | {"at": "one", "lam": lam} | bounded(relative_rate(some)))
    return pd.DataFrame(found)
