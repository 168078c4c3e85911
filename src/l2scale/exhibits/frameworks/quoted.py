"""What the prose quotes."""

import pandas as pd

from l2scale.catalogue.numerals import (
    listing,
    percent,
    percent_point_span,
    plain,
    span,
    to_rounding,
)
from l2scale.catalogue.results import Result
from l2scale.exhibits.frameworks import alpha, applied, forgetting, kinds, watching
from l2scale.exhibits.frameworks.chosen_by_cost import best, chosen, excess, strengths, worded
from l2scale.exhibits.frameworks.in_loss_or_on_weights import (
    apart,
    at_end,
    by_factor,
    furthest,
    nearest,
    rounding,
)
from l2scale.exhibits.frameworks.same_number import (
    ends,
    largest_miss,
    libraries,
    same_table,
    times,
)
from l2scale.exhibits.frameworks.sweeps import BASE, LEFT, STRONG
from l2scale.exhibits.frameworks.unused_by_optimiser import (
    FROM,
    amount_off,
    pace_off,
    path,
    paths,
    share_off,
    steps_to,
)
from l2scale.exhibits.frameworks.watched_cost import (
    at_once,
    both,
    bounds,
    clips,
    compared,
    earlier,
    fallen,
    lowered,
    own_value,
    unclipped,
    unfinished,
)
from l2scale.lab.estimates import Interval
from l2scale.theory.momentum import long_run_factor


def numbers(result: Result) -> dict[str, str]:
    """What the prose quotes."""
    return (
        same_numbers(same_table(result))
        | unused_numbers(paths(result))
        | kind_numbers(result["kinds"].table)
        | watched_numbers(both(result))
        | choice_numbers(strengths(result))
        | alpha_numbers(result["alpha"].table)
    )


def same_numbers(table: pd.DataFrame) -> dict[str, str]:
    """One number, in every library."""
    low, high = ends(table, "objective")
    slow, fast = ends(table, "weights")
    return {
        "typed": plain(applied.VALUE),
        "libraries": listing(libraries(table)),
        "run": f"{table.loc[table['run'], 'setting'].nunique()}",
        "read": f"{table.loc[~table['run'], 'setting'].nunique()}",
        "same_samples": f"{table['samples'].iloc[0]:,}",
        "same_batch": plain(applied.BATCH),
        "same_rate": plain(applied.LR),
        "same_off": percent(largest_miss(table)),
        "spread_low": plain(low),
        "spread_high": plain(high),
        "spread": times(table, "objective"),
        "share_low": plain(slow),
        "share_high": plain(fast),
    }


def unused_numbers(table: pd.DataFrame) -> dict[str, str]:
    """First steps and long paths of a weight without a data gradient."""
    rate, strong = forgetting.RATE, max(forgetting.LAMS)
    pace = 1 - long_run_factor(rate, strong, forgetting.MOMENTUM)
    return {
        "rate": plain(rate),
        "lam_low": plain(min(forgetting.LAMS)),
        "lam_high": plain(strong),
        "momentum": plain(forgetting.MOMENTUM),
        "share_off": to_rounding(share_off(table)),
        "amount_off": percent(amount_off(table)),
        "pace": percent(pace),
        "pace_near": percent(2 * rate * strong / (1 - forgetting.MOMENTUM)),
        "pace_off": percent(pace_off(table)),
        "half": f"{steps_to(table, 0.5)}",
        "half_predicted": f"{FROM / (2 * rate):.0f}",
        "gone": f"{FROM / rate:.0f}",
        "adam_left": percent(path(table, "adam")[round(FROM / rate)]),
    }


def kind_numbers(table: pd.DataFrame) -> dict[str, str]:
    """How far a share of the weights is from a penalty in the loss."""
    factor, off = nearest(table)
    inside = at_end(table, "adam", "loss")[["unused", "sq_norm"]].mean().pow(0.5)
    beside = by_factor(table)[["unused", "sq_norm"]].mean().pow(0.5)
    return {
        "strong": plain(STRONG),
        "left": f"{LEFT:g}",
        "sgd_rate": plain(BASE.lr),
        "adam_rate": plain(kinds.ADAM_RATE),
        "walk_steps": f"{table['step'].max():,}",
        "walk_seeds": f"{table['seed'].nunique()}",
        "sgd_off": f"{rounding(table):.0e}",
        "late_off": percent(apart(table, "momentum", "late")),
        "late_most": percent(furthest(table)),
        "naive_off": percent(apart(table, "momentum", "weights")),
        "shares": f"{len(kinds.SPREAD)}",
        "adam_factor": plain(factor),
        "adam_off": percent_point_span(off),
        "adam_unused": percent(inside["unused"]),
        "adamw_unused": percent(beside.loc[1.0, "unused"]),
        "adam_all": percent(inside["sq_norm"]),
        "near_unused": percent(beside.loc[factor, "unused"]),
        "near_all": percent(beside.loc[factor, "sq_norm"]),
    }


def watched_numbers(table: pd.DataFrame) -> dict[str, str]:
    """The scheduler and the clip."""
    tight, loose = bounds(table)[0], bounds(table)[-2]
    return {
        "constant": plain(watching.CONSTANT),
        "watch_lam": plain(watching.LAM),
        "patience_loss": f"{lowered(table, 'loss').mean():.0f}",
        "patience_constant": f"{lowered(table, 'constant').mean():.0f}",
        "earlier_constant": span(earlier(table, "constant"), ".0f"),
        "earlier_cost": span(earlier(table, "cost"), ".0f"),
        "ended_constant": span(unfinished(table, "constant")),
        "ended_cost": span(unfinished(table, "cost")),
        "watch_seeds": f"{lowered(table, 'loss').size}",
        "fallen": fallen(table),
        "at_once": f"{at_once(table, 'cost')}",
        "told_ended": told(unfinished(table, "constant", "test_loss")),
        "told_clipped": told(compared(table, tight, "test_loss")),
        "ended_test": span(unfinished(table, "constant", "test_loss"), ".3f"),
        "own_value": plain(own_value(table)),
        "tight": plain(tight),
        "loose": plain(loose),
        "clipped_tight": span(compared(table, tight)),
        "clipped_loose": span(compared(table, loose), ".3f"),
        "clips_tight": percent(clips(table, tight)),
        "clips_loose": percent(clips(table, loose)),
        "clipped_test": span(compared(table, tight, "test_loss"), ".3f"),
        "unclipped": to_rounding(unclipped(table)),
    }


def told(ratio: Interval) -> str:
    """Whether the seeds tell a ratio from 1."""
    return "which these seeds do not tell from 1" if 1 in ratio else "which is told from 1"


def choice_numbers(table: pd.DataFrame) -> dict[str, str]:
    """What each criterion chooses, and what 0.99 costs."""
    found = {
        "tried": f"{table['lam'].nunique()}",
        "seeds": f"{table['seed'].nunique()}",
        "least": plain(table["lam"].min()),
        "by_train": plain(chosen(table, "cost")),
        "by_cost": plain(chosen(table, "val_cost")),
    }
    for metric in ("loss", "error"):
        found[f"best_{metric}"] = span(best(table, metric), ".2g")
        found[f"cost_{metric}"] = worded(excess(table, chosen(table, "val_cost"), metric), metric)
        found[f"strong_{metric}"] = worded(excess(table, STRONG, metric), metric)
    return found


def alpha_numbers(table: pd.DataFrame) -> dict[str, str]:
    """The lambda of MLPClassifier by batch size, seen and expected."""
    found = {"alpha": plain(alpha.ALPHA), "alpha_samples": f"{alpha.SAMPLES}"}
    found |= {"alpha_documented": plain(alpha.ALPHA / (2 * alpha.SAMPLES))}
    for place, row in enumerate(table.itertuples(), start=1):
        found[f"alpha_batch_{place}"] = f"{row.batch_size}"
        found[f"alpha_seen_{place}"] = f"{row.lam:.4g}"
        found[f"alpha_coded_{place}"] = plain(alpha.ALPHA / (2 * row.batch_size))
    return found
