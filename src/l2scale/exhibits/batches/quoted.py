"""What the prose quotes."""

import numpy as np
import pandas as pd

from l2scale.catalogue.numerals import listing, percent, plain, points_span, span
from l2scale.catalogue.results import Result
from l2scale.exhibits.batches.arms import (
    METRICS,
    SHORT,
    clock,
    excess,
    gain_of_largest,
    halved_table,
    judged,
    local_powers,
    of_arm,
    optimum_table,
    power,
)
from l2scale.exhibits.batches.best_by_batch import said
from l2scale.exhibits.batches.conventions import CONVENTIONS
from l2scale.exhibits.batches.one_trajectory import at_end, largest, misled
from l2scale.exhibits.batches.steps_or_epochs import (
    AXES,
    by,
    course_table,
    direction,
    ratio,
    times,
)
from l2scale.exhibits.batches.steps_or_epochs import METRICS as COURSES
from l2scale.exhibits.batches.sweeps import BASE, REFERENCE, SETTINGS
from l2scale.exhibits.batches.walks import WALK
from l2scale.exhibits.outcomes import moves, narrow
from l2scale.lab.estimates import Interval
from l2scale.theory.epochs import epoch_factor
from l2scale.theory.penalties import decay_factor


def numbers(result: Result) -> dict[str, str]:
    """What the prose quotes."""
    walks, best, course = result["walks"].table, optimum_table(result), course_table(result)
    return (
        setting_numbers(result)
        | walk_numbers(walks)
        | form_numbers(SETTINGS[result.scale]["walk_batches"][0])
        | decay_numbers(result["kept"].table)
        | arm_numbers(pd.concat([best, halved_table(result)]))
        | clock_numbers(best)
        | bend_numbers(result)
        | course_numbers(course)
    )


def setting_numbers(result: Result) -> dict[str, str]:
    """The set-up."""
    at = SETTINGS[result.scale]
    sizes = at["batches"]
    rates = [BASE.lr * size / REFERENCE for size in (sizes[0], sizes[-1])]
    return {
        "batches": listing([f"{size}" for size in sizes]),
        "small": f"{sizes[0]}",
        "large": f"{sizes[-1]}",
        "samples": f"{BASE.n_train}",
        "hidden": f"{BASE.hidden[0]}",
        "seeds": f"{at['seeds']}",
        "epochs": f"{at['epochs']:,}",
        "rate": plain(BASE.lr),
        "rate_small": plain(rates[0]),
        "rate_large": plain(rates[1]),
    }


def walk_numbers(table: pd.DataFrame) -> dict[str, str]:
    """The trajectories: rounding, and the two ends of the misuse."""
    off = misled(table, "mean_scaled")
    sizes = sorted(off)
    strengths = at_end(table, "mean_scaled").groupby("batch_size")["book_lam"].first()
    return {
        "walk_lam": plain(WALK.lam),
        "walk_rate": plain(WALK.lr),
        "walk_steps": f"{table['step'].max():,}",
        "walk_seeds": f"{table['seed'].nunique()}",
        "rounding": f"{largest(table):.0e}",
        "off_small": percent(off[sizes[0]]),
        "off_large": percent(off[sizes[-1]]),
        "lam_small": plain(strengths[sizes[0]]),
        "lam_large": plain(strengths[sizes[-1]]),
    }


def form_numbers(batch: int) -> dict[str, str]:
    """What each convention's strength and rate are for the trajectories, in batches of a size."""
    found = {}
    for name, form in CONVENTIONS.items():
        own = form.own(WALK.lam, batch, WALK.n_train)
        found[f"own_{name}"] = plain(own)
        found[f"rate_{name}"] = plain(form.rate(WALK.lr, own, batch, WALK.n_train))
    return found


def unused_off(table: pd.DataFrame) -> float:
    """The largest relative difference of unopposed weights from (1 - 2 eta lambda)^steps.

    Between the first look and the next, over all networks with two looks.
    """
    keys = ["batch_size", "lam", "seed"]
    by_step = table.pivot(index=keys, columns="step", values="unused_1")
    first, second = sorted(by_step.columns)[:2]
    found = (by_step[second] / by_step[first]).dropna()
    kept = [decay_factor(BASE.lr, lam) for lam in found.index.get_level_values("lam")]
    return float((found / np.power(kept, second - first) - 1).abs().max())


def decay_numbers(table: pd.DataFrame) -> dict[str, str]:
    """What decay does in an epoch, by the formula; and how far measurement is from it."""
    sizes = sorted(table["batch_size"].unique())
    left = [
        epoch_factor(BASE.lr, WALK.lam, BASE.n_train // int(size)) for size in (sizes[0], sizes[-1])
    ]
    return {
        "left_small": percent(left[0]),
        "left_large": percent(left[1]),
        "unused_off": percent(unused_off(table)),
    }


def worded(found: Interval, metric: str) -> str:
    """A cost in the units of its metric; none where the same lambda of the grid is best."""
    if np.isnan(found.estimate):
        return "not tried"
    if found.low == found.high == 0:
        return "none"
    return points_span(found) if metric == "error" else f"{span(found, '.3f')} nats"


def arm_numbers(table: pd.DataFrame) -> dict[str, str]:
    """Powers of the batch size, whether the predictions held, and what keeping lambda costs."""
    found = {}
    for arm in table["arm"].unique():
        for metric in METRICS:
            found[f"power_{arm}_{metric}"] = said(power(table, arm, metric))
            found[f"judged_{arm}_{metric}"] = judged(table, arm, metric)
            found[f"cost_{arm}_{metric}"] = worded(excess(table, arm, metric), metric)
    for metric in METRICS:
        found[f"moves_{metric}"] = moves(power(table, "epochs", metric))
    return found


def clock_numbers(table: pd.DataFrame) -> dict[str, str]:
    """2 eta lambda* t at the ends of the batch sizes, as many epochs at one rate."""
    found = {}
    for metric in METRICS:
        for name, place in (("small", 0), ("large", -1)):
            found[f"clock_{name}_{metric}"] = f"{clock(table, 'epochs', metric, place):.2g}"
    steps = of_arm(table, "epochs", "loss")["step"]
    found |= {"steps_small": f"{steps.iloc[0]:,}", "steps_large": f"{steps.iloc[-1]:,}"}
    found["steps"] = f"{of_arm(table, 'steps', 'loss')['step'].iloc[0]:,}"
    return found | {"short": plain(SHORT)}


def bend_numbers(result: Result) -> dict[str, str]:
    """At equal epochs and rate by loss: the power at either end, and how deep the valley is."""
    words = [
        f"{said(found)} from {low} to {high}"
        + ("" if narrow(found) else ", too wide to tell its size")
        for low, high, found in local_powers(result)
    ]
    return {
        "local_small": words[0],
        "local_large": words[-1],
        "gain_large": f"{span(gain_of_largest(result), '.4f')} nats",
    }


def course_numbers(table: pd.DataFrame) -> dict[str, str]:
    """The ends of the smallest batches' course; the largest batches against them."""
    errors = by(table, "error")["lam"]
    found = {"error_low": plain(errors.min()), "error_high": plain(errors.max())}
    for x in AXES:
        found |= {f"ratio_{x}": times(ratio(table, x))}
    for metric in ("error", "loss_noisy"):
        found[f"ratio_epochs_{metric}"] = times(ratio(table, "epochs", metric))
    for metric in ("loss", "loss_noisy"):
        rows = by(table, metric).sort_values(["batch_size", "step"])
        rows = rows[rows["batch_size"] == rows["batch_size"].min()]
        for name, row in (("first", rows.iloc[0]), ("last", rows.iloc[-1])):
            found[f"{name}_{metric}"] = strength(row)
            found[f"{name}_step"] = f"{row['step']:,}"
    found |= {"asked": plain(rows["step"].min() / rows["step"].max())}
    courses = {metric: ratio(table, "course", metric) for metric in COURSES}
    left = np.log(courses["loss_noisy"].estimate) / np.log(courses["loss"].estimate)
    found |= {"noisy_share": f"{100 * left:.0f}%"}
    found |= {f"course_{metric}": times(of) for metric, of in courses.items()}
    return found | {f"moved_{metric}": direction(of) for metric, of in courses.items()}


def strength(row: pd.Series) -> str:
    """A best lambda with its interval; a bound where it is at an edge."""
    bound = {"low": "at most ", "high": "at least "}.get(row["edge"])
    if bound:
        return bound + plain(row["lam"])
    return f"{plain(row['lam'])} [{plain(row['lam_low'])}, {plain(row['lam_high'])}]"
