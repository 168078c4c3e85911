"""Forces and sizes over all of training, from both starts, with a penalty and without."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.bad_start.training import NAMES, at, by_init, by_layer, edges, gap, long_runs
from l2scale.exhibits.shared import bounded, means, yes
from l2scale.lab.estimates.intervals import mean_interval, paired_interval
from l2scale.lab.training.trainer import schedule_factor

SAME = 0.05  # two ends this near to each other are the same end
FADED = 0.05  # of its first value, or of the gradient: what is this small has vanished
SMALL = 64**-0.5  # root mean square of the small start, for 64 inputs
BOTH = ("decay", "unpenalised")


@table(source=BOTH)
def long(result: Result) -> pd.DataFrame:
    """`bad_start.training.long_runs` of both starts at every strength, and at 0."""
    return long_runs(result, *BOTH)


@table(source="decay", main="balance")
def balance(result: Result) -> pd.DataFrame:
    """Per ratio, start and layer: force of the penalty over that of the data, after the last step.

    `noise`: force of the data over that of the penalty before the rate falls.
    """
    rows = long_runs(result, "decay")
    keys, force = ["ratio", "init", "learns", "limit"], ["force_ratio"]
    end, half = (
        means(by_layer(at(rows, eighths), [*keys, "seed"], force), [*keys, "layer"], *force)
        for eighths in (8, 4)
    )
    found = end.rename(columns={"force_ratio": "balance"})
    return found.assign(noise=1 / half["force_ratio"], start=found["init"].map(NAMES))


def extremes(rows: pd.DataFrame, name: str) -> dict[str, float]:
    """The least and the largest of a column."""
    return {f"{name}_least": rows[name].min(), f"{name}_most": rows[name].max()}


def decay_exponent(rows: pd.DataFrame) -> float:
    """Sum over all steps of 2 lr_t lambda: minus the log of what is kept, for small steps."""
    lr, lam, steps = rows[["lr", "lam", "steps"]].iloc[0]
    return 2 * lam * sum(lr * schedule_factor("step", step, steps) for step in range(int(steps)))


@table(source=BOTH, main="apart")
def forgetting(result: Result) -> pd.DataFrame:
    """Per ratio, 0 included: what is left of the start at the end, and how the forces balance.

    `apart`: the first layer's size from N(0, 1) over that from N(0, 1/n_in); `size` and
    `size_lecun`: those sizes; `kept`: what is left of weights without a gradient; `drift`: the
    larger relative change of the size in the full rate's last quarter; `change`: the penalty's
    force on the first layer over that at the start, from N(0, 1).
    """
    forces, found = balance(result), []
    for (ratio, learns, limit), rows in long(result).groupby(["ratio", "learns", "limit"]):
        start, before, half, end = (at(rows, eighths) for eighths in (0, 3, 4, 8))
        sizes = by_init(end, "rms_1")
        apart = paired_interval(sizes["normal"], sizes["lecun"], ratio=True)
        drift = (by_init(half, "rms_1") / by_init(before, "rms_1")).mean() - 1
        kept, change = (
            (by_init(end, name) / by_init(start, name)).mean()
            for name in ("unused_1", "penalty_force_1")
        )
        here = forces[forces["ratio"] == ratio]
        found.append(
            {"ratio": ratio, "learns": learns, "limit": limit, "shown": learns != "no"}
            | {
                "memory": decay_exponent(rows),
                "kept": kept["normal"],
                "forgets": kept["normal"] < FADED,
            }
            | {"size": sizes["normal"].mean(), "size_lecun": sizes["lecun"].mean()}
            | {"change": change["normal"], "change_lecun": change["lecun"]}
            | {"drift": drift.abs().max()}
            | {"same": apart.low > 1 - SAME and apart.high < 1 + SAME}
            | bounded(apart, main="apart")
            | bounded(mean_interval(end.query("init == 'normal'")["test_error"]), "error")
            | extremes(here, "balance")
            | extremes(here, "noise")
        )
    table = pd.DataFrame(found)
    return table.assign(**{name: yes(table[name]) for name in ("shown", "same", "forgets")})


@table(source=BOTH, main="ratio")
def crossing(result: Result) -> pd.DataFrame:
    """One row: the ratio at which the size from N(0, 1) ends as that of the small start.

    It is linear in the log of the ratio, among those at which a network learns; nan if in none.
    """
    rows = forgetting(result).query("learns == 'yes'")
    crosses = rows["size"].min() <= SMALL <= rows["size"].max()
    log = np.interp(-SMALL, -rows["size"], np.log(rows["ratio"])) if crosses else np.nan
    return pd.DataFrame([{"ratio": np.exp(log), "small": SMALL}])


@table(source="unpenalised", main="gap")
def free_gaps(result: Result) -> pd.DataFrame:
    """Without a penalty, by `when`, after the first epoch and the last: error from both starts."""
    rows = edges(long_runs(result, "unpenalised"))
    return pd.DataFrame({"when": when} | gap(cells) for when, cells in rows.items())
