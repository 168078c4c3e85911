"""Every exhibit that a test of this folder asks for, run once at smoke scale."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pytest

from l2scale.catalogue.results import Result
from l2scale.catalogue.tables import Tables
from l2scale.exhibits import load, run


class Results(dict[str, Result]):
    """Results by slug: an exhibit is run when it is first asked for, and its result is kept."""

    def __init__(self, settings: dict[str, str]) -> None:
        self._settings = settings

    def __missing__(self, slug: str) -> Result:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self._settings.items():
                patch.setenv(name, value)
            self[slug] = run(load(slug), "smoke")
        return self[slug]


@pytest.fixture(scope="session")
def results(once: dict[str, str]) -> dict[str, Result]:
    return Results(once)


@pytest.fixture(autouse=True)
def _one_process(once: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A figure is drawn where it is asked for."""
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", once["LOKY_MAX_CPU_COUNT"])


@pytest.fixture
def result(request: pytest.FixtureRequest, results: dict[str, Result]) -> Result:
    """The result of the exhibit that the test module is named after."""
    return results[request.module.__name__.removeprefix("test_")]


@pytest.fixture
def tables(result: Result) -> Tables:
    """Its tables."""
    return Tables(result)


@dataclass(frozen=True)
class Declared:
    """What an exhibit declares at a scale: how many networks, and each penalty's first widths."""

    networks: int
    widths: dict[object, set[int]]


@pytest.fixture(scope="session")
def declared() -> Callable[[str, str], Declared]:
    """A function of an exhibit's slug and a scale; a full scale is written out once."""

    @cache
    def count(slug: str, scale: str) -> Declared:
        networks, widths = 0, dict[object, set[int]]()
        for sweep in load(slug).sweeps(scale):
            networks += len(sweep.runs)
            for each in sweep.runs:
                widths.setdefault(each.penalty, set()).update(each.hidden[:1])
        return Declared(networks, widths)

    return count
