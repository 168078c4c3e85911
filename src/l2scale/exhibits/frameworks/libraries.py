"""What one number is in each library, and what optimisers take from an unused weight."""

import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.frameworks import alpha, kinds, watching
from l2scale.exhibits.frameworks.applied import BATCH, LR, VALUE
from l2scale.exhibits.frameworks.forgetting import LAMS, MOMENTUM, RATE, STEPS, WAYS
from l2scale.exhibits.frameworks.sweeps import BASE, LEFT, STRONG
from l2scale.exhibits.shared import yes
from l2scale.looks.numerals import listing
from l2scale.practice.settings import SETTINGS
from l2scale.theory.momentum import long_run_factor

PAPERS = "Books and papers"
LINEAR = ("sklearn-ridge", "sklearn-logistic", "sklearn-sgd")  # not of networks
CLOSE = 1e-3  # how near a strength has to be to count as the same
SHARES = ("loss", "sgd", "momentum", "adamw")  # whose first step takes 2 eta lambda w
LARGE = max(LAMS)  # of the paths that are drawn
FROM = 1.0  # the initial weight of these paths


@table(source=(), main="value")
def settings(result: Result) -> pd.DataFrame:
    """What was chosen, and what is expected of it: one row."""
    del result
    row = {"value": VALUE, "batch": BATCH, "lr": LR}
    row |= {"rate": RATE, "lam_low": min(LAMS), "lam_high": LARGE, "momentum": MOMENTUM}
    row |= {
        "lams": LARGE / min(LAMS),
        "start": FROM,
        "half_gone": FROM / (2 * RATE),
        "gone": FROM / RATE,
    }
    row |= {"pace": 1 - long_run_factor(RATE, LARGE, MOMENTUM)}
    row |= {"pace_near": 2 * RATE * LARGE / (1 - MOMENTUM)}
    row |= {"strong": STRONG, "left": LEFT, "taken": 1 - LEFT, "sgd_rate": BASE.lr}
    row |= {"adam_rate": kinds.ADAM_RATE, "shares": len(kinds.SPREAD), "most": kinds.SPREAD[-1]}
    row |= {"constant": watching.CONSTANT, "watch_lam": watching.LAM, "watch_rate": watching.RATE}
    row |= {"still": watching.STILL, "alpha": alpha.ALPHA, "alpha_samples": alpha.SAMPLES}
    return pd.DataFrame([row])


@table(source="applied", main="measured")
def applied(result: Result) -> pd.DataFrame:
    """Per setting of a library and seed; `miss` is how far off its record is, as a share."""
    rows = result["applied"].table.query("family != @PAPERS").reset_index(drop=True)
    return rows.assign(miss=(rows["measured"] / rows["predicted"] - 1).abs())


@table(source="applied", main="predicted")
def strengths(result: Result) -> pd.DataFrame:
    """Per kind and strength: the settings that have it by their records."""
    by_strength = applied(result).groupby(["where", "predicted"])["setting"]
    return by_strength.agg(lambda names: listing(list(names.unique()))).reset_index()


@table(source="applied", main="times")
def spread(result: Result) -> pd.DataFrame:
    """Per kind: the least and the largest measured strength, and their ratio."""
    found = applied(result).groupby("where")["measured"].agg(least="min", most="max")
    return found.assign(times=found["most"] / found["least"]).reset_index()


@table(source="applied", main="claimed")
def networks(result: Result) -> pd.DataFrame:
    """Per setting of networks that was run: is it the strength over 2n, as the claim has it?"""
    run = applied(result).query("run and setting not in @LINEAR")
    close = (run["measured"] * 2 * run["samples"] / VALUE - 1).abs() < CLOSE
    claimed = (close & (run["where"] == "objective")).groupby(run["setting"]).transform("all")
    rows = run.assign(claimed=yes(claimed)).drop_duplicates("setting")
    rows["api"] = [SETTINGS[id].api for id in rows["setting"]]
    return rows[["setting", "family", "where", "claimed", "api"]].reset_index(drop=True)


@table(source="applied", main="settings")
def counts(result: Result) -> pd.DataFrame:
    """One row: `run`, `read`, `networks` and `claimed` of the `settings`; samples and seeds."""
    rows, nets = applied(result), networks(result)
    run = rows.loc[rows["run"], "setting"].nunique()
    row = {"settings": rows["setting"].nunique(), "run": run, "networks": len(nets)}
    row |= {"read": row["settings"] - run, "claimed": (nets["claimed"] == "yes").sum()}
    row |= {"claimed_share": row["claimed"] / len(nets)}
    row |= {"samples": rows["samples"].iloc[0], "seeds": rows["seed"].nunique()}
    return pd.DataFrame([row])


def paths(result: Result) -> pd.DataFrame:
    """The weights, with `taken`: what the first step takes; and `left`, the share of the start."""
    rows = result["forgotten"].table
    first = rows[rows["step"] == 1].assign(taken=lambda t: t["start"] - t["weight"])
    keys = ["way", "lam", "start"]
    rows = rows.merge(first[[*keys, "taken"]], on=keys)
    return rows.assign(left=rows["weight"] / rows["start"])


def path_of(rows: pd.DataFrame, way: str) -> pd.Series:
    """Share left of a weight of size FROM at the larger lambda, by step."""
    path = rows[(rows["way"] == way) & (rows["lam"] == LARGE) & (rows["start"] == FROM)]
    return path.set_index("step")["left"].sort_index()


@table(source="forgotten", main="share_off")
def unused(result: Result) -> pd.DataFrame:
    """One row: relative distances from what is expected, and what is left of a weight.

    `share_off` is the largest of a first step from 2 eta lambda w, of all but Adam's, `amount_off`
    that of Adam's from eta; `pace_off` is of momentum's last step from its long-run share. Adam
    leaves `gone_left` where nothing was to be left, half after `half_after` steps, a tenth after
    `tenth_after`; `sgd_left` and its like are left at the end.
    """
    rows = paths(result)
    first = rows[rows["step"] == 1]
    shares, adam = first[first["way"].isin(SHARES)], first[first["way"] == "adam"]
    path = {way: path_of(rows, way) for way in WAYS}
    share = 2 * RATE * shares["lam"] * shares["start"]
    last = 1 - path["momentum"].iloc[-1] / path["momentum"].iloc[-2]
    row = {"share_off": (shares["taken"] / share - 1).abs().max()}
    row |= {"amount_off": (adam["taken"] / RATE - 1).abs().max()}
    row |= {"pace_off": abs(last / settings(result)["pace"].iloc[0] - 1)}
    row |= {"gone_left": path["adam"].loc[round(FROM / RATE)], "steps": STEPS}
    row |= {f"{way}_left": path[way].iloc[-1] for way in ("sgd", "momentum", "adamw")}
    for name, left in (("half", 0.5), ("tenth", 0.1)):
        row[f"{name}_after"] = path["adam"].index[path["adam"] <= left][0]
    return pd.DataFrame([row])


@table(source="alpha", main="lam")
def mlp(result: Result) -> pd.DataFrame:
    """Per batch size: the lambda that MLPClassifier's epoch shows, the coded, the documented."""
    rows = result["alpha"].table
    coded = alpha.ALPHA / (2 * rows["batch_size"])
    return rows.assign(coded=coded, documented=alpha.ALPHA / (2 * alpha.SAMPLES))
