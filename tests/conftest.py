"""What holds for all tests: property tests draw the same examples in every run."""

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
