"""Puts a built site beside its other versions, where a citation finds it again.

    python src/l2scale/press/release.py SITE TREE NAME

The tree is what a server shows: `latest/`, which each release replaces, and `vX.Y.Z/`, which
none does. At its root stand what sends a reader on, and the list of versions that pages ask for.
Needs nothing but Python, so that what may write to the published tree runs no code of others.
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
_VERSION = re.compile(r"v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
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
        ValueError: the name is none of these, there is no site, or the version is published
            already and differs: whoever cited it would find another figure.
    """
    if name != LATEST and not is_version(name):
        raise ValueError(f"{name!r} is no name of a version: {LATEST}, or one like v1.2.0")
    if not (site / "index.html").is_file():
        raise ValueError(f"there is no built site in {site}: make book")
    target = tree / name
    if name != LATEST and target.exists():
        if changed := _difference(site, target):
            raise ValueError(
                f"{name} is published, and {changed} differs: a citation keeps its figure. "
                "Publish the change as a new version"
            )
    else:
        if target.exists():
            shutil.rmtree(target)
        shutil.copytree(site, target)
    _write_root(tree)


def versions(tree: Path) -> list[str]:
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
    names = versions(tree)
    first = names[0]
    (tree / VERSIONS_FILE).write_text(json.dumps(names) + "\n", encoding="utf-8")
    (tree / "index.html").write_text(_REDIRECT.format(name=first), encoding="utf-8")
    (tree / ".nojekyll").touch()  # GitHub would leave out folders such as _static
    for name in _AT_THE_ROOT:
        if (tree / first / name).is_file():
            shutil.copy(tree / first / name, tree)


def main() -> None:
    """Release what the command line names; ends with one line where that cannot be."""
    parser = argparse.ArgumentParser(description="Put a built site beside its other versions.")
    parser.add_argument("site", type=Path, metavar="SITE", help="the built site")
    parser.add_argument("tree", type=Path, metavar="TREE", help="the folder of all versions")
    parser.add_argument("name", metavar="NAME", help=f"{LATEST}, or a version like v1.2.0")
    options = parser.parse_args()
    try:
        release(options.site, options.tree, options.name)
    except ValueError as error:
        sys.exit(f"{error}.")


if __name__ == "__main__":
    main()
