"""Powers of the width: of the best strength, of its product with the rate, and of the weights."""

import math
from typing import Any

import pandas as pd
from scipy import stats

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.pairs import best_products, pair_cost, product_powers, with_product
from l2scale.exhibits.shared import at_end, bounded
from l2scale.exhibits.wider_adamw.sweeps import FITTED, predicted_pair
from l2scale.lab.estimates.exponents import loglog_slope
from l2scale.lab.estimates.intervals import mean_interval, paired_interval

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
    c = (rows["lr"] * rows["width"]).round(3)
    return with_product(rows).assign(c=c).reset_index(drop=True)


def labelled_ends(result: Result) -> pd.DataFrame:
    """The networks at the end of their training, whose length grows in arm B."""
    rows = labelled(result)
    return rows[rows["step"] == rows["steps"]].assign(step=0)


@table(source=("fixed", "grown"))
def best(result: Result) -> pd.DataFrame:
    """`best_products` of each arm, by width; c is the rate times the width."""
    return best_products(labelled_ends(result), "arm")


@table(source=("fixed", "grown"), main="exponent")
def exponents(result: Result) -> pd.DataFrame:
    """`product_powers` of each arm; c is the rate times the width."""
    return product_powers(labelled_ends(result), "arm", ARMS)


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


def deep_ends(result: Result) -> pd.DataFrame:
    """The networks of one, two and more blocks; c is the rate times the width."""
    rows = at_end(result["deeper"].table)
    return with_product(rows).assign(
        c=(rows["lr"] * rows["width"]).round(3), blocks=rows["depth"] - 1
    )


@table(source="deeper")
def deeper(result: Result) -> pd.DataFrame:
    """`best_products` by the number of blocks."""
    return best_products(deep_ends(result), "optimiser", "blocks")


@table(source="deeper", main="exponent")
def depth_exponents(result: Result) -> pd.DataFrame:
    """`product_powers` of the number of blocks."""
    return product_powers(deep_ends(result), "optimiser", {"adamw": "AdamW"}, "blocks")


@table(source="deeper", main="excess")
def deeper_cost(result: Result) -> pd.DataFrame:
    """What the pair tuned with the fewest blocks costs, by the number of blocks: `pair_cost`."""
    rows = deep_ends(result)
    shallow = rows[rows["blocks"] == rows["blocks"].min()]
    return pd.DataFrame(
        {"blocks": blocks} | pair_cost(shallow, part) for blocks, part in rows.groupby("blocks")
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
    deep = deep_ends(result)
    row |= {"blocks": deep["blocks"].max(), "deep_width": deep["width"].max()}
    row |= {"deep_samples": deep["n_train"].max()}
    return pd.DataFrame([row])
