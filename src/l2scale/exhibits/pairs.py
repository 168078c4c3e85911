"""Pairs of learning rate and strength: the best product at each size, its power, what one costs.

Rows are networks at the end of their training, with `product` = rate times lambda and `c`, the part
of the rate that a rule keeps from size to size.
"""

import math

import pandas as pd

from l2scale.exhibits.regrets import edge_note
from l2scale.exhibits.shared import AT_EDGE, tidy, yes
from l2scale.lab.estimates.exponents import loglog_slope
from l2scale.lab.estimates.intervals import paired_interval
from l2scale.lab.estimates.optimal_lambda import optima
from l2scale.lab.estimates.transfer import exponents


def with_product(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the product of rate and strength; products that rounding parts are made one."""
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
    note = at["edge"].map(AT_EDGE)
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
        parts["tuned"] = tuned(some, by, x)
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


def pair_cost(source: pd.DataFrame, target: pd.DataFrame) -> dict[str, object]:
    """What the pair tuned in one network costs in another, as a share of what tuning there reaches.

    Both pairs are chosen by the mean validation loss of all seeds but one, and judged by the test
    loss of that one, for each in turn: so choosing is in the interval.

    Args:
        source: networks of the same seeds, rates c and products as `target`, in which to tune.
        target: networks of one size.

    Returns:
        excess, low, high; kept_c, kept_product, own_c, own_product, the pairs by all seeds;
        `level`, the mean test loss at the own pair; seeds; a note where the pairs are always one.

    Raises:
        KeyError: for a pair that was not trained in `target`.
    """
    tests = target.pivot(index="seed", columns=["c", "product"], values="test_loss")
    judges = [
        rows.pivot(index="seed", columns=["c", "product"], values="val_loss")
        for rows in (source, target)
    ]
    chosen = [[table.drop(index=seed).mean().idxmin() for seed in tests.index] for table in judges]
    there = [
        pd.Series([tests.loc[seed, pair] for seed, pair in zip(tests.index, pairs, strict=True)])
        for pairs in chosen
    ]
    cost = paired_interval(*there, ratio=True)
    kept, own = (table.mean().idxmin() for table in judges)
    return {
        "excess": cost.estimate - 1, "low": cost.low - 1, "high": cost.high - 1,
        "kept_c": kept[0], "kept_product": kept[1], "own_c": own[0], "own_product": own[1],
        "level": tests[own].mean(), "seeds": cost.n,
        "note": "the same pair" if chosen[0] == chosen[1] else "",
    }  # fmt: skip
