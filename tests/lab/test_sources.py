"""Which changes of the code make a network another network."""

import os
import re
import subprocess
import sys
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
        ("lab/data/mnist.py", "\n# a comment\n", False),
        ("lab/kernels/passes.py", "\n# a comment\n", False),
        ("theory/penalties.py", "\n# a comment\n", False),
        ("theory/width.py", "\nCHANGED = 1\n", False),
        ("theory/shrinkage.py", "\nCHANGED = 1\n", False),
        ("lab/estimates/optimal_lambda.py", "\nCHANGED = 1\n", False),
        ("lab/sweeps/run_cache.py", "\nCHANGED = 1\n", False),
        ("lab/sweeps/sweep.py", "\nCHANGED = 1\n", False),
        ("practice/__init__.py", "\nCHANGED = 1\n", False),
        ("lab/data/mnist.py", "\nCHANGED = 1\n", True),
        ("lab/training/trainer.py", "\nCHANGED = 1\n", True),
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
    found = sources.modules(sources.TRAINER)
    assert {"l2scale", "l2scale.lab.kernels.steps", "l2scale.theory.penalties"} <= set(found)
    assert all(re.match(r"l2scale($|\.lab|\.theory)", name) for name in found)


def test_every_module_that_is_loaded_to_train_is_found() -> None:
    """Compiled and in lockstep, by steps and down to a minimum."""
    code = """
import sys
from l2scale.lab.training.runs import Run
from l2scale.lab.training.trainer import train
for run in ({"optimiser": "sgd"}, {"optimiser": "lbfgs", "dtype": "float64", "batch_size": None}):
    for activation in ("relu", "tanh"):
        train([Run(data="wine", hidden=(2,), steps=2, activation=activation, **run)])
print(*(name for name in sys.modules if name.partition(".")[0] == "l2scale"))
"""
    env = os.environ | {"PYTHONPATH": str(sources.PACKAGE.parent)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert {"l2scale.lab.kernels.lbfgs", "l2scale.lab.training.minima"} < loaded
    assert loaded <= set(sources.modules(sources.TRAINER))


def test_a_module_that_is_not_there_is_no_empty_list() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"no module 'l2scale\.lab\.train' in "):
        sources.modules("l2scale.lab.train")
