"""What the chapter settles: sum, mean, division by the number of weights, tensor means."""

from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.outcomes import excludes, interval, outcome
from l2scale.exhibits.which_penalty.cells import named, sums_table, trained
from l2scale.exhibits.which_penalty.keeping import carried_table, cost, in_words, row_of
from l2scale.exhibits.which_penalty.optimum_by_width import optimum_table, power, words
from l2scale.exhibits.which_penalty.typed import CRITERIA
from l2scale.theory.width import effective_growth


def costs_more(result: Result, one: str, other: str, criterion: str) -> bool:
    """Whether keeping lambda costs more under one penalty than under another, beyond intervals."""
    table = carried_table(result)
    width = min(table.loc[table["penalty"] == p, "width"].max() for p in (one, other))
    costs = (cost(table, penalty, criterion, width) for penalty in (one, other))
    return next(costs).low > next(costs).high


def kept(result: Result, penalty: str) -> str:
    """What keeping lambda costs, by both criteria, in words."""
    table = carried_table(result)
    return " and ".join(
        f"{in_words(row_of(table, penalty, criterion))} of test {criterion}"
        for criterion in CRITERIA
    )


def widths(result: Result, penalty: str) -> str:
    """From which width to which lambda was carried."""
    table = carried_table(result)
    rows = table[table["penalty"] == penalty]
    return f"from {rows['width'].min()} to {rows['width'].max()} units"


def powers(result: Result, penalty: str) -> str:
    """A penalty's exponents by both criteria, in words."""
    table = optimum_table(result)
    return " and ".join(f"{words(table, penalty, c)} by {c}" for c in CRITERIA)


@settles("C36", figure="carried-over", derivation="prop-wp-limit")
def sum_or_mean(result: Result) -> Verdict:
    """The sum keeps it better; whether it keeps it altogether depends on the criterion."""
    table = optimum_table(result)
    nearer = all(costs_more(result, "mean", "sum", criterion) for criterion in CRITERIA)
    found = {criterion: power(table, "sum", criterion) for criterion in CRITERIA}
    outcomes = {criterion: outcome(exponent) for criterion, exponent in found.items()}
    held = " and ".join(c for c, became in outcomes.items() if became == "held")
    moved = " and ".join(c for c, became in outcomes.items() if became == "failed")
    known = nearer and "undecided" not in outcomes.values()
    return Verdict(
        "OPEN" if not known else "CONDITIONAL" if moved else "TRUE",
        "The sum, of the two: under SGD at one learning rate, in two layers, kept "
        f"{widths(result, 'sum')} on the noisy digits, λ "
        f"costs {kept(result, 'sum')} under the sum and {kept(result, 'mean')} under the mean. The "
        f"best λ goes as width to the power {powers(result, 'sum')} under the sum"
        + (f": its interval holds 0 where λ is chosen by {held}" if held else "")
        + (f", and not where it is chosen by {moved}" if moved else "")
        + ". Under the mean every exponent is larger by that of P, which is 1 in two layers.",
        {f"power of width by {c}": exponent.estimate for c, exponent in found.items()},
    )


@settles("C34", figure="carried-over", derivation="prop-names")
def one_value_under_the_mean(result: Result) -> Verdict:
    """Kept, the mean's lambda fades with the network."""
    table = carried_table(result)
    costly = all(cost(table, "mean", criterion).low > 0 for criterion in CRITERIA)
    return Verdict(
        "FALSE" if costly else "OPEN",
        "Under SGD, in two layers and with one label in five wrong, one λ under the mean, kept "
        f"{widths(result, 'mean')}, costs {kept(result, 'mean')} more "
        "than one tuned again. The best λ of the mean goes as width to the power "
        f"{powers(result, 'mean')}; to keep what the penalty does, λ would have to grow as P.",
        {f"cost of keeping λ, {c}": cost(table, "mean", c).estimate for c in CRITERIA},
    )


@settles("C02", figure="carried-over", derivation="thm-wl-others")
def divide_by_weights(result: Result) -> Verdict:
    """Dividing by P is the mean; it transfers worse than not dividing."""
    table = carried_table(result)
    worse = all(costs_more(result, "mean", "sum", criterion) for criterion in CRITERIA)
    return Verdict(
        "FALSE" if worse else "OPEN",
        "Divided by the number P of weights, λ is worth λ/P. At minima the penalty then fades to "
        "none as the network widens, while the undivided one has a limit. After SGD on the "
        f"noisy digits, in two layers, a λ kept {widths(result, 'mean')} costs "
        f"{kept(result, 'mean')} with the division, and {kept(result, 'sum')} without.",
        {f"cost of keeping λ, {c}": cost(table, "mean", c).estimate for c in CRITERIA},
    )


@settles("C23", figure="sum-exponents", derivation="prop-wp-limit")
def inverse_proportion(result: Result) -> Verdict:
    """Whether the sum's best lambda falls as 1/P anywhere, and whether it falls at all."""
    rows = [row for _, row in trained(sums_table(result)).iterrows()]
    divided = [row for row in rows if not excludes(interval(row), row["dividing"])]
    falling = [row for row in rows if row["high"] < 0]
    found = "; ".join(
        f"{named(row)}, by {row['criterion']}, power {row['exponent']:z.2f} in width where 1/P "
        f"would be {row['dividing']:z.2f}"
        for row in falling
    )
    return Verdict(
        "OPEN" if divided or not rows else "FALSE",
        "Under SGD at one learning rate, with wrong labels, and at minima: in "
        f"{len(divided)} of {len(rows)} cells of task, depth and criterion the interval allows "
        "that the sum's best λ falls in inverse proportion to the number of weights. It falls at "
        f"all in {len(falling)} of them" + (f": {found}." if found else "."),
        {"cells": len(rows), "falling as 1/P": len(divided), "falling": len(falling)},
    )


@settles("C11", figure="optimum-by-width", derivation="cor-minima")
def tensor_means(result: Result) -> Verdict:
    """The per-tensor mean is the sum with a lambda that fades with the nodes."""
    table, costs = optimum_table(result), carried_table(result)
    tied = all(
        excludes(power(table, "tensor_mean", c))
        and power(table, "tensor_mean", c).low > 0
        and cost(costs, "tensor_mean", c).low > 0
        for c in CRITERIA
    )
    grown = 2 ** -effective_growth("tensor_mean", 3)
    return Verdict(
        "FALSE" if tied else "OPEN",
        "At minima of homogeneous layers with free biases it is the plain sum with λ divided by "
        "the geometric mean of n_in·n_out; twice the units in three layers divide it by "
        f"{grown:.3g} in the limit. After SGD in two layers its best λ goes as width to the power "
        f"{powers(result, 'tensor_mean')}, and a λ kept {widths(result, 'tensor_mean')} costs "
        f"{kept(result, 'tensor_mean')}. It ties λ to the number of nodes.",
        {f"power of width by {c}": power(table, "tensor_mean", c).estimate for c in CRITERIA},
    )
