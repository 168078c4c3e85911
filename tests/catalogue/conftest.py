"""Nothing of the book is registered while the catalogue is tested."""

import pytest


@pytest.fixture(autouse=True)
def _registries(empty_registries):
    """For every test here."""
