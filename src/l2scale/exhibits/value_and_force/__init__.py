"""The gradient argument for sum against mean: what a penalty's value and its force know of size."""

from l2scale.catalogue.numerals import percent, percent_span, span
from l2scale.catalogue.results import Result
from l2scale.exhibits.drawing import dividing_power
from l2scale.exhibits.value_and_force.big_layer import (
    big_layer,
    layers_table,
    lost_use,
    made_up,
    start_share,
)
from l2scale.exhibits.value_and_force.samples_and_weights import (
    sample_growth,
    samples_and_weights,
    samples_table,
)
from l2scale.exhibits.value_and_force.sum_is_mean import pairs_table, sum_is_mean, twins, valley
from l2scale.exhibits.value_and_force.sweeps import sweeps
from l2scale.exhibits.value_and_force.unused_weight import (
    decay_constant,
    unused_table,
    unused_weight,
)
from l2scale.exhibits.value_and_force.value_and_force import (
    growth,
    value_and_force,
    value_and_force_table,
)

__all__ = [
    "big_layer",
    "numbers",
    "samples_and_weights",
    "sum_is_mean",
    "sweeps",
    "unused_weight",
    "value_and_force",
]


def numbers(result: Result) -> dict[str, str]:
    """What the prose quotes."""
    values, unused = value_and_force_table(result), unused_table(result)
    layers, pairs, n = layers_table(result), pairs_table(result), samples_table(result)
    return {
        "width_low": f"{values['width'].min():,}",
        "width_high": f"{values['width'].max():,}",
        "sum_value_growth": span(growth(values, "sum", "penalty_value")),
        "sum_force_growth": f"{growth(values, 'sum', 'unit_force').estimate:z.2f}",
        "mean_value_growth": span(growth(values, "mean", "penalty_value")),
        "mean_force_growth": f"{growth(values, 'mean', 'unit_force').estimate:z.2f}",
        "decay_constant": f"{decay_constant(unused).estimate:.4f}",
        "start_share": percent(start_share(layers)),
        "lost_use_2": percent_span(lost_use(layers, 2)),
        "lost_use_3": percent_span(lost_use(layers, 3)),
        "made_up_2": percent_span(made_up(layers, 2)),
        "made_up_3": percent_span(made_up(layers, 3)),
        "pair_steps": f"{result['pairs'].configuration['steps']:,}",
        "twins": twins(pairs),
        "dividing_power": dividing_power(pairs),
        "sum_valley": valley(pairs, "sum"),
        "mean_valley": valley(pairs, "mean"),
        "summed_growth": span(sample_growth(n, "summed")),
        "averaged_growth": span(sample_growth(n, "mean")),
        "penalty_growth": f"{sample_growth(n, 'penalty').estimate:z.2f}",
    }
