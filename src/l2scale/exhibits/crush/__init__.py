"""From which strength on zero weights are the optimum, and how training gets there."""

from l2scale.catalogue.numerals import percent, percent_span, span
from l2scale.catalogue.results import Result
from l2scale.exhibits.crush.basin import (
    basin_table,
    border_step,
    crushed_of_jump,
    deep_basin,
    exponent_in_words,
    first_crushed,
    strengths_with_border,
)
from l2scale.exhibits.crush.by_width import (
    bracket,
    on_the_line,
    span_of_widths,
    threshold_by_width,
    thresholds,
    widths_table,
)
from l2scale.exhibits.crush.certified import (
    certified_table,
    reached,
    threshold_certified,
    worst_gap,
)
from l2scale.exhibits.crush.clock import (
    clock_table,
    crush_clock,
    finite_step,
    rates_in_words,
    remainder,
)
from l2scale.exhibits.crush.ends import held, jump_table
from l2scale.exhibits.crush.jump import deep_jump
from l2scale.exhibits.crush.sweeps import TOLERANCE, observations, sweeps
from l2scale.exhibits.crush.words import (
    asked_share,
    between,
    biased_bracket,
    binary_jumps,
    jump_numbers,
    largest_cells,
    others,
)

__all__ = [
    "crush_clock",
    "deep_basin",
    "deep_jump",
    "numbers",
    "observations",
    "sweeps",
    "threshold_by_width",
    "threshold_certified",
]


def numbers(result: Result) -> dict[str, str]:
    """What the prose quotes."""
    widths, certified = widths_table(result), certified_table(result)
    jumps, basins, clocks = jump_table(result), basin_table(result), clock_table(result)
    low, high = bracket(widths)
    return {
        "digits_threshold": span(thresholds(widths, "digits"), ".3f"),
        "biased_threshold": span(thresholds(widths, "biased"), ".3f"),
        "teacher_threshold": span(thresholds(widths, "teacher"), ".3f"),
        "asked_share": asked_share(widths),
        "widths": span_of_widths(widths),
        "samples": f"{result['certificates'].configuration['n_train']:,}",
        "sets": f"{widths['seed'].nunique()}",
        "alive_to": f"{low:g}",
        "zero_from": f"{high:g}",
        "biased_bracket": biased_bracket(widths),
        "line_digits": span(on_the_line(widths, "digits")),
        "line_teacher": span(on_the_line(widths, "teacher")),
        "certified_inputs": f"{certified['inputs'].max():.0f}",
        "certified_gap": percent(worst_gap(certified)),
        "certified_stop": percent(TOLERANCE),
        "certified_cells": largest_cells(certified),
        "restarts": f"{certified['rank'].max():.0f}",
        "reached": percent_span(reached(certified)),
        "between": between(result, "digits"),
        "others": others(result),
        "binary_jumps": binary_jumps(result),
        "rates": rates_in_words(clocks),
        "finite_step": finite_step(clocks),
        "remainder": remainder(clocks),
        "exponent_3": exponent_in_words(basins, 3),
        "exponent_4": exponent_in_words(basins, 4),
        "border_in_3": strengths_with_border(basins, 3),
        "border_in_4": strengths_with_border(basins, 4),
        "border_step": border_step(basins),
        "pytorch_from_3": first_crushed(basins, 3, "pytorch"),
        "pytorch_from_4": first_crushed(basins, 4, "pytorch"),
        "pytorch_of_jump": crushed_of_jump(basins, jumps, 4, "pytorch"),
        "held_3": held(jumps, 3),
        "held_4": held(jumps, 4),
    } | jump_numbers(jumps)
