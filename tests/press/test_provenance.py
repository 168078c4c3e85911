"""The commit is that of the code, and never an error."""

import subprocess

import pytest

from l2scale.press import provenance


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """An empty repository that the package seems to stand in."""
    folder = tmp_path / "src"
    folder.mkdir()
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "somebody")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "somebody@example.org")
    monkeypatch.setattr(provenance, "_HERE", folder)
    git(tmp_path, "init", "--quiet")
    provenance.commit.cache_clear()
    yield tmp_path
    provenance.commit.cache_clear()


def git(folder, *arguments):
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit_file(folder):
    (folder / "file").write_text("one")
    git(folder, "add", "file")
    git(folder, "commit", "--quiet", "-m", "one")
    return git(folder, "rev-parse", "HEAD")


def test_the_commit_is_head(checkout, monkeypatch):
    head = commit_file(checkout)
    monkeypatch.chdir("/")
    assert provenance.commit() == head


def test_changes_since_are_marked(checkout):
    head = commit_file(checkout)
    (checkout / "file").write_text("two")
    assert provenance.commit() == f"{head}-dirty"


def test_no_commit_yet_is_unknown(checkout):
    assert provenance.commit() == "unknown"


def test_no_checkout_is_unknown(checkout, tmp_path_factory, monkeypatch):
    monkeypatch.setattr(provenance, "_HERE", tmp_path_factory.mktemp("bare"))
    assert provenance.commit() == "unknown"


def test_no_git_is_unknown(checkout, monkeypatch):
    commit_file(checkout)
    monkeypatch.setenv("PATH", "")
    assert provenance.commit() == "unknown"


def test_an_installed_package_does_not_take_the_commit_of_a_checkout_around_it(
    checkout, monkeypatch
):
    commit_file(checkout)
    installed = checkout / "site-packages" / "l2scale"
    installed.mkdir(parents=True)
    monkeypatch.setattr(provenance, "_HERE", installed)
    assert provenance.commit() == "unknown"


def test_commits_are_quoted_by_seven_digits():
    assert provenance.short_commit("0123456789abcdef") == "0123456"
    assert provenance.short_commit("0123456789abcdef-dirty") == "0123456-dirty"
    assert provenance.short_commit("unknown") == "unknown"
