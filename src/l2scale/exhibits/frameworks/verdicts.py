"""What the chapter says of the value, of the factor 0.99, and of what to compare by."""

from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.drawing import percent, plain, span
from l2scale.exhibits.frameworks.chosen_by_cost import best, chosen, excess, strengths, worded
from l2scale.exhibits.frameworks.in_loss_or_on_weights import apart, nearest, rounding
from l2scale.exhibits.frameworks.sweeps import BASE, LEFT, STRONG
from l2scale.exhibits.frameworks.watched_cost import (
    both,
    bounds,
    compared,
    earlier,
    own_value,
    unclipped,
    unfinished,
)
from l2scale.exhibits.frameworks.watching import CONSTANT

ROUNDING = 1e-10  # relative; float64 gives 1e-16 a step


@settles("C13", figure="watched-cost")
def value(result: Result) -> Verdict:
    """Not to a step, but to what watches the cost or measures the gradient."""
    table = both(result)
    tight = bounds(table)[0]
    stopped, shrunk = unfinished(table, "constant"), compared(table, tight)
    sooner, own = (span(earlier(table, name), ".0f") for name in ("constant", "cost"))
    numbers = {"loss_ratio": stopped.estimate, "norm_ratio": shrunk.estimate}
    if stopped.low <= 1 or 1 in shrunk or unclipped(table) > ROUNDING:
        statement = (
            "A scheduler that watches the cost and a clip of the gradient have to be tried on more "
            "seeds: their effects are within the intervals."
        )
        return Verdict("OPEN", statement, numbers)
    return Verdict(
        "CONDITIONAL",
        "TRUE of the steps and of the minimiser: they know the force alone. FALSE of what looks at "
        f"the number: with {CONSTANT:g} added to what ReduceLROnPlateau watches, at equal "
        f"gradients, the rate falls {sooner} steps earlier and training ends at {span(stopped)} "
        f"times the loss; with this penalty's own {plain(own_value(table))} the shift is {own}. "
        "FALSE of what measures the whole gradient, too: clipped to a length of "
        f"{plain(tight)}, the same λ as weight_decay ends at {span(shrunk)} times the sum of "
        "squares that it has in the loss.",
        numbers,
    )


@settles("C14", figure="in-loss-or-on-weights")
def factor(result: Result) -> Verdict:
    """The same under SGD, nearly with momentum, not under Adam; and 0.99 is one strength."""
    table, tried = result["kinds"].table, strengths(result)
    late, (_, off) = apart(table, "momentum", "late"), nearest(table)
    costs = {metric: excess(tried, STRONG, metric) for metric in ("loss", "error")}
    numbers = {"sgd": rounding(table), "momentum": late, "adam": off.estimate}
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
        f"{percent(late)} of the weights' length apart. FALSE under Adam: no share that was tried "
        f"comes nearer than {percent(off.estimate)}. And {LEFT:g} is one strength among others: "
        f"the best λ here is {plain(best(tried, 'loss').estimate)} by validation loss and "
        f"{plain(best(tried, 'error').estimate)} by error, and against these {LEFT:g} costs "
        f"{worded(costs['loss'], 'loss')} and {worded(costs['error'], 'error')}.",
        numbers,
    )


@settles("C15", figure="chosen-by-cost")
def compare(result: Result) -> Verdict:
    """The cost chooses the least penalty, whatever it does to the network."""
    table = strengths(result)
    lam = chosen(table, "val_cost")
    costs = {metric: excess(table, lam, metric) for metric in ("loss", "error")}
    numbers = {metric: cost.estimate for metric, cost in costs.items()} | {"lam": lam}
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
        f"{worded(costs['error'], 'error')} of test error. At the minima of the training cost "
        "this is a theorem: the least cost rises with λ.",
        numbers,
    )
