"""Every exhibit that a test of this folder asks for, run once at smoke scale."""

import pytest

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import Tables
from l2scale.exhibits import load, run


class Results(dict[str, Result]):
    """Results by slug: an exhibit is run when it is first asked for, and its result is kept."""

    def __missing__(self, slug: str) -> Result:
        self[slug] = run(load(slug), "smoke")
        return self[slug]


@pytest.fixture(scope="session")
def results() -> dict[str, Result]:
    return Results()


@pytest.fixture
def result(request: pytest.FixtureRequest, results: dict[str, Result]) -> Result:
    """The result of the exhibit that the test module is named after."""
    return results[request.module.__name__.removeprefix("test_")]


@pytest.fixture
def tables(result: Result) -> Tables:
    """Its tables."""
    return Tables(result)
