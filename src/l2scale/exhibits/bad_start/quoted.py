"""What the prose quotes."""

import numpy as np
import pandas as pd

from l2scale.catalogue.numerals import (
    listing,
    percent,
    percent_span,
    plain,
    points_span,
    portion,
    span,
)
from l2scale.catalogue.results import Result
from l2scale.exhibits.bad_start import (
    by_epoch,
    course,
    kurtosis,
    minima,
    share,
    start_forces,
    verdicts,
)
from l2scale.exhibits.bad_start.by_epoch import by_epoch_table
from l2scale.exhibits.bad_start.minima import ends_table
from l2scale.exhibits.bad_start.quoted_published import published_numbers
from l2scale.exhibits.bad_start.start_forces import starts_table
from l2scale.exhibits.bad_start.sweeps import SETTINGS, SIGMOIDS
from l2scale.exhibits.bad_start.tables import (
    at_epoch,
    decay_table,
    end_error,
    mean,
    part,
    ratios,
    strength,
)
from l2scale.lab.datasets import load
from l2scale.theory.epochs import relative_error
from l2scale.theory.saturation import mean_square_slope


def numbers(result: Result) -> dict[str, str]:
    """What the prose quotes."""
    moved = decay_table(result)
    sizes = by_epoch_table(result)
    return (
        setup_numbers(result)
        | start_numbers(starts_table(result), moved)
        | share_numbers(share.share_table(result), moved, sizes)
        | epoch_numbers(sizes)
        | meeting_numbers(course.long_table(result))
        | end_numbers(ends_table(result))
        | kurtosis_numbers(result["preactivations"].table)
        | published_numbers(result)
    )


def setup_numbers(result: Result) -> dict[str, str]:
    """The networks, and how flat their units are at the start."""
    at = SETTINGS[result.scale]
    squares = np.square(load(SIGMOIDS.data, seed=0, n_train=at["n"]).x_train).sum(axis=1)
    flat = mean_square_slope(np.sqrt(squares + SIGMOIDS.bias_init**2)).mean() * 16
    return {
        "samples": f"{at['n']}",
        "width": f"{at['width']}",
        "batch": f"{SIGMOIDS.batch_size}",
        "lr": plain(SIGMOIDS.lr),
        "steps": f"{at['steps']:,}",
        "epochs": f"{at['steps'] * SIGMOIDS.batch_size // at['n']:,}",
        "batches": f"{at['n'] // SIGMOIDS.batch_size}",
        "square": plain(squares.mean()),
        "flat": f"{flat:.0%}",
    }


def start_numbers(table: pd.DataFrame, moved: pd.DataFrame) -> dict[str, str]:
    """Equality of decay and gradient before the first step."""
    held, of = start_forces.inside(table)
    first = at_epoch(part(moved, ratios(moved)[0]), 0)
    return {
        "equal_first": plain(start_forces.equality(table, 1)),
        "equal_output": plain(start_forces.equality(table, 2)),
        "equal_moved": f"{start_forces.moved(table):.0f}%",
        "equal_widths": f"{table['width'].min()} to {table['width'].max()}",
        "equal_inside": portion(held, of),
        "force_off": listing(
            [f"{100 * each:.0f}% at {width}" for width, each in start_forces.off(table).items()]
        ),
        "his": f"{start_forces.HIS:g}",
        "start_error": percent(mean(first, "test_error").estimate),
        "start_loss": plain(mean(first, "train_loss").estimate),
    }


def share_numbers(table: pd.DataFrame, moved: pd.DataFrame, sizes: pd.DataFrame) -> dict[str, str]:
    """Shares of decay, sizes and errors at every strength, by its number."""
    listed, learns = ratios(table), share.learning(table)[-1]
    found = {
        "weakest": strength(listed[0]),
        "learns": strength(learns),
        "net_weakest": percent(share.share(table, listed[0], "net").estimate),
        "net_learns": percent_span(share.share(table, learns, "net")),
        "peak_learns": percent_span(share.share(table, learns, "peak")),
        "peak_output": percent_span(share.share(table, learns, "peak", 2)),
        "net_output": percent_span(share.share(table, learns, "net", 2)),
    }
    for number, ratio in enumerate(listed, 1):
        found |= {
            f"s{number}": strength(ratio),
            f"peak{number}": percent(share.share(table, ratio, "peak").estimate),
            f"mean{number}": percent(share.share(table, ratio, "mean").estimate),
            f"net{number}": percent(share.share(table, ratio, "net").estimate),
            f"live{number}": percent(by_epoch.after_one(sizes, ratio, "live").estimate),
            f"dead{number}": percent(by_epoch.after_one(sizes, ratio, "dead").estimate),
            f"error{number}": percent_span(end_error(moved, ratio)),
        }
    return found


def epoch_numbers(table: pd.DataFrame) -> dict[str, str]:
    """How well an exponential gives the decay of an epoch."""
    worst = max(ratios(table), key=lambda ratio: abs(by_epoch.excess(table, ratio)))
    lr, lam, _ = by_epoch.of(table, worst)
    return {
        "close": listing([strength(ratio) for ratio in by_epoch.close(table)]) or "none",
        "worst": strength(worst),
        "worst_step": f"{2 * lr * lam:.0%}",
        "worst_rate": percent(lr * lam),
        "worst_excess": percent(by_epoch.excess(table, worst)),
        "worst_predicted": percent(relative_error(*by_epoch.of(table, worst))),
        "exact_miss": f"{100 * by_epoch.misses_exact(table):.4f}%",
    }


def meeting_numbers(table: pd.DataFrame) -> dict[str, str]:
    """Forces, memory of the start and sizes at all strengths but the last, by number."""
    listed = ratios(table)[:-1]
    found = {
        "alike": listing([strength(r) for r in course.alike(table)]) or "none of them",
        "kept_weakest": f"{course.kept(table, listed[0]):.0%}",
        "free_normal": plain(course.end(table, 0.0, "normal", "rms_1").estimate),
        "free_lecun": plain(course.end(table, 0.0, "lecun", "rms_1").estimate),
        "crossing": verdicts.crossing(table),
        "gap_first": points_span(verdicts.gap(table, 1)),
        "gap_last": points_span(verdicts.gap(table)),
        "repair": verdicts.repair(table),
    }
    for number, ratio in enumerate(listed, 1):
        found |= {
            f"memory{number}": plain(course.memory(table, ratio)),
            f"noisy{number}": "{:.1f} to {:.1f}".format(*course.noisy(table, ratio)),
            f"drift{number}": f"{100 * course.drift(table, ratio):.1f}%",
            f"balance{number}": "{:.2f} to {:.2f}".format(*course.balances(table, [ratio])),
            f"apart{number}": span(course.ends_ratio(table, ratio)),
            f"size{number}": plain(course.end(table, ratio, "normal", "rms_1").estimate),
        }
    return found


def end_numbers(table: pd.DataFrame) -> dict[str, str]:
    """Exponents and norms at the minima, by number of the three largest strengths."""
    listed = minima.listed(table)[-3:]
    last = [minima.local(table, ratio)[-1] for ratio in listed]
    found = {
        "half": portion(sum(-0.5 in minima.exponent(table, r) for r in listed), len(listed)),
        "faster": portion(sum(each.high < -0.5 for each in last), len(last)),
        "lasts": listing([span(each, ".3f") for each in last]),
        "nearing": portion(minima.nearing(table), len(minima.listed(table))),
        "settling": f"{100 * minima.settling(table):.1f}%",
        "constants": plain(table["constants"].mean()),
        "far": plain(minima.times(table, listed[0], 1.0)),
        "most_weights": f"{table['weights'].max():,}",
        "imbalance": f"{100 * minima.imbalance(table):.1f}%",
        "apart": f"{100 * minima.apart(table):.1f}%",
    }
    for number, ratio in enumerate(listed, 1):
        locals_at = [f"{each.estimate:z.3f}" for each in minima.local(table, ratio)]
        found |= {
            f"end{number}": strength(ratio),
            f"exponent{number}": span(minima.exponent(table, ratio)),
            f"local{number}": ", ".join(locals_at),
            f"norm{number}": plain(minima.widest(table, ratio, "norm").estimate),
            f"bound{number}": plain(minima.widest(table, ratio, "bound").estimate),
        }
    return found


def kurtosis_numbers(table: pd.DataFrame) -> dict[str, str]:
    """From one product to a sum over many units."""
    most = int(table["width"].max())
    slopes = {name: kurtosis.slope(table, name) for name in kurtosis.LOOKS}
    return {
        "most": f"{most}",
        "kurtosis_one": span(kurtosis.at(table, "linear", 1, "kurtosis")),
        "kurtosis_wide": span(kurtosis.at(table, "sigmoid", most, "kurtosis")),
        "kurtosis_linear": span(slopes["linear"]),
        "kurtosis_sigmoid": span(slopes["sigmoid"]),
        "kurtosis_held": (
            "both intervals hold −1"
            if all(-1.0 in found for found in slopes.values())
            else "not both intervals hold −1"
        ),
        "slope_wide": percent_span(kurtosis.at(table, "sigmoid", most, "slope")),
    }
