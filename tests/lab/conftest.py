"""What the tests of the lab share."""

import shutil
from pathlib import Path

import pytest

from l2scale.lab import sources
from l2scale.lab.training import compiled


@pytest.fixture(params=["plain", "compiled"])
def trainer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Which of the two trains the runs that both can: torch with scipy, or compiled kernels."""
    if request.param == "plain":
        monkeypatch.setattr(compiled, "suits", lambda run, device: False)
    return request.param


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the package, without what it has compiled."""
    source = sources.PACKAGE
    ignored = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(source, tmp_path / "l2scale", ignore=ignored))
