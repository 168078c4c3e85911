"""A network of 35 million weights whose cost starts near 50: what the 50 is and what it does."""

from l2scale.catalogue.numerals import percent, percent_point_span, plain, span
from l2scale.catalogue.results import Result
from l2scale.exhibits.cost_of_fifty.cost_and_optimum import (
    around_the_cut,
    best,
    cost_and_optimum,
    crushed,
    error_at,
    gain,
    half_crushed,
    optimum_exponent,
    optimum_reach,
    optimum_span,
    over_asked,
    start_span,
    strengths_table,
)
from l2scale.exhibits.cost_of_fifty.cost_at_start import (
    GUESSING,
    cost_at_start,
    start_cost,
    start_off,
    start_table,
)
from l2scale.exhibits.cost_of_fifty.cost_by_layer import (
    at_start,
    cost_by_layer,
    force_ratio,
    layer_table,
)
from l2scale.exhibits.cost_of_fifty.cost_falls import (
    at_end,
    cost_falls,
    cost_of_penalty,
    data_loss_ratio,
    forgetting_times,
    penalty_share,
    training_table,
)
from l2scale.exhibits.cost_of_fifty.sweeps import ADVISED, BASE, LAM, shapes_of, sweeps
from l2scale.exhibits.cost_of_fifty.value_over_time import (
    growth,
    late_change,
    least_and_most,
    norm_left,
    ratio_growth,
    spread,
    value_over_time,
    widths_table,
)
from l2scale.exhibits.drawing import dividing_power
from l2scale.theory.initialisation import expected_sum_of_squares

__all__ = [
    "cost_and_optimum",
    "cost_at_start",
    "cost_by_layer",
    "cost_falls",
    "numbers",
    "sweeps",
    "value_over_time",
]


def numbers(result: Result) -> dict[str, str]:
    """What the prose quotes."""
    start, layers, training = start_table(result), layer_table(result), training_table(result)
    widths, strengths = widths_table(result), strengths_table(result)
    last = int(widths["step"].max())
    gone = crushed(strengths)
    expected = expected_sum_of_squares(BASE.init, shapes_of(start["hidden"].iloc[0]))
    at = best(strengths)["at"].iloc[-1]
    asked = min(strengths["lam"], key=lambda lam: abs(lam - LAM))
    return {
        "shape": f"64-{start['hidden'].iloc[0]}-1",
        "weights": f"{start['weights'].iloc[0]:,}",
        **{f"expected_{i}": f"{value:,.1f}" for i, value in enumerate(expected, start=1)},
        "expected_value": f"{LAM * sum(expected):.1f}",
        "expected_cost": f"{GUESSING + LAM * sum(expected):.1f}",
        "cost_glorot": start_cost(start, "glorot"),
        "cost_pytorch": start_cost(start, "pytorch"),
        "cost_lecun": start_cost(start, "lecun"),
        "cost_he": start_cost(start, "he"),
        "cost_normal": start_cost(start, "normal"),
        "cost_half": start_cost(start, "glorot", "λ/2 Σw²"),
        "cost_over_n": start_cost(start, "glorot", "λ/(2n) Σw²"),
        "cost_mean": start_cost(start, "glorot", "λ mean w²"),
        "value_share": percent(at_start(layers)["value_share"].max()),
        **{f"force_ratio_{layer}": span(force_ratio(layers, layer)) for layer in (1, 2, 3)},
        "steps": f"{training['step'].max():,}",
        "seeds": f"{training['seed'].nunique()}",
        "end_cost": span(at_end(training, LAM, "cost"), ".1f"),
        "end_share": percent(penalty_share(training)),
        "end_force_ratio": span(at_end(training, LAM, "force_ratio"), ".1f"),
        "end_error": percent_point_span(at_end(training, LAM, "test_error")),
        "end_difference": span(cost_of_penalty(training, "test_error"), ".3f"),
        "end_loss_difference": span(cost_of_penalty(training, "test_loss"), ".3f"),
        "end_data_ratio": span(data_loss_ratio(training)),
        "forgetting_times": f"{forgetting_times(training):.1f}",
        "width_count": str(widths["width"].nunique()),
        "width_steps": f"{last:,}",
        "width_times": f"{2 * BASE.lr * LAM * last:.0f}",
        "width_weights": f"{widths['weights'].max():,}",
        "norm_left": percent(norm_left(widths)),
        "late_change": percent(late_change(widths)),
        "ratio_growth": span(ratio_growth(widths)),
        "start_spread": f"{spread(widths, 0):.0f}",
        "end_spread": f"{spread(widths, last):.2f}",
        "start_growth": span(growth(widths, 0)),
        "start_growth_weights": span(growth(widths, 0, "weights")),
        "end_growth": span(growth(widths, last), ".3f"),
        "against_data_narrow": least_and_most(widths)[0],
        "against_data_wide": least_and_most(widths)[1],
        "width_factor": f"{strengths['width'].max() / strengths['width'].min():.0f}",
        "start_span": f"{start_span(strengths):.0f}",
        "optimum_span": optimum_span(strengths),
        "optimum_reach": optimum_reach(strengths),
        "over_asked": over_asked(strengths),
        "start_off": percent(start_off(start)),
        "dividing_power": dividing_power(strengths),
        "optimum_exponent": optimum_exponent(strengths),
        "optimum_weights": f"{strengths['weights'].max():,}",
        "best_lam": plain(at),
        "best_over_asked": plain(at / LAM),
        "loss_gain": span(gain(strengths, "test_loss", asked, ADVISED), ".3f"),
        "error_advised": percent_point_span(error_at(strengths, ADVISED)),
        "error_asked": percent_point_span(error_at(strengths, asked)),
        "error_best": percent_point_span(error_at(strengths, at)),
        "half_crushed": half_crushed(strengths),
        "crushed_most": plain(around_the_cut(strengths)[0]),
        "alive_least": plain(around_the_cut(strengths)[1]),
        "crushed_from": plain(gone) if gone else "no strength that was tried",
    }
