"""Best strengths under both settings of Muon by width, what a pair costs, and the weights."""

import math
from typing import Any

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.pairs import best_products, pair_cost, product_powers, with_product
from l2scale.exhibits.regrets import edge_note
from l2scale.exhibits.shared import NOTHING, at_end, bounded, means
from l2scale.exhibits.wider_muon.sweeps import ADAMW_RATE
from l2scale.lab.estimates.exponents import exponent_difference, loglog_slope
from l2scale.lab.estimates.intervals import mean_interval, paired_interval
from l2scale.lab.estimates.transfer import exponents as exponents_of
from l2scale.theory.muon import ceiling, matching_rate

WORDS = {"original": "original", "match": "match_rms_adamw"}
POWERS = {"original": 0.0, "match": 0.5}
"""Of the width, predicted for the best lambda at rates that keep c."""
MATRICES = {"up": 2, "down": 3}


def labelled(result: Result) -> pd.DataFrame:
    """All networks by setting. `c` is the rate that takes Muon's steps on the first hidden matrix.

    It is the rate itself under "original"; AdamW's rates are those of "match" at its width.
    """
    found = []
    for setting in (*WORDS, "adamw"):
        rows = result[setting].table
        unit = 1.0 if setting == "original" else rows["width"].map(lambda d: matching_rate(1.0, d))
        found.append(rows.assign(setting=setting, c=(rows["lr"] / unit).round(5)))
    return with_product(pd.concat(found, ignore_index=True))


@table(source=("original", "match", "adamw"))
def best(result: Result) -> pd.DataFrame:
    """Per setting, width and c: the lambda of least validation loss.

    `product` is it times the rate; `chosen` says which c of a width has the least validation loss,
    and `test_loss` is there. "adamw" has the middle width alone.
    """
    rows = at_end(labelled(result))
    at = best_products(rows, "setting")
    rates = rows.drop_duplicates(["setting", "width", "c"])[["setting", "width", "c", "lr"]]
    at = at.rename(columns={"estimate": "product"}).merge(rates, on=["setting", "width", "c"])
    scaled = {"estimate": at["product"] / at["lr"]}
    scaled |= {end: at[end] / at["lr"] for end in ("low", "high")}
    return at.assign(**scaled)


@table(source=("original", "match"), main="coupled")
def exponents(result: Result) -> pd.DataFrame:
    """`product_powers` of each setting, but that the power of lambda itself is the main column.

    `rates` is "kept" with the constant c, and "tuned" with the best one of each width; `doubling`
    is the factor on lambda for twice the width, and `off` says on which side of the power
    `predicted` for kept rates the interval lies, if on one.
    """
    rows = product_powers(at_end(labelled(result)), "setting", WORDS)
    kept = rows["rate"].map(lambda rate: "tuned" if rate == "tuned" else "kept")
    factors = {f"doubling{end}": 2 ** rows[f"coupled{end}"] for end in ("", "_low", "_high")}
    predicted = rows["setting"].map(POWERS)
    sides = [rows["coupled_low"] > predicted, rows["coupled_high"] < predicted]
    off = np.select(sides, ["above", "below"], "")
    return rows.assign(rates=kept, predicted=predicted, off=off, **factors).rename(
        columns={
            "exponent": "product", "low": "product_low", "high": "product_high",
            "note": "product_note", "coupled_low": "low", "coupled_high": "high",
            "coupled_note": "note",
        }
    )  # fmt: skip


@table(source=("original", "match"), main="power")
def between(result: Result) -> pd.DataFrame:
    """Per c: the power of the width of the best lambda of "match" over that of "original"."""
    rows, found = at_end(labelled(result)), []
    for c, part in rows[rows["setting"] != "adamw"].groupby("c"):
        edges = exponents_of(part, ["setting"])["edges"]
        one, other = (part[part["setting"] == setting] for setting in ("match", "original"))
        power = NOTHING if edges.any() else exponent_difference(one, other)
        note = edge_note(pd.Series("; ".join(filter(None, edges)))).iloc[0]
        found.append({"c": c} | bounded(power, main="power") | {"note": note, "seeds": power.n})
    return pd.DataFrame(found)


@table(source=("original", "match"), main="excess")
def carried(result: Result) -> pd.DataFrame:
    """Per setting and width: what the pair costs that was tuned in the narrowest network.

    Kept as typed under "original", moved by the powers of the width under "match": `pair_cost`.
    """
    rows, found = at_end(labelled(result)), []
    for setting in WORDS:
        some = rows[rows["setting"] == setting]
        narrow = some[some["width"] == some["width"].min()]
        for width, part in some.groupby("width"):
            keys: dict[str, Any] = {"setting": setting, "width": width}
            found.append(keys | pair_cost(narrow, part))
    return pd.DataFrame(found)


@table(source=("original", "match", "adamw", "beside"), main="test_loss")
def reached(result: Result) -> pd.DataFrame:
    """Per optimiser at the middle width: test loss at the pair of least validation loss.

    `over` is how much more it is than AdamW's, paired over seeds, as a share. "beside", Muon with
    AdamW at both ends, has one rate alone.
    """
    rows = middle_rows(result)
    usual = at_end(with_product(result["beside"].table)).assign(setting="beside")
    usual = usual[usual["width"] == rows["width"].iloc[0]]
    rows = pd.concat([rows, usual.assign(c=usual["lr"])], ignore_index=True)
    ends = {}
    for setting, part in rows.groupby("setting", sort=False):
        c, product = part.groupby(["c", "product"])["val_loss"].mean().idxmin()
        own = part[(part["c"] == c) & (part["product"] == product)]
        ends[setting] = own.set_index("seed")
    found = []
    for setting, own in ends.items():
        mean = mean_interval(own["test_loss"])
        over = paired_interval(own["test_loss"], ends["adamw"]["test_loss"], ratio=True)
        keys = {"setting": setting, **own[["c", "lr", "lam"]].iloc[0].to_dict()}
        shares = {"over": over.estimate - 1, "over_low": over.low - 1, "over_high": over.high - 1}
        found.append(keys | bounded(mean, main="test_loss") | shares | {"seeds": mean.n})
    return pd.DataFrame(found)


def middle_rows(result: Result) -> pd.DataFrame:
    """All networks of the middle width in the end, those of AdamW among them."""
    rows = at_end(labelled(result))
    return rows[rows["width"] == rows.loc[rows["setting"] == "adamw", "width"].iloc[0]]


@table(source=("match", "adamw"), main="excess")
def from_adamw(result: Result) -> pd.DataFrame:
    """One row: what AdamW's best pair costs Muon with the setting that matches it: `pair_cost`."""
    rows = middle_rows(result)
    adamw, muon = (rows[rows["setting"] == setting] for setting in ("adamw", "match"))
    return pd.DataFrame([{"width": rows["width"].iloc[0]} | pair_cost(adamw, muon)])


@table(source=("original", "match", "adamw", "last", "beside", "scaled"), main="excess")
def costs(result: Result) -> pd.DataFrame:
    """What a pair costs that was tuned elsewhere: `carried` to the widest, and `from_adamw`.

    "last", "beside" and "scaled" are carried as typed, to the same sweep's widest network.
    """
    plain = carried(result)
    plain = plain[plain["width"] == plain["width"].max()]
    found = [plain.assign(way=plain["setting"])]
    for way in ("last", "beside", "scaled"):
        rows = at_end(with_product(result[way].table)).assign(c=lambda found: found["lr"])
        narrow, wide = (rows[rows["width"] == end(rows["width"])] for end in (min, max))
        row = {"way": way, "width": rows["width"].max()} | pair_cost(narrow, wide)
        found.append(pd.DataFrame([row]))
    found.append(from_adamw(result).assign(way="adamw"))
    columns = ["way", "width", "excess", "low", "high", "level", "seeds", "note"]
    return pd.concat(found, ignore_index=True)[columns]


@table(source="original", main="power")
def weights(result: Result) -> pd.DataFrame:
    """Per hidden matrix and lambda: the power of the width of its largest singular value.

    Under "original", half way: the geometric mean over rates of each width and seed.
    """
    rows, found = labelled(result), []
    rows = rows[(rows["setting"] == "original") & (rows["step"] < rows["step"].max())]
    for name, layer in MATRICES.items():
        logs = rows.assign(value=rows[f"spectral_norm_{layer}"].map(math.log))
        for lam, part in logs.groupby("lam"):
            by_size = part.groupby(["width", "seed"])["value"].mean().map(math.exp).reset_index()
            line = loglog_slope(by_size, "width", "value")
            row = {"matrix": name, "lam": lam, "seeds": line.n}
            found.append(row | bounded(line, main="power"))
    return pd.DataFrame(found)


@table(source="original", main="largest")
def norms(result: Result) -> pd.DataFrame:
    """Per width and lambda: largest singular value of the first hidden matrix in the end.

    Under "original" at the middle rate; `ceiling` is `l2scale.theory.muon.ceiling`, `times` the
    norm over it, and `time` 2 lam times the sum of the learning rates. What is left of the start
    goes as exp(-time).
    """
    rows = at_end(labelled(result))
    rows = rows[(rows["setting"] == "original") & (rows["c"] == rows["c"].median())]
    spectral, time = (f"{stem}_{MATRICES['up']}" for stem in ("spectral_norm", "decay_time"))
    rows = rows.assign(largest=rows[spectral], time=rows[time])
    found = means(rows, ["width", "lam"], "largest", "time")
    top = [
        ceiling("original", row.lam, 4 * row.width, row.width)
        for row in found.astype({"width": int}).itertuples()
    ]
    return found.assign(ceiling=top, times=found["largest"] / top)


@table(source=("original", "match", "adamw"), main="at")
def ends(result: Result) -> pd.DataFrame:
    """One row: of so many best rates (`of`) how many lie at an end of those tried (`at`)."""
    rows = best(result)
    chosen = rows[rows["chosen"] == "yes"]
    outer = chosen["c"].isin([rows["c"].min(), rows["c"].max()])
    return pd.DataFrame([{"at": int(outer.sum()), "of": len(chosen)}])


@table(source=())
def settings(result: Result) -> pd.DataFrame:
    """What was chosen: one row."""
    rows = labelled(result)
    some = rows[rows["setting"] == "original"]
    row = {"narrow": some["width"].min(), "wide": some["width"].max()}
    row |= {"middle": rows.loc[rows["setting"] == "adamw", "width"].iloc[0]}
    row |= {"samples": some["n_train"].max(), "seeds": some["seed"].nunique()}
    row |= {"epochs": some["steps"].max() * some["batch_size"].max() // some["n_train"].max()}
    row |= {"slow": some["lr"].min(), "fast": some["lr"].max()}
    row |= {"one_rate": result["beside"].table["lr"].max(), "beside_lr": ADAMW_RATE}
    return pd.DataFrame([row])
