"""What `make book` removes and leaves, and how names come to `make release`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NEEDED = (
    "requirements.txt",
    "requirements-data.txt",
    "tests/practice/requirements.txt",
    "pyproject.toml",
)


def test_a_book_is_built_from_nothing_but_what_was_measured_is_kept(tmp_path):
    (tmp_path / "Makefile").write_bytes((ROOT / "Makefile").read_bytes())
    built = ("html/index.html", ".doctrees/index", "jupyter_execute/a.ipynb")
    measured = ("bench.json", "bench_rounds.dark.svg", "growth.json", "tree/v1.0.0/index.html")
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
        assert left == {"html", *(name.partition("/")[0] for name in measured)}
        assert (tmp_path / "_build" / measured[-1]).is_file()
        assert not list((tmp_path / "_build" / "html").iterdir())
    assert not (tmp_path / ".jupyter_cache").exists()


@pytest.fixture
def built(tmp_path):
    """A folder in which a book was built, with what a release takes."""
    for name in ("Makefile", "src/l2scale/press/release.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / "_build" / "html").mkdir(parents=True)
    (tmp_path / "_build" / "html" / "index.html").write_text("the book")
    return tmp_path


def made(folder, *words, **environment):
    """What `make release` says, with names as words of the command or in the environment."""
    return subprocess.run(
        ["make", "release", f"PYTHON={sys.executable}", *words],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "name",
    [
        "v1.0.0; touch struck",
        "v1.0.0 && touch struck",
        "v1.0.0 $(touch struck)",
        "`touch struck`",
        'v1.0.0" && touch struck "',
        "v1.0.0' && touch struck '",
        "$(shell touch struck)",
        "main",
        "v1.0.0\ntouch struck",
        "--help",
        "v1.0.0 v1.0.1",
        "*",
        "$$(touch struck)",
    ],
)
def test_a_name_is_read_by_no_shell(built, name):
    done = made(built, RELEASE=name, TREE="tree")
    assert done.returncode != 0
    assert f"{name!r} is no name of a version" in done.stderr
    assert not (built / "struck").exists() and not (built / "tree").exists()


@pytest.mark.parametrize("tree", ["two words", "a;b", "$HOME", "it's", 'a "b"'])
def test_a_tree_may_have_any_name(built, tree):
    assert made(built, RELEASE="v1.0.0", TREE=tree).returncode == 0
    assert (built / tree / "v1.0.0" / "index.html").read_text() == "the book"


def test_names_may_be_words_of_the_command(built):
    assert made(built, "RELEASE=v1.0.0", "TREE=two words").returncode == 0
    assert (built / "two words" / "v1.0.0" / "index.html").is_file()
    assert made(built).returncode == 0
    assert (built / "_build" / "tree" / "latest" / "index.html").is_file()
