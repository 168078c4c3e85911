"""Three and four layers: where they jump to zero, and which starts end there."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.crush.limits import limit_of
from l2scale.exhibits.crush.sweeps import SMALL
from l2scale.exhibits.shared import NOTHING, bounded, means, yes
from l2scale.lab.estimates.exponents import loglog_slope
from l2scale.lab.training.networks import layer_shapes
from l2scale.theory.collapse import Path
from l2scale.theory.collapse import basin as surely
from l2scale.theory.initialisation import expected_sum_of_squares

ALIVE = 1e-2  # a sum of squares below this is at zero or on its way


def all_squares(rows: pd.DataFrame) -> pd.Series:
    """Sum of squares of all layers that a network has."""
    return rows[[f"sq_norm_{layer}" for layer in (1, 2, 3, 4)]].sum(axis=1, min_count=1)


@table(source="jump", main="squares")
def jump(result: Result) -> pd.DataFrame:
    """Sum of squares and gain over zero weights after training, by depth, strength and start."""
    rows = result["jump"].table
    found = [limit_of(r.data, r.n_train, r.seed) for r in rows.itertuples()]
    return rows[["depth", "seed", "init_scale", "lam"]].assign(
        ratio=(rows["lam"] / [f.threshold for f in found]).round(6),
        squares=all_squares(rows),
        gain=[f.loss_at_zero for f in found] - rows["cost"],
        pull=[f.path.pull for f in found],
        stiffness=[f.path.stiffness for f in found],
    )


def best_end(table: pd.DataFrame) -> pd.DataFrame:
    """The non-zero end of lowest cost among the larger starts, or zero if all ended there."""
    large = table[table["init_scale"] > SMALL]
    large = large.assign(alive=large["squares"] > ALIVE)
    ordered = large.sort_values(["alive", "gain"], ascending=False)
    return ordered.groupby(["depth", "seed", "ratio"], as_index=False).first()


@table(source="jump", main="middle")
def crossings(result: Result) -> pd.DataFrame:
    """Per way, depth and training set: a step of the grid, as shares of the two-layer threshold.

    In the step from `last` to `after`, `middle` between them, zero becomes the lowest end that was
    found (way "lowest"), or every start begins to end there ("end"). `predicted` is the path's,
    `over` the middle over it, and `top` the two-layer threshold. nan is outside the grid.
    """
    best, found = best_end(jump(result)), []
    ways = {"lowest": best["alive"] & (best["gain"] > 0), "end": best["alive"]}
    for place, (way, left) in enumerate(ways.items()):
        for (depth, seed), rows in best.assign(left=left).groupby(["depth", "seed"]):
            last = rows.loc[rows["left"], "ratio"].max()
            after, first = rows.loc[rows["ratio"] > last, "ratio"].min(), rows.iloc[0]
            path, top = Path(float(first["pull"]), float(first["stiffness"])), first["pull"] / 2
            row = {"way": way, "depth": depth, "seed": seed, "last": last, "after": after}
            found.append(row | {"top": top, "predicted": path.jump(int(depth))[place] / top})
    rows = pd.DataFrame(found)
    middle = (rows["last"] + rows["after"]) / 2
    return rows.assign(middle=middle, over=middle / rows["predicted"])


@table(source="jump", main="predicted")
def jumps(result: Result) -> pd.DataFrame:
    """Per way, of three and four layers: the path's prediction over training sets, and the grid's.

    `last` and `after` are the ends of all steps, `inside` says whether every step is in the grid,
    `same` whether it is one; on `early` sets it ends before the prediction. `lam` is the middle as
    a strength; `over` and `middle` are estimates of the way "lowest" alone.
    """
    rows = crossings(result).query("depth > 2")
    rows = rows.assign(early=rows["after"] < rows["predicted"], lam=rows["middle"] * rows["top"])
    by = rows.groupby(["way", "depth"])
    inside, same = by["middle"].agg(lambda x: x.notna().all()), by["middle"].nunique() == 1
    measured = rows[["over", "middle"]].where(rows["way"] == "lowest")
    found = means(rows.assign(**measured), ["way", "depth"], "predicted", "over", "middle")
    columns = {
        "last": by["last"].min(),
        "after": by["after"].agg(lambda x: x.max(skipna=False)),
        "inside": yes(inside),
        "same": yes(same),
        "early": by["early"].sum(),
        "lam": by["lam"].mean(),
    }
    return found.set_index(["way", "depth"]).assign(**columns).reset_index()


@table(source="jump", main="zero")
def ends(result: Result) -> pd.DataFrame:
    """Per depth: how many small starts ended at zero, `zero` of `small`; below the jump, `held`.

    `least_squares` to `most_squares` at `least_ratio` to `most_ratio` is what the last networks
    before zero keep; `fades` says whether it is less than at any other depth on every training set.
    """
    rows = jump(result)
    small = rows[rows["init_scale"] == SMALL]
    predicted = crossings(result).query("way == 'lowest'")[["depth", "seed", "predicted"]]
    small = small.merge(predicted, on=["depth", "seed"])
    zero, below = small["squares"] < ALIVE, small["ratio"] < small["predicted"]
    counts = small.assign(zero=zero, below=below, held=zero & below, small=1).groupby("depth")
    found = counts[["zero", "small", "held", "below"]].sum()
    best = best_end(rows)
    last = best[best["alive"]].sort_values("ratio").groupby(["depth", "seed"]).last()
    for name in ("ratio", "squares"):
        by_depth = last[name].groupby("depth")
        found[f"least_{name}"], found[f"most_{name}"] = by_depth.min(), by_depth.max()
    kept = last["squares"].unstack("depth")
    fades = [(kept.drop(columns=depth).min(axis=1) > kept[depth]).all() for depth in found.index]
    return found.assign(fades=yes(pd.Series(fades, found.index))).reset_index()


def start_squares(hidden: str, init: str = "he", scale: float = 1.0) -> float:
    """Expected sum of squares of a start, all layers."""
    shapes = layer_shapes(16, tuple(int(width) for width in hidden.split("-")), 1)
    return float(expected_sum_of_squares(init, shapes, scale).sum())


@table(source="basin", main="squares")
def basin(result: Result) -> pd.DataFrame:
    """Start and end of every network, with the ball that surely ends at zero."""
    rows = result["basin"].table
    networks = list(rows.itertuples())
    return rows[["depth", "hidden", "seed", "lam", "init_scale", "diverged"]].assign(
        start=[start_squares(r.hidden, "he", r.init_scale) for r in networks],
        squares=all_squares(rows),
        sure=[
            surely(r.lam, r.depth, limit_of(r.data, r.n_train, r.seed).ceiling) for r in networks
        ],
    )


def border(table: pd.DataFrame) -> pd.DataFrame:
    """By depth, strength and seed: the start between the largest that ended at zero and the next.

    Strengths at which a border is missing for some seed are left out.
    """
    found = []
    for (depth, lam, seed), rows in table.groupby(["depth", "lam", "seed"]):
        zero = rows.loc[(rows["squares"] < ALIVE) & ~rows["diverged"], "start"].max()
        above = rows.loc[rows["start"] > zero, "start"].min()
        found.append({"depth": depth, "lam": lam, "seed": seed, "start": np.sqrt(zero * above)})
    found = pd.DataFrame(found)
    missing = found["start"].isna().groupby([found["depth"], found["lam"]]).transform("any")
    return found[~missing]


def mean_border(edge: pd.DataFrame) -> pd.Series:
    """The geometric mean over seeds of a border, by strength."""
    return np.exp(np.log(edge.set_index("lam")["start"]).groupby("lam").mean())


def border_exponent(depth: int) -> float:
    """The exponent in lambda of the border's sum of squares, as predicted; more than 2 layers."""
    return 2 / (depth - 2)


@table(source=("basin", "jump"), main="exponent")
def borders(result: Result) -> pd.DataFrame:
    """Per depth: the exponent in lambda of the border's sum of squares, and the one `predicted`.

    The border is known at `bordered` of `strengths` strengths, the largest of them `most`, to a
    `step` of the starts. From `pytorch` on it is above PyTorch's start: `of_jump` is that strength
    over the one of the measured jump.
    """
    table, found = basin(result), []
    lowest = jumps(result).query("way == 'lowest'").set_index("depth")["lam"]
    for depth, rows in table.groupby("depth"):
        edge = border(rows)
        mean, count = mean_border(edge), edge["lam"].nunique()
        slope = loglog_slope(edge, "lam", "start") if count > 1 else NOTHING
        level = start_squares(rows["hidden"].iloc[0], "pytorch")
        first = mean[mean > level].index.min()
        row = {"depth": depth} | bounded(slope, main="exponent")
        row |= {"predicted": border_exponent(depth), "bordered": count, "most": edge["lam"].max()}
        row |= {"strengths": rows["lam"].nunique(), "pytorch": first}
        row |= {"step": np.exp(np.diff(np.log(np.sort(rows["start"].unique()))).max())}
        row |= {"of_jump": first / lowest[depth]}
        found.append(row | {"note": "" if count > 1 else "no border inside the grid"})
    return pd.DataFrame(found)
