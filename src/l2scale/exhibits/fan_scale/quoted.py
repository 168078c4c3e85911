"""What the prose quotes of the trained mean squares."""

from l2scale.catalogue.numerals import listing, percent, span
from l2scale.catalogue.results import Result
from l2scale.exhibits.fan_scale import mean_squares as trained
from l2scale.exhibits.fan_scale.on_the_scale import by_start, forgotten, listed, shapes_below
from l2scale.exhibits.fan_scale.strengths import level_by_strength, strength_range
from l2scale.exhibits.fan_scale.sweeps import PENALISED, RATE, SHAPES, SHORT, clocks
from l2scale.exhibits.fan_scale.trained_mean_squares import ends_of


def trained_numbers(result: Result) -> dict[str, str]:
    """Numbers on the sweep over penalties, starts and shapes, and on that over strengths."""
    table = trained.trained_table(result)
    end, strength = trained.final(table), trained.strength_of(table)
    slowest = trained.own_clocks("tensor_mean", end, strength).min()
    found = {
        "strength": f"{strength:g}",
        "clock": f"{1 / (4 * RATE * strength):.0f}",
        "short": f"{SHORT:,}",
        "long": f"{end:,}",
        "short_clocks": f"{clocks(SHORT, strength):.1f}",
        "long_clocks": f"{clocks(end, strength):.0f}",
        "slowest_clocks": f"{slowest:.1f}",
        "one": f"{trained.ONE:g}",
        "below_one": shapes_below(table),
        "forgotten": listed(forgotten(table)),
        "sum_ends_low": f"{ends_of(table, 'sum', end)[0]:.2f}",
        "sum_ends_high": f"{ends_of(table, 'sum', end)[1]:.2f}",
        "fan_by_start": listing([span(found) for found in by_start(table, "fan").values()]),
        "sum_one": span(trained.spread(table, "sum", end, quantity="sum_of_squares")),
        "short_error": percent(table[table["step"] == SHORT]["test_error"].median()),
        "long_error": percent(table[table["step"] == end]["test_error"].median()),
    }
    for name in PENALISED:
        found[f"{name}_memory"] = span(trained.memory(table, name, end))
        found[f"{name}_memory_short"] = span(trained.memory(table, name, SHORT))
    for name in PENALISED[1:]:
        found[f"{name}_level"] = span(trained.level(table, name, end))
    return found | _starts(result) | _shapes(result) | _strengths(result)


def _starts(result: Result) -> dict[str, str]:
    """Where the funnel ends without a penalty, by the start."""
    table = trained.trained_table(result)
    end, starts = trained.final(table), sorted(table["init_scale"].unique())
    found = {
        "start_memory": f"{(starts[-1] / starts[0]) ** 2:g}",
        "none_one_short": span(trained.spread(table, "none", SHORT, init_scale=1)),
    }
    for name, start in (("low", starts[0]), ("one", 1), ("high", starts[-1])):
        found[f"none_{name}"] = span(trained.spread(table, "none", end, init_scale=start))
        least, most = ends_of(table, "none", end, start)
        found[f"none_{name}_level"] = f"{least:.1f} to {most:.1f}"
        found[f"start_{name}_level"] = f"{2 * start**2:g}"
    return found


def _shapes(result: Result) -> dict[str, str]:
    """Largest over least by penalty and shape; smaller scales train the funnel alone."""
    table = trained.trained_table(result)
    end, found, missed, rows = trained.final(table), {}, [], 0
    for shape, units in SHAPES.items():
        hidden = "-".join(map(str, units))
        known = bool((table["hidden"] == hidden).any())
        for penalty in PENALISED[1:]:
            key, words = f"{shape.replace('-', '')}_{penalty}", "not trained"
            predicted = trained.predicted_spread(penalty, hidden)
            if known:
                measured = trained.spread(table, penalty, end, hidden)
                words = span(measured)
                if penalty != "fan":
                    rows += 1
                    missed += [measured.estimate / predicted] * (predicted not in measured)
            found |= {key: words, f"{key}_predicted": f"{predicted:.2f}"}
    most = max((abs(ratio - 1) for ratio in missed), default=0.0)
    return found | {"missed": f"{len(missed)}", "rows": f"{rows}", "most": percent(most)}


def _strengths(result: Result) -> dict[str, str]:
    low, high = strength_range(result)
    return {
        "weakest": f"{low:g}",
        "strongest": f"{high:g}",
        "weakest_level": span(level_by_strength(result, low)),
        "strongest_level": span(level_by_strength(result, high)),
    }
