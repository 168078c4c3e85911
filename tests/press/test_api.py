"""Pages from docstrings: all modules, and sizes that stay sizes."""

from pathlib import Path

import pytest

import l2scale
from l2scale.press.sphinx.api import keep_bars, modules

ROOT = Path(l2scale.__file__).parent


@pytest.mark.parametrize("room", ["practice", "theory", "lab"])
def test_no_module_is_forgotten(room):
    files = {
        ".".join(file.relative_to(ROOT.parent).with_suffix("").parts)
        for file in (ROOT / room).rglob("*.py")
        if not file.name.startswith("_")
    }
    found = list(modules(f"l2scale.{room}"))
    assert found == sorted(files)


def test_bars_are_sizes_but_for_those_that_are_literal():
    lines = ["The sum of |w| and ``|v|``, where::", "", "    |w| <= 1", "", "holds for |u|."]
    keep_bars(None, "", "", None, None, lines)
    assert lines == [
        r"The sum of \|w\| and ``|v|``, where::", "", "    |w| <= 1", "", r"holds for \|u\|."
    ]  # fmt: skip
