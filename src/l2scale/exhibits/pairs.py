"""Pairs of learning rate and strength: the best product at each size, its power, what one costs.

Rows are networks at the end of their training, with `product` = rate times lambda and `c`, the part
of the rate that a rule keeps from size to size.
"""

import math

import pandas as pd

from l2scale.exhibits.regrets import edge_note
from l2scale.exhibits.shared import tidy, yes
from l2scale.lab.estimates.exponents import loglog_slope
from l2scale.lab.estimates.intervals import paired_interval
from l2scale.lab.estimates.optimal_lambda import optima
from l2scale.lab.estimates.transfer import exponents


def with_product(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the product of rate and strength, of which rounded ones are made one."""
    product = (rows["lr"] * rows["lam"]).map(lambda found: tidy(2 ** round(math.log2(found), 2)))
    return rows.assign(product=product)


def best_products(rows: pd.DataFrame, by: str, x: str = "width") -> pd.DataFrame:
    """Per value of `by`, size and c: the product of rate and strength of least validation loss.

    `chosen` says which c of a size has the least validation loss; `test_loss` is there.
    """
    at = optima(rows, [by, x, "c"], lam="product")
    losses = rows.groupby([by, x, "c", "product"])["val_loss"].mean().rename("val_loss")
    at = at.merge(losses.reset_index(), left_on=[by, x, "c", "at"],
                  right_on=[by, x, "c", "product"])  # fmt: skip
    least = at.groupby([by, x])["val_loss"].transform("min")
    names = {"lam": "estimate", "lam_low": "low", "lam_high": "high"}
    columns = [by, x, "c", *names, "edge", "at", "val_loss", "test_loss", "seeds"]
    note = at["edge"].map({"low": "at most", "high": "at least"})
    chosen = yes(at["val_loss"] == least)
    return at[columns].rename(columns=names).assign(chosen=chosen, note=note)


def tuned(rows: pd.DataFrame, by: str, x: str = "width") -> pd.DataFrame:
    """The networks at the rate of least validation loss, size by size."""
    at = best_products(rows, by, x)
    return rows.merge(at.loc[at["chosen"] == "yes", [by, x, "c"]], on=[by, x, "c"])


def product_powers(
    rows: pd.DataFrame, by: str, words: dict[str, str], x: str = "width"
) -> pd.DataFrame:
    """Per value of `by` and rate: the power of the size of the best product of rate and strength.

    `rate` is "tuned", the best one at each size taken as given, or the constant c. `coupled` is the
    power of lambda itself: that of the product less that of the rate.
    """
    found = []
    for label, said in words.items():
        some = rows[rows[by] == label]
        parts = {f"{c:g}": part for c, part in some.groupby("c")}
        parts["tuned"] = tuned(rows, by, x).query(f"{by} == @label")
        for rate, part in parts.items():
            products = part.assign(all=0).drop(columns="lam").rename(columns={"product": "lam"})
            row = exponents(products, ["all"], x=x).iloc[0].drop("all").to_dict()
            power = loglog_slope(part.drop_duplicates([x, "seed"]), x, "lr").estimate
            keys = {by: label, "words": said, "rate": rate, "rate_power": power}
            coupled = {"coupled": row["exponent"] - power, "coupled_low": row["low"] - power}
            coupled["coupled_high"] = row["high"] - power
            found.append(keys | row | coupled | {"seeds": part["seed"].nunique()})
    frame = pd.DataFrame(found)
    return frame.assign(note=edge_note(frame["edges"]), coupled_note=edge_note(frame["edges"]))


def pair_cost(rows: pd.DataFrame, c: float, product: float) -> dict[str, object]:
    """What a pair costs beside that of least validation loss, among networks of one size.

    Returns:
        excess, low, high, paired over seeds, as a share of what the best pair reaches, `level`;
        own_c and own_product of the latter; seeds; and a note where the two pairs are one.

    Raises:
        KeyError: for a pair that was not trained.
    """
    own = rows.groupby(["c", "product"])["val_loss"].mean().idxmin()
    by_pair = rows.pivot(index="seed", columns=["c", "product"], values="test_loss")
    found = paired_interval(by_pair[(c, product)], by_pair[own], ratio=True)
    return {
        "excess": found.estimate - 1, "low": found.low - 1, "high": found.high - 1,
        "level": by_pair[own].mean(), "own_c": own[0], "own_product": own[1], "seeds": found.n,
        "note": "the same pair" if (c, product) == own else "",
    }  # fmt: skip
