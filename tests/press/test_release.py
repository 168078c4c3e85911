"""A version, once published, stays as it is; the root of the tree leads to all of them."""

import contextlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from l2scale.press import release as module
from l2scale.press.release import LATEST, VERSIONS_FILE, release, release_names


@pytest.fixture
def site(tmp_path):
    """A built site of three files."""
    folder = tmp_path / "site"
    (folder / "figures").mkdir(parents=True)
    (folder / "index.html").write_text("the book")
    (folder / "404.html").write_text("no such page")
    (folder / "figures" / "a.svg").write_text("a figure")
    return folder


def holds(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_latest_is_replaced_as_a_whole(site, tmp_path):
    tree = tmp_path / "tree"
    release(site, tree, LATEST)
    (site / "figures" / "a.svg").rename(site / "figures" / "b.svg")
    release(site, tree, LATEST)
    assert holds(tree / LATEST) == holds(site)


def test_versions_stay_beside_each_other(site, tmp_path):
    tree = tmp_path / "tree"
    release(site, tree, "v0.9.0")
    before = holds(tree / "v0.9.0")
    (site / "figures" / "a.svg").write_text("a better figure")
    release(site, tree, "v0.10.0")
    release(site, tree, LATEST)
    assert holds(tree / "v0.9.0") == before
    assert holds(tree / "v0.10.0") == holds(tree / LATEST) == holds(site)
    assert json.loads((tree / VERSIONS_FILE).read_text()) == [LATEST, "v0.10.0", "v0.9.0"]


def test_a_version_may_be_published_again_only_as_it_is(site, tmp_path):
    tree = tmp_path / "tree"
    release(site, tree, "v1.0.0")
    before = holds(tree)
    release(site, tree, "v1.0.0")
    assert holds(tree) == before


def change(site):
    (site / "figures" / "a.svg").write_text("a figurE")


def remove(site):
    (site / "figures" / "a.svg").unlink()


def add(site):
    (site / "figures" / "b.svg").write_text("another")


@pytest.mark.parametrize("alter", [change, remove, add])
def test_other_bytes_are_refused_and_nothing_changes(site, tmp_path, alter):
    tree = tmp_path / "tree"
    release(site, tree, "v1.0.0")
    before = holds(tree)
    alter(site)
    with pytest.raises(ValueError, match=r"v1\.0\.0 is published, and figures/.\.svg differs"):
        release(site, tree, "v1.0.0")
    assert holds(tree) == before


def test_the_root_leads_to_latest_or_else_to_the_newest(site, tmp_path):
    tree = tmp_path / "tree"
    release(site, tree, "v1.0.0")
    release(site, tree, "v1.10.0")
    assert goal(tree) == "v1.10.0/"
    release(site, tree, LATEST)
    assert goal(tree) == "latest/"
    assert (tree / ".nojekyll").is_file()
    assert (tree / "404.html").read_text() == "no such page"


def goal(tree):
    root = BeautifulSoup((tree / "index.html").read_text(), "html.parser")
    address = root.find("a")["href"]
    assert root.find("meta", {"http-equiv": "refresh"})["content"] == f"0; url={address}"
    return address


NO_NAMES = (
    *("", "1.0.0", "v1.0", "v1.0.0rc1", "v01.0.0", "../v1.0.0", "main", "V1.0.0", "v1.0.0\n"),
    *("v1.0.1\u0663", "v\uff11.0.0", "v1.0.0/", "/v1.0.0", ".", "Latest", "v1.0.-1", "v1.0.0;id"),
)


@pytest.mark.parametrize("name", NO_NAMES)
def test_a_name_that_is_no_version_is_refused(site, tmp_path, name):
    with pytest.raises(ValueError, match="is no name of a version") as refused:
        release(site, tmp_path / "tree", name)
    assert str(refused.value) == f"{name!r} is no name of a version: latest, or one like v1.2.0"
    assert not (tmp_path / "tree").exists()


def test_a_folder_without_a_site_is_refused(tmp_path):
    with pytest.raises(ValueError, match="there is no built site in"):
        release(tmp_path, tmp_path / "tree", LATEST)


@pytest.mark.parametrize("name", [LATEST, "v1.0.0"])
@pytest.mark.parametrize(
    ("site", "tree"),
    [
        ("T/latest", "T"),
        ("T/latest", "T/latest"),
        ("T/latest", "T/latest/tree"),
        ("T/latest", "T/latest/../../T"),
        ("T/latest", "link"),
        ("link/latest", "T"),
    ],
)
def test_a_tree_that_holds_the_site_is_refused_and_the_site_stays(
    tmp_path, monkeypatch, site, tree, name
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "T" / "latest").mkdir(parents=True)
    (tmp_path / "T" / "latest" / "index.html").write_text("the book")
    (tmp_path / "link").symlink_to("T")
    before = holds(tmp_path)
    with pytest.raises(ValueError, match="holds the other: name a tree beside the built site"):
        release(Path(site), Path(tree), name)
    assert holds(tmp_path) == before


class Killed(BaseException):
    """As a process ends: nothing is cleaned up."""


def killed_at(moment, monkeypatch):
    """Let the `moment`-th thing that is done to files end all; a copy ends half-way."""
    left = iter(range(moment))

    def until(done, halves=None):
        def act(*arguments, **options):
            if next(left, None) is None:
                if halves:
                    halves(*arguments)
                raise Killed
            return done(*arguments, **options)

        return act

    def half(site, new, *_):
        Path(new).mkdir()
        Path(new, "index.html").write_text("the bo")

    monkeypatch.setattr(shutil, "copytree", until(shutil.copytree, half))
    monkeypatch.setattr(shutil, "rmtree", until(shutil.rmtree))
    for name in ("rename", "replace", "write_bytes"):
        monkeypatch.setattr(Path, name, until(getattr(Path, name)))


@pytest.mark.parametrize("name", [LATEST, "v1.1.0"])
@pytest.mark.parametrize("twice", [False, True])
def test_a_release_that_is_stopped_loses_nothing_and_goes_through_later(
    site, tmp_path, monkeypatch, name, twice
):
    first = tmp_path / "first"
    release(site, first, LATEST)
    release(site, first, "v1.0.0")
    old = holds(site)
    add(site)
    new = holds(site)
    stopped = True
    for moment in range(40):
        tree = tmp_path / f"tree{moment}"
        shutil.copytree(first, tree)
        with monkeypatch.context() as patched:
            killed_at(moment, patched)
            try:
                release(site, tree, name)
                stopped = False
            except Killed:
                pass
        for folder in release_names(tree):
            assert holds(tree / folder) in (old, new), (moment, folder)
        assert json.loads((tree / VERSIONS_FILE).read_text())
        if twice:
            with monkeypatch.context() as patched:
                killed_at(1, patched)
                with contextlib.suppress(Killed):
                    release(site, tree, name)
        release(site, tree, name)
        assert holds(tree / name) == new and holds(tree / "v1.0.0") == old
        assert not [path for path in tree.rglob("*") if "new" in path.name or "old" in path.name]
        if not stopped:
            return
    raise AssertionError("it never went through")


def test_what_cannot_be_copied_is_named_and_what_was_published_stays(site, tmp_path):
    tree = tmp_path / "tree"
    release(site, tree, LATEST)
    before = holds(tree)
    (site / "figures" / "gone.svg").symlink_to("nowhere")
    with pytest.raises(OSError, match=r"gone\.svg cannot be copied: .*No such file"):
        release(site, tree, LATEST)
    assert holds(tree) == before


@given(st.lists(st.tuples(*[st.integers(0, 30)] * 3), min_size=1, unique=True))
def test_versions_are_ordered_by_number(tmp_path_factory, numbers):
    tree = tmp_path_factory.mktemp("tree")
    for number in numbers:
        (tree / "v{}.{}.{}".format(*number)).mkdir()
    (tree / ".git").mkdir()
    expected = ["v{}.{}.{}".format(*number) for number in sorted(numbers, reverse=True)]
    assert release_names(tree) == expected


def command(*arguments):
    # Isolated from all that is installed, as where it writes to what is published.
    program = [sys.executable, "-I", "-S", module.__file__]
    return subprocess.run(
        [*program, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False
    )


def test_the_command_needs_nothing_but_python(site, tmp_path):
    done = command(site, tmp_path / "tree", LATEST)
    assert (done.returncode, done.stderr) == (0, "")
    assert holds(tmp_path / "tree" / LATEST) == holds(site)


@pytest.mark.parametrize(
    ("tree", "name", "words"),
    [
        ("tree", "1.0", "'1.0' is no name of a version: latest, or one like v1.2.0."),
        ("site/tree", LATEST, "holds the other: name a tree beside the built site."),
        ("site/index.html/tree", LATEST, "holds the other: name a tree beside the built site."),
        ("file", LATEST, "File exists: "),
        ("file/tree", LATEST, "Not a directory: "),
        ("/proc/tree", LATEST, "No such file or directory: '/proc/tree'."),
    ],
)
def test_the_command_says_in_one_line_what_is_wrong(site, tmp_path, tree, name, words):
    (tmp_path / "file").touch()
    done = command(site, tmp_path / tree, name)
    line, *others = done.stderr.splitlines()
    assert (done.returncode, done.stdout, others) == (1, "", [])
    assert words in line
