"""Where networks of two to four layers end by strength and start: table and estimates."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.exhibits.crush.limits import limit
from l2scale.exhibits.crush.sweeps import SMALL
from l2scale.lab.estimates import Interval, mean_interval
from l2scale.theory.collapse import Path

ALIVE = 1e-2  # a sum of squares below this is at zero or on its way


def jump_table(result: Result) -> pd.DataFrame:
    """Sum of squares and gain over zero weights after training, by depth, strength and start."""
    table = result["jump"].table
    found = [limit(r.data, r.n_train, r.seed) for r in table.itertuples()]
    tops = np.array([f.threshold for f in found])
    squares = table[[f"sq_norm_{layer}" for layer in (1, 2, 3, 4)]].sum(axis=1, min_count=1)
    return table[["depth", "seed", "init_scale", "lam"]].assign(
        ratio=(table["lam"] / tops).round(6),
        squares=squares,
        gain=np.array([f.loss_at_zero for f in found]) - table["cost"],
        pull=[f.path.pull for f in found],
        stiffness=[f.path.stiffness for f in found],
    )


def best_start(table: pd.DataFrame) -> pd.DataFrame:
    """The non-zero end of lowest cost among the larger starts, or zero if all ended there."""
    large = table[table["init_scale"] > SMALL]
    ordered = large.assign(dead=large["squares"] < ALIVE).sort_values(
        ["dead", "gain"], ascending=[True, False]
    )
    return ordered.groupby(["depth", "seed", "ratio"], as_index=False).first()


def predicted(table: pd.DataFrame, depth: int) -> pd.DataFrame:
    """By seed: the path's jump and its end, over the threshold of two layers."""
    rows = []
    for seed, group in table.groupby("seed"):
        first = group.iloc[0]
        ways = Path(float(first["pull"]), float(first["stiffness"])).jump(depth)
        rows.append({"seed": seed} | dict(zip(("lowest", "end"), ways, strict=True)))
    found = pd.DataFrame(rows).set_index("seed")
    return found.div(table.groupby("seed")["pull"].first() / 2, axis=0)


def crossing(table: pd.DataFrame, depth: int, alive: pd.Series) -> pd.DataFrame:
    """By seed: the ends of the grid step after which no network is alive; nan outside the grid."""
    rows = table[table["depth"] == depth].assign(alive=alive)
    steps = {}
    for seed, group in rows.groupby("seed"):
        last = group[group["alive"]]["ratio"].max()
        steps[seed] = {"last": last, "after": group[group["ratio"] > last]["ratio"].min()}
    return pd.DataFrame.from_dict(steps, orient="index")


def lowest_by_seed(table: pd.DataFrame, depth: int) -> pd.DataFrame:
    """By seed: the grid step in which zero becomes the lowest that was found, over two layers'."""
    best = best_start(table)
    return crossing(best, depth, (best["gain"] > 0) & (best["squares"] > ALIVE))


def lowest_to(table: pd.DataFrame, depth: int) -> Interval:
    """The middle of the step in which zero becomes the lowest, over the two-layer threshold."""
    return mean_interval(lowest_by_seed(table, depth).mean(axis=1, skipna=False))


def end_by_seed(table: pd.DataFrame, depth: int) -> pd.DataFrame:
    """By seed: the grid step after which every start ended at zero, over two layers'."""
    best = best_start(table)
    return crossing(best, depth, best["squares"] > ALIVE)


def over_predicted(table: pd.DataFrame, depth: int) -> Interval:
    """Where zero becomes the lowest, in the middle of the step, over the path's prediction."""
    middles = lowest_by_seed(table, depth).mean(axis=1, skipna=False)
    return mean_interval(middles / predicted(table, depth)["lowest"])


def lost_early(table: pd.DataFrame, depth: int) -> int:
    """On how many training sets every start ended at zero before the path's branch ends."""
    return int((end_by_seed(table, depth)["after"] < predicted(table, depth)["end"]).sum())


def deep_holds(table: pd.DataFrame) -> bool:
    """Whether, in deep networks, small starts end at zero and zero is the lowest before M/2."""
    small = table[(table["depth"] > 2) & (table["init_scale"] == SMALL)]
    tops = [lowest_by_seed(table, depth)["after"].max(skipna=False) for depth in (3, 4)]
    return bool((small["squares"] < ALIVE).all()) and all(top < 1 for top in tops)


def held(table: pd.DataFrame, depth: int) -> str:
    """How many small starts below the jump ended at zero, in words."""
    rows = table[(table["depth"] == depth) & (table["init_scale"] == SMALL)]
    jumps = predicted(table, depth)["lowest"]
    below = rows[rows["ratio"] < rows["seed"].map(jumps)]
    return f"{int((below['squares'] < ALIVE).sum())} of {len(below)}"


def last_alive(table: pd.DataFrame, depth: int) -> pd.DataFrame:
    """By seed: the largest strength that leaves weights, over two layers', and their squares."""
    best = best_start(table)
    rows = best[(best["depth"] == depth) & (best["squares"] > ALIVE)]
    return rows.sort_values("ratio").groupby("seed")[["ratio", "squares"]].last()


def fades(table: pd.DataFrame) -> bool:
    """Whether two layers keep the least before they end at zero, on every training set."""
    two, three, four = (last_alive(table, depth)["squares"] for depth in (2, 3, 4))
    return bool(two.lt(three).all() and two.lt(four).all())
