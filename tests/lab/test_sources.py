"""Which changes of the code make a network another network."""

import re
from pathlib import Path

import pytest

from l2scale.lab import sources


def digest(monkeypatch: pytest.MonkeyPatch, package: Path) -> str:
    """The digest of a copy of the package."""
    monkeypatch.setattr(sources, "PACKAGE", package)
    return sources.source_digest.__wrapped__()


@pytest.mark.parametrize(
    ("module", "words", "another"),
    [
        ("lab/mnist.py", "\n# a comment\n", False),
        ("lab/kernels/passes.py", "\n# a comment\n", False),
        ("theory/penalties.py", "\n# a comment\n", False),
        ("theory/width.py", "\nCHANGED = 1\n", False),
        ("theory/shrinkage.py", "\nCHANGED = 1\n", False),
        ("lab/estimates.py", "\nCHANGED = 1\n", False),
        ("lab/finished.py", "\nCHANGED = 1\n", False),
        ("lab/sweeps.py", "\nCHANGED = 1\n", False),
        ("practice/__init__.py", "\nCHANGED = 1\n", False),
        ("lab/mnist.py", "\nCHANGED = 1\n", True),
        ("lab/training.py", "\nCHANGED = 1\n", True),
        ("lab/kernels/passes.py", "\nCHANGED = 1\n", True),
        ("lab/machine.py", "\nCHANGED = 1\n", True),
        ("theory/penalties.py", "\nCHANGED = 1\n", True),
        ("theory/initialisation.py", "\nCHANGED = 1\n", True),
        ("__init__.py", "\nCHANGED = 1\n", True),
        ("theory/penalties.py", "\nimport l2scale.theory.width\n", True),
    ],
)
def test_a_network_is_another_if_the_code_that_trains_it_is(
    module: str, words: str, another: bool, copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = digest(monkeypatch, copied)
    with (copied / module).open("a") as file:
        file.write(words)
    assert (digest(monkeypatch, copied) != before) == another


def test_what_a_module_comes_to_import_counts_from_then_on(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (copied / "theory" / "penalties.py").open("a") as file:
        file.write("\ndef later():\n    from . import width\n")
    before = digest(monkeypatch, copied)
    with (copied / "theory" / "width.py").open("a") as file:
        file.write("\nCHANGED = 1\n")
    assert digest(monkeypatch, copied) != before


def test_the_modules_that_train_are_found() -> None:
    found = sources.modules("l2scale.lab.training")
    assert {"l2scale", "l2scale.lab.kernels.steps", "l2scale.theory.penalties"} <= set(found)
    assert all(re.match(r"l2scale($|\.lab|\.theory)", name) for name in found)
