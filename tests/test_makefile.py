"""What `make book` removes, and what it leaves."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
NEEDED = ("requirements.txt", "tests/practice/requirements.txt", "pyproject.toml")


def test_a_book_is_built_from_nothing_but_what_was_measured_is_kept(tmp_path):
    (tmp_path / "Makefile").write_bytes((ROOT / "Makefile").read_bytes())
    built = ("html/index.html", ".doctrees/index", "jupyter_execute/a.ipynb")
    measured = ("bench.json", "bench_rounds.dark.svg", "growth.json")
    old = [f"_build/{name}" for name in (*built, *measured)]
    for name in (*NEEDED, *old, ".jupyter_cache/a", ".venv/bin/jupyter-book", ".venv/.installed"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("#!/bin/sh\nmkdir _build/html\n")
    (tmp_path / ".venv/bin/jupyter-book").chmod(0o755)
    for name in NEEDED:
        os.utime(tmp_path / name, (0, 0))
    for _ in range(2):  # with the folders that a build leaves, and again
        subprocess.run(["make", "book"], cwd=tmp_path, capture_output=True, timeout=60, check=True)
        left = {path.name for path in (tmp_path / "_build").iterdir()}
        assert left == {"html", *measured}
        assert not list((tmp_path / "_build" / "html").iterdir())
    assert not (tmp_path / ".jupyter_cache").exists()
