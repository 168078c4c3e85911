"""What the prose quotes."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.exhibits.bad_start import by_epoch, ends, kurtosis, meet, share, start_forces
from l2scale.exhibits.bad_start.by_epoch import by_epoch_table
from l2scale.exhibits.bad_start.ends import ends_table
from l2scale.exhibits.bad_start.quoted_published import published_numbers
from l2scale.exhibits.bad_start.start_forces import starts_table
from l2scale.exhibits.bad_start.sweeps import SETTINGS, SIGMOIDS
from l2scale.exhibits.bad_start.tables import (
    at_epoch,
    decay_table,
    mean,
    part,
    ratios,
    strength,
)
from l2scale.exhibits.drawing import listing, percent, percent_span, plain, span
from l2scale.lab.datasets import load
from l2scale.theory.epochs import relative_error
from l2scale.theory.saturation import mean_square_slope


def numbers(result: Result) -> dict[str, str]:
    """What the prose quotes."""
    moved = decay_table(result)
    return (
        setup_numbers(result)
        | start_numbers(starts_table(result), moved)
        | share_numbers(moved, by_epoch_table(result))
        | epoch_numbers(by_epoch_table(result))
        | meeting_numbers(moved)
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
        "equal_inside": f"{held} of {of}",
        "force_off": f"{100 * start_forces.off(table):.0f}%",
        "his": f"{start_forces.HIS:g}",
        "his_factor": f"{start_forces.equality(table, 1) / start_forces.HIS:.0f}",
        "start_loss": plain(mean(first, "train_loss").estimate),
    }


def share_numbers(moved: pd.DataFrame, sizes: pd.DataFrame) -> dict[str, str]:
    """Shares of decay in the first epoch, where the network learns and where decay rules."""
    learns, weakest = meet.shown(moved), ratios(moved)[0]
    top = max(ratios(moved))
    one = at_epoch(part(moved, learns), 1)
    return {
        "learns": strength(learns),
        "weakest": strength(weakest),
        "top": strength(top),
        "peak_weakest": percent(share.peak(moved, weakest).estimate),
        "peak_learns": percent_span(share.peak(moved, learns)),
        "peak_learns_output": percent_span(share.peak(moved, learns, 2)),
        "peak_top": percent_span(share.peak(moved, top)),
        "error_learns": percent_span(share.end_error(moved, learns)),
        "error_top": percent_span(share.end_error(moved, top)),
        "error_first": percent_span(mean(one, "test_error")),
        "live": percent_span(by_epoch.after_one(sizes, learns, "live")),
        "dead": percent_span(by_epoch.after_one(sizes, learns, "dead")),
    }


def epoch_numbers(table: pd.DataFrame) -> dict[str, str]:
    """How well an exponential gives the decay of an epoch."""
    worst = max(ratios(table), key=lambda ratio: abs(by_epoch.excess(table, ratio)))
    lr, lam, _ = by_epoch.of(table, worst)
    return {
        "close": listing([strength(ratio) for ratio in by_epoch.close(table)]) or "none",
        "worst": strength(worst),
        "worst_step": f"{2 * lr * lam:.0%}",
        "worst_excess": percent(by_epoch.excess(table, worst)),
        "worst_predicted": percent(relative_error(*by_epoch.of(table, worst))),
        "exact_miss": f"{100 * by_epoch.misses_exact(table):.4f}%",
    }


def meeting_numbers(table: pd.DataFrame) -> dict[str, str]:
    """Forces at the end, and what is left of the start."""
    top, listed = meet.shown(table), meet.learned(table)
    found = [interval.estimate for interval in meet.balance(table, top).values()]
    ends_at = [plain(meet.end(table, ratio, "lecun", "rms_1").estimate) for ratio in listed]
    return {
        "balance": f"{min(found):.3f} to {max(found):.3f}",
        "change_normal": plain(meet.change(table, top, "normal")),
        "change_lecun": plain(meet.change(table, top, "lecun")),
        "alike": listing([strength(r) for r in listed if meet.same(table, r)]) or "none of them",
        "kept_weakest": f"{meet.kept(table, ratios(table)[0]):.0%}",
        "starts_weakest": span(meet.ends_ratio(table, ratios(table)[0])),
        "sizes": listing(ends_at),
        "sizes_at": listing([strength(ratio) for ratio in listed]),
    }


def end_numbers(table: pd.DataFrame) -> dict[str, str]:
    """Exponents and prefactors at the minima."""
    listed = ends.listed(table)
    weak = listed[0]
    return {
        "exponents": listing([span(ends.exponent(table, ratio)) for ratio in listed]),
        "exponents_wide": listing([span(ends.exponent(table, r, wide=True)) for r in listed]),
        "end_strengths": listing([strength(ratio) for ratio in listed]),
        "norms": listing([plain(ends.widest(table, r, "norm").estimate) for r in listed]),
        "bound": plain(ends.widest(table, weak, "bound").estimate),
        "norm_weak": plain(ends.widest(table, weak, "norm").estimate),
        "end_weak": strength(weak),
        "constants": plain(table["constants"].mean()),
        "size_weak": plain(ends.widest(table, weak, "rms").estimate),
        "far": plain(ends.far(table, weak)),
        "most_weights": f"{table['weights'].max():,}",
        "imbalance": f"{100 * ends.imbalance(table):.1f}%",
        "apart": f"{100 * ends.apart(table):.1f}%",
        "half": held(all(-0.5 in ends.exponent(table, ratio) for ratio in listed)),
        "half_near": held(all(abs(ends.exponent(table, r).estimate + 0.5) < 0.05 for r in listed)),
    }


def kurtosis_numbers(table: pd.DataFrame) -> dict[str, str]:
    """From one product to a sum over many units."""
    most = int(table["width"].max())
    outside = [kurtosis.at(table, "sigmoid", width, "outside").estimate for width in (1, most)]
    slopes = {name: kurtosis.slope(table, name) for name in kurtosis.LOOKS}
    return {
        "most": f"{most}",
        "kurtosis_one": span(kurtosis.at(table, "linear", 1, "kurtosis")),
        "kurtosis_wide": span(kurtosis.at(table, "sigmoid", most, "kurtosis")),
        "kurtosis_linear": span(slopes["linear"]),
        "kurtosis_sigmoid": span(slopes["sigmoid"]),
        "kurtosis_held": held(all(-1.0 in found for found in slopes.values())),
        "outside_one": f"{100 * outside[0]:.2f}%",
        "outside_wide": f"{100 * outside[1]:.2f}%",
        "outside_normal": f"{100 * kurtosis.NORMAL_TAIL:.2f}%",
        "slope_wide": percent_span(kurtosis.at(table, "sigmoid", most, "slope")),
    }


def held(fact: bool) -> str:
    """Whether a prediction held."""
    return "yes" if fact else "no"
