"""A first lambda for a problem that nobody has tuned, by the best rule that the atlas found."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

from l2scale.looks.numerals import plain
from l2scale.practice.answers import answer
from l2scale.practice.asking import setting_of
from l2scale.practice.conversions import Conversion, convert
from l2scale.practice.own_data import problem
from l2scale.practice.reading import of_bunch
from l2scale.practice.settings import OPTIMISERS, SETTINGS
from l2scale.practice.suggest_rules import STEPPERS, Rule, rules
from l2scale.practice.suggest_words import beyond, said
from l2scale.theory.yardsticks import YARDSTICKS

HOME: Mapping[str, str] = {"sgd": "torch-sgd", "adamw": "torch-adamw"}
"""The setting that an optimiser has in PyTorch; its value is 2 lambda."""

_STEPS = {"sgd": "sgd", "adamw": "adam"}  # as `convert` calls them


@dataclass(frozen=True)
class Suggestion:
    """A first lambda, and what is known of such.

    Attributes:
        lam: the book's λ, beside a mean loss; under AdamW half of PyTorch's `weight_decay`.
        low: a tenth of the atlas's problems had their best λ below this.
        high: a tenth had it above.
        tries: what to search, if at all.
        rule: by which, with its measured costs.
        yardsticks: of the data, by name, which the rule has.
        optimiser: key of `l2scale.practice.suggest_rules.STEPPERS`.
        setting: id of the setting that `told` is for.
        told: the same strength there.
        sentence: the same, with what else has to be said, as `l2scale convert` says it.
        notes: what was done to the data, and where they or the network are beyond the atlas.
        seconds: that it took.
    """

    lam: float
    low: float
    high: float
    tries: tuple[float, ...]
    rule: Rule
    yardsticks: Mapping[str, float]
    optimiser: str
    setting: str
    told: Conversion
    sentence: str
    notes: tuple[str, ...]
    seconds: float

    def __str__(self) -> str:
        """What to type first, then how sure that is."""
        setting = SETTINGS[self.setting]
        power = setting.strength.powers["value"]
        values = [self.told.value * (each / self.lam) ** power for each in self.tries]
        lines = said(self.rule, setting, self.lam, self.told.value, values)
        return "\n".join([lines.pop("answer"), self.sentence, *lines.values(), *self.notes])


def suggest_lambda(
    X: Any,
    y: Any = None,
    *,
    hidden: int | Sequence[int],
    optimiser: str,
    task: str | None = None,
    to: str | None = None,
    lr: float | None = None,
    momentum: float = 0.0,
    steps: int | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
) -> Suggestion:
    """A first λ for a network with ReLU units, its biases without penalty, on standardised inputs.

    Nothing is trained: the rule is a product of powers, which the atlas fitted, of the problem's
    numbers and of yardsticks of the training data. Learning rate and steps do not enter it; with
    both given, the answer says whether the training is long enough for a penalty to act.

    Args:
        X: training inputs, array or DataFrame ``(n, d)``; or a scikit-learn Bunch, without `y`.
        y: training targets, ``(n,)``: classes or numbers.
        hidden: units of the hidden layer, or of each of them.
        optimiser: "sgd", with or without momentum, or "adamw".
        task: "classes" or "numbers", where the targets could be either.
        to: key of `l2scale.practice.settings.SETTINGS` to say it to; PyTorch's if None.
        lr: learning rate, the initial one where it has a schedule.
        momentum: of SGD.
        steps: of the training.
        epochs: the same in passes through the data; takes `batch_size`.
        batch_size: rows of a step.

    Raises:
        ValueError: for what cannot be used, with the way out.
        l2scale.practice.conversions.NoEquivalent: where the other setting has no such strength.
    """
    began = time.perf_counter()
    widths = _widths(hidden)
    if optimiser not in list(STEPPERS):
        raise ValueError(
            f"optimiser is {optimiser!r}: the atlas has {' and '.join(STEPPERS)}, choose the nearer"
        )
    setting = _setting(to, optimiser)
    X, y = of_bunch(X) if y is None and isinstance(X, Mapping) else (X, y)
    if y is None:
        raise ValueError("y is missing: give the targets, one a row of X")
    asked = problem(X, y, task)
    rule = rules()[optimiser, "data"]
    n, inputs = asked.x.shape
    taken = _steps(n, steps, epochs, batch_size)
    shape = {"n": n, "width": _middle(widths), "inputs": inputs, "classes": asked.classes}
    lengths = {name: YARDSTICKS[name](asked.x, asked.y, asked.task) for name in rule.yardsticks}
    if not all(length > 0 for length in lengths.values()):
        raise ValueError(f"the yardsticks are {lengths}: inputs tell nothing of the target")
    own = rule.lam(shape | lengths)
    source, value = ("book", own) if optimiser == "sgd" else (HOME[optimiser], 2 * own)
    given: dict[str, Any] = {"lr": lr, "lr0": lr, "n_samples": n, "batch_size": batch_size}
    given |= {"optimiser": _STEPS[optimiser], "momentum": momentum}
    return Suggestion(
        lam=own,
        low=own * rule.low,
        high=own * rule.high,
        tries=rule.tries(own),
        rule=rule,
        yardsticks=lengths,
        optimiser=optimiser,
        setting=setting,
        told=convert(value, source, setting, **given),
        sentence=answer(value, source, setting, **given),
        notes=(
            *asked.notes,
            *beyond(rule, own, shape, widths),
            *_clock(own, lr, momentum if optimiser == "sgd" else 0.0, taken),
        ),
        seconds=time.perf_counter() - began,
    )


def _clock(lam: float, lr: float | None, momentum: float, steps: int | None) -> list[str]:
    if lr is None or steps is None:
        return []
    for name, number in (("lr", lr), ("momentum", momentum)):
        if not (math.isfinite(number) and (number > 0 if name == "lr" else 0 <= number < 1)):
            raise ValueError(f"{name} is {number!r}: give a finite number in its range")
    times = 2 * lr * lam * steps / (1 - momentum)
    if times >= 1:
        return [f"In {steps:,} steps a weight forgets {plain(times)} times: enough to act."]
    return [
        f"In {steps:,} steps a weight forgets only {plain(times)} times (2ηλt): the penalty has "
        "hardly time to act. Train longer, or leave it."
    ]


def _setting(to: str | None, optimiser: str) -> str:
    """The id of the setting to say a strength to, if steps are taken by that optimiser there."""
    if to is None:
        return HOME[optimiser]
    steps = setting_of(to).optimiser
    if steps not in ("", _STEPS[optimiser]):
        raise ValueError(
            f"to is {to!r}, which is for {OPTIMISERS[steps]}, and optimiser is {optimiser!r}: "
            "choose a setting of that one"
        )
    return to


def _widths(hidden: Any) -> list[int]:
    widths = list(hidden) if isinstance(hidden, Sequence) and not isinstance(hidden, str) else [
        hidden
    ]  # fmt: skip
    wrong = [
        one
        for one in widths
        if isinstance(one, bool) or not isinstance(one, Integral) or int(one) < 1
    ]
    if wrong or not widths:
        raise ValueError(f"hidden is {hidden!r}: give whole numbers of units from 1, such as 128")
    return [int(one) for one in widths]


def _middle(widths: Sequence[int]) -> float:
    return math.exp(sum(map(math.log, widths)) / len(widths))


def _steps(n: int, steps: int | None, epochs: int | None, batch_size: int | None) -> int | None:
    for name, number in (("steps", steps), ("epochs", epochs), ("batch_size", batch_size)):
        if number is not None and not (isinstance(number, int) and number >= 1):
            raise ValueError(f"{name} is {number!r}: give a whole number from 1")
    if batch_size is not None and batch_size > n:
        raise ValueError(f"batch_size is {batch_size} and there are {n} rows: give fewer")
    if epochs is None:
        return steps
    if steps is not None or batch_size is None:
        raise ValueError("epochs take batch_size and no steps beside them")
    return epochs * math.ceil(n / batch_size)
