"""Every exhibit run once, at smoke scale, for all tests of this folder."""

import pytest

from l2scale.catalogue.results import Result
from l2scale.exhibits import EXHIBITS, load, run


@pytest.fixture(scope="session")
def results() -> dict[str, Result]:
    return {slug: run(load(slug), "smoke") for slug in EXHIBITS}


@pytest.fixture
def result(request: pytest.FixtureRequest, results: dict[str, Result]) -> Result:
    """The result of the exhibit that the test module is named after."""
    return results[request.module.__name__.removeprefix("test_")]
