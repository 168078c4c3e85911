"""Before the first step and in the first epochs: forces, the share of decay, and sizes."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.bad_start.course import FADED, SAME
from l2scale.exhibits.bad_start.sweeps import SETTINGS, SIGMOIDS
from l2scale.exhibits.bad_start.training import LAYERS, at, batch_force, by_layer, long_runs
from l2scale.exhibits.shared import means, yes
from l2scale.lab.data.datasets import load
from l2scale.theory.epochs import epoch_factor, exponential_factor, relative_error
from l2scale.theory.saturation import mean_square_slope, start_forces

EARLY = 5  # epochs that count as the first ones
CLOSE = 0.01  # an exponential this near to the factor of an epoch is the factor


@table(source="decay")
def settings(result: Result) -> pd.DataFrame:
    """One row: the networks, how flat their units are at the start, and how wrong."""
    sizes = SETTINGS[result.scale]
    n, batch = sizes["n"], SIGMOIDS.batch_size
    squares = np.square(load(SIGMOIDS.data, seed=0, n_train=n).x_train).sum(axis=1)
    flat = mean_square_slope(np.sqrt(squares + SIGMOIDS.bias_init**2)).mean() * 16
    rows = long_runs(result, "decay")
    first = at(rows[rows["ratio"] == rows["ratio"].min()], 0).query("init == 'normal'")
    row = {"samples": n, "width": sizes["width"], "steps": sizes["steps"], "lr": SIGMOIDS.lr}
    row |= {"batch": batch, "batches": n // batch, "epochs": sizes["steps"] * batch // n}
    row |= {"square": squares.mean(), "flat": flat}
    row |= {"early": EARLY, "close": CLOSE, "same": SAME, "faded": FADED}
    row |= {"start_error": first["test_error"].mean(), "start_loss": first["train_loss"].mean()}
    return pd.DataFrame([row])


@table(source="starts")
def starts(result: Result) -> pd.DataFrame:
    """The strength of equality, measured and predicted, for each width, seed and layer.

    `equal_l`: root mean square gradient of a batch over ||W_l||. `predicted_l`: that of one sample,
    by theory, which it cannot exceed; `floor_l`: divided by the root of the batch's size.
    """
    rows = result["starts"].table.reset_index(drop=True)
    found = rows[["width", "seed", "n_train", "batch_size"]].copy()
    n, size = found["n_train"], found["batch_size"]
    split = load(SIGMOIDS.data, seed=0, n_train=int(n.iloc[0]))
    squares = np.square(split.x_train).sum(axis=1)
    forces = {
        width: start_forces(squares, int(width), split.n_classes, SIGMOIDS.bias_init)
        for width in found["width"].unique()
    }
    for layer, fan in zip(LAYERS, (split.x_train.shape[1], split.n_classes), strict=True):
        norm = rows[f"sq_norm_{layer}"] ** 0.5
        predicted = found["width"].map(lambda w, layer=layer: forces[w][layer - 1])
        found[f"equal_{layer}"] = batch_force(rows, layer) / norm
        found[f"sample_{layer}"] = rows[f"sample_force_{layer}"] / norm
        found[f"predicted_{layer}"] = predicted / (found["width"] * fan) ** 0.5
        found[f"floor_{layer}"] = found[f"predicted_{layer}"] / (size * (n - 1) / (n - size)) ** 0.5
    return found


@table(source="starts", main="equal")
def equality(result: Result) -> pd.DataFrame:
    """Per width and layer: the means of `starts` over seeds.

    `place`: where the mean is from the lower bound, 0, to the upper one, 1, on a logarithmic axis;
    `off`: by which share one sample's predicted force misses the mean, in the `worse` layer most.
    """
    names = ["equal", "sample", "predicted", "floor"]
    rows = by_layer(starts(result), ["width", "seed"], names)
    found = means(rows, ["width", "layer"], *names)
    room = np.log(found["predicted"] / found["floor"])
    for end, column in (("", "equal"), ("_low", "low"), ("_high", "high")):
        found[f"place{end}"] = np.log(found[column].clip(lower=1e-9) / found["floor"]) / room
    off = (found["predicted"] / found["sample"] - 1).abs()
    worse = off == off.groupby(found["width"]).transform("max")
    return found.assign(off=off, worse=yes(worse), inside=yes(found["place"].between(0, 1)))


@table(source="starts", main="moved")
def over_widths(result: Result) -> pd.DataFrame:
    """One row: the mean strength of equality in each layer, and by how much width moves it most."""
    by_width = equality(result).pivot(index="width", columns="layer", values="equal")
    row = {"moved": (by_width.max() / by_width.min()).max() - 1}
    row |= {"times": by_width.index.max() / by_width.index.min()}
    return pd.DataFrame([row | {f"layer_{layer}": by_width[layer].mean() for layer in LAYERS}])


@table(source=("decay", "first_epoch"), main="net")
def share(result: Result) -> pd.DataFrame:
    """Shares of decay from N(0, 1), by ratio, layer and seed, and who learns.

    `peak`: of a step, at the checkpoint of epoch 1 with the largest mean over seeds; `mean`: of a
    step, over the first `EARLY` epochs, by the trapezoidal rule; `net`: of epoch 1's net movement.
    """
    rows = long_runs(result, "decay").query("init == 'normal' and epoch <= @EARLY")
    moved = result["first_epoch"].table[["ratio", "layer", "seed", "net"]]
    learns = moved["ratio"].isin(rows.loc[rows["learns"] == "yes", "ratio"])
    return moved.join(of_steps(rows), on=["ratio", "layer", "seed"]).assign(learns=learns)


def of_steps(rows: pd.DataFrame) -> pd.DataFrame:
    """`peak` and `mean` of `share`, by ratio, layer and seed, from all checkpoints."""
    steps = by_layer(rows, ["ratio", "seed", "epoch"], ["share"])
    shares = steps.pivot(index=["ratio", "layer", "seed"], columns="epoch", values="share")
    first = shares.loc[:, shares.columns <= 1]
    peaks = first.groupby(["ratio", "layer"]).mean().idxmax(axis=1)
    area = np.trapezoid(shares.to_numpy(), shares.columns.to_numpy(), axis=1)
    peak = [row[peaks[key[:2]]] for key, row in first.iterrows()]
    return pd.DataFrame({"peak": peak, "mean": area / shares.columns.max()}, index=shares.index)


@table(source=("decay", "first_epoch"), main="net")
def shares(result: Result) -> pd.DataFrame:
    """The means of `share` over seeds; `limit` is the strongest ratio at which a network learns."""
    rows = share(result)
    found = means(rows, ["ratio", "layer", "learns"], "net", "peak", "mean")
    limit = found["ratio"] == found.loc[found["learns"], "ratio"].max()
    return found.assign(learns=yes(found["learns"]), limit=yes(limit))


@table(source="decay", main="live")
def sizes(result: Result) -> pd.DataFrame:
    """From N(0, 1): sizes of the first layer's weights over those at the start, in whole epochs.

    `dead`: weights on inputs that are the same in every sample, root mean square; `live`: all;
    `exponential`: what the thread's factor for an epoch leaves.
    """
    rows = long_runs(result, "decay").query("init == 'normal' and epoch <= @EARLY")
    rows = rows[rows["epoch"] % 1 == 0].sort_values(["ratio", "seed", "epoch"])
    start = rows.groupby(["ratio", "seed"])[["unused_1", "rms_1"]].transform("first")
    factor = [exponential_factor(*row) for row in of_theory(rows)]
    return rows[["ratio", "lam", "lr", "batches", "seed", "epoch"]].assign(
        dead=rows["unused_1"] / start["unused_1"], live=rows["rms_1"] / start["rms_1"],
        exponential=factor ** rows["epoch"],
    )  # fmt: skip


def of_theory(rows: pd.DataFrame) -> list[tuple[float, float, int]]:
    """Learning rate, lambda and batches an epoch of each row, as the theory takes them."""
    return list(zip(rows["lr"], rows["lam"], rows["batches"], strict=True))


@table(source="decay", main="live")
def epoch(result: Result) -> pd.DataFrame:
    """Per ratio: what the first epoch leaves of weights with data (`live`) and without (`dead`).

    `excess`: by which share the exponential is above the latter, and `predicted` by theory;
    `miss`: how far the exact power is off; `step`: the share that a step takes, and `rate` half.
    """
    rows = sizes(result).query("epoch == 1")
    found = means(rows, ["ratio", "lam", "lr", "batches", "exponential"], "live", "dead")
    exact = [epoch_factor(*row) for row in of_theory(found)]
    miss = (exact / found["dead"] - 1).abs()
    excess = found["exponential"] / found["dead"] - 1
    return found.assign(
        excess=excess, predicted=[relative_error(*row) for row in of_theory(found)],
        miss=miss, miss_low=miss, miss_high=miss,
        step=2 * found["lr"] * found["lam"], rate=found["lr"] * found["lam"],
        close=yes(excess.abs() < CLOSE), worst=yes(excess.abs() == excess.abs().max()),
    )  # fmt: skip
