"""The best strength and the strength of collapse, depth by depth, and where one path ends."""

from functools import lru_cache

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.optimisers import BASE
from l2scale.exhibits.regrets import edge_note
from l2scale.exhibits.shared import CRITERIA
from l2scale.exhibits.underfit.networks import deeper
from l2scale.lab.data.datasets import load
from l2scale.lab.estimates.optimal_lambda import optima
from l2scale.lab.estimates.transfer import exponents
from l2scale.theory.collapse import Path, branch_end, path, softmax_falls
from l2scale.theory.response import slopes
from l2scale.theory.threshold import maxima

# Nats of training loss from which a network has collapsed: it keeps a twentieth of what it could
# learn. Chosen after the curves had been seen.
GONE = 0.95 * np.log(10)
PRODUCTS = np.linspace(0.0, 3.0, 3001)  # of the weights of one path
RESTARTS = 8


@lru_cache(maxsize=256)
def one_path(n_train: int, seed: int) -> tuple[Path, np.ndarray]:
    """One unit a layer, through the unit that the training set of a seed pulls at the most.

    Returns:
        The path to second order, and minus the slope of its real loss at PRODUCTS.
    """
    split = load(BASE.data, seed=seed, n_train=n_train, label_noise=BASE.label_noise)
    g = slopes(split.y_train, split.task)
    units, found = maxima(split.x_train, g, restarts=RESTARTS)
    unit = units[int(found.argmax())]
    falls = softmax_falls(split.x_train, split.y_train, unit, PRODUCTS)
    return path(split.x_train, g, unit, split.task), falls


@table(source="deeper", main="train_loss")
def paths(result: Result) -> pd.DataFrame:
    """The penalised networks by depth, and the strength up to which one path has a minimum.

    `path_end` is of the softmax loss, `expanded_end` of its expansion to second order.
    """
    networks = deeper(result).query("lam > 0").reset_index(drop=True)
    sets = networks[["n_train", "seed", "depth"]].drop_duplicates().astype(int)
    rows = []
    for n, seed, depth in sets.itertuples(index=False):
        one, falls = one_path(n, seed)
        rows.append((n, seed, depth, branch_end(falls, PRODUCTS, depth), one.jump(depth)[1]))
    ends = pd.DataFrame(rows, columns=[*sets, "path_end", "expanded_end"])
    return networks.merge(ends, validate="many_to_one")


def collapse(networks: pd.DataFrame) -> pd.DataFrame:
    """Per depth the strengths between which the networks of all seeds come to collapse.

    Returns:
        Columns none (the last strength below which no network has collapsed), any (the next), all
        (the first from which all have; nan where there is none on the grid), path_end and
        expanded_end (means over seeds), indexed by depth.
    """
    gone = (networks["train_loss"] > GONE).groupby([networks["depth"], networks["lam"]])
    some, every = gone.any().unstack(), gone.all().unstack()
    lasting, reached = every.iloc[:, ::-1].cummin(axis=1), some.cummax(axis=1)
    found = networks.groupby("depth")[["path_end", "expanded_end"]].mean()
    found["none"] = [lams.index[~lams].max() for _, lams in reached.iterrows()]
    found["any"] = [lams.index[lams].min() for _, lams in reached.iterrows()]
    found["all"] = [lams.index[lams].min() for _, lams in lasting.iterrows()]
    return found


@table(source="deeper", main="any")
def collapses(result: Result) -> pd.DataFrame:
    """`collapse` by depth, and whether the two ends lie in its band, ends included.

    `path` and `expanded` are "inside", "outside", or "unknown" where the grid ends in the band;
    `high` is by what share the expansion's end is above the other.
    """
    found = collapse(paths(result)).reset_index()
    for end in ("path", "expanded"):
        within = found[f"{end}_end"].between(found["none"], found["all"])
        place = within.map({True: "inside", False: "outside"})
        found[end] = place.where(found[["none", "all"]].notna().all(axis=1), "unknown")
    return found.assign(high=found["expanded_end"] / found["path_end"] - 1)


@table(source="deeper", main="exponent")
def best(result: Result) -> pd.DataFrame:
    """Per criterion and depth: lambda*; `over` is the first strength of collapse over it.

    `exponent`, `low` and `high` are those of its whole line in depth.
    """
    rows, first, parts = paths(result), collapses(result).set_index("depth")["any"], []
    for criterion, (select, _) in CRITERIA.items():
        found = optima(rows, ["depth"], select=select).assign(criterion=criterion)
        line = exponents(rows.assign(all=0), ["all"], x="depth", select=select)
        parts.append(found.merge(line, how="cross"))
    found = pd.concat(parts, ignore_index=True)
    over = found["depth"].map(first) / found["lam"]
    return found.assign(over=over, note=edge_note(found["edges"]))


@table(source="deeper", main="factor")
def fall(result: Result) -> pd.DataFrame:
    """One row: by what factor the first strength of collapse falls with depth.

    The grid leaves it between `least` and `most`. That the deepest collapses before all others
    held, failed, or is undecided for a tie on the grid. The first strength of collapse is from
    `over_least` to `over_most` times lambda*, two layers aside.
    """
    found, over = collapses(result), best(result).query("depth > depth.min()")["over"]
    first, last, before = found.iloc[0], found.iloc[-1], found["any"].iloc[:-1].min()
    tied = "undecided" if last["any"] == before else "failed"
    row = {"factor": first["any"] / last["any"], "least": first["none"] / last["any"]}
    row |= {"most": first["any"] / last["none"], "over_least": over.min(), "over_most": over.max()}
    return pd.DataFrame([row | {"deepest_first": "held" if last["any"] < before else tied}])
