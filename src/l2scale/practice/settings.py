"""What each framework, library and textbook means by its L2 strength: one frozen record each.

The records are in ``settings.toml``. Each says where the setting acts.

*objective*: a term of what is differentiated, so that its force goes wherever the data's gradient
goes, into momentum and through Adam's division. With `penalty` the factor on the sum of squares
and `loss` the factor on the mean loss of a batch, the book's lambda is `penalty` over `loss`.

*weights*: the optimiser takes a share of each weight away at each step, beside the step that the
gradient makes. `penalty` is that share. There is no objective that such steps descend, but under
plain SGD.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from l2scale.practice.monomials import Monomial

OPTIMISERS = {
    "sgd": "SGD",
    "adam": "Adam",
    "adaptive": "RMSprop, Adagrad or the like",
    "lion": "Lion",
    "muon": "Muon",
    "solver": "a solver that runs to the minimum",
}
"""What may take the steps."""

FITS = ("", "squares", "log-loss", "hinge")
"""What a setting that is for one loss is for."""

MEASURED = {
    "run": "run for this book",
    "rule": "a function of it run for this book",
    "": "",
}
"""What the book runs: the library's own steps or minima, one function of it, nothing."""


@dataclass(frozen=True)
class Setting:
    """One way to say how strong an L2 penalty, or a weight decay, is.

    Attributes:
        id: lower-case words joined by hyphens, permanent.
        api: what a reader writes.
        family: library, or "Books and papers".
        symbol: what stands for the setting in formulas, as TeX.
        where: "objective" or "weights", see the module.
        optimiser: key of OPTIMISERS, or "" where any can follow.
        penalty: see the module.
        loss: factor on the mean loss of a batch; 1 where `where` is "weights".
        exact: the penalty or the update as it is coded, TeX.
        default: what applies if the reader sets nothing, in words.
        biases: whether biases are penalised if nothing is said, in words.
        norms: the same for the weights of normalising layers.
        version: that was read.
        source: address of the lines, or of the text.
        note: what surprises, in sentences; may be empty.
        fits: the one loss that it is for, key of FITS; "" where the user chooses.
        measured: key of MEASURED.
    """

    id: str
    api: str
    family: str
    symbol: str
    where: str
    optimiser: str
    penalty: Monomial
    loss: Monomial
    exact: str
    default: str
    biases: str
    norms: str
    version: str
    source: str
    note: str
    fits: str
    measured: str

    def __post_init__(self) -> None:
        if self.where not in ("objective", "weights"):
            raise ValueError(f"{self.id}: where is {self.where!r}, not objective or weights")
        if self.optimiser and self.optimiser not in OPTIMISERS:
            raise ValueError(f"{self.id}: unknown optimiser {self.optimiser!r}")
        if self.fits not in FITS or self.measured not in MEASURED:
            raise ValueError(f"{self.id}: unknown fits {self.fits!r} or measured {self.measured!r}")
        if abs(self.strength.powers.get("value", 0)) != 1:
            raise ValueError(f"{self.id}: the setting has to enter to the power 1 or -1")

    @property
    def strength(self) -> Monomial:
        """The book's lambda (objective), or the share that a step takes away (weights)."""
        return self.penalty.times(self.loss, -1)

    @property
    def decayed(self) -> dict[str, bool | None]:
        """Whether biases and norms are, if nothing is said; None where there is no saying."""
        found = {"biases": self.biases, "norms": self.norms}
        unsaid = ("–", "where added")
        return {
            part: None if words in unsaid else not words.startswith("not")
            for part, words in found.items()
        }

    @property
    def formula(self) -> str:
        """`strength` as TeX."""
        return self.strength.tex(self.symbol)


def _monomial(found: Mapping[str, Any]) -> Monomial:
    powers = {name: power for name, power in found.items() if name != "coefficient"}
    return Monomial(found.get("coefficient", 1.0), MappingProxyType(powers))


def _load() -> dict[str, Setting]:
    text = (files(__package__) / "settings.toml").read_text(encoding="utf-8")
    found: dict[str, Setting] = {}
    for row in tomllib.loads(text)["settings"]:
        terms = {name: _monomial(row.pop(name, {})) for name in ("penalty", "loss")}
        unsaid = dict.fromkeys(("optimiser", "note", "fits", "measured"), "")
        setting = Setting(**unsaid | row | terms)
        if setting.id in found:
            raise ValueError(f"two settings are called {setting.id!r}")
        found[setting.id] = setting
    return found


SETTINGS: Mapping[str, Setting] = MappingProxyType(_load())
"""Every setting by id, in the order of the table."""
