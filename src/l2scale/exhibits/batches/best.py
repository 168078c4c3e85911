"""The best lambda: for three ways to change the batch size, and over the course of training."""

import math
from typing import Any

import numpy as np
import pandas as pd

from l2scale.catalogue.predictions import MARGIN, directions, outcome
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits import regrets, shared
from l2scale.exhibits.batches.sweeps import BASE, REFERENCE, SETTINGS, steps_of
from l2scale.exhibits.batches.walks import WALK
from l2scale.exhibits.shared import AT_EDGE, bounded, yes
from l2scale.lab.estimates.intervals import paired_interval
from l2scale.lab.estimates.optimal_lambda import optima
from l2scale.lab.estimates.transfer import exponents, local_exponents, transfer_regret
from l2scale.theory.epochs import epoch_factor
from l2scale.theory.penalties import decay_factor

WAYS = {
    "steps": "same steps, same η",
    "scaled": "same epochs, η ∝ B",
    "epochs": "same epochs, same η",
    "halved": "same steps, half the η",
}
METRICS = ("error", "loss")
AXES = {"step": "steps", "epochs": "epochs"}
SHORT = 1.0  # a clock below which the training is too short for its decay
RISE = (MARGIN, math.inf)  # the exponents that count as a rise
KNOWN = 2.0  # a ratio that is known less well than to this factor cannot be said to stay at 1


@table(source=("kept", "scaled", "halved"))
def settings(result: Result) -> pd.DataFrame:
    """What was chosen: one row."""
    at = SETTINGS[result.scale]
    row = {"samples": BASE.n_train, "hidden": BASE.hidden[0], "rate": BASE.lr, "short": SHORT}
    row |= {name: at[name] for name in ("seeds", "epochs", "walk_seeds", "walk_steps")}
    row |= {"walk_lam": WALK.lam, "walk_rate": WALK.lr, "steps": steps_of(at["epochs"], REFERENCE)}
    row["asked"] = min(at["batches"]) / max(at["batches"])
    for name, size in (("small", min(at["batches"])), ("large", max(at["batches"]))):
        row |= {name: size, f"rate_{name}": BASE.lr * size / REFERENCE}
        row |= {f"steps_{name}": steps_of(at["epochs"], size)}
        row |= {f"left_{name}": epoch_factor(BASE.lr, WALK.lam, BASE.n_train // size)}
    return pd.DataFrame([row])


@table(source="kept", main="off")
def unused(result: Result) -> pd.DataFrame:
    """One row: how far unopposed weights are from (1 - 2 eta lambda)^steps, relative, at most.

    Between the first look and the next, over all networks with two looks.
    """
    rows = result["kept"].table
    by_step = rows.pivot(index=["batch_size", "lam", "seed"], columns="step", values="unused_1")
    first, second = sorted(by_step.columns)[:2]
    found = (by_step[second] / by_step[first]).dropna()
    kept = [decay_factor(BASE.lr, lam) for lam in found.index.get_level_values("lam")]
    return pd.DataFrame([{"off": (found / np.power(kept, second - first) - 1).abs().max()}])


def looks(result: Result) -> pd.DataFrame:
    """The networks at one rate, at every look, with their epochs."""
    rows = result["kept"].table
    return rows.assign(epochs=rows["step"] * rows["batch_size"] // BASE.n_train)


@table(source="kept", main="val_loss")
def valleys(result: Result) -> pd.DataFrame:
    """Per batch size, look and lambda, at one rate: mean validation loss and error."""
    return shared.valleys(looks(result), ["batch_size", "step"], "val_loss", "val_error")


def rows_by_arm(result: Result) -> pd.DataFrame:
    """The networks of each arm, of WAYS to change the batch; REFERENCE is the same in three."""
    kept, epochs = looks(result), SETTINGS[result.scale]["epochs"]
    same_steps = kept[kept["step"] == steps_of(epochs, REFERENCE)]
    reference = same_steps[same_steps["batch_size"] == REFERENCE]
    parts = {
        "steps": same_steps,
        "scaled": pd.concat([result["scaled"].table, reference]),
        "epochs": kept[kept["epochs"] == epochs],
        "halved": result["halved"].table,
    }
    return pd.concat([rows.assign(arm=arm) for arm, rows in parts.items()], ignore_index=True)


@table(source=("kept", "scaled", "halved"), main="exponent")
def all_best(result: Result) -> pd.DataFrame:
    """Per arm, metric and batch size: the best lambda, its clock 2 eta lambda t, and a cost.

    `exponent` is that of all its sizes in B; `excess` is what the lambda of the least batch costs
    in the test metric.
    """
    found = []
    for arm, rows in rows_by_arm(result).groupby("arm", sort=False):
        chosen = rows[["batch_size", "step", "lr"]].drop_duplicates()
        for metric in METRICS:
            how: dict[str, Any] = {"select": f"val_{metric}", "report": f"test_{metric}"}
            best = optima(rows, ["batch_size"], **how).assign(arm=arm, metric=metric)
            best = best.drop(columns=[name for name in best if name.startswith("test")] + ["at"])
            line = exponents(rows, ["arm"], x="batch_size", select=how["select"])
            costs = transfer_regret(rows, x="batch_size", **how)
            costs["excess_note"] = [regrets.regret_note(row) for _, row in costs.iterrows()]
            costs = costs.rename(columns={"low": "excess_low", "high": "excess_high"})
            costs = costs[["batch_size", "excess", "excess_low", "excess_high", "excess_note"]]
            best = best.merge(line, on="arm").merge(costs, on="batch_size")
            found.append(best.merge(chosen, on="batch_size"))
    rows = pd.concat(found, ignore_index=True)
    return rows.assign(
        way=rows["arm"].map(WAYS),
        rate=rows["arm"].map({"halved": "half"}).fillna("full"),
        clock=2 * rows["lr"] * rows["lam"] * rows["step"],
    )


@table(source=("kept", "scaled"), main="exponent")
def best(result: Result) -> pd.DataFrame:
    """The rows of `all_best` of the three ways at the full rate."""
    return all_best(result).query("rate == 'full'")


@table(source=("kept", "scaled", "halved"), main="exponent")
def powers(result: Result) -> pd.DataFrame:
    """Per arm and metric: the exponent in B, its outcome, and the cost in the largest batches.

    `clock_small` and `clock_large` are those of the ends. A rise is asked for at equal epochs and
    rate, where the clock of the largest batches is short; otherwise an exponent of 0.
    """
    cells = all_best(result).groupby(["arm", "metric"], sort=False)
    rows = cells.tail(1).rename(columns={"clock": "clock_large"})
    rows = rows.assign(
        clock_small=cells.head(1)["clock"].to_numpy(),
        short=yes(rows["clock_large"] < SHORT),
        moves=directions(rows, "exponent"),
        note=regrets.edge_note(rows["edges"]),
    )
    return rows.assign(outcome=[outcome_of_row(row) for _, row in rows.iterrows()])


def outcome_of_row(row: pd.Series) -> str:
    """What became of the prediction for a row of `powers`."""
    if row["arm"] != "epochs":
        return outcome(row, 0.0, column="exponent")
    return outcome(row, *RISE, column="exponent") if row["short"] == "yes" else "was not asked for"


@table(source="kept", main="exponent")
def local(result: Result) -> pd.DataFrame:
    """By loss at equal epochs and rate: the exponent between each batch size and the next.

    `note` says why there is none, or that its interval is too wide to tell its size.
    """
    rows = rows_by_arm(result).query("arm == 'epochs'")
    found = local_exponents(rows, x="batch_size", select="val_loss")
    wide = (found["high"] - found["low"]) / 2 >= MARGIN
    size = wide.map({True: "too wide to tell its size", False: ""})
    return found.assign(note=regrets.edge_note(found["edges"]).where(found["edges"] != "", size))


@table(source="kept")
def gain(result: Result) -> pd.DataFrame:
    """One row, of the largest batches at equal epochs and rate: what the best lambda gains.

    The test loss of the least lambda tried less that of the grid's best by loss, in nats.
    """
    rows = rows_by_arm(result).query("arm == 'epochs' and batch_size == batch_size.max()")
    at = optima(rows, ["batch_size"], select="val_loss", report="test_loss")["at"].iloc[0]
    by_lam = rows.pivot(index="seed", columns="lam", values="test_loss")
    return pd.DataFrame([bounded(paired_interval(by_lam[by_lam.columns.min()], by_lam[at]))])


@table(source="kept", main="ratio")
def ratios(result: Result) -> pd.DataFrame:
    """Per metric, at one rate: ratios of two best lambdas, `along` steps, epochs or the course.

    "step" is that of the largest batches over that of the smallest at the last steps that both
    have, "epochs" the same for epochs, and "course" that of the smallest batches at the last look
    over the first. `moves` says in words what its interval bears; `of_loss` is its logarithm over
    that of the same ratio by loss.
    """
    rows, parts = looks(result), []
    sizes = rows["batch_size"].min(), rows["batch_size"].max()
    both = rows[rows["batch_size"].isin(sizes)]
    pairs = {along: (last_of_both(both, along), "batch_size") for along in AXES}
    pairs["course"] = rows[rows["batch_size"] == sizes[0]], "step"
    for metric in ("loss", "error", "loss_noisy"):
        for along, (pair, x) in pairs.items():
            found = ratio_of_ends(pair, x, f"val_{metric}")
            parts.append({"metric": metric, "along": along} | found)
    found = pd.DataFrame(parts)
    logs = np.log(found["ratio"])
    by_loss = found["along"].map(dict(zip(pairs, logs, strict=False)))
    return found.assign(
        moves=[direction(row) for _, row in found.iterrows()], of_loss=logs / by_loss
    )


def last_of_both(rows: pd.DataFrame, x: str) -> pd.DataFrame:
    """The networks at the last x that batches of both sizes have."""
    sizes = rows.groupby(x)["batch_size"].nunique()
    return rows[rows[x] == sizes[sizes == 2].index.max()]


def ratio_of_ends(rows: pd.DataFrame, x: str, select: str) -> dict[str, float]:
    """The best lambda at the largest x over that at the least, with bounds; nan at an edge."""
    ends = rows[x].min(), rows[x].max()
    found = exponents(rows[rows[x].isin(ends)].assign(of="ends"), ["of"], x=x, select=select)
    names = {"ratio": "exponent", "low": "low", "high": "high"}
    return {name: (ends[1] / ends[0]) ** found[of].iloc[0] for name, of in names.items()}


def direction(row: pd.Series) -> str:
    """What a ratio of two best strengths says: of the later or larger over the other."""
    if row["low"] > 1 or row["high"] < 1:
        return "rises" if row["low"] > 1 else "falls"
    known = row["high"] < KNOWN**2 * row["low"]  # false of nan, too
    return "stays within its interval" if known else "is left open"


@table(source="kept")
def course(result: Result) -> pd.DataFrame:
    """Per metric, batch size and look, at one rate: the best lambda, and the metric's `ratios`."""
    pairs, found = ratios(result), []
    for metric in pairs["metric"].unique():
        how: dict[str, Any] = {"select": f"val_{metric}", "report": f"test_{metric}"}
        best = optima(looks(result), ["batch_size", "step", "epochs"], **how)
        best = best.drop(columns=[name for name in best if name.startswith("test")])
        found.append(best.assign(metric=metric))
    wide = pairs.pivot(index="metric", columns="along", values=["ratio", "low", "high"])
    wide.columns = [f"{along}_{name}" for name, along in wide.columns]
    rows = pd.concat(found, ignore_index=True).merge(wide.reset_index(), on="metric")
    return rows.assign(lam_note=rows["edge"].map(AT_EDGE).fillna(""))
