"""Puts a built site beside its other versions, where a citation finds it again.

    python src/l2scale/press/release.py SITE TREE NAME

The tree is what a server shows: `latest/`, which each release replaces, and `vX.Y.Z/`, which
none does. At its root stand what sends a reader on, and the list of versions that pages ask for.
A site is copied beside its place and then renamed, so that the folder of a version is whole,
whenever this is stopped. Needs nothing but Python, so that what may write to the published tree
runs no code of others.
"""

import argparse
import json
import re
import shutil
import sys
from filecmp import cmp
from pathlib import Path

LATEST = "latest"
VERSIONS_FILE = "versions.json"
_VERSION = re.compile(r"v(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")
_NEW, _OLD = ".new-", ".old-"  # begin the names of folders on their way in and out
_AT_THE_ROOT = ("404.html", "robots.txt")  # where alone servers and search engines look for them

_REDIRECT = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<title>Sum or Mean</title>
<meta http-equiv="refresh" content="0; url={name}/" />
<link rel="canonical" href="{name}/" />
</head>
<body><main><h1>Sum or Mean</h1><p><a href="{name}/">Read the book</a></p></main></body>
</html>
"""


def is_version(name: str) -> bool:
    """Whether a folder of this name holds a version that stays as it is: v1.2.0."""
    return _VERSION.fullmatch(name) is not None


def release(site: Path, tree: Path, name: str) -> None:
    """Put the built `site` into the folder `name` of `tree`, and write the tree's root anew.

    Args:
        site: a folder with an index.html.
        tree: the folder of all versions; made where there is none.
        name: "latest", or a version such as "v1.2.0".

    Raises:
        ValueError: the name is none of these, there is no site, one of the two folders holds the
            other, or the version is published already and differs: whoever cited it would find
            another figure.
        OSError: something cannot be read or written; what was published stays.
    """
    if name != LATEST and not is_version(name):
        raise ValueError(f"{name!r} is no name of a version: {LATEST}, or one like v1.2.0")
    if not (site / "index.html").is_file():
        raise ValueError(f"there is no built site in {site}: make book")
    source, goal = site.resolve(), tree.resolve()
    if source.is_relative_to(goal) or goal.is_relative_to(source):
        raise ValueError(
            f"one of {site} and {tree} holds the other: name a tree beside the built site"
        )
    tree.mkdir(parents=True, exist_ok=True)
    _clear(tree)
    target = tree / name
    if name == LATEST or not target.exists():
        _put(site, target)
    elif changed := _difference(site, target):
        raise ValueError(
            f"{name} is published, and {changed} differs: a citation keeps its figure. "
            "Publish the change as a new version"
        )
    _write_root(tree)


def _put(site: Path, target: Path) -> None:
    """Copy a site to a folder; stopped anywhere, it leaves no part of a site at its place.

    Between the two renames nothing stands there, and the next release puts the old site back.
    """
    new, old = (target.with_name(prefix + target.name) for prefix in (_NEW, _OLD))
    try:
        shutil.copytree(site, new)
    except shutil.Error as error:
        shutil.rmtree(new, ignore_errors=True)
        path, _, why = error.args[0][0]
        raise OSError(f"{path} cannot be copied: {why}") from error
    if target.exists():
        target.rename(old)
    new.rename(target)
    if old.exists():
        shutil.rmtree(old)


def _clear(tree: Path) -> None:
    """Take away what was on its way when an earlier release was stopped."""
    for path in tree.glob(f"{_OLD}*"):
        place = path.with_name(path.name.removeprefix(_OLD))
        shutil.rmtree(path) if place.exists() else path.rename(place)
    for path in tree.glob(f"{_NEW}*"):
        shutil.rmtree(path)


def release_names(tree: Path) -> list[str]:
    """The names in a tree: latest, then the versions from the newest to the oldest."""
    names = [path.name for path in tree.iterdir() if path.is_dir()]
    numbered = [name for name in names if is_version(name)]
    return [LATEST] * (LATEST in names) + sorted(numbered, key=_order, reverse=True)


def _order(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in name.removeprefix("v").split("."))


def _difference(one: Path, other: Path) -> str:
    """The first path that two folders do not hold with the same bytes; "" where they agree."""
    paths = {path.relative_to(top) for top in (one, other) for path in top.rglob("*")}
    for path in sorted(paths):
        a, b = one / path, other / path
        if a.is_dir() and b.is_dir():
            continue
        if not (a.is_file() and b.is_file() and cmp(a, b, shallow=False)):
            return path.as_posix()
    return ""


def _write_root(tree: Path) -> None:
    names = release_names(tree)
    first = names[0]
    _write(tree / VERSIONS_FILE, (json.dumps(names) + "\n").encode())
    _write(tree / "index.html", _REDIRECT.format(name=first).encode())
    _write(tree / ".nojekyll", b"")  # GitHub would leave out folders such as _static
    for name in _AT_THE_ROOT:
        if (tree / first / name).is_file():
            _write(tree / name, (tree / first / name).read_bytes())


def _write(path: Path, content: bytes) -> None:
    """Write a file, which is what it was or all of this at any moment."""
    new = path.with_name(path.name + ".new")
    new.write_bytes(content)
    new.replace(path)


def main() -> None:
    """Release what the command line names; ends with one line where that cannot be."""
    parser = argparse.ArgumentParser(description="Put a built site beside its other versions.")
    parser.add_argument("site", type=Path, metavar="SITE", help="the built site")
    parser.add_argument("tree", type=Path, metavar="TREE", help="the folder of all versions")
    parser.add_argument("name", metavar="NAME", help=f"{LATEST}, or a version like v1.2.0")
    options = parser.parse_args()
    try:
        release(options.site, options.tree, options.name)
    except (OSError, ValueError) as error:
        sys.exit(f"{error}.")


if __name__ == "__main__":
    main()
