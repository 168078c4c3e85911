"""A version, once published, stays as it is; the root of the tree leads to all of them."""

import json
import subprocess
import sys

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from l2scale.press import release as module
from l2scale.press.release import LATEST, VERSIONS_FILE, release, versions


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


@pytest.mark.parametrize("name", ["", "1.0.0", "v1.0", "v1.0.0rc1", "v01.0.0", "../v1.0.0", "main"])
def test_a_name_that_is_no_version_is_refused(site, tmp_path, name):
    with pytest.raises(ValueError, match="is no name of a version"):
        release(site, tmp_path / "tree", name)
    assert not (tmp_path / "tree").exists()


def test_a_folder_without_a_site_is_refused(tmp_path):
    with pytest.raises(ValueError, match="there is no built site in"):
        release(tmp_path, tmp_path / "tree", LATEST)


@given(st.lists(st.tuples(*[st.integers(0, 30)] * 3), min_size=1, unique=True))
def test_versions_are_ordered_by_number(tmp_path_factory, numbers):
    tree = tmp_path_factory.mktemp("tree")
    for number in numbers:
        (tree / "v{}.{}.{}".format(*number)).mkdir()
    (tree / ".git").mkdir()
    expected = ["v{}.{}.{}".format(*number) for number in sorted(numbers, reverse=True)]
    assert versions(tree) == expected


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


def test_the_command_says_in_one_line_what_is_wrong(site, tmp_path):
    done = command(site, tmp_path / "tree", "1.0")
    assert done.returncode == 1
    assert done.stderr == "'1.0' is no name of a version: latest, or one like v1.2.0.\n"
