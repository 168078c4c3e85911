"""What two settings have to do with each other, before any number is known.

The form on the book's page gets the relation of every pair, and only evaluates it.
"""

from dataclasses import dataclass

from l2scale.practice.monomials import Monomial
from l2scale.practice.settings import Setting

_ONE, _RATE = Monomial(1.0, {}), Monomial(1.0, {"lr": 1})


@dataclass(frozen=True)
class Relation:
    """How a setting becomes another one.

    Where there is no equivalent, what follows `fields` is of no use.

    Attributes:
        none: why there is no equivalent, by key of `l2scale.practice.conversions.REASONS`; "" if
            there is one.
        zero: the same for a value of 0, or "value" where the source cannot be 0.
        fields: what a form shows; true where the answer can do without.
        asks: names of what it takes, one group after the other.
        ratio: what the target's value is, to the power with which it enters there.
        late: power of 1 - momentum on the target's value in the long run; 0 where momentum does
            not matter.
        rate: the target's learning rate where the same steps take another one, or None.
        kept: see `l2scale.practice.conversions.Conversion`.
        has_rate: whether the answer has a learning rate.
        caveats: what else has to be said, by key of `l2scale.practice.answers.SENTENCES`.
    """

    none: str
    zero: str
    fields: dict[str, bool]
    asks: tuple[tuple[str, ...], ...] = ()
    ratio: Monomial = _ONE
    late: int = 0
    rate: Monomial | None = None
    kept: str = "nothing"
    has_rate: bool = False
    caveats: tuple[str, ...] = ()


def relate(source: Setting, target: Setting, steps: str, rated: bool, to_rated: bool) -> Relation:
    """The relation of two settings.

    Args:
        source: what is converted.
        target: into what.
        steps: who takes them, of `l2scale.practice.asking.optimiser_of`; "" if nobody says.
        rated: whether the learning rate is given.
        to_rated: whether the target has one of its own.
    """
    crossing = source.where != target.where
    changes = bool(source.optimiser and target.optimiser and source.optimiser != target.optimiser)
    unfit = bool(source.fits and target.fits and source.fits != target.fits)
    none = "fits" if unfit else steps if crossing and steps not in ("", "sgd") else ""
    inverses = [one.strength.powers["value"] < 0 for one in (source, target)]
    ratio = _ratio(source, target, own_rates=changes or to_rated)
    # The same steps on a loss of another factor take another learning rate, under SGD.
    rate = _RATE.times(source.loss).times(target.loss, -1)
    rescales = len(rate.powers) > 1 and not changes
    moves = rescales and rated and steps == "sgd"
    zero = "fits" if unfit else "value" if inverses[0] else "none" if inverses[1] else ""
    fields = _fields(source, target, steps, none, ratio, rate if rescales else _RATE, rated)
    if none:
        return Relation(none, zero, fields)
    first = [*([] if steps else ["optimiser"]), "momentum"] if crossing else []
    unsaid = ["optimiser"] if rescales and rated and not steps else []
    needed = dict.fromkeys([*ratio.powers, *(rate.powers if moves else ())])
    power = target.strength.powers["value"]
    late = power if source.where == "weights" else -power
    return Relation(
        none=none,
        zero=zero,
        fields=fields,
        asks=(tuple(first), (*unsaid, *needed)),
        ratio=ratio,
        late=late if crossing else 0,
        rate=rate if moves else None,
        kept="both" if crossing else source.where,
        has_rate=not ((changes and not to_rated) or steps == "solver"),
        caveats=_caveats(source, target, ratio, rated),
    )


def _ratio(source: Setting, target: Setting, own_rates: bool) -> Monomial:
    """What the target's value is, to the power with which it enters there."""
    wanted, rest = source.strength, target.strength.without("value")
    # A step of SGD at the rate eta on the mean loss takes 2 eta lambda of a weight.
    eta = _RATE.times(source.loss)
    if source.where == "objective" and target.where == "weights":
        wanted = wanted.times(eta).times(Monomial(2.0, {}))
        rest = rest.without("lr").times(eta) if _at_rate(target) else rest
    elif source.where == "weights" and target.where == "objective":
        wanted = wanted.times(eta, -1).times(Monomial(2.0, {}), -1)
    elif source.where == "weights" and own_rates and _at_rate(target):
        rest = rest.without("lr").times(Monomial(1.0, {"to_lr": 1}))
    return wanted.times(rest, -1)


def _at_rate(setting: Setting) -> bool:
    """Whether its share is a multiple of its own learning rate.

    One that is relative to the initial rate knows the schedule alone, which is the source's.
    """
    powers = setting.strength.powers
    return setting.where == "weights" and "lr" in powers and "lr0" not in powers


def _caveats(source: Setting, target: Setting, ratio: Monomial, rated: bool) -> tuple[str, ...]:
    """What an answer has to add, in its order."""
    rates = [name for name in ("lr", "to_lr") if name in ratio.powers]
    at_rates = source.where == "weights" and "lr" in source.strength.powers and _at_rate(target)
    found = {
        "same rate": at_rates and not rates and not rated,
        "initial rate": "lr0" in ratio.powers and not rates,
        # Of the two shares a step takes, one alone follows a schedule.
        "one rate": len(rates) == 1,
        "tensor": "n_weights" in ratio.powers,
    }
    return tuple(name for name, applies in found.items() if applies)


def decayed_in_one(source: Setting, target: Setting) -> tuple[str, ...]:
    """Caveats, as those of a `Relation`: what one of them takes in and the other does not."""
    found = []
    for who, pair in {"source": (True, False), "target": (False, True)}.items():
        both = [part for part in source.decayed
                if (source.decayed[part], target.decayed[part]) == pair]  # fmt: skip
        found += [f"{who} {' and '.join(both)}"] if both else []
    return tuple(found)


def _fields(
    source: Setting,
    target: Setting,
    steps: str,
    none: str,
    ratio: Monomial,
    rate: Monomial,
    rated: bool,
) -> dict[str, bool]:
    """See `Relation`; `rate` has more than the learning rate in it where that may move."""
    crossing, named = source.where != target.where, bool(source.optimiser or target.optimiser)
    fields: dict[str, bool] = {}
    if none == "fits":
        return fields
    if crossing and not named:
        fields["optimiser"] = False
    if none:
        return fields
    if crossing:
        fields["momentum"] = False
    fields |= dict.fromkeys(ratio.without("value").powers, False)
    if not crossing and _at_rate(target):
        fields.setdefault("to_lr", True)  # two decays need not have one rate
    if len(rate.powers) > 1 and (steps in ("", "sgd") or not named):
        fields.setdefault("lr", True)
        if rated and not named:
            fields["optimiser"] = False
        if steps == "sgd" and (rated or not fields["lr"]):
            fields |= dict.fromkeys(rate.without("lr").powers, False)
    return fields
