"""The penalty's value over training by width, and the best lambda by width."""

import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import table
from l2scale.exhibits.cost_of_fifty.large import GUESSING
from l2scale.exhibits.cost_of_fifty.sweeps import ADVISED, BASE, LAM, shapes_of
from l2scale.exhibits.regrets import edge_note
from l2scale.exhibits.shared import at_end, bounded, dividing, means
from l2scale.lab.estimates.exponents import loglog_slope
from l2scale.lab.estimates.optimal_lambda import optima
from l2scale.lab.estimates.transfer import exponents
from l2scale.theory.initialisation import expected_value

CRUSHED = 0.01
"""A sum of squares below it is zero. Networks end far above or far below; the cut is in the gap.

It was put there after the sums of squares had been seen: see `crushing`.
"""


@table(source="widths", main="penalty_value")
def values(result: Result) -> pd.DataFrame:
    """Per width, seed and step: the penalty's value and the data's losses, in nats."""
    columns = ["width", "weights", "seed", "step", "penalty_value", "train_loss", "test_loss"]
    return result["widths"].table[columns]


@table(source="widths", main="exponent")
def growth(result: Result) -> pd.DataFrame:
    """At the start and the end: the exponent of the value, or of its ratio to the data loss.

    `by` is the size that it is a power of, and `spread` the largest over the smallest mean.
    """
    rows = values(result).assign(value=lambda t: t["penalty_value"])
    rows = rows.assign(ratio=rows["value"] / rows["train_loss"])
    at = {"start": rows[rows["step"] == 0], "end": at_end(rows)}
    found = []
    for when, by, of in (
        ("start", "width", "value"),
        ("start", "weights", "value"),
        ("end", "width", "value"),
        ("end", "width", "ratio"),
    ):
        slope, sizes = loglog_slope(at[when], by, of), at[when].groupby(by)[of].mean()
        row = {"when": when, "by": by, "of": of, "spread": sizes.max() / sizes.min()}
        found.append(row | bounded(slope, main="exponent"))
    return pd.DataFrame(found)


@table(source="widths", main="ratio")
def against_data(result: Result) -> pd.DataFrame:
    """Per width at the end: the penalty's value over the data loss.

    `left` is the share of the initial value, and `late` how much it changes over the last doubling
    of the steps.
    """
    rows = values(result)
    ends = at_end(rows).assign(ratio=lambda t: t["penalty_value"] / t["train_loss"])
    course = rows.pivot_table(index="step", columns="width", values="penalty_value")
    found = means(ends, ["width", "weights"], "ratio").sort_values("width", ignore_index=True)
    return found.assign(
        left=(course.iloc[-1] / course.iloc[0]).to_numpy(),
        late=(course.iloc[-1] / course.iloc[-2] - 1).abs().to_numpy(),
    )


@table(source="strengths", main="test_loss")
def strengths(result: Result) -> pd.DataFrame:
    """Per width, strength and seed: losses and the sum of squares after training.

    `start_cost` is the cost expected at the start at lambda = 0.01, in nats, and `start_squares`
    the sum of squares expected there.
    """
    rows = result["strengths"].table
    values = {
        shape: expected_value(LAM, "sum", BASE.init, shapes_of(shape))
        for shape in rows["hidden"].unique()
    }
    starts = GUESSING + rows["hidden"].map(values)
    columns = ["width", "weights", "lam", "seed", "diverged", "val_loss", "test_loss", "test_error"]
    return rows[columns].assign(
        start_cost=starts,
        sum_of_squares=rows.filter(regex="^sq_norm_").sum(axis=1),
        start_squares=(starts - GUESSING) / LAM,
    )


@table(source="strengths", main="lam")
def best(result: Result) -> pd.DataFrame:
    """Per width: lambda* with its edge, also `over` the 0.01 of the question, and `at` the grid."""
    found = optima(strengths(result), ["width"])
    over = found[["lam", "lam_low", "lam_high"]].rename(columns=lambda x: x.replace("lam", "over"))
    return found.join(over / LAM).assign(at_over=found["at"] / LAM)


@table(source="strengths", main="exponent")
def optimum(result: Result) -> pd.DataFrame:
    """One row: the exponent of lambda* in width, and what dividing by P would need, `dividing`.

    `start_span` is the widest network's expected value at the start over the narrowest's.
    """
    rows = strengths(result)
    found = exponents(rows.assign(cell="sum"), ["cell"])
    squares = rows["start_squares"]
    return found.assign(
        note=edge_note(found["edges"]),
        dividing=dividing(rows),
        start_span=squares.max() / squares.min(),
    )


@table(source="strengths", main="test_error")
def choices(result: Result) -> pd.DataFrame:
    """Held-out error of the widest network at the strength asked about, the one advised, the best.

    `loss` is the held-out loss less that at the strength advised, seed by seed.
    """
    rows = strengths(result)
    wide = rows[rows["width"] == rows["width"].max()].set_index("seed")
    asked = min(wide["lam"], key=lambda lam: abs(lam - LAM))
    at = {"asked": asked, "advised": ADVISED, "best": best(result)["at"].iloc[-1]}
    advised = wide.loc[wide["lam"] == ADVISED, "test_loss"]
    parts = [
        part.assign(choice=choice, loss=part["test_loss"] - advised)
        for choice, lam in at.items()
        for part in [wide[wide["lam"] == lam]]
    ]
    return means(pd.concat(parts), ["choice", "lam"], "test_error", "loss")


@table(source="strengths", main="lam")
def crushing(result: Result) -> pd.DataFrame:
    """One row: the least strength from which on every network of every width ends at zero.

    `below` is the largest at which some do not; the largest sum of squares that counts as zero is
    `most`, and the least that does not is `least`.
    """
    rows = strengths(result)
    zero = rows["sum_of_squares"] < CRUSHED
    below = rows["lam"][~zero].max()
    above = rows["lam"][~(rows["lam"] <= below)]
    squares = rows["sum_of_squares"]
    row = {"lam": above.min(), "below": below, "cut": CRUSHED}
    row |= {"most": squares[zero].max(), "least": squares[~zero].min()}
    return pd.DataFrame([row | {"note": "" if len(above) else "no strength that was tried"}])


@table(source="strengths", main="zero")
def half_crushed(result: Result) -> pd.DataFrame:
    """Per width, at the largest strength that leaves some network: how many are at zero, `of`."""
    rows = strengths(result)
    rows = rows[rows["lam"] == crushing(result)["below"].iloc[0]]
    zero = rows.assign(zero=rows["sum_of_squares"] < CRUSHED).groupby("width")["zero"]
    return zero.agg(zero="sum", of="size").reset_index()
