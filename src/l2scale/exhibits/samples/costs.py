"""What it costs to tune lambda on few samples and to carry it to many, by three rules."""

import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits import shared
from l2scale.exhibits.regrets import regret_note
from l2scale.exhibits.samples.ridge import RULES
from l2scale.exhibits.samples.tasks import CELLS, TASKS, rows_of_networks, settings
from l2scale.exhibits.shared import bounded, yes
from l2scale.lab.estimates.intervals import paired_interval
from l2scale.lab.estimates.transfer import transfer_regret

PLACES = {"ridge": "ridge, exact"} | {name: task.words for name, task in TASKS.items()}
RATIO = ["ratio", "ratio_low", "ratio_high"]


@table(source=("ridge_risk", *TASKS), main="excess")
def costs(result: Result) -> pd.DataFrame:
    """Per task, metric and rule: what the lambda tuned at the least n costs at the largest.

    `ratio` is that of test losses, of excess risks for ridge, and `more` is that less 1; `excess`
    is of test losses or errors. Both are over the lambda tuned anew, nan where the one carried is
    not on the grid; `level` is the mean test loss, error or excess risk at the lambda tuned anew,
    and `reached` that at the one carried. `lead` is by how much a rule costs less than the other
    that comes nearest, in the sense of its interval, paired by seed; a rule `wins` where all of
    that is above 0.
    """
    parts = [ridge(result["ridge_risk"].table, settings(result)["digits_factor"].item())]
    for name, metric in CELLS:
        parts.append(
            rows_of_task(rows_of_networks(result, name), metric).assign(task=name, metric=metric)
        )
    rows = pd.concat(parts, ignore_index=True)
    linear = [name for name, task in TASKS.items() if not task.hidden]
    return rows.assign(
        wins=rows["lead_low"] > 0,
        more=rows["ratio"] - 1,
        reached=rows["level"] + rows["excess"],
        place=rows["task"].map(PLACES),
        hidden=yes(~rows["task"].isin(["ridge", *linear])),
        ratio_note=rows["note"],
    )


def rows_of_task(rows: pd.DataFrame, metric: str) -> pd.DataFrame:
    """The rows of one task's networks."""
    sizes, how = rows["n_train"], {"select": f"val_{metric}", "report": f"test_{metric}"}
    ends = rows[sizes.isin((sizes.min(), sizes.max()))]
    most = rows[sizes == sizes.max()].pivot(index="seed", columns="lam", values=how["report"])
    parts = [
        transfer_regret(ends, "n_train", exponent=exponent, **how).tail(1).assign(rule=rule)
        for rule, exponent in RULES.items()
    ]
    found = pd.concat(parts, ignore_index=True)
    paid = {row.rule: most[row.kept] for row in found.itertuples() if row.kept in most}
    return (
        found[["excess", "low", "high", *RATIO, "level", "edge", "rule"]]
        .assign(
            same=found["kept"] == found["own"],
            note=[regret_note(row) for _, row in found.iterrows()],
            seeds=rows["seed"].nunique(),
            n_low=sizes.min(),
            n_high=sizes.max(),
        )
        .join(leads(paid))
    )


def ridge(rows: pd.DataFrame, factor: int) -> pd.DataFrame:
    """The same of ridge, where the lambda tuned anew is known: it is the one divided by n."""
    n = factor * rows["n"].min()
    at = rows[rows["n"] == n].pivot(index="seed", columns="rule", values="risk")
    found = []
    for rule in RULES:
        more = paired_interval(at[rule], at["over n"])
        times = paired_interval(at[rule], at["over n"], ratio=True)
        row = {"rule": rule, "level": at["over n"].mean()} | bounded(more, main="excess")
        found.append(row | bounded(times, "ratio") | {"same": rule == "over n"})
    about = {"task": "ridge", "metric": "loss", "edge": None, "seeds": len(at)}
    rows = pd.DataFrame(found).assign(**about, n_low=n // factor, n_high=n)
    same = rows["same"].map({True: "the same λ", False: ""})
    return rows.assign(note=same).join(leads({rule: at[rule] for rule in RULES}))


def leads(paid: dict[str, pd.Series]) -> pd.DataFrame:
    """Per rule the `lead` of `costs`, from what each pays by seed; nan where one could not."""
    rows = []
    for rule in RULES if len(paid) == len(RULES) else ():
        others = (paired_interval(paid[other], paid[rule]) for other in RULES if other != rule)
        rows.append(bounded(min(others, key=lambda lead: lead.low), "lead"))
    return pd.DataFrame(rows, range(len(rows)), ["lead", "lead_low", "lead_high"])


@table(source=("digits", "teacher"), main="val_loss")
def valleys(result: Result) -> pd.DataFrame:
    """Of the networks, per task, n and lambda: mean validation loss, as chooses lambda."""
    parts = [
        shared.valleys(rows_of_networks(result, task), ["n_train"], "val_loss").assign(task=task)
        for task in ("digits", "teacher")
    ]
    return pd.concat(parts, ignore_index=True)


@table(source="logistic", main="most")
def divided(result: Result) -> pd.DataFrame:
    """One row, of logistic regression: what the dearer of the rules that divide costs at most.

    `most` is the upper end of its interval, as a share of the least test loss.
    """
    rows = costs(result).query("task == 'logistic' and metric == 'loss' and rule != 'kept'")
    return pd.DataFrame([{"task": "logistic", "most": rows["ratio_high"].max() - 1}])
