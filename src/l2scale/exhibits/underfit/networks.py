"""The two sweeps as tables, and the strengths that a small network is tuned to."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.optimisers import BASE
from l2scale.exhibits.underfit.sweeps import SETTINGS, cause_runs
from l2scale.lab.estimates.optimal_lambda import optimum

ARMS = {
    "sgd": "SGD",
    "normalised": "layer norm",
    "adam": "Adam",
    "adamw": "AdamW",
    "slower": "SGD, η/{factor}",
    "slower, longer": "SGD, η/{factor}, {factor}T",
}  # {factor}: how many times as wide
CAUSES = [(arm, "end") for arm in ARMS] + [("sgd", "early"), ("slower", "early")]
ABOUT = ["cause", "name", "words", "kind", "stage", "depth", "reach"]
SLACK = 0.01  # of validation error: strengths this near to the best are as good to one who tunes
LOSSES = ["train_loss", "val_loss", "test_loss", "train_error", "val_error", "test_error"]
COLUMNS = ["width", "depth", "n_train", "lam", "lr", "seed", "step", "steps", *LOSSES]


@table(source="wider", main="train_loss")
def wider(result: Result) -> pd.DataFrame:
    """Each arm's small and large networks at every strength, early and at the end.

    The two slower arms trained no small network: theirs are copies of the rows of the arm "sgd".
    """
    networks, at = result["wider"].table, SETTINGS[result.scale]
    stage = (networks["step"] == networks["steps"]).map({True: "end", False: "early"})
    found = []
    for arm, runs in cause_runs(at).items():
        settings = pd.DataFrame([run.columns for run in runs]).drop_duplicates()
        rows = settings.merge(
            networks.assign(stage=stage), on=list(settings.columns), validate="one_to_many"
        )
        found.append(rows.assign(arm=arm))
    trained = pd.concat(found)
    alone = [arm for arm in ARMS if trained.loc[trained["arm"] == arm, "width"].nunique() == 1]
    small = trained[(trained["arm"] == "sgd") & (trained["width"] == at["small"])]
    together = pd.concat([trained, *(small.assign(arm=arm) for arm in alone)], ignore_index=True)
    size = (together["width"] > at["small"]).map({True: "large", False: "small"})
    names = {arm: name.format(factor=at["factor"]) for arm, name in ARMS.items()}
    labels = {"size": size, "name": together["arm"].map(names)}
    return together[["arm", "stage", *COLUMNS]].assign(**labels)


@table(source="deeper", main="train_loss")
def deeper(result: Result) -> pd.DataFrame:
    """The networks of every depth, strength and seed at the end of training."""
    last = result["deeper"].table.query("step == steps")
    return last[[*COLUMNS, "diverged"]].reset_index(drop=True)


def small_and_large(
    result: Result,
) -> Iterator[tuple[dict[str, Any], pd.DataFrame, pd.DataFrame]]:
    """Per cause: what is said of it, the columns ABOUT; the small networks, and the large ones.

    `kind` is "width" with enough steps, "haste" with too few, or "depth"; `reach` is "deepest" for
    the most layers.
    """
    wide, deep = wider(result), deeper(result)
    times = wide["width"].max() // wide["width"].min()
    for arm, stage in CAUSES:
        rows, early = wide.query("arm == @arm and stage == @stage"), stage == "early"
        cause, name = arm + ", early" * early, rows["name"].iloc[0] + ", T/8" * early
        kind = "haste" if early or arm == "slower" else "width"
        about = (cause, name, f"{times}× wide, {name}", kind, stage, 2, "other")
        small, large = (rows[rows["size"] == size] for size in ("small", "large"))
        yield dict(zip(ABOUT, about, strict=True)), small, large
    first, *others = sorted(deep["depth"].unique())
    for depth in others:
        name, reach = f"{depth} layers", "deepest" if depth == others[-1] else "other"
        about = (f"depth {depth}", name, f"{name}, not {first}", "depth", "end", depth, reach)
        small, large = (deep[deep["depth"] == d] for d in (first, depth))
        yield dict(zip(ABOUT, about, strict=True)), small, large


def near_best(small: pd.DataFrame) -> tuple[float, float, float]:
    """The least and the best strength, and the largest, that validation error hardly tells apart.

    All strengths between them are within SLACK of the least mean validation error, the control at
    strength 0 left out. Where that reaches an end of the grid, the end.
    """
    tried = small[small["lam"] > 0].fillna({"val_error": np.inf})  # diverged: as bad as can be
    curve = tried.groupby("lam")["val_error"].mean().round(7)
    place = int(curve.argmin())
    far = curve.to_numpy() > curve.min() + SLACK
    low = max((i + 1 for i in range(place) if far[i]), default=0)
    high = min((i - 1 for i in range(place, len(far)) if far[i]), default=len(far) - 1)
    return float(curve.index[low]), float(curve.index[place]), float(curve.index[high])


def compared_strengths(small: pd.DataFrame) -> dict[str, float]:
    """The strengths at which networks are compared: none, and those that suit the small one."""
    least, best, most = near_best(small)
    by_loss = optimum(small[(small["lam"] > 0) & small["val_loss"].notna()]).at
    return {"none": 0.0, "tuned": best, "strong": most, "weak": least, "by_loss": by_loss}


def picks(small: pd.DataFrame) -> pd.DataFrame:
    """The strength that each seed's own small network chose by validation error: lam and seed."""
    tried = small[small["lam"] > 0].sort_values("lam").reset_index(drop=True)
    return tried.loc[tried.groupby("seed")["val_error"].idxmin(), ["lam", "seed"]]


@table(source=("wider", "deeper"), main="factor")
def settings(result: Result) -> pd.DataFrame:
    """What was chosen: one row."""
    wide, deep = wider(result), deeper(result)
    small = wide[(wide["arm"] == "sgd") & (wide["size"] == "small")]
    first, factor = small.iloc[0], wide["width"].max() // wide["width"].min()
    clocks = 2 * first["lr"] * near_best(small)[1] * first["steps"]
    row = {"factor": factor, "small": first["width"], "samples": first["n_train"]}
    row |= {"steps": first["steps"], "lr": first["lr"], "batch": BASE.batch_size}
    row |= {"lr_adam": wide.loc[wide["arm"] == "adam", "lr"].iloc[0]}
    _, best, most = near_best(deep[deep["depth"] == deep["depth"].min()])
    row |= {"clocks": clocks, "slow_clocks": clocks / factor, "strong_over_best": most / best}
    row |= {f"deep_{name}": deep[name].iloc[0] for name in ("lr", "steps", "width")}
    return pd.DataFrame([row | {"shallow": deep["depth"].min(), "deep": deep["depth"].max()}])
