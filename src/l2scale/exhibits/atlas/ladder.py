"""The ladder: what each rule costs on families of problems that it was not fitted on."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result, once
from l2scale.catalogue.tables import table
from l2scale.exhibits.atlas.predictors import (
    SIMPLE,
    Problems,
    cheapest,
    chosen_anew,
    left_out,
    problems_of,
    rules,
)
from l2scale.exhibits.atlas.searches import early_stopping, halves, near, random_search
from l2scale.exhibits.atlas.valleys import KEY, OPTIMISERS, TRAINED, identity, valleys_of
from l2scale.exhibits.shared import yes

TYPED = {"sgd": 2.5e-4, "adamw": 5e-3}
"""The lambda of what is often typed: weight_decay 5e-4 with SGD, PyTorch's default with AdamW."""
AROUND = 1.5  # doublings to either side of a suggestion that are tried as well
DRAWS, DRAWN_FROM = 2000, 1998  # bootstrap over data sets, and its seed
MEASURED = (*TRAINED, "before")
SUGGESTED = (*SIMPLE, "powers", "mixed")
"""Rules that may be suggested: they need no training."""
RUNGS = {
    "none": ("no penalty", 0), "typed": ("what is often typed", 0),
    "constant": ("one constant", 0), "root_n": ("share of 1/√n", 0),
    "crush": ("share of the crush threshold", 0), "shuffled": ("share of the shuffled one", 0),
    "noise": ("share of the noise threshold", 0), "powers": ("powers of n, width, shape", 0),
    "mixed": ("powers of shape and thresholds", 0),
    "anew": ("the rule, too, from other families", 0),
    "features": ("all features, ridge", 0), "permuted": ("control: features permuted", 0),
    "published": ("one early-stopped training", 1),
    "early_stopping": ("share of what it says", 1),
    "near": ("best simple rule and both sides", 3),
    "around": ("suggested rule and both sides", 3),
    "random_3": ("random search of 3", 3), "random_5": ("random search of 5", 5),
    "halves": ("other seeds’ best λ", 0),
}  # fmt: skip
"""The rungs in their order: words, and how many trainings each needs before the first real one."""


def known(result: Result, optimiser: str) -> Problems:
    """The problems of an optimiser."""
    before = result["before"].table.merge(early_stopping(result, optimiser), on=KEY)
    return problems_of(valleys_of(result, optimiser), before)


@once
def paid(result: Result) -> pd.DataFrame:
    """One row a problem and rung: `said`, base-2 logarithm of lambda; cost, error, off.

    `cost` is the logarithm of test loss over the least, `error` test error less the least, `off`
    the doublings between lambda said and best lambda. Those of a search are expected ones.
    """
    parts = [of_optimiser(result, optimiser) for optimiser in OPTIMISERS]
    return pd.concat(parts, ignore_index=True)


def of_optimiser(result: Result, optimiser: str) -> pd.DataFrame:
    """The rows of `paid` for one optimiser."""
    problems = known(result, optimiser)
    ends = problems.valleys[0].logs[[0, -1]]  # no rule says what nobody has trained
    said = {name: left_out(problems, say) for name, say in rules(problems).items()}
    said["anew"] = chosen_anew(problems, SUGGESTED)
    said = {name: np.clip(logs, *ends) for name, logs in said.items()}
    said["published"] = problems.told["early_stopping"].to_numpy()
    said["typed"] = np.full(len(problems.best), np.log2(TYPED[optimiser]))
    lead, suggests = (cheapest(problems, said, names) for names in (SIMPLE, SUGGESTED))
    cells = result[optimiser].table.groupby(KEY, sort=False)
    rows = []
    for i, valley in enumerate(problems.valleys):
        first = identity(valley) | {"weight": problems.weight[i], "best": problems.best[i]}
        least = {of: valley.least(of) for of in ("loss", "error")}
        bare = {of: float(valley.without[f"test_{of}"].mean()) for of in least}
        of_none = {"cost": np.log(bare["loss"] / least["loss"]), "error": bare["error"]}
        of_none["error"] -= least["error"]
        rows.append(first | {"rung": "none", "said": np.nan} | of_none)
        for name, logs in said.items():
            place = valley.place(logs[i])
            row = {"cost": problems.cost[i, place], "error": problems.error[i, place]}
            row["off"] = abs(logs[i] - problems.best[i])
            rows.append(first | {"rung": name, "said": logs[i]} | row)
        searches = {f"random_{k}": random_search(valley, k) for k in (3, 5)}
        searches["near"] = near(valley, said[lead][i], AROUND)
        searches["around"] = near(valley, said[suggests][i], AROUND)
        at = valley.place(valley.logs)
        for name, chance in searches.items():
            row = {"cost": chance @ problems.cost[i, at], "error": chance @ problems.error[i, at]}
            row["off"] = chance @ np.abs(valley.logs - problems.best[i])
            rows.append(first | {"rung": name, "said": np.nan} | row)
        apart = halves(valley, cells.get_group(valley.key))
        rows.append(first | {"rung": "halves", "said": np.nan} | apart)
    return pd.DataFrame(rows).assign(lead=lead, suggests=suggests)


@table(source=MEASURED, main="regret")
def ladder(result: Result) -> pd.DataFrame:
    """One row per optimiser, labels ("all", "right", "wrong") and rung.

    `regret` is the mean test loss over that of the best lambda, less 1: the geometric mean over
    data sets, each the mean of its problems. `error` is the mean of test error less the least.
    `off` is the median over problems of the doublings between said and best lambda, `factor` the
    same as a factor. `lead` is by how much the mean logarithm of the loss is below that under one
    constant, `lead_3` and `lead_5` below that of a random search. Bounds are of a bootstrap over
    data sets, in which all rungs share the draws; what was fitted is taken as given.
    """
    parts = []
    for optimiser, rows in paid(result).groupby("optimiser", sort=False):
        for labels in ("all", "right", "wrong"):
            some = rows if labels == "all" else rows[rows["labels"] == labels]
            found = judged(some).assign(optimiser=optimiser, labels=labels)
            marks = {"best": rows["lead"].iloc[0], "suggested": rows["suggests"].iloc[0]}
            parts.append(found.assign(**{m: yes(found["rung"] == r) for m, r in marks.items()}))
    found = pd.concat(parts, ignore_index=True)
    found["simple"] = yes(found["rung"].isin(SIMPLE))
    return found[["optimiser", "labels", *found.columns.drop(["optimiser", "labels"])]]


def judged(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of `ladder` for some problems."""
    by_set = rows.pivot_table(index="data", columns="rung", values=["cost", "error"], sort=False)
    cost, error = (by_set[name][list(RUNGS)].to_numpy() for name in ("cost", "error"))
    off = rows.pivot(index="problem", columns="rung", values="off").reindex(columns=list(RUNGS))
    sets = rows.drop_duplicates("problem").set_index("problem")["data"].reindex(off.index)
    drawn = draws(len(cost))
    names = list(RUNGS)
    # A mean over a draw is a product with how often each set was drawn.
    times = np.array([np.bincount(one, minlength=len(cost)) for one in drawn]) / len(cost)
    weights = times[:, pd.Categorical(sets, categories=by_set.index).codes]
    weights /= sets.map(sets.value_counts()).to_numpy()
    found = pd.DataFrame({"rung": names, "words": [RUNGS[name][0] for name in names]})
    found["trainings"] = [RUNGS[name][1] for name in names]
    columns = {
        "regret": (np.expm1(cost.mean(axis=0)), np.expm1(times @ cost)),
        "error": (error.mean(axis=0), times @ error),
    }
    others = {"lead": "constant", "lead_3": "random_3", "lead_5": "random_5"}
    for name, other in (others | {"lead_best": rows["lead"].iloc[0]}).items():
        ahead = cost[:, [names.index(other)]] - cost
        columns[name] = (ahead.mean(axis=0), times @ ahead)
    whole = 1 / sets.map(sets.value_counts()).to_numpy()
    medians = [median(off[name].to_numpy(), whole[None])[0] for name in names]
    spread = np.array([median(off[name].to_numpy(), weights) for name in names]).T
    columns["off"] = (np.array(medians), spread)
    columns["factor"] = (2.0 ** np.array(medians), 2.0**spread)
    for name, (value, ways) in columns.items():
        bounds = np.quantile(ways, (0.025, 0.975), axis=0)
        low, high = ("low", "high") if name == "regret" else (f"{name}_low", f"{name}_high")
        found[name], found[low], found[high] = value, bounds[0], bounds[1]
    return found.assign(sets=len(cost), problems=len(off))


def draws(count: int) -> np.ndarray:
    """Data sets drawn with replacement, ``(DRAWS, count)``."""
    return np.random.default_rng(DRAWN_FROM).integers(count, size=(DRAWS, count))


def median(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted medians of values ``(P,)`` under weights ``(D, P)``; ``(D,)``, nan if any is."""
    return quantile(values, weights, 0.5)


def quantile(values: np.ndarray, weights: np.ndarray, share: float) -> np.ndarray:
    """Weighted quantiles of values ``(P,)`` under weights ``(D, P)``; ``(D,)``, nan if any is."""
    if np.isnan(values).any():
        return np.full(len(weights), np.nan)
    order = values.argsort(kind="stable")
    summed = weights[:, order].cumsum(axis=1)
    places = (summed < share * summed[:, -1:] - 1e-12).sum(axis=1)
    return np.asarray(values[order][places])
