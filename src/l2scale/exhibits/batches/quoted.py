"""What the prose quotes."""

import numpy as np
import pandas as pd

from l2scale.catalogue.results import Result
from l2scale.exhibits.batches.arms import (
    ARMS,
    METRICS,
    excess,
    judged,
    of_arm,
    optimum_table,
    power,
)
from l2scale.exhibits.batches.best_by_batch import said
from l2scale.exhibits.batches.conventions import CONVENTIONS
from l2scale.exhibits.batches.one_trajectory import at_end, largest, misled
from l2scale.exhibits.batches.steps_or_epochs import (
    KNOWN,
    by,
    course_table,
    disagreement,
    early_stopping,
    known,
    times,
)
from l2scale.exhibits.batches.sweeps import BASE, REFERENCE, SETTINGS
from l2scale.exhibits.batches.walks import WALK
from l2scale.exhibits.drawing import listing, percent, plain, points_span, span
from l2scale.exhibits.judged import moves
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
        | arm_numbers(best)
        | clock_numbers(best)
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
    off = misled(table)
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
    for arm in ARMS:
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
        rows = of_arm(table, "epochs", metric)
        for name, place in (("small", 0), ("large", -1)):
            row = rows.iloc[place]
            found[f"clock_{name}_{metric}"] = plain(
                float(f"{2 * row['lr'] * row['lam'] * row['step']:.2g}")
            )
            found[f"steps_{name}"] = f"{int(row['step']):,}"
    found["steps"] = f"{int(of_arm(table, 'steps', 'loss')['step'].iloc[0]):,}"
    return found


def course_numbers(table: pd.DataFrame) -> dict[str, str]:
    """Disagreement at equal steps and at equal epochs, and the span by error."""
    errors = by(table, "error")["lam"]
    q, limit, off = early_stopping(table)
    rows = known(by(table, "loss")).sort_values(["batch_size", "step"])
    small = rows[rows["batch_size"] == table["batch_size"].min()]
    ends = {"first": small.iloc[0], "last": small.iloc[-1]}
    found = {f"course_{name}": plain(row["lam"]) for name, row in ends.items()}
    found |= {f"course_{name}_step": f"{int(row['step']):,}" for name, row in ends.items()}
    return found | {
        "ratio_steps": times(disagreement(table, "step")),
        "ratio_epochs": times(disagreement(table, "epochs")),
        "known": f"{KNOWN:g}",
        "early_q": plain(q),
        "early_limit": plain(limit),
        "early_off": percent(off),
        "error_low": plain(errors.min()),
        "error_high": plain(errors.max()),
    }
