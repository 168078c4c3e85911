"""Powers of the width: of the best strength, of its product with the rate, and of the weights."""

import math
from typing import Any

import pandas as pd
from scipy import stats

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.regrets import edge_note
from l2scale.exhibits.shared import at_end, bounded, tidy, yes
from l2scale.exhibits.wider_adamw.sweeps import FITTED, predicted_pair
from l2scale.lab.estimates.exponents import loglog_slope
from l2scale.lab.estimates.intervals import mean_interval, paired_interval
from l2scale.lab.estimates.optimal_lambda import optima
from l2scale.lab.estimates.transfer import exponents as exponents_of

ARMS = {"A": "data fixed", "B": "data as the width squared"}
READINGS: dict[str, tuple[float, float]] = {
    "timescale": (1.0, -1.0),
    "gain": (0.5, 0.5),
    "random": (0.0, 0.0),
    "tokens": (0.0, -1.0),
}
"""Powers of the width that the coupled lambda has in arms A and B, at rates as 1 over width."""
WORDS = {
    "timescale": "constant timescale",
    "gain": "constant gain",
    "random": "random equilibrium",
    "tokens": "tokens per parameter",
}
CLEAR = 0.2  # half-width of an interval above which it decides nothing
MATRICES = {"up": 2, "down": 3}


def labelled(result: Result) -> pd.DataFrame:
    """All networks by arm; the widest are of both. `c` is the rate times the width."""
    fixed, grown = result["fixed"].table, result["grown"].table
    widest = fixed[fixed["width"] == fixed["width"].max()]
    rows = pd.concat([fixed.assign(arm="A"), grown.assign(arm="B"), widest.assign(arm="B")])
    product = (rows["lr"] * rows["lam"]).map(lambda found: tidy(2 ** round(math.log2(found), 2)))
    c = (rows["lr"] * rows["width"]).round(3)
    return rows.assign(c=c, product=product).reset_index(drop=True)


@table(source=("fixed", "grown"))
def best(result: Result) -> pd.DataFrame:
    """Per arm, width and rate: the product of rate and strength of least validation loss.

    `chosen` says which rate of a width has the least validation loss; `test_loss` is there.
    """
    rows = at_end(labelled_ends(result))
    at = optima(rows, ["arm", "width", "c"], lam="product")
    losses = rows.groupby(["arm", "width", "c", "product"])["val_loss"].mean().rename("val_loss")
    at = at.merge(losses.reset_index(), left_on=["arm", "width", "c", "at"],
                  right_on=["arm", "width", "c", "product"])  # fmt: skip
    least = at.groupby(["arm", "width"])["val_loss"].transform("min")
    names = {"lam": "estimate", "lam_low": "low", "lam_high": "high"}
    columns = ["arm", "width", "c", *names, "edge", "at", "val_loss", "test_loss", "seeds"]
    note = at["edge"].map({"low": "at most", "high": "at least"})
    chosen = yes(at["val_loss"] == least)
    return at[columns].rename(columns=names).assign(chosen=chosen, note=note)


def labelled_ends(result: Result) -> pd.DataFrame:
    """The networks at the end of their training, whose length grows in arm B."""
    rows = labelled(result)
    return rows[rows["step"] == rows["steps"]].assign(step=0)


def chosen_rows(result: Result, arm: str) -> pd.DataFrame:
    """The networks of an arm at the rate of least validation loss, width by width."""
    at, rows = best(result), labelled_ends(result)
    keys = at[(at["arm"] == arm) & (at["chosen"] == "yes")][["arm", "width", "c"]]
    return rows.merge(keys, on=["arm", "width", "c"])


@table(source=("fixed", "grown"), main="exponent")
def exponents(result: Result) -> pd.DataFrame:
    """Per arm and rate: the power of the width of the best product of rate and strength.

    `rate` is "tuned", the best one at each width taken as given, or the constant c of rates c over
    the width. `coupled` is the power of lambda itself: that of the product less that of the rate.
    """
    found = []
    for arm, words in ARMS.items():
        rows = labelled_ends(result)
        rows = rows[rows["arm"] == arm]
        tuned = chosen_rows(result, arm)
        some = {f"{c:g}": part for c, part in rows.groupby("c")} | {"tuned": tuned}
        for rate, part in some.items():
            rows_by = part.assign(all=0).drop(columns="lam").rename(columns={"product": "lam"})
            row = exponents_of(rows_by, ["all"]).iloc[0].drop("all").to_dict()
            sizes = part.drop_duplicates(["width", "seed"])
            power = loglog_slope(sizes, "width", "lr").estimate
            keys = {"arm": arm, "words": words, "rate": rate, "rate_power": power}
            coupled = {"coupled": row["exponent"] - power, "coupled_low": row["low"] - power}
            coupled["coupled_high"] = row["high"] - power
            found.append(keys | row | coupled | {"seeds": part["seed"].nunique()})
    frame = pd.DataFrame(found)
    return frame.assign(note=edge_note(frame["edges"]), coupled_note=edge_note(frame["edges"]))


@table(source=("fixed", "grown"), main="power")
def readings(result: Result) -> pd.DataFrame:
    """Per arm and reading of others: its power of the coupled lambda, and what became of it.

    Of rates as 1 over the width, with the constant that has the least validation loss over widths.
    A power outside the interval has failed; one inside is held if the interval is narrow and holds
    no other reading's, and is left undecided otherwise.
    """
    rows, at, found = exponents(result), best(result), []
    for place, arm in enumerate(ARMS):
        least = at[at["arm"] == arm].groupby("c")["val_loss"].mean().idxmin()
        row = rows[(rows["arm"] == arm) & (rows["rate"] == f"{least:g}")].iloc[0]
        low, high = row["coupled_low"], row["coupled_high"]
        inside = {powers[place] for powers in READINGS.values() if low <= powers[place] <= high}
        for name, powers in READINGS.items():
            clear = len(inside) == 1 and (high - low) / 2 < CLEAR
            out = math.isnan(low) or powers[place] in inside
            became = ("held" if clear else "undecided") if out else "failed"
            keys = {"arm": arm, "reading": name, "words": WORDS[name], "c": least}
            measured = {"power": powers[place], "measured": row["coupled"], "measured_low": low}
            found.append(keys | measured | {"measured_high": high, "outcome": became})
    return pd.DataFrame(found)


@table(source="fixed", main="power")
def weights(result: Result) -> pd.DataFrame:
    """Per hidden matrix and measure: its power of the width at one product of rate and strength.

    In arm A, half way, when the rate is not yet small, over all rates and products tried. `angle`
    is of a step, `rms` the root mean square of the weights over the root of rate over strength.
    """
    rows, found = labelled(result), []
    rows = rows[(rows["arm"] == "A") & (rows["step"] == rows["steps"] // 2)]
    for name, layer in MATRICES.items():
        walk = (rows[f"mean_square_{layer}"] * rows["lam"] / rows["lr"]) ** 0.5
        for measure, values in (("angle", rows[f"angle_{layer}"]), ("rms", walk)):
            logs = rows.assign(value=values).groupby(["width", "seed", "c", "product"])["value"]
            by_cell = logs.mean().map(math.log).groupby(["width", "seed"]).mean().map(math.exp)
            line = loglog_slope(by_cell.reset_index(), "width", "value")
            row: dict[str, Any] = {"matrix": name, "measure": measure, "seeds": line.n}
            found.append(row | bounded(line, main="power"))
    return pd.DataFrame(found)


@table(source="ahead", main="excess")
def ahead(result: Result) -> pd.DataFrame:
    """The pair that was predicted at a width not yet trained: its excess of test loss, one row.

    As a share of what the pair of least validation loss there reaches, `level`, paired over seeds;
    `reached` is what the predicted pair does, and `said` what was predicted of it.
    """
    rows = at_end(result["ahead"].table)
    rate, lam = predicted_pair(int(rows["width"].iloc[0]))
    losses = rows.groupby(["lr", "lam"])["val_loss"].mean()
    best_rate, best_lam = losses.idxmin()
    by = rows.pivot(index="seed", columns=["lr", "lam"], values="test_loss")
    kept, own = by[(rate, lam)], by[(best_rate, best_lam)]
    found = paired_interval(kept, own, ratio=True)
    row = {"width": rows["width"].iloc[0], "lr": rate, "lam": lam, "own_lr": best_rate}
    row |= {"own_lam": best_lam, "level": own.mean(), "said": FITTED["test_loss"]}
    row |= {"excess": found.estimate - 1, "low": found.low - 1, "high": found.high - 1}
    same = "the same pair" if (rate, lam) == (best_rate, best_lam) else ""
    return pd.DataFrame(
        [row | bounded(mean_interval(kept), "reached") | {"seeds": found.n, "note": same}]
    )


@table(source=("fixed", "grown"), main="seeds_asked")
def takes(result: Result) -> pd.DataFrame:
    """Per arm: how many seeds an interval of ±0.2 would take, if seeds differ as these do.

    Of the power of the coupled lambda at tuned rates; `half` is that of the interval found.
    """
    rows = exponents(result).query("rate == 'tuned'")
    found = []
    for row in rows.itertuples():
        half = (row.high - row.low) / 2
        error = half / float(stats.t.ppf(0.975, row.seeds - 1))
        asked = (
            math.nan if math.isnan(error) else math.ceil(row.seeds * (1.96 * error / CLEAR) ** 2)
        )
        found.append({"arm": row.arm, "half": half, "seeds": row.seeds, "seeds_asked": asked})
    return pd.DataFrame(found)


@table(source=())
def settings(result: Result) -> pd.DataFrame:
    """What was chosen: one row."""
    rows = labelled(result)
    at = rows[rows["arm"] == "A"]
    row = {"narrow": at["width"].min(), "wide": at["width"].max(), "samples": at["n_train"].max()}
    row |= {
        "fewest": rows["n_train"].min(),
        "steps": at["steps"].max(),
        "seeds": at["seed"].nunique(),
    }
    row |= {"factor": at["width"].max() / at["width"].min(), "noise": at["label_noise"].iloc[0]}
    row |= {"ahead": result["ahead"].table["width"].iloc[0]}
    return pd.DataFrame([row])
