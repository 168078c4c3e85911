"""The same penalty, or the same decay, said to another framework."""

import decimal
from dataclasses import dataclass, replace

from l2scale.practice.asking import ask, known_numbers, optimiser_of, setting_of, within_floats
from l2scale.practice.monomials import OWN, QUANTITIES
from l2scale.practice.relations import decayed_in_one, relate
from l2scale.practice.settings import Setting

REASONS = {
    "adam": "Adam divides the force of a penalty by the root of its squared gradients, weight by "
    "weight, and leaves a decay of the weights undivided. No one number makes the two alike: tune "
    "it anew.",
    "adaptive": "Such an optimiser divides the force of a penalty by what it holds of past "
    "gradients, weight by weight, and leaves a decay of the weights undivided. No one number makes "
    "the two alike: tune it anew.",
    "lion": "Lion steps by a sign: the force of a penalty can turn it and no more, and a decay of "
    "the weights goes beside it. No one number makes the two alike: tune it anew.",
    "muon": "Muon makes all singular values of a step nearly equal, the force of a penalty "
    "included, and leaves a decay of the weights as it is. No one number makes the two alike: tune "
    "it anew.",
    "fits": "Each is for a loss of its own, squares, a log-loss or a hinge: no strength makes "
    "their objectives one.",
    "solver": "A solver runs to the minimum and takes no steps that a decay could go with.",
    "momentum": "With momentum the force of a penalty enters the velocity and acts late; a decay "
    "of the weights does not, and the steps differ. In the long run, without dampening and at "
    "small rates, an unused weight is forgotten at about the same pace with ",
    "grows": "With this sign the weights grow. A decay needs the other one.",
    "none": "No finite setting of the target means no penalty at all: switch it off there.",
}
"""Why there is no equivalent, by what stands in the way."""


class NoEquivalent(ValueError):
    """No setting of the target does what the other one does.

    Attributes:
        nearest: what forgets an unused weight at about the same pace in the long run, under SGD
            with momentum, without dampening and at small rates; None elsewhere.
    """

    def __init__(self, why: str, nearest: float | None = None) -> None:
        """With the reason, in sentences."""
        super().__init__(why if nearest is None else f"{why}{six_digits(nearest)}.")
        self.nearest = nearest


@dataclass(frozen=True)
class Conversion:
    """The equivalent of a setting.

    Attributes:
        value: of the target.
        kept: "objective", the same lambda; "weights", the same share taken of each weight at a
            step; "both", under SGD without momentum; "nothing", there is no penalty in either.
        strength: the target's lambda in the book's units, or its share; None where something that
            it depends on was not given.
        lr: the target's learning rate: with SGD that of the same steps on its own loss, with others
            the source's; None where none was given, none is used, another optimiser
            wants one of its own, or there is no penalty.
        caveats: what else has to be said, by key of `l2scale.practice.answers.SENTENCES`.
    """

    value: float
    kept: str
    strength: float | None
    lr: float | None
    caveats: tuple[str, ...] = ()


def six_digits(number: float) -> str:
    """Six digits, a half rounded up as browsers do; a zero has no sign."""
    context = decimal.Context(prec=6, rounding=decimal.ROUND_HALF_UP)
    return f"{float(context.create_decimal_from_float(number + 0.0)):.6g}"


def convert(
    value: float,
    from_: str,
    to: str,
    *,
    lr: float | None = None,
    lr0: float | None = None,
    n_samples: float | None = None,
    batch_size: float | None = None,
    n_weights: float | None = None,
    momentum: float | None = None,
    optimiser: str | None = None,
    to_lr: float | None = None,
    to_n_samples: float | None = None,
    to_batch_size: float | None = None,
    to_n_weights: float | None = None,
) -> Conversion:
    """Say to `to` what `value` says to `from_`.

    A positive strength is convertible to every setting of its kind (see
    `l2scale.practice.settings`) that is not for another loss: an objective is an objective under
    every optimiser, and a share is a share. A term of the objective and a decay of the weights are
    alike under SGD without momentum alone.

    Args:
        value: of `from_`.
        from_: a key of `l2scale.practice.settings.SETTINGS`.
        to: another.
        lr: learning rate with which `from_` is used.
        lr0: its initial learning rate, where a share is relative to that. The target has the same
            schedule.
        n_samples: training samples n.
        batch_size: samples of a step B.
        n_weights: weights of the tensor, where a setting is divided by them.
        momentum: of SGD, in [0, 1).
        optimiser: "sgd", "adam", "adaptive", "lion" or "muon", where neither setting says it. A
            learning rate is that of a loss of another factor under SGD alone.
        to_lr: learning rate of the target, from one decay of the weights to another, where it is
            not that of the source.
        to_n_samples: training samples where the target is used, if not n: the lambda or the share
            stays, and what is typed for it changes.
        to_batch_size: the same of B.
        to_n_weights: the same of the weights of the tensor.

    Raises:
        NoEquivalent: where there is none, with the reason.
        ValueError: for an unknown setting or optimiser, a number out of its range, or what is
            needed and missing, by name, an optimiser that is not the setting's, or an answer that
            no float holds.
    """
    source, target = setting_of(from_), setting_of(to)
    given = {
        "lr": lr,
        "lr0": lr0,
        "n_samples": n_samples,
        "batch_size": batch_size,
        "n_weights": n_weights,
    }
    own = {"n_samples": to_n_samples, "batch_size": to_batch_size, "n_weights": to_n_weights}
    given |= {OWN[name]: number for name, number in own.items()}
    given |= {"to_lr": to_lr, "momentum": momentum}
    known = known_numbers({"value": value} | {k: x for k, x in given.items() if x is not None})
    value, momentum = known["value"], known.pop("momentum", None)
    if to_lr is not None and not source.where == target.where == "weights":
        raise ValueError(f"to_lr is {to_lr!r}: it is for two decays of the weights, leave it out")
    target = _used_elsewhere(target, [name for name, number in own.items() if number is not None])
    steps = optimiser_of(source, target, optimiser)
    relation = relate(source, target, steps, lr is not None, to_lr is not None)
    if value == 0 and relation.zero == "value":
        raise ValueError("value is 0: the strength is its inverse, so give another number")
    if why := relation.none if value else relation.zero:
        raise NoEquivalent(REASONS[why])
    if value == 0:
        return Conversion(value=0.0, kept="nothing", strength=0.0, lr=None)
    told = known if momentum is None else known | {"momentum": momentum}
    for names in relation.asks:
        ask(source, target, [name for name in names if name not in told])
    if source.strength.coefficient * value < 0:
        raise NoEquivalent(REASONS["grows"])
    power = target.strength.powers["value"]
    found = within_floats("the value", relation.ratio.of(known) ** power, known)
    if relation.late and momentum:
        pace = found * (1 - momentum) ** relation.late
        raise NoEquivalent(REASONS["momentum"], within_floats("the nearest value", pace, known))
    there, rate = known | {"value": found}, known.get("to_lr", known.get("lr"))
    if to_lr is None and relation.rate:
        rate = within_floats("the learning rate", relation.rate.of(known), known)
    if rate is not None and "lr0" not in target.strength.powers:
        there["lr"] = rate  # a share of lr / lr0 has the source's schedule, at any rate
    whole = all(name in there for name in target.strength.powers)
    share = within_floats("the strength", target.strength.of(there), known) if whole else None
    return Conversion(
        value=found,
        kept=relation.kept,
        strength=share,
        lr=rate if relation.has_rate else None,
        caveats=relation.caveats + decayed_in_one(source, target),
    )


def own_numbers(target: Setting) -> set[str]:
    """Names of what a target may be given of its own: of `OWN`, those that it depends on."""
    return {to for name, to in OWN.items() if name in {*target.penalty.powers, *target.loss.powers}}


def _used_elsewhere(target: Setting, names: list[str]) -> Setting:
    """The setting where it is used with numbers of its own.

    Raises:
        ValueError: for one that it does not depend on.
    """
    for name in names:
        if OWN[name] not in own_numbers(target):
            raise ValueError(
                f"{OWN[name]} is given: {target.api} does not depend on {QUANTITIES[name]}, leave "
                "it out"
            )
    own = {name: OWN[name] for name in names}
    return replace(target, penalty=target.penalty.renamed(own), loss=target.loss.renamed(own))
