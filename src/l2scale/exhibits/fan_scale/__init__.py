"""The fan-based scale 1/(n_in + n_out): who starts there, and which training ends there."""

from l2scale.catalogue.numerals import percent, percent_point_span, span
from l2scale.catalogue.results import Result
from l2scale.exhibits.fan_scale import fan_value_by_layer as values
from l2scale.exhibits.fan_scale.fan_value_by_layer import fan_value_by_layer, value_table
from l2scale.exhibits.fan_scale.library_scales import (
    KERAS,
    LINEAR,
    LOGISTIC,
    RELU,
    ends,
    ends_words,
    library_scales,
    library_table,
    measured,
    near_words,
    scaled,
    worst,
)
from l2scale.exhibits.fan_scale.quoted import trained_numbers
from l2scale.exhibits.fan_scale.signal_by_layer import (
    misses,
    reach,
    signal_by_layer,
    signal_table,
)
from l2scale.exhibits.fan_scale.sweeps import observations, sweeps
from l2scale.exhibits.fan_scale.trained_mean_squares import trained_mean_squares
from l2scale.exhibits.fan_scale.what_is_left import (
    asked_by_biases,
    beside_one,
    explained,
    left,
    left_table,
    what_is_left,
)

__all__ = [
    "fan_value_by_layer",
    "library_scales",
    "numbers",
    "observations",
    "signal_by_layer",
    "sweeps",
    "trained_mean_squares",
    "what_is_left",
]


def numbers(result: Result) -> dict[str, str]:
    """What the prose quotes."""
    return _untrained(result) | trained_numbers(result) | _values(result) | _left(result)


def _untrained(result: Result) -> dict[str, str]:
    signal, library = signal_table(result), library_table(result)
    low, high = ends(library, LINEAR)
    return {
        "signal_seeds": f"{signal['seed'].nunique()}",
        "signal_miss": percent(misses(signal).max()),
        "he_backward": f"{reach(signal, 'he', 'backward'):.3f}",
        "glorot_forward": f"{reach(signal, 'glorot', 'forward'):.2f}",
        "pytorch_forward": f"{reach(signal, 'pytorch', 'forward'):.5f}",
        "keras": ends_words(library, KERAS) if measured(library, KERAS) else "not measured",
        "sklearn_relu": ends_words(library, RELU),
        "sklearn_logistic": ends_words(library, LOGISTIC),
        "linear_square": span(scaled(library, LINEAR)),
        "linear_near": near_words(library, LINEAR),
        "linear_low": f"{low:.2f}",
        "linear_high": f"{high:.2f}",
        "aspect": f"{library['aspect'].max():g}",
        "library_miss": percent(worst(library)),
    }


def _values(result: Result) -> dict[str, str]:
    table = value_table(result)
    end = int(table["step"].max())
    step, most = values.furthest(table, "fan")
    return {
        "fan_start": span(values.over_layers(table)),
        "fan_start_apart": span(values.apart(table, "fan", 0)),
        "fan_furthest": span(most),
        "fan_furthest_step": f"{step:,}",
        **{f"{name}_end_apart": span(values.apart(table, name, end)) for name in values.SHOWN},
        "sum_start_apart": span(values.apart(table, "sum", 0)),
    }


def _left(result: Result) -> dict[str, str]:
    table = left_table(result)
    small, large = table["batch_size"].min(), table["batch_size"].max()
    return {
        "noise_explained_small": span(explained(table, small)),
        "noise_explained_large": span(explained(table, large)),
        "explained_small_word": beside_one(explained(table, small)),
        "explained_large_word": beside_one(explained(table, large)),
        "batch_small": f"{small}",
        "batch_large": f"{large}",
        "left_small": percent_point_span(left(table, False, small)),
        "left_large": percent_point_span(left(table, False, large)),
        "asked_by_biases": percent_point_span(asked_by_biases(table, large)),
        "left_biases": percent_point_span(left(table, True, large)),
    }
