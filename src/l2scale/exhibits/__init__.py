"""One module per chapter: it declares the sweeps, estimates from them and draws.

An exhibit has `run(scale=None) -> Result`, `numbers(result) -> dict[str, str]` for the prose, draw
functions decorated with `@figure` and verdicts decorated with `@settles`.
"""

from importlib import import_module
from types import ModuleType

EXHIBITS = ("cost_of_fifty", "value_and_force")


def load(slug: str) -> ModuleType:
    """Import an exhibit, which registers its figures and verdicts.

    Raises:
        ValueError: for a slug that is no exhibit.
    """
    if slug not in EXHIBITS:
        raise ValueError(f"unknown exhibit {slug!r}: choose one of {', '.join(EXHIBITS)}")
    return import_module(f"{__name__}.{slug}")
