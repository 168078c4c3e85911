"""Layer coefficients of an L2 penalty: one geometric mean regularises, and layers balance."""

import pandas as pd

from l2scale.catalogue.numerals import percent, percent_point_span, plain, span
from l2scale.catalogue.results import Result
from l2scale.exhibits.one_lambda import verdicts as verdicts  # settles the chapter's claims
from l2scale.exhibits.one_lambda.balance_by_layer import (
    DIGITS,
    KERNELS,
    STALLED,
    as_asked,
    balance_by_layer,
    balance_table,
    mean_square_error,
    stalled_above,
    worst_gain,
    worst_spread,
)
from l2scale.exhibits.one_lambda.every_point import (
    every_point,
    points_table,
    typical_breach,
    worst,
)
from l2scale.exhibits.one_lambda.imbalance_clock import (
    clock_table,
    imbalance_clock,
    over_floor,
    over_law,
    rate,
)
from l2scale.exhibits.one_lambda.least_costs import (
    ALIKE,
    farthest,
    kernel_size,
    lower,
    minima_table,
    orders_gain,
    restarted,
    restarts,
    spread,
    typed_span,
)
from l2scale.exhibits.one_lambda.matched_minima import matched_minima
from l2scale.exhibits.one_lambda.observations import observations
from l2scale.exhibits.one_lambda.sweeps import COMPARED, SHAPES, sweeps
from l2scale.exhibits.one_lambda.tuned_penalties import tuned_penalties
from l2scale.exhibits.one_lambda.tuning import (
    MINIMUM,
    OTHERS,
    SGD,
    TOGETHER,
    above,
    at_one,
    chosen,
    difference,
    failed,
    in_words,
    level,
    relative,
    settled_at,
    settled_difference,
    settled_words,
    tuned_table,
)
from l2scale.exhibits.one_lambda.what_breaks_balance import (
    DECOUPLED,
    PENALISED,
    at_start,
    breaks_table,
    decayed,
    left,
    median,
    what_breaks_balance,
    worst_kept,
)

__all__ = [
    "balance_by_layer",
    "every_point",
    "imbalance_clock",
    "matched_minima",
    "numbers",
    "observations",
    "sweeps",
    "tuned_penalties",
    "what_breaks_balance",
]


def numbers(result: Result) -> dict[str, str]:
    """What the prose quotes."""
    return landscape_numbers(result) | dynamics_numbers(result) | tuned_numbers(result)


def landscape_numbers(result: Result) -> dict[str, str]:
    """Of costs at points and at minima."""
    points, balance = points_table(result), balance_table(result)
    minima = minima_table(result)
    return {
        "draws": str(points["seed"].nunique()),
        "worst_gap": plain(worst(points)),
        "least_breach": percent(typical_breach(points)),
        "spread": percent(worst_spread(balance, *SHAPES)),
        "as_asked": as_asked(balance, *SHAPES),
        "gain": plain(worst_gain(balance, *SHAPES)),
        "digits_spread": percent(worst_spread(balance, DIGITS)),
        "stalled_spread": percent(worst_spread(balance, STALLED)),
        "stalled_above": percent(stalled_above(balance)),
        "kernel_spread": percent(worst_spread(balance, KERNELS)),
        "mean_square_gap": percent(max(mean_square_error(balance, p) for p in COMPARED)),
        "named_spread": percent(spread(minima, explicit=False)),
        "orders_spread": percent(spread(minima, explicit=True)),
        "orders_gain": percent(orders_gain(minima)),
        "restarted": percent(restarted(minima)),
        "restarts": " and ".join(percent(x) for x in restarts(minima)),
        "lower": " and ".join(percent(x) for x in lower(minima)),
        "lower_met": f"{(lower(minima) > restarts(minima)).sum()} of {len(lower(minima))} seeds",
        "alike": percent(ALIKE),
        "test_apart": plain(farthest(minima)),
        "sum_test_loss": plain(sum_test_loss(minima)),
        "typed_tensor_mean": typed_span(minima, "tensor_mean"),
        "typed_fan": typed_span(minima, "fan"),
        "typed_prior": typed_span(minima, "prior"),
        "kernel_size": f"{kernel_size():,}",
    }


def sum_test_loss(minima: pd.DataFrame) -> float:
    """Mean test loss of the sum at one effective strength."""
    rows = minima[(minima["arm"] == "effective") & (minima["penalty"] == "sum")]
    return float(rows["test_loss"].mean())


def dynamics_numbers(result: Result) -> dict[str, str]:
    """Of what training does to balance."""
    breaks, clock = breaks_table(result), clock_table(result)
    batch = clock["batch_size"].max()
    return {
        "kept": percent(worst_kept(breaks)),
        "adam": percent(median(breaks, "ReLU, Adam", "layers")),
        "adamw_start": plain(1 + at_start(breaks, DECOUPLED, "layers")),
        "adamw": plain(1 + median(breaks, DECOUPLED, "layers")),
        "adamw_decayed": percent(decayed(breaks, DECOUPLED)),
        "tanh": percent(median(breaks, "tanh", "layers")),
        "penalised_layers": percent(median(breaks, PENALISED, "layers")),
        "penalised_units": percent(median(breaks, PENALISED, "units")),
        "norm_left": percent(left(breaks).estimate),
        "norm_decayed": percent(decayed(breaks)),
        "clock_full": span(rate(clock, 0), ".4f"),
        "clock_batch": span(rate(clock, batch), ".4f"),
        "clock_batch_size": str(batch),
        "floor_full": span(over_law(clock, 0)),
        "floor_batch": span(over_law(clock, batch), ".0f"),
        "floor_law": span(over_floor(clock, batch)),
    }


def tuned_numbers(result: Result) -> dict[str, str]:
    """Of SGD with every strength tuned."""
    tuned = tuned_table(result)
    seeds = tuned["seed"].nunique()
    found = {"tuned_seeds": str(seeds), "tuned_level": span(level(tuned, "test_loss"), ".3f")}
    found |= {
        "tuned_error_level": span(level(tuned, "test_error"), ".3f"),
        "tuned_relative": percent(relative(tuned)),
        "tuned_words": in_words(tuned),
        "tuned_together": in_words(tuned, TOGETHER),
        "tuned_failed_loss": failed(tuned, "test_loss"),
        "tuned_failed_error": failed(tuned, "test_error"),
        "settled_at": plain(settled_at(tuned)),
        "settled_words": settled_words(tuned),
        "tuned_at_sum": chosen(tuned, "sum"),
        "sgd_above": percent_point_span(above(tuned)),
        "settled_seeds": str(tuned.loc[tuned["arm"] == MINIMUM, "seed"].nunique()),
    }
    for penalty in OTHERS:
        found[f"tuned_{penalty}"] = span(difference(tuned, penalty), ".4f")
        found[f"tuned_error_{penalty}"] = span(difference(tuned, penalty, "test_error"), ".4f")
        found[f"settled_error_{penalty}"] = span(settled_difference(tuned, penalty), ".4f")
        found[f"tuned_at_{penalty}"] = chosen(tuned, penalty)
        found[f"sgd_cost_{penalty}"] = percent_point_span(at_one(tuned, SGD, penalty))
        found[f"minimum_cost_{penalty}"] = percent_point_span(at_one(tuned, MINIMUM, penalty))
    return found
