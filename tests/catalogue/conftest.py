"""Registries that are empty at the start of a test and as they were after it."""

import pytest

from l2scale.catalogue.figures import FIGURES
from l2scale.catalogue.verdicts import SETTLED


@pytest.fixture(autouse=True)
def empty_registries():
    kept = [(registry, dict(registry)) for registry in (FIGURES, SETTLED)]
    for registry, _ in kept:
        registry.clear()
    yield
    for registry, entries in kept:
        registry.clear()
        registry.update(entries)
