"""What was trained: two kinds of decay, schedulers and clips, and strengths to choose from."""

from itertools import product

import numpy as np
import pandas as pd

from l2scale.catalogue.predictions import outcomes
from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.frameworks.sweeps import STRONG
from l2scale.exhibits.frameworks.watching import PLACES, RATE, WATCHED
from l2scale.exhibits.shared import at_end, bounded, yes
from l2scale.lab.estimates.intervals import mean_interval, paired_interval
from l2scale.lab.estimates.optimal_lambda import optimum
from l2scale.looks.numerals import plain

CHOICES = {
    "cost": "training cost",
    "val_cost": "validation loss + λ‖w‖²",
    "val_loss": "validation loss",
    "val_error": "validation error",
}
"""Columns that choose, in words."""
METRICS = ("loss", "error")


@table(source="kinds", main="distance")
def walks(result: Result) -> pd.DataFrame:
    """Every training of the two kinds, one row a look.

    `times` is a share under Adam over 2 eta lambda; `nearest`: its decay ends nearest to the
    penalty in the loss, by the mean over seeds.
    """
    rows = result["kinds"].table
    share = rows["share"].where(rows["optimiser"].eq("adam") & rows["where"].eq("weights"))
    times = (share / share.min()).round(6)
    nearest = at_end(rows)["distance"].groupby(times).mean().idxmin()
    return rows.assign(times=times, nearest=yes(times == nearest))


@table(source="kinds")
def distances(result: Result) -> pd.DataFrame:
    """Per optimiser, place and share: the distance at the end from the penalty in the loss.

    `furthest` is the largest mean over seeds at any look, `largest` that of any seed; `sq_norm` is
    the mean at the end, and `size` and `unused` are root mean squares over those of the start.
    """
    rows = []
    keys = ["optimiser", "where", "times", "nearest"]
    for key, of in walks(result).groupby(keys, dropna=False, sort=False):
        end = at_end(of)
        means = end[["sq_norm", "unused"]].mean()
        row = dict(zip(keys, key, strict=True)) | {"seeds": len(end), "sq_norm": means["sq_norm"]}
        row |= {"size": means["sq_norm"] ** 0.5, "unused": means["unused"] ** 0.5}
        row |= {"furthest": of.groupby("step")["distance"].mean().max()}
        row |= {"largest": of["distance"].max(), "steps": of["step"].max()}
        rows.append(row | bounded(mean_interval(end["distance"])))
    return pd.DataFrame(rows)


@table(source=("watched", "clipped"), main="train_loss")
def trainings(result: Result) -> pd.DataFrame:
    """Schedulers and clips in one table; `part` tells them apart."""
    parts = [result[name].table.assign(part=name) for name in ("watched", "clipped")]
    return pd.concat(parts, ignore_index=True)


def first_falls(rows: pd.DataFrame) -> pd.DataFrame:
    """Per seed, the look at which the rate was first seen lowered; a column a watched number.

    It is the last look of all where the rate never fell.
    """
    seen = rows["step"].where(rows["lr"] < RATE, rows["step"].max())
    return seen.groupby([rows["watched"], rows["seed"]]).min().unstack("watched")


@table(source="watched", main="fall")
def schedules(result: Result) -> pd.DataFrame:
    """Per watched number: when the rate falls, and what is reached at the end.

    `fall` is the mean look at which the rate was first seen lowered, the last of all where it was
    `never`; `earlier`, steps before that of who watches the loss alone, `at_once` with it; `ended`
    is the mean step at which training ends, and `sooner` how many before the latter's; `train` and
    `test` are losses there over those of the latter.
    """
    rows = result["watched"].table
    fall = first_falls(rows)
    never = rows.groupby(["watched", "seed"])["lr"].min() >= RATE
    ends = rows.sort_values("step").groupby(["watched", "seed"]).last()
    found = []
    for name, words in WATCHED.items():
        end, alone = ends.loc[name], ends.loc["loss"]
        row = {"watched": name, "words": words, "seeds": len(end), "fall": fall[name].mean()}
        row |= {"never": never.loc[name].sum(), "at_once": (fall[name] == fall["loss"]).sum()}
        row |= {"penalty_value": end["penalty_value"].mean()}
        row |= bounded(paired_interval(fall["loss"], fall[name]), "earlier")
        row |= {"ended": end["step"].mean()}
        row |= bounded(paired_interval(alone["step"], end["step"]), "sooner")
        for metric in ("train", "test"):
            losses = (of[f"{metric}_loss"] for of in (end, alone))
            row |= bounded(paired_interval(*losses, ratio=True), metric)
        found.append(row)
    table = pd.DataFrame(found)
    return table.assign(told=differs_from_one(table))


def differs_from_one(table: pd.DataFrame) -> pd.Series:
    """Whether the ratio of the test losses is told from 1."""
    return yes(outcomes(table, "test", 1.0) == "failed")


@table(source="watched", main="fallen")
def falls(result: Result) -> pd.DataFrame:
    """One row: in how many trainings the rate fell, and of how many."""
    rows = schedules(result)
    trainings = rows["seeds"].sum()
    return pd.DataFrame([{"fallen": trainings - rows["never"].sum(), "trainings": trainings}])


@table(source="clipped")
def clips(result: Result) -> pd.DataFrame:
    """Per bound: the sum of squares as weight_decay over that in the loss, and so `test` loss.

    `clips` is the share of steps that it shortens, the penalty in the loss; `loss` and `decay` are
    the mean sums of squares; `apart` is the largest relative difference.
    """
    rows = []
    for bound, of in result["clipped"].table.groupby("clip"):
        loss, decay = (of[of["where"] == where].set_index("seed").sort_index() for where in PLACES)
        finite = bool(np.isfinite(bound))
        row = {"clip": bound, "bound": plain(bound) if finite else "none", "finite": finite}
        row |= {"clips": loss["clips"].mean(), "seeds": len(loss)}
        row |= {"loss": loss["sq_norm"].mean(), "decay": decay["sq_norm"].mean()}
        row |= {"apart": (loss["sq_norm"] / decay["sq_norm"] - 1).abs().max()}
        row |= bounded(paired_interval(decay["sq_norm"], loss["sq_norm"], ratio=True))
        row |= bounded(paired_interval(decay["test_loss"], loss["test_loss"], ratio=True), "test")
        rows.append(row)
    found = pd.DataFrame(rows)
    return found.assign(finite=yes(found["finite"]), told=differs_from_one(found))


@table(source="strengths", main="val_loss")
def tried(result: Result) -> pd.DataFrame:
    """The networks, with `val_cost`: what the validation loss is with the penalty's value added."""
    columns = ["lam", "seed", "diverged", "cost", "penalty_value", "val_loss", "val_error"]
    rows = result["strengths"].table[[*columns, "test_loss", "test_error"]]
    return rows.assign(val_cost=rows["val_loss"] + rows["penalty_value"])


def best_lambda_by(rows: pd.DataFrame, choice: str) -> float:
    """The lambda of the grid with the least mean of a column."""
    return float(rows.groupby("lam")[choice].mean().idxmin())


@table(source="strengths", main="lam")
def choices(result: Result) -> pd.DataFrame:
    """Per column that chooses: its lambda, is it the `least`, and the mean test loss and error.

    `rises`: the mean of the column rises from each lambda to the next.
    """
    networks = tried(result)
    rows = []
    for choice, words in CHOICES.items():
        lam = best_lambda_by(networks, choice)
        rises = networks.groupby("lam")[choice].mean().diff().iloc[1:].gt(0).all()
        row = {"choice": choice, "words": words, "lam": lam, "rises": rises}
        row |= {"least": lam == networks["lam"].min(), "strengths": networks["lam"].nunique()}
        row |= {"seeds": networks["seed"].nunique()}
        means = networks.loc[networks["lam"] == lam, ["test_loss", "test_error"]].mean()
        rows.append(row | dict(means))
    found = pd.DataFrame(rows)
    return found.assign(rises=yes(found["rises"]), least=yes(found["least"]))


@table(source="strengths")
def costs(result: Result) -> pd.DataFrame:
    """Per `choice` and metric: by how much more test loss, in nats, or test error; paired by seed.

    More than at the `lam` of least validation loss or error. The choices: "val_cost", what the
    validation cost chooses, and "strong", STRONG.
    """
    networks = tried(result)
    lams = {"val_cost": best_lambda_by(networks, "val_cost"), "strong": STRONG}
    rows = []
    for (choice, lam), metric in product(lams.items(), METRICS):
        by_lam = networks.pivot(index="seed", columns="lam", values=f"test_{metric}")
        found = paired_interval(by_lam[lam], by_lam[best_lambda_by(networks, f"val_{metric}")])
        rows.append({"choice": choice, "metric": metric, "lam": lam} | bounded(found))
    return pd.DataFrame(rows)


@table(source="strengths")
def best(result: Result) -> pd.DataFrame:
    """Per metric: the best lambda by validation, with bounds over seeds."""
    found = {metric: optimum(tried(result), select=f"val_{metric}").lam for metric in METRICS}
    return pd.DataFrame([{"metric": metric} | bounded(lam) for metric, lam in found.items()])
