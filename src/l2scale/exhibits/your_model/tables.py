"""What was diagnosed: tensors, whole networks, and the ranks of value and force."""

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.shared import bounded, yes
from l2scale.exhibits.your_model.measured import MINIMA
from l2scale.exhibits.your_model.sweeps import FIFTY, LAM
from l2scale.lab.estimates.intervals import Interval, exponential, mean_interval

TOTALS = [
    "all_data_loss", "all_value", "all_cost", "all_expected_value", "all_value_share",
    "all_value_over_expected", "all_force_ratio", "all_unbalanced",
]  # fmt: skip
COLUMNS = [
    "model", "seed", "step", "name", "kind", "n_weights", "sum_of_squares", "value_share",
    "value_over_expected", "layer_balance", "force_ratio", "balance", "scale_free", "verdict",
    *TOTALS,
]  # fmt: skip
ALL = ("fifty", "trained", "at_minimum")
FREAK = 0.01
"""How often chance alone may make the prediction of the start's values fail."""


def looked(table: pd.DataFrame) -> pd.DataFrame:
    """With a column `look`: "start", "end" of each model's training, or "between"."""
    last = table.groupby("model")["step"].transform("max")
    words = np.select([table["step"] == 0, table["step"] == last], ["start", "end"], "between")
    return table.assign(look=words)


def clipped(interval: Interval, low: float, high: float) -> Interval:
    """An interval within the values that a number can have."""
    return replace(interval, low=max(interval.low, low), high=min(interval.high, high))


@table(source="fifty", main="value_share")
def layers(result: Result) -> pd.DataFrame:
    """The large network, one row per layer and look; `layer` counts from 1."""
    rows = looked(result["fifty"].table[COLUMNS])
    return rows.assign(layer=rows.groupby("look").cumcount() + 1)


@table(source="fifty", main="cost")
def fifty(result: Result) -> pd.DataFrame:
    """The large network as a whole, one row a look; `lam` is that of all others in `lam_small`."""
    rows = layers(result)
    rows["weights"] = rows.groupby("look")["n_weights"].transform("sum")
    rows = rows.drop_duplicates("look")[["look", "step", "weights", *TOTALS]]
    plain = rows.rename(columns=lambda name: name.removeprefix("all_"))
    return plain.assign(lam=FIFTY.lam, lam_small=LAM)


@table(source=("trained", "at_minimum"), main="balance")
def tensors(result: Result) -> pd.DataFrame:
    """All other networks, one row per tensor, seed and look.

    `balance_off`, `force_off`, `layers_off` and `start_off` are how far the balance, the ratio of
    forces, the layer's balance and the value over the expected one are from 1; `deviations` is the
    last over its standard deviation in what PyTorch's modules draw, a Gaussian for an embedding and
    a uniform distribution for all others; `size` is that of the balance. `large`: a thousand
    weights or more.
    """
    parts = [result["trained"].table, result["at_minimum"].table]
    rows = looked(pd.concat(parts, ignore_index=True)[COLUMNS])
    spread = np.where(rows["kind"] == "embedding", 2.0, 0.8)
    offs = {"balance_off": "balance", "force_off": "force_ratio", "layers_off": "layer_balance"}
    offs |= {"start_off": "value_over_expected"}
    rows = rows.assign(**{off: (rows[of] - 1).abs() for off, of in offs.items()})
    return rows.assign(
        size=rows["balance"].abs(),
        deviations=rows["start_off"] / np.sqrt(spread / rows["n_weights"]),
        large=yes(rows["n_weights"] >= 1000),
        at_minimum=yes(rows["model"].isin(MINIMA.values())),
    )


@table(source="trained")
def means(result: Result) -> pd.DataFrame:
    """Per trained model, look and quantity of the network: the mean over seeds."""
    networks = looked(result["trained"].table).drop_duplicates(["model", "seed", "look"])
    rows = []
    for (model, look), of in networks.groupby(["model", "look"], sort=False):
        found = {
            "accuracy": clipped(mean_interval(of["accuracy"]), 0, 1),
            "value_over_expected": mean_interval(of["all_value_over_expected"]),
            "value_share": clipped(mean_interval(of["all_value_share"]), 0, 1),
            "force_ratio": exponential(mean_interval(np.log(of["all_force_ratio"]))),
        }
        about = {"model": model, "look": look, "seeds": len(of)}
        rows += [about | {"quantity": name} | bounded(each) for name, each in found.items()]
    return pd.DataFrame(rows)


@table(source="trained", main="force_ratio")
def kinds(result: Result) -> pd.DataFrame:
    """Per kind of layer of the convolutional network, at the end: means over seeds.

    `growth` is the sum of squares over that half way.
    """
    trained = looked(result["trained"].table).query("model == 'convolutions'")
    rows = []
    for kind, of in trained.groupby("kind"):
        sums = of.pivot_table("sum_of_squares", "seed", "look", aggfunc="sum")
        end = of[of["look"] == "end"]
        rows.append(
            {"kind": kind, "force_ratio": end["force_ratio"].mean(), "seeds": len(sums)}
            | bounded(mean_interval(sums["end"] / sums["between"]), "growth")
            | bounded(mean_interval(end.groupby("seed")["balance"].mean()), "balance")
        )
    return pd.DataFrame(rows)


@table(source="trained", main="steps")
def counts(result: Result) -> pd.DataFrame:
    """One row: steps, and numbers of tensors and of diagnoses.

    `drawn` tensors of a thousand weights or more are drawn by PyTorch's modules; the largest of so
    many standard deviations stays below `limit`, but for `FREAK`. Of all `diagnoses` of the
    `convolutions`, `scale_free` find no scale.
    """
    rows = tensors(result).query("look != 'between' and at_minimum == 'no'")
    drawn = len(rows.query("look == 'start' and large == 'yes'"))
    kernels = rows.query("kind == 'convolution'")
    row = {"steps": rows["step"].max(), "drawn": drawn, "freak": FREAK}
    row |= {"limit": NormalDist().inv_cdf(1 - FREAK / (2 * drawn))}
    row |= {"convolutions": kernels["name"].nunique(), "scale_free": kernels["scale_free"].sum()}
    return pd.DataFrame([row | {"diagnoses": len(kernels)}])


@table(source="groups", main="deviation")
def groups(result: Result) -> pd.DataFrame:
    """Per penalty: how far a weight is from where the penalty written out takes it, at most."""
    return result["groups"].table.groupby("penalty")["deviation"].max().reset_index()


def everything(result: Result) -> pd.DataFrame:
    """Every network, one row per tensor, seed and look."""
    return pd.concat([layers(result), tensors(result)], ignore_index=True)[[*COLUMNS, "look"]]


@table(source=ALL, main="least")
def forces(result: Result) -> pd.DataFrame:
    """Per look: the least and the largest ratio of forces."""
    ratios = everything(result).groupby("look")["force_ratio"]
    return ratios.agg(least="min", most="max").reset_index()


@table(source=ALL, main="rank")
def rank_correlations(result: Result) -> pd.DataFrame:
    """Per network and look: Spearman's correlation of share of the value and ratio of forces.

    `same`: the tensor of most value is that pulled hardest. Of two tensors the correlation is 1 or
    -1 whatever they are: they are not `counted`.
    """
    rows = []
    looks = everything(result).query("look != 'between'")
    for (model, seed, look), of in looks.groupby(["model", "seed", "look"], sort=False):
        value, force = of["value_share"], of["force_ratio"]
        rank = value.corr(force, method="spearman") if len(of) > 2 else np.nan
        row = {"model": model, "seed": seed, "look": look, "tensors": len(of), "rank": rank}
        rows.append(row | {"same": value.idxmax() == force.idxmax(), "counted": len(of) > 2})
    found = pd.DataFrame(rows)
    return found.assign(same=yes(found["same"]), counted=yes(found["counted"]))


@table(source=ALL)
def ranks(result: Result) -> pd.DataFrame:
    """Per look: the mean rank correlation over networks, leaving out the one of a single seed."""
    found = rank_correlations(result).query("counted == 'yes'")
    found = found[found.groupby("model")["seed"].transform("nunique") > 1]
    rows = []
    for look, of in found.groupby("look", sort=False):
        mean = mean_interval(of.groupby("seed")["rank"].mean())
        rows.append({"look": look, "seeds": mean.n} | bounded(clipped(mean, -1, 1)))
    return pd.DataFrame(rows)


@table(source=ALL, main="same")
def agreement(result: Result) -> pd.DataFrame:
    """One row: in how many diagnoses the tensor of most value is pulled hardest, `of` how many.

    `chance` is in how many it would be by chance.
    """
    found = rank_correlations(result).query("counted == 'yes'")
    row = {"same": (found["same"] == "yes").sum(), "of": len(found)}
    return pd.DataFrame([row | {"chance": (1 / found["tensors"]).sum()}])
