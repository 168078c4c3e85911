"""What holds for all tests: their order, and examples of properties that are those of every run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from l2scale.catalogue import text
from l2scale.catalogue.figures import FIGURES
from l2scale.catalogue.tables import TABLES
from l2scale.catalogue.verdicts import SETTLED

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the book built first, by one worker, while others do what needs no book.

    The chapters' own tests come late: by then the build has trained their networks.
    """
    of = {name: [i for i in items if i.path.parent.name == name] for name in ("exhibits", "site")}
    pages = [item for item in of["site"] if "folder" in item.fixturenames]
    late = {*of["exhibits"], *pages}
    others = [item for item in items if item not in late]
    items[:] = [*pages[:1], *others, *of["exhibits"], *pages[1:]]


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this session's that all of its workers have."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def once(shared: Path) -> dict[str, str]:
    """Settings with which each network is trained once in a session, in one process.

    The other core has tests of its own to do.
    """
    kept = os.environ.get("L2SCALE_RESUME") or str(shared / "networks.sqlite")
    return {"L2SCALE_RESUME": kept, "LOKY_MAX_CPU_COUNT": "1"}


@pytest.fixture
def empty_registries():
    """Registries that are empty at the start of a test and as they were after it."""
    kept = [(registry, dict(registry)) for registry in (FIGURES, SETTLED, TABLES)]
    for registry, _ in kept:
        registry.clear()
    yield
    for registry, entries in kept:
        registry.clear()
        registry.update(entries)


@pytest.fixture
def write_texts(tmp_path_factory, monkeypatch):
    """A function that writes the `text.toml` of an exhibit; no other exhibit has one."""
    exhibits = tmp_path_factory.mktemp("exhibits")
    monkeypatch.setattr(text, "files", lambda package: exhibits)

    def write(slug: str, words: str) -> None:
        (exhibits / slug).mkdir(exist_ok=True)
        (exhibits / slug / "text.toml").write_text(words, encoding="utf-8")
        text.texts.cache_clear()

    yield write
    text.texts.cache_clear()


@pytest.fixture
def check_schema():
    """A function that fails where files do not fit one of the schemas in check-jsonschema."""

    def check(schema: str, *files: Path) -> None:
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema]
        done = subprocess.run(
            [*command, *files], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    return check
