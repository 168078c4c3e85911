"""The verdicts on two claims about the number of samples."""

from l2scale.catalogue.numerals import span
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.outcomes import excludes
from l2scale.exhibits.samples.carrying import carried_table, charged, one
from l2scale.exhibits.samples.risks import fall, floor, risk_at
from l2scale.exhibits.samples.tasks import best_table, exponent_of, rows_of, said
from l2scale.lab.estimates import Interval, optima, paired_interval


def learned(result: Result) -> Interval:
    """By how much the last n on digits has less test loss than the one before, lambda kept."""
    table = rows_of(result, "digits")
    kept = optima(table, ["n_train"])["at"].iloc[0]
    before, last = sorted(table["n_train"].unique())[-2:]
    rows = table[(table["lam"] / kept - 1).abs() < 2e-5]
    at = rows.pivot(index="seed", columns="n_train", values="test_loss")
    return paired_interval(at[before], at[last])


@settles("C37", figure="ridge-by-samples", derivation="prop-sa-risks")
def more_data(result: Result) -> Verdict:
    """At a kept lambda the risk falls with n, to the penalty's bias and no further."""
    risks, digits = result["ridge_risk"].table, learned(result)
    ridge = fall(risks, "kept")
    last = int(risks["n"].max())
    kept, tuned = (risk_at(risks, last, rule).estimate for rule in ("kept", "over n"))
    numbers = {
        "excess risk that no data removes": floor(risks), "excess risk, λ kept": kept,
        "excess risk, λ over n": tuned, "fall of the risk": ridge.estimate,
        "fall of the digits’ test loss": digits.estimate,
    }  # fmt: skip
    if not (digits.low > 0 and ridge.low > 0):
        return Verdict(
            "OPEN",
            "Whether more data still lowers the loss at a kept λ is within the intervals at this "
            f"scale: {span(digits)} nats on digits, {span(ridge, '.3f')} in ridge. More seeds "
            "would settle it.",
            numbers,
        )
    carried = carried_table(result)
    return Verdict(
        "CONDITIONAL",
        "FALSE as long as noise is a part of the loss: with λ kept beside a mean loss, the last "
        f"increase in samples still lowers the test loss of a ReLU network on digits by "
        f"{span(digits)} nats. TRUE in the limit in ridge, where a fit without a penalty learns "
        "nothing new either; what sets the kept λ apart is the penalty’s bias, which stays: at "
        f"n = {last} its excess risk is {kept:.3f}, "
        f"{floor(risks):.3f} of which no data removes; with λ divided by n it is {tuned:.3f}. "
        f"On digits the kept λ costs {charged(one(carried, 'digits', 'kept'))} times the test "
        "loss of a tuned one.",
        numbers,
    )


@settles("C09", figure="best-lambda-by-samples", derivation="eq-terms")
def what_survives(result: Result) -> Verdict:
    """The calculus holds; what lambda should do with n is another question."""
    table = best_table(result)
    linear, network = (exponent_of(table, task) for task in ("logistic", "teacher"))
    numbers = {
        "power of n, logistic regression": linear.estimate, "power of n, network": network.estimate
    }  # fmt: skip
    calculus = (
        "A weight is in all n terms of the summed loss and in one term of the penalty, so TRUE of "
        "the calculus"
    )
    if not (excludes(linear) and excludes(network)):
        return Verdict(
            "OPEN",
            f"{calculus}. How the best λ goes with n is not settled at this scale: power "
            f"{said(table, 'logistic')} in logistic regression and {said(table, 'teacher')} in a "
            "network with a hidden layer. More seeds would settle it.",
            numbers,
        )
    return Verdict(
        "CONDITIONAL",
        f"{calculus}. That the loss needs its 1/n, and the penalty nothing, does not follow: "
        "beside a mean loss the best λ is no constant. It goes as n to the power "
        f"{said(table, 'logistic')} in logistic regression on digits "
        f"({said(table, 'logistic', end='first')} between the first two n and "
        f"{said(table, 'logistic', end='last')} between the last two), and "
        f"{said(table, 'teacher')} in a ReLU network on a teacher.",
        numbers,
    )
