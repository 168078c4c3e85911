"""Settings as the calculator takes them: which it knows, their λ, their decay and their steps."""

from collections.abc import Mapping
from types import MappingProxyType

from l2scale.practice.monomials import Monomial
from l2scale.practice.settings import OPTIMISERS, SETTINGS, Setting

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "sgd": "SGD",
        "momentum": "SGD with momentum",
        "sgdw": "SGD with momentum and a decay",
        "adam": "Adam",
        "adamw": "AdamW",
        "muon": "Muon",
    }
)
"""Who takes the steps, and whether the strength is in the objective."""


STEPPERS = {name: OPTIMISERS[name] for name in ("sgd", "adam", "muon")}
"""Whose steps the calculator knows, in words."""


def takes(setting: Setting) -> bool:
    """Whether the calculator knows the setting: of such steps, and more of it is more decay."""
    plain = set(setting.strength.powers) <= {"value", "lr", "n_samples", "batch_size"}
    proportional = setting.strength.powers["value"] == 1 and setting.strength.coefficient > 0
    return plain and proportional and setting.optimiser in ("", *STEPPERS) and not setting.fits


CALCULABLE: Mapping[str, Setting] = MappingProxyType(
    {id: setting for id, setting in SETTINGS.items() if takes(setting)}
)
"""The settings that the calculator knows."""


def lam_of(setting: Setting) -> Monomial:
    """The book's λ; of a decay half its share over the learning rate."""
    if setting.where == "objective":
        return setting.strength
    return setting.penalty.times(Monomial(2.0, {"lr": 1}), -1)


def decay_of(setting: Setting) -> Monomial:
    """The share of each weight that a step takes, where nothing divides the force."""
    if setting.where == "weights":
        return setting.penalty
    return setting.penalty.times(Monomial(2.0, {"lr": 1}))


def kind_of(setting: Setting, steps: str, momentum: float) -> str:
    """The key of KINDS."""
    decays = setting.where == "weights"
    if steps == "sgd" and momentum:
        return "sgdw" if decays else "momentum"
    return "adamw" if steps == "adam" and decays else steps
