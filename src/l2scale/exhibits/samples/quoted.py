"""What the prose quotes."""

import numpy as np
import pandas as pd

from l2scale.catalogue.numerals import grid_step, percent, plain, span
from l2scale.catalogue.results import Result
from l2scale.exhibits.outcomes import excludes, outcome, outcome_of_range
from l2scale.exhibits.samples import pairs, risks, shares, spike
from l2scale.exhibits.samples.carrying import (
    LINEAR,
    NETWORKS,
    carried_numbers,
    carried_table,
    factor,
    keeping_costs,
    one,
    won,
)
from l2scale.exhibits.samples.right_labels import right_numbers
from l2scale.exhibits.samples.sweeps import MINIMUM, NOISY, SIGMA
from l2scale.exhibits.samples.tasks import (
    TASKS,
    best_table,
    cell,
    exponent_of,
    gap,
    rows_of,
    said,
)
from l2scale.exhibits.samples.verdicts import learned
from l2scale.lab.estimates import Interval
from l2scale.theory.shrinkage import best_threshold

ANSWERS = {"held": "yes", "failed": "no", "undecided": "open"}
USED = 0.05  # share of the coefficients that are not 0 in the model of a threshold


def numbers(result: Result) -> dict[str, str]:
    """What the prose quotes."""
    best, sticks = best_table(result), shares.yardstick_table(result)
    costs = carried_table(result)
    return (
        setting(result)
        | ridge_numbers(result)
        | spike_numbers(result)
        | power_numbers(best)
        | stick_numbers(result, sticks)
        | carried_numbers(costs)
        | {f"one_noise_{task}": span(found) for task, found in one_noise(best, sticks).items()}
        | right_numbers(result)
        | ends_of_training(result, best)
        | {
            "root_wins": won(costs, NETWORKS, "over sqrt n"),
            "inverse_wins": won(costs, LINEAR, "over n"),
            "logistic_within": logistic_within(costs),
            "gap_logistic": f"{gap(best, 'logistic'):.1f}",
            "gap_digits": f"{gap(best, 'digits'):.1f}",
            "learned": span(learned(result)),
            "kept_costs": keeping_costs(costs),
        }
        | kept(result, best, sticks)
    )


def setting(result: Result) -> dict[str, str]:
    """The tasks."""
    digits, teacher = result["digits"].table, result["teacher"].table
    return {
        "factor": f"{factor(result, 'digits')}",
        "digits_least": f"{digits['n_train'].min():,}",
        "digits_most": f"{digits['n_train'].max():,}",
        "drawn_least": f"{teacher['n_train'].min():,}",
        "drawn_most": f"{teacher['n_train'].max():,}",
        "digits_units": f"{digits['width'].iloc[0]}",
        "drawn_units": f"{teacher['width'].iloc[0]}",
        "wrong": percent(MINIMUM.label_noise),
        "sigma": f"{SIGMA:g}",
        "noise_n": f"{result['noise'].table['n_train'].iloc[0]:,}",
        "sgd_steps": f"{result['sgd'].table['steps'].iloc[0]:,}",
        "grid_step": grid_step(digits["lam"]),
        "digits_iterations": f"{digits['steps'].iloc[0]}",
        "drawn_iterations": f"{teacher['steps'].iloc[0]}",
    }


def ends_of_training(result: Result, best: pd.DataFrame) -> dict[str, str]:
    """How near training came to a minimum at the most samples: a force ratio of 1 is one."""
    rows = rows_of(result, "digits")
    most = rows[rows["n_train"] == rows["n_train"].max()]
    first, last = (cell(best, "digits").sort_values("n").iloc[place] for place in (0, -1))
    wanted = {"force_best": last["lam"], "force_inverse": first["lam"] * first["n"] / last["n"]}
    forces = most.groupby("lam")["force_ratio"].median()
    # Both are between two of the grid's; the nearer one stands for it.
    found = {
        key: f"{forces.iloc[np.abs(np.log(forces.index / lam)).argmin()]:.2f}"
        for key, lam in wanted.items()
    }
    sgd = result["sgd"].table.iloc[0]
    lam = cell(best, "sgd").sort_values("n")["lam"].iloc[-1]
    return found | {"sgd_clock": f"{2 * sgd['lr'] * lam * sgd['steps']:.0f}"}


def logistic_within(costs: pd.DataFrame) -> str:
    """What dividing costs logistic regression at most, by either rule, to its interval's end."""
    ends = [one(costs, "logistic", rule)["ratio_high"] for rule in ("over sqrt n", "over n")]
    return percent(max(ends) - 1)


def ridge_numbers(result: Result) -> dict[str, str]:
    """Ridge: how near the theorem is, and what each rule comes to."""
    found, table = result["ridge_pairs"].table, result["ridge_risk"].table
    n = result["ridge_risk"].configuration["inputs"]
    last = int(table["n"].max())
    return {
        "pairs": f"{len(pairs.ratios(found))}",
        "farthest": percent(pairs.farthest(found)),
        "bar": percent(pairs.BAR),
        "peak_tuned": f"{risks.risk_at(table, n, 'over n').estimate:.2f}",
        "ridge_inputs": f"{n}",
        "ridge_lam": plain(table["lam"].max()),
        "floor": f"{risks.floor(table):.3f}",
        "tuned_last": f"{risks.risk_at(table, last, 'over n').estimate:.3f}",
        "kept_last": f"{risks.risk_at(table, last, 'kept').estimate:.3f}",
        "peak": f"{risks.without(table).idxmax()}",
        "kept_fall": span(risks.fall(table, "kept"), ".3f"),
    }


def spike_numbers(result: Result) -> dict[str, str]:
    """The task on which the best ridge is negative."""
    table, at = result["ridge_spike"].table, result["ridge_spike"].configuration
    return {
        "spike_best": f"{spike.best(table):z.2f}",
        "spike_gain": span(spike.gain(table)),
        "spike_inputs": f"{at['inputs']}",
        "spike_samples": f"{at['samples']}",
    }


def power_numbers(best: pd.DataFrame) -> dict[str, str]:
    """Every exponent in n, over all of them, the first two and the last two."""
    return {
        "_".join(filter(None, ("power", task.name, metric, end))): said(
            best, task.name, metric, end
        )
        for task in TASKS
        for metric in task.metrics
        for end in ("", "first", "last")
    }


def stick_numbers(result: Result, table: pd.DataFrame) -> dict[str, str]:
    """The share of the yardstick, the power of the noise, and what the model says of it."""
    drifts = {f"drift_{task}": span(shares.drift(result, task)) for task in shares.LOOKS}
    return drifts | {
        "stick_digits": span(shares.stick_power(result, "digits")),
        "stick_teacher": span(shares.stick_power(result, "teacher")),
        "power_sigma_teacher": span(shares.power(table, "teacher")),
        "power_sigma_line": span(shares.power(table, "line")),
        "model_weak": f"{model_slope(0.1):.2f}",
        "model_strong": f"{model_slope(0.5):.2f}",
        "model_used": percent(USED),
    }


def one_noise(best: pd.DataFrame, sticks: pd.DataFrame) -> dict[str, Interval]:
    """By task, the power of n less what that of sigma stands for: 0 if noise is all there is."""
    return {
        task: shares.less(exponent_of(best, task), half(shares.power(sticks, task)))
        for task in NOISY
    }


def half(power: Interval) -> Interval:
    """The power of n that a power of sigma stands for if both act through sigma/sqrt(n) alone."""
    return Interval(-power.estimate / 2, -power.high / 2, -power.low / 2, power.n)


def model_slope(s: float, step: float = 1.05) -> float:
    """Slope of log threshold in log s where a share `USED` of the coefficients is 1, others 0."""
    b = np.zeros(1000)
    b[: round(USED * len(b))] = 1.0
    high, low = (best_threshold(b, s * ratio) for ratio in (step, 1 / step))
    return float(np.log(high / low) / (2 * np.log(step)))


def kept(result: Result, best: pd.DataFrame, sticks: pd.DataFrame) -> dict[str, str]:
    """Whether each prediction held, by the intervals."""
    near = pairs.within_bar(result["ridge_pairs"].table)
    sigma = {task: shares.power(sticks, task) for task in NOISY}
    return (
        {"kept_ridge": "yes" if near else "no"}
        | {
            "kept_peak": "yes"
            if risks.without(result["ridge_risk"].table).idxmax()
            == result["ridge_risk"].configuration["inputs"]
            else "no",
            "kept_floor": "yes" if risks.above_floor(result["ridge_risk"].table) else "no",
            "kept_negative": "yes" if spike.best(result["ridge_spike"].table) < 0 else "no",
        }
        | {"kept_monotone": "yes" if risks.never_rises(result["ridge_risk"].table) else "no"}
        | {
            f"kept_{task.name}_{metric}": held(
                *(exponent_of(best, task.name, metric, end) for end in ("", "first", "last")),
                task.predicted,
            )
            for task in TASKS
            for metric in task.metrics
        }
        | {f"kept_share_{t}": answer(shares.drift(result, t), 0) for t in shares.LOOKS}
        | {
            f"kept_sigma_{task}": ANSWERS[outcome_of_range(found, 1, 2)]
            for task, found in sigma.items()
        }
        | {f"kept_one_noise_{task}": answer(i, 0) for task, i in one_noise(best, sticks).items()}
    )


def answer(found: Interval, value: float) -> str:
    """What became of a predicted value, in a word of the tables."""
    return ANSWERS[outcome(found, value)]


def held(found: Interval, first: Interval, last: Interval, value: float) -> str:
    """Whether a power over all n is the value, and whether those at both ends allow one power."""
    said = answer(found, value)
    apart = first.high < last.low or last.high < first.low
    if said == "no":
        return "no, and bends" if apart else said
    missed = excludes(first, value) and excludes(last, value)
    return "bends" if said == "yes" and (apart or missed) else said
