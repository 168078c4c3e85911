"""The large network: its cost before training, by layer, and in training."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.cost_of_fifty.sweeps import BASE, LAM, shapes_of
from l2scale.exhibits.shared import means, yes
from l2scale.theory.initialisation import decayed_value, expected_sum_of_squares, expected_value

FIFTY = (40.0, 62.5)  # within a factor of 1.25 of 50
GUESSING = float(np.log(2))  # binary cross-entropy of a coin, nats
PLAIN = "λ Σw²"
# What multiplies sum of squares * lambda; n is the number of training samples, P of weights.
CONVENTIONS = (PLAIN, "λ/2 Σw²", "λ/(2n) Σw²", "λ mean w²")
NAMES = {
    "normal": "N(0, 1)", "he": "He", "lecun": "LeCun", "glorot": "Glorot (Keras)",
    "pytorch": "PyTorch Linear",
}  # fmt: skip
LAYERS = (1, 2, 3)


@table(source=())
def settings(result: Result) -> pd.DataFrame:
    """What was chosen, and the cost that the shape predicts from Glorot's start: one row."""
    start, training, widths, strengths = (
        result[name].table for name in ("start", "training", "widths", "strengths")
    )
    first, steps, long = start.iloc[0], training["step"].max(), widths["step"].max()
    expected = expected_value(LAM, "sum", BASE.init, shapes_of(first["hidden"]))
    row = {"shape": f"64-{first['hidden']}-1", "weights": first["weights"], "lam": LAM}
    row |= {"guessing": GUESSING, "expected": expected, "expected_cost": GUESSING + expected}
    row |= {"steps": steps, "seeds": training["seed"].nunique()}
    row |= {"forgetting": 2 * BASE.lr * LAM * steps}
    row |= {"widths": widths["width"].nunique(), "width_steps": long}
    row |= {
        "width_forgetting": 2 * BASE.lr * LAM * long,
        "scan_weights": strengths["weights"].max(),
    }
    row |= {"scan_factor": strengths["width"].max() / strengths["width"].min()}
    row |= {"penalty_off": costs(result)["penalty_off"].max()}
    return pd.DataFrame([row])


@table(source="start", main="cost")
def start(result: Result) -> pd.DataFrame:
    """Per untrained network and convention: its cost in nats, and the one `predicted`.

    `data_loss` and `penalty` are the cost's two parts.
    """
    untrained = result["start"].table
    samples = result["start"].configuration["n_train"]
    expected = np.array(
        [expected_value(r.lam, "sum", r.init, shapes_of(r.hidden)) for r in untrained.itertuples()]
    )
    factors = dict(zip(CONVENTIONS, (1, 0.5, 0.5 / samples, 1 / untrained["weights"]), strict=True))
    parts = [
        untrained[["init", "hidden", "weights", "lam", "seed"]].assign(
            convention=convention,
            data_loss=untrained["train_loss"],
            penalty=untrained["penalty_value"] * factor,
            predicted=GUESSING + expected * factor,
        )
        for convention, factor in factors.items()
    ]
    stacked = pd.concat(parts, ignore_index=True)
    return stacked.assign(cost=stacked["data_loss"] + stacked["penalty"])


@table(source="start", main="mean")
def costs(result: Result) -> pd.DataFrame:
    """Per initialisation and convention: the `mean` cost, and whether it is `near` 50.

    `off` and `penalty_off` are by what share cost and penalty are off those predicted.
    """
    keys, columns = ["init", "convention"], ["cost", "predicted", "penalty"]
    found = start(result).groupby(keys)[columns].mean().reset_index()
    found = found.rename(columns={"cost": "mean"})
    return found.assign(
        name=found["init"].map(NAMES),
        short=found["init"].map(NAMES).str.partition(" (")[0],
        near=yes(found["mean"].between(*FIFTY)),
        off=(found["mean"] / found["predicted"] - 1).abs(),
        penalty_off=(found["penalty"] / (found["predicted"] - GUESSING) - 1).abs(),
    )


@table(source="training")
def layers(result: Result) -> pd.DataFrame:
    """Per seed and layer, at the first and the last step: its share of the value, and forces.

    `penalty_force` and `data_force` are root mean squares over the layer's weights, in nats per
    unit of weight; `shape` is inputs → outputs.
    """
    rows = result["training"].table.query("lam == @LAM")
    rows = rows[rows["step"].isin([0, rows["step"].max()])]
    parts = []
    for layer in LAYERS:
        n_out, n_in = shapes_of(rows["hidden"].iloc[0])[layer - 1]
        root = np.sqrt(n_in * n_out)
        parts.append(
            rows[["seed", "step"]].assign(
                layer=layer,
                shape=f"{n_in} → {n_out}",
                value_share=LAM * rows[f"sq_norm_{layer}"] / rows["penalty_value"],
                penalty_force=rows[f"penalty_force_{layer}"] / root,
                data_force=rows[f"data_force_{layer}"] / root,
            )
        )
    return pd.concat(parts, ignore_index=True)


@table(source="training", main="ratio")
def forces(result: Result) -> pd.DataFrame:
    """Per layer before training: the penalty's force over the data's, and means of the rest.

    `expected` is the sum of squares that the shape predicts.
    """
    rows = layers(result).query("step == 0")
    rows = rows.assign(ratio=rows["penalty_force"] / rows["data_force"])
    found = means(rows, ["layer"], "ratio", "value_share", "penalty_force")
    shapes = shapes_of(result["training"].table["hidden"].iloc[0])
    return found.assign(expected=expected_sum_of_squares(BASE.init, shapes))


@table(source="training", main="cost")
def training(result: Result) -> pd.DataFrame:
    """Per lambda, seed and step: cost, its two parts and held-out metrics of the large network."""
    columns = ["weights", "lam", "seed", "step", "cost", "train_loss", "penalty_value"]
    return result["training"].table[[*columns, "test_loss", "test_error", "force_ratio"]]


@table(source="training", main="cost")
def course(result: Result) -> pd.DataFrame:
    """Per lambda and step: means over seeds of cost, value, held-out error and force ratio.

    `share` is the penalty's of the cost, and `unopposed` its value over what decay alone leaves.
    """
    columns = ("cost", "penalty_value", "test_error", "force_ratio")
    found = means(training(result), ["lam", "step"], *columns)
    value = found["penalty_value"]
    first = value.groupby(found["lam"]).transform("first")
    left = [decayed_value(1.0, BASE.lr, row.lam, row.step) for row in found.itertuples()]
    return found.assign(share=value / found["cost"], unopposed=value / (first * left))


@table(source="training", main="train_ratio")
def paid(result: Result) -> pd.DataFrame:
    """One row: what the penalty costs at the end, each seed against itself without it.

    `train_ratio` is of the training losses; the held-out loss and error are differences.
    """
    last = training(result).query("step == step.max()").set_index("seed")
    under, free = (last[last["lam"] == lam] for lam in (LAM, 0.0))
    pairs = (under - free)[["test_loss", "test_error"]]
    pairs = pairs.assign(train_ratio=under["train_loss"] / free["train_loss"], lam=LAM)
    return means(pairs, ["lam"], "train_ratio", "test_loss", "test_error")
