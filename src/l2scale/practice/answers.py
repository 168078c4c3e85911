"""A conversion as the command line and the form on the book's page put it: in sentences.

The form has no words and no formulas of its own. It gets `records`, and follows the same rule.
"""

from typing import Any

from l2scale.practice.convert import REASONS, convert, six_digits
from l2scale.practice.monomials import QUANTITIES, Monomial
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

_LETTERS = {r"\omega": "ω", r"\alpha": "α", r"\lambda": "λ", r"\eta": "η"}


def answer(value: float, from_: str, to: str, **given: Any) -> str:
    """What `l2scale.practice.convert.convert` finds, in sentences, to six digits.

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
    before = given.get("lr")
    if None not in (before, found.lr) and six_digits(found.lr) != six_digits(before):
        said.append("lr")
        words["lr"] = six_digits(found.lr)
    said += found.caveats
    return " ".join(SENTENCES[name].format_map(words) for name in said)


def without_tex(tex: str) -> str:
    """A setting's symbol or formula for a terminal.

    >>> plain(SETTINGS["torch-adamw"].formula)
    'η ω'
    """
    for name, letter in _LETTERS.items():
        tex = tex.replace(name, letter)
    return tex


def by_family() -> dict[str, list[Setting]]:
    """All settings, in the order of the table, by family."""
    families: dict[str, list[Setting]] = {}
    for setting in SETTINGS.values():
        families.setdefault(setting.family, []).append(setting)
    return families


def records() -> dict[str, Any]:
    """All that the rule and its answers need, as plain types for JSON."""
    return {
        "quantities": dict(QUANTITIES),
        "optimisers": dict(OPTIMISERS),
        "reasons": dict(REASONS),
        "sentences": dict(SENTENCES),
        "settings": {
            setting.id: {
                "api": setting.api,
                "letter": without_tex(setting.symbol),
                "where": setting.where,
                "optimiser": setting.optimiser,
                "fits": setting.fits,
                "decayed": setting.decayed,
                "penalty": _term(setting.penalty),
                "loss": _term(setting.loss),
            }
            for setting in SETTINGS.values()
        },
    }


def _term(monomial: Monomial) -> dict[str, Any]:
    return {"coefficient": monomial.coefficient, "powers": dict(monomial.powers)}
