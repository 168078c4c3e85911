"""What the chapter says of the value, of the factor 0.99, and of what to compare by."""

from l2scale.catalogue.numerals import percent, plain, span
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.frameworks.chosen_by_cost import best, chosen, excess, strengths, worded
from l2scale.exhibits.frameworks.in_loss_or_on_weights import apart, by_factor, nearest, rounding
from l2scale.exhibits.frameworks.sweeps import BASE, LEFT, STRONG
from l2scale.exhibits.frameworks.watched_cost import (
    both,
    earlier,
    own_value,
    unfinished,
)
from l2scale.exhibits.frameworks.watching import CONSTANT

ROUNDING = 1e-10  # relative; float64 gives 1e-16 a step


@settles("C13", figure="watched-cost", derivation="prop-local")
def value(result: Result) -> Verdict:
    """Not to a step, but to what watches the cost and takes it for a share."""
    table = both(result)
    stopped, sooner = unfinished(table, "constant"), earlier(table, "constant")
    numbers = {"times the training loss": stopped.estimate, "steps earlier": sooner.estimate}
    if stopped.low <= 1 or sooner.low <= 0:
        statement = (
            "A scheduler that watches the cost has to be tried on more seeds: its effect is within "
            "the intervals."
        )
        return Verdict("OPEN", statement, numbers)
    return Verdict(
        "CONDITIONAL",
        "TRUE of the steps and of the minimiser: they know the force alone. FALSE of what looks at "
        f"the number as a share: with {CONSTANT:g} added to what PyTorch's ReduceLROnPlateau "
        f"watches, at equal gradients, the rate falls {span(sooner, '.0f')} steps earlier and "
        f"training ends at {span(stopped)} times the training loss; with this penalty's own "
        f"{plain(own_value(table))} the shift is {span(earlier(table, 'cost'), '.0f')}.",
        numbers,
    )


@settles("C14", figure="in-loss-or-on-weights", derivation="prop-fw-sgd")
def factor(result: Result) -> Verdict:
    """The same under SGD, nearly with momentum, not under Adam; and 0.99 is one strength."""
    table, tried = result["kinds"].table, strengths(result)
    late, (times, off) = apart(table, "momentum", "late"), nearest(table)
    costs = {metric: excess(tried, STRONG, metric) for metric in ("loss", "error")}
    numbers = {
        "relative difference, SGD": rounding(table), "momentum": late, "Adam": off.estimate
    }  # fmt: skip
    if not rounding(table) < ROUNDING < late < off.low:
        statement = (
            "SGD, momentum and Adam have to be told apart by more than rounding and by more than "
            "the seeds differ, which this scale does not do."
        )
        return Verdict("OPEN", statement, numbers)
    return Verdict(
        "CONDITIONAL",
        f"TRUE under SGD without momentum at one rate: ×{LEFT:g} is then λ = {plain(STRONG)} at "
        f"η = {plain(BASE.lr)}, to {rounding(table):.0e} of the weights. With momentum the two end "
        f"{percent(late)} of the weights' length apart. FALSE under Adam: the nearest of "
        f"{len(by_factor(table))} shares tried, 2ηλ times {plain(times)}, is "
        f"{percent(off.estimate)} off. And {LEFT:g} is one strength among others: "
        f"the best λ here is {plain(best(tried, 'loss').estimate)} by validation loss and "
        f"{plain(best(tried, 'error').estimate)} by error, and against these {LEFT:g} costs "
        f"{worded(costs['loss'], 'loss')} and {worded(costs['error'], 'error')}.",
        numbers,
    )


@settles("C15", figure="chosen-by-cost", derivation="prop-fw-cost")
def compare(result: Result) -> Verdict:
    """The cost chooses the least penalty, whatever it does to the network."""
    table = strengths(result)
    lam = chosen(table, "val_cost")
    costs = {metric: excess(table, lam, metric) for metric in ("loss", "error")}
    numbers = {f"more test {metric}": cost.estimate for metric, cost in costs.items()}
    numbers["λ chosen"] = lam
    if lam != table["lam"].min() or min(cost.low for cost in costs.values()) <= 0:
        statement = (
            "Here the validation cost with its penalty does not choose the least λ, or chooses as "
            "well as the loss does: a task where they part would settle it."
        )
        return Verdict("OPEN", statement, numbers)
    return Verdict(
        "TRUE",
        "With the penalty in it, the validation cost is least at the least λ tried, "
        f"{plain(lam)}. Against the λ of least validation loss that costs "
        f"{worded(costs['loss'], 'loss')} of test loss, and against that of least validation error "
        f"{worded(costs['error'], 'error')} of test error, on this task. At the minima of the "
        "training cost there is a theorem: the least cost cannot fall as λ rises.",
        numbers,
    )
