"""What a strength does to a network, in numbers, and what to type where the network grows.

A share xi = 2 lr lam of each weight is taken in a step. Under AdamW no weight grows above
lr / xi = 1 / (2 lam) (the book's eq. oo-ceiling). Where its updates are independent, of mean 0 and
mean square 1, the mean square r^2 of the weights stays where it is at r^2 = (1 - xi)^2 r^2 + lr^2
(eq. oo-random); the weights before and after a step have the product (1 - xi) r^2, so that the
angle a between them has cos a = 1 - xi, which is 2 sin(a / 2)^2 = xi, and is about sqrt(2 xi)
(Kosson et al. 2024).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from l2scale.practice.asking import Refused
from l2scale.practice.monomials import holds_all_digits
from l2scale.practice.networks import NETWORKS, Network, chain
from l2scale.practice.rules import RULES, UNMEASURED, Carried, Rule
from l2scale.practice.settings import Setting
from l2scale.practice.strengths import CALCULABLE, decay_of, kind_of, lam_of

REFUSALS: Mapping[str, str] = MappingProxyType(
    {
        "network": "Layers have to be two or more whole numbers from 1 to 1,000,000,000, with "
        "hyphens between, such as 784-1024-10.",
        "optimiser": "Say who takes the steps: this setting goes with any optimiser.",
        "value": "The setting has to be a finite number above 0.",
        "lr": "The learning rate has to be a finite number above 0.",
        "momentum": "Momentum has to be at least 0 and below 1.",
        "steps": "Steps have to be a whole number from 1 up.",
        "n_samples": "Training samples have to be a whole number from 1 up.",
        "batch_size": "Samples of a step have to be a whole number from 1 up.",
        "batch": "A step cannot have more samples than there are: give fewer samples of a step.",
        "factor": "Times larger has to be a finite number, 1 or more.",
        "decay": "A step would take a weight’s whole size or more: learning rate times setting is "
        "too large.",
        "beyond": "The answer is beyond what a number holds here: give numbers nearer to 1.",
    }
)
"""What is said of what cannot be answered, by what is wrong."""

_WHOLE = ("steps", "n_samples", "batch_size")


@dataclass(frozen=True)
class Calculation:
    """What a strength does. None stands where there is no such number.

    Attributes:
        kind: key of `l2scale.practice.strengths.KINDS`.
        weights: P, biases and normalisation left out.
        normalised: whether there are normalisation layers, for which no rule was measured.
        lam: the book's λ beside a mean loss; of a decay half its share over the learning rate.
        guess: cross-entropy of equal odds, ln of the classes, which small outputs start at.
        penalty: its expected value before the first step.
        cost: the sum of the two; the guess alone where a decay is no term of the cost.
        share: of the cost that is penalty.
        decay: share of each weight that a step takes; None where Adam or Muon rescales the force.
        forget_steps: steps in which a weight without a gradient falls to 1/e, for small decays.
        forget_epochs: the same in passes through the data.
        clocks: forgetting times that are trained.
        ceiling: no weight grows above it, under AdamW.
        angle: by which a step turns the weights in equilibrium, in degrees, under AdamW.
        rules: all that fit the network and the optimiser, whatever grows.
        answer: the first of them for what grows here.
    """

    kind: str
    weights: int
    normalised: bool
    lam: float
    guess: float
    penalty: float | None
    cost: float
    share: float | None
    decay: float | None
    forget_steps: float | None
    forget_epochs: float | None
    clocks: float | None
    ceiling: float | None
    angle: float | None
    rules: tuple[Carried, ...]
    answer: Carried


def calculate(
    network: str | Network,
    setting: str,
    value: float,
    *,
    lr: float,
    steps: float,
    n_samples: float,
    batch_size: float,
    init: str = "glorot",
    optimiser: str = "",
    momentum: float = 0.0,
    grows: str = "width",
    factor: float = 4.0,
) -> Calculation:
    """What `value` does to a network, and what to type when `grows` is `factor` times as large.

    Args:
        network: layers as 784-1024-10, a key of `l2scale.practice.networks.NETWORKS`, or a network.
        setting: key of `l2scale.practice.strengths.CALCULABLE`.
        value: of the setting.
        lr: learning rate.
        steps: of the training.
        n_samples: training samples.
        batch_size: samples of a step.
        init: key of `l2scale.practice.networks.INITS`.
        optimiser: "sgd", "adam" or "muon", where the setting does not say it; else it is ignored.
        momentum: of SGD; ignored elsewhere.
        grows: key of `l2scale.practice.rules.GROWS`.
        factor: how many times as large it gets.

    Raises:
        Refused: for what has no answer.
        KeyError: for an unknown setting, initialisation or growth.
    """
    one, shapes = CALCULABLE[setting], network_of(network)
    stepper = one.optimiser or optimiser
    if not stepper:
        raise Refused("optimiser", REFUSALS)
    momentum = momentum if stepper == "sgd" else 0.0
    known = {"value": value, "lr": lr, "momentum": momentum, "steps": steps}
    known |= {"n_samples": n_samples, "batch_size": batch_size, "factor": factor}
    _check(known)
    kind = kind_of(one, stepper, momentum)
    lam = _number(lam_of(one).of(known))
    divided = one.where == "objective" and stepper != "sgd"
    decay = None if divided else _number(decay_of(one).of(known))
    if decay is not None and decay >= 1:
        raise Refused("decay", REFUSALS)
    guess = math.log(shapes.classes)
    penalty = _number(lam * shapes.squares(init)) if one.where == "objective" else None
    forget = None if decay is None else (1 - momentum if kind == "momentum" else 1.0) / decay
    turn = None if decay is None else math.degrees(2 * math.asin(math.sqrt(decay / 2)))
    carried = tuple(
        _carry(rule, one, value, factor, shapes) for rule in RULES if _fits(rule, kind, shapes)
    )
    first = [each for each in carried if each.rule.grows == grows]
    return Calculation(
        kind=kind,
        weights=shapes.weights,
        normalised=shapes.normalised,
        lam=lam,
        guess=guess,
        penalty=penalty,
        cost=guess + (penalty or 0.0),
        share=None if penalty is None else penalty / (guess + penalty),
        decay=decay,
        forget_steps=forget,
        forget_epochs=None if forget is None else forget * batch_size / n_samples,
        clocks=None if forget is None else steps / forget,
        ceiling=1 / (2 * lam) if kind == "adamw" else None,
        angle=turn if kind == "adamw" else None,
        rules=carried,
        answer=first[0] if first else _carry(UNMEASURED[grows], one, value, factor, shapes),
    )


def network_of(given: str | Network) -> Network:
    """A known network, or typed layers.

    Raises:
        Refused: it is neither.
    """
    if isinstance(given, Network):
        return given
    found = NETWORKS.get(given) or chain(given)
    if found is None:
        raise Refused("network", REFUSALS)
    return found


def _check(known: Mapping[str, float]) -> None:
    for name, number in known.items():
        low, high = {"momentum": (0.0, 1.0), "factor": (1.0, math.inf)}.get(name, (0.0, math.inf))
        inside = low < number < high or (name in ("momentum", "factor") and number == low)
        if not inside or (name in _WHOLE and number != math.floor(number)):
            raise Refused(name, REFUSALS)
    if known["batch_size"] > known["n_samples"]:
        raise Refused("batch", REFUSALS)


def _number(found: float) -> float:
    if not holds_all_digits(found):
        raise Refused("beyond", REFUSALS)
    return found


def _fits(rule: Rule, kind: str, network: Network) -> bool:
    fewest, most = rule.layers
    return rule.steps == kind and fewest <= network.depth <= most and not network.normalised


def _carry(rule: Rule, setting: Setting, value: float, growth: float, network: Network) -> Carried:
    # A setting that is divided by the samples changes with them on its own.
    own = -setting.strength.powers.get("n_samples", 0) if rule.grows == "samples" else 0
    found = rule.carry(value * growth**own, growth, network.depth)
    for number in (found.value, *found.tries):
        _number(number)
    return found
