"""A conversion as the command line and the form on the book's page put it: in sentences.

The form has no words and no rule of its own: it gets `records`, and evaluates what stands there.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, fields
from functools import cache
from itertools import product
from typing import Any

from l2scale.practice.asking import known_numbers, optimiser_of, setting_of
from l2scale.practice.conversions import REASONS, convert, own_numbers, six_digits
from l2scale.practice.monomials import OWN
from l2scale.practice.relations import Relation, decayed_in_one, relate
from l2scale.practice.settings import OPTIMISERS, SETTINGS, Setting

SENTENCES = {
    "found": "{letter} = {value} in {target}.",
    "objective": "The penalty beside the mean loss is the same.",
    "weights": "A step takes the same share of each weight.",
    "both": "The penalty beside the mean loss is the same, and so is the share of each weight that "
    "a step takes.",
    "nothing": "There is no penalty in either.",
    "lambda": "In the book’s units λ = {strength}.",
    "share": "The share is {strength}.",
    "lr": "The learning rate there is {lr}.",
    "same rate": "At the same learning rate.",
    "initial rate": "A schedule of the learning rate reaches both alike; where its initial value "
    "changes, {letter} has to change too.",
    "one rate": "At this learning rate only: where it changes, {letter} has to change too.",
    "tensor": "For this tensor alone.",
    **{
        f"{who} {parts}": f"If nothing is said, {{{who}}} takes {parts} in, "
        f"and {{{other}}} does not."
        for who, other in (("source", "target"), ("target", "source"))
        for parts in ("biases", "norms", "biases and norms")
    },
}
"""What an answer is made of, by what it says."""

_LETTERS = {r"\eta_0": "η₀", r"\omega": "ω", r"\alpha": "α", r"\lambda": "λ", r"\eta": "η"}


def answer(value: float, from_: str, to: str, **given: Any) -> str:
    """What `l2scale.practice.conversions.convert` finds, in sentences, to six digits.

    Args:
        value: as there.
        from_: as there.
        to: as there.
        **given: as there.

    Raises:
        NoEquivalent: as there.
        ValueError: as there.
    """
    found = convert(value, from_, to, **given)
    target = SETTINGS[to]
    said = ["found", found.kept]
    words = {"letter": without_tex(target.symbol), "value": six_digits(found.value)}
    words |= {"source": SETTINGS[from_].api, "target": target.api}
    if found.strength is not None:
        said.append("lambda" if target.where == "objective" else "share")
        words["strength"] = six_digits(found.strength)
    lr, before = found.lr, given.get("lr")
    if lr is not None and before is not None and six_digits(lr) != six_digits(before):
        said.append("lr")
        words["lr"] = six_digits(lr)
    said += found.caveats
    return " ".join(SENTENCES[name].format_map(words) for name in said)


def everywhere(value: float, from_: str, **given: Any) -> tuple[dict[str, str], dict[str, str]]:
    """What to tell each setting, as ``{id: "ω = 0.02"}``, and of the others why nothing.

    Args:
        value: as in `l2scale.practice.conversions.convert`.
        from_: as there.
        **given: as there. What is the target's own goes to those that depend on it; `to_lr` is one
            setting's, and is refused by others.

    Raises:
        ValueError: for an unknown setting or a number that is none.
    """
    numbers = {"value": value} | given
    known_numbers({k: x for k, x in numbers.items() if k != "optimiser" and x is not None})
    setting_of(from_)
    told, reasons = {}, {}
    for to, target in SETTINGS.items():
        other = {*OWN.values()} - own_numbers(target)
        try:
            found = convert(value, from_, to, **{k: x for k, x in given.items() if k not in other})
            told[to] = f"{without_tex(target.symbol)} = {six_digits(found.value)}"
        except ValueError as reason:  # NoEquivalent is one
            reasons[to] = str(reason)
    return told, reasons


def without_tex(tex: str) -> str:
    """A setting's symbol or formula for a terminal.

    >>> without_tex(SETTINGS["torch-adamw"].formula)
    'η ω'
    """
    for name, letter in _LETTERS.items():
        tex = tex.replace(name, letter)
    return tex


STEPPERS = {name: words for name, words in OPTIMISERS.items() if name != "solver"}
"""Whom a reader may name where no setting says who takes the steps, in words."""


def by_family(ids: Iterable[str] = SETTINGS) -> dict[str, list[Setting]]:
    """Settings, in the order of the table, by family: those named, or all."""
    chosen = set(ids)
    families: dict[str, list[Setting]] = {}
    for setting in (one for one in SETTINGS.values() if one.id in chosen):
        families.setdefault(setting.family, []).append(setting)
    return families


@cache
def records() -> dict[str, Any]:
    """All that the form needs, as plain types for JSON.

    Settings of one `kind` have one strength, of `strengths`, and the same relations: `pairs` has
    for the kinds of a source and a target a place in `tables`. A table has a place in `keys`, and
    for each key that stands there a place in `relations`. A key is what is given of the optimiser,
    "lr" and "to_lr", in this order with a space between; what has none is refused. A relation has
    for each of `columns`, the attributes of `l2scale.practice.relations.Relation`, a place in
    `parts`. `unlike` has by the `decayed` of a source and of a target what
    `l2scale.practice.relations.decayed_in_one` says.
    """
    parts, relations, keys, tables = _Places(), _Places(), _Places(), _Places()

    def table(source: Setting, target: Setting) -> list[int]:
        decays = source.where == target.where == "weights"
        own_rates = ("", "to_lr") if decays else ("",)
        found = {}
        for optimiser, *rates in product(_taken(source, target), ("", "lr"), own_rates):
            steps = optimiser_of(source, target, optimiser or None)
            relation = asdict(relate(source, target, steps, "lr" in rates, "to_lr" in rates))
            key = " ".join(filter(None, (optimiser, *rates)))
            found[key] = relations.of([parts.of(part) for part in relation.values()])
        return [keys.of([*found]), *found.values()]

    kind_of, kinds = _alike(_related_by)
    decayed_of, decayed = _alike(lambda setting: setting.decayed)
    return {
        "reasons": dict(REASONS),
        "sentences": dict(SENTENCES),
        "settings": {
            one.id: {
                "api": one.api,
                "letter": without_tex(one.symbol),
                "where": one.where,
                "kind": kind_of[one.id],
                "decayed": decayed_of[one.id],
            }
            for one in SETTINGS.values()
        },
        "strengths": [asdict(one.strength) for one in kinds],
        "unlike": [[[*decayed_in_one(one, to)] for to in decayed] for one in decayed],
        "pairs": [[tables.of(table(one, to)) for to in kinds] for one in kinds],
        "keys": keys.found(),
        "tables": tables.found(),
        "relations": relations.found(),
        "columns": [field.name for field in fields(Relation)],
        "parts": parts.found(),
    }


def _related_by(setting: Setting) -> list[Any]:
    """All of a setting that its relations depend on."""
    terms = [(term.coefficient, *term.powers.items()) for term in (setting.penalty, setting.loss)]
    return [setting.where, setting.optimiser, setting.fits, terms]


def _alike(what: Callable[[Setting], Any]) -> tuple[dict[str, int], list[Setting]]:
    """By id the place of all settings that have the same of `what`, and the first of each place."""
    places = _Places()
    first: dict[int, Setting] = {}
    for one in SETTINGS.values():
        first.setdefault(places.of(what(one)), one)
    return {one.id: places.of(what(one)) for one in SETTINGS.values()}, [*first.values()]


def _taken(source: Setting, target: Setting) -> list[str]:
    """The optimisers that a form may name for both settings, and "" where nobody says."""
    own = [one.optimiser for one in (source, target) if one.optimiser]
    return ["", *(name for name in STEPPERS if all(name == other for other in own))]


class _Places(dict[str, int]):
    """Each of many things once, with its place in their order."""

    def of(self, thing: Any) -> int:
        return self.setdefault(json.dumps(thing), len(self))

    def found(self) -> list[Any]:
        return [json.loads(text) for text in self]
