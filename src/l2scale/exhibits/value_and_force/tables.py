"""Values and forces of penalties, sizes of weights, and twins under the sum and the mean."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.regrets import edge_note
from l2scale.exhibits.shared import INPUTS, OUTPUTS, at_end, dividing, estimates, means
from l2scale.exhibits.value_and_force.sweeps import ARMS, LAM
from l2scale.lab.estimates.exponents import loglog_slope
from l2scale.lab.estimates.transfer import exponents
from l2scale.lab.training.networks import layer_shapes
from l2scale.theory.initialisation import expected_value
from l2scale.theory.penalties import coefficients, force

ALL, BIG, NONE = ARMS


def predicted_from_shapes(penalty: str, width: int, lam: float) -> tuple[float, float]:
    """Expected initial value, and force on a first-layer weight of size 1, from shapes alone."""
    shapes = layer_shapes(INPUTS, (width,), OUTPUTS)
    c = coefficients(penalty, shapes)
    return expected_value(lam, penalty, "he", shapes), float(force(np.ones(1), lam, c[0])[0])


@table(source=("widths", "pairs"))
def settings(result: Result) -> pd.DataFrame:
    """What was chosen: one row."""
    widths, steps = result["widths"].table["width"], result["pairs"].configuration["steps"]
    row = {"lam": LAM, "least": widths.min(), "widest": widths.max(), "pair_steps": steps}
    return pd.DataFrame([row])


@table(source="widths", main="penalty_value")
def values(result: Result) -> pd.DataFrame:
    """Per penalty, width and seed: the penalty's value before training, and the force on a weight.

    `penalty_value` is in nats. `unit_force`, in nats per unit of weight, is that on a weight of
    size 1: what weights on blank pixels, which no data gradient reaches, lost in a step, divided by
    the learning rate.
    """
    rows = result["widths"].table
    start, end = rows[rows["step"] == 0].reset_index(drop=True), at_end(rows).reset_index(drop=True)
    # log1p keeps the digits of a share lost of 1e-9.
    kept = np.log1p((end["unused_1"] - start["unused_1"]) / start["unused_1"]) / end["step"]
    columns = ["penalty", "width", "seed", "weights", "lam", "penalty_value"]
    return start[columns].assign(unit_force=-np.expm1(kept) / end["lr"])


@table(source="widths", main="exponent")
def growth(result: Result) -> pd.DataFrame:
    """Per penalty and quantity, value or force: its exponent in the number of weights."""
    long = values(result).rename(columns={"penalty_value": "value", "unit_force": "force"})
    long = long.melt(["penalty", "weights", "seed"], ["value", "force"], "quantity", "size")
    return estimates(
        long,
        ["penalty", "quantity"],
        lambda rows: loglog_slope(rows, "weights", "size"),
        "exponent",
    )


@table(source="widths", main="ratio")
def start_values(result: Result) -> pd.DataFrame:
    """Per penalty and width: the value before training over the one expected from the shapes."""
    rows = values(result)
    expected = [
        predicted_from_shapes(row.penalty, row.width, row.lam)[0] for row in rows.itertuples()
    ]
    return means(rows.assign(ratio=rows["penalty_value"] / expected), ["penalty", "width"], "ratio")


@table(source="unused", main="share")
def unused(result: Result) -> pd.DataFrame:
    """Per rate, seed and step: RMS weight on the pixels that never vary, over that at the start."""
    rows = result["unused"].table.sort_values(["run", "step"])
    start = rows.groupby("run")["unused_1"].transform("first")
    return rows[["lr", "lam", "seed", "step"]].assign(share=rows["unused_1"] / start)


def unused_at_end(result: Result) -> pd.DataFrame:
    """The last rows of `unused`, with the share `lost` in a step and that over lr lam, `factor`."""
    ends = at_end(unused(result))
    lost = 1 - ends["share"] ** (1 / ends["step"])
    return ends.assign(lost=lost, factor=lost / (ends["lr"] * ends["lam"]))


@table(source="unused", main="share")
def decay(result: Result) -> pd.DataFrame:
    """Per learning rate: the share of an unused weight left at the end, and that lost in a step."""
    ends = unused_at_end(result)
    return means(ends, ["lr"], "share").merge(ends.groupby("lr")[["step", "lost"]].mean(), on="lr")


@table(source="unused", main="factor")
def decay_factor(result: Result) -> pd.DataFrame:
    """One row: k in "a step multiplies an unused weight by 1 - k lr lam", over all networks."""
    return means(unused_at_end(result), ["lam"], "factor")


@table(source="layers", main="sq_norm")
def layers(result: Result) -> pd.DataFrame:
    """Per arm of `ARMS` (`penalised`), seed, step and layer: the layer's sum of squares."""
    names = {str(coefficients): name for name, coefficients in ARMS.items()}
    long = result["layers"].table.melt(
        id_vars=["penalty", "seed", "step"],
        value_vars=[f"sq_norm_{layer}" for layer in (1, 2, 3)],
        var_name="layer",
        value_name="sq_norm",
    )
    layer = long["layer"].str.removeprefix("sq_norm_").astype(int)
    return long.assign(layer=layer, penalised=long["penalty"].map(names)).drop(columns="penalty")


@table(source="layers", main="share")
def start_share(result: Result) -> pd.DataFrame:
    """Each layer's share of the penalty's value at the start."""
    rows = layers(result)
    start = rows[(rows["step"] == 0) & (rows["penalised"] == ALL)]
    sums = start.groupby("layer")["sq_norm"].sum()
    return (sums / sums.sum()).rename("share").reset_index()


@table(source="layers", main="excess")
def small_layers(result: Result) -> pd.DataFrame:
    """Per small layer: how much larger it ends when only the big one is penalised, as a share.

    `than` is what it is compared with, seed by seed: penalised "all layers", or "none".
    """
    ends = at_end(layers(result)).pivot(
        index=["seed", "layer"], columns="penalised", values="sq_norm"
    )
    found = {than: ends[BIG] / ends[than] - 1 for than in (ALL, NONE)}
    long = pd.DataFrame(found).melt(var_name="than", value_name="excess", ignore_index=False)
    return means(long.query("layer > 1").reset_index(), ["layer", "than"], "excess")


@table(source="pairs", main="test_loss")
def pairs(result: Result) -> pd.DataFrame:
    """Per optimiser, penalty, width, strength and seed: held-out losses, in nats.

    `lam` is the strength as typed, and `felt` as one weight feels it: lam, or lam/P for the mean.
    """
    rows = result["pairs"].table
    felt = rows["lam"] / np.where(rows["penalty"] == "mean", rows["weights"], 1)
    columns = ["optimiser", "penalty", "width", "weights", "lam", "seed", "val_loss", "test_loss"]
    return rows[columns].assign(felt=felt.round(12))


@table(source="pairs", main="gap")
def twins(result: Result) -> pd.DataFrame:
    """One row: of how many `pairs` the test losses are the `same`, and the largest relative gap."""
    keys = ["optimiser", "width", "felt", "seed"]
    wide = pairs(result).pivot(index=keys, columns="penalty", values="test_loss")
    gap = (wide["mean"] / wide["sum"] - 1).abs()
    return pd.DataFrame([{"pairs": len(gap), "same": (gap == 0).sum(), "gap": gap.max()}])


@table(source="pairs", main="exponent")
def drift(result: Result) -> pd.DataFrame:
    """Per penalty: the exponent of lambda* in width under SGD; `dividing` is that of 1/P."""
    rows = pairs(result).query("optimiser == 'sgd'")
    found = exponents(rows, ["penalty"])
    return found.assign(dividing=dividing(rows), note=edge_note(found["edges"]))


@table(source="samples", main="norm")
def samples(result: Result) -> pd.DataFrame:
    """Per number of samples, seed and term: the norm of the term's gradient before training.

    The terms: "summed" and "mean", of the loss over the samples, and "penalty".
    """
    start = result["samples"].table
    mean, penalty = (
        np.sqrt(sum(start[f"{kind}_force_{layer}"] ** 2 for layer in (1, 2)))
        for kind in ("data", "penalty")
    )
    wide = start[["n_train", "seed"]].assign(
        summed=mean * start["n_train"], mean=mean, penalty=penalty
    )
    long = wide.melt(id_vars=["n_train", "seed"], var_name="term", value_name="norm")
    return long.reset_index(drop=True)


@table(source="samples", main="exponent")
def sample_growth(result: Result) -> pd.DataFrame:
    """Per term of the gradient: the exponent of its norm in the number of samples."""
    return estimates(
        samples(result), ["term"], lambda rows: loglog_slope(rows, "n_train", "norm"), "exponent"
    )
