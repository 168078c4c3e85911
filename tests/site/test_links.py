"""Every link inside the site leads somewhere."""

from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

pytestmark = pytest.mark.xdist_group("site")


def resolve(page: str, path: str) -> str:
    """The file, relative to the site, that a link on a page leads to."""
    parts = []
    for part in (PurePosixPath(page).parent / unquote(path)).parts:
        if part == "..":
            if not parts:
                return f"outside the site: {path}"
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def test_all_links_resolve(site):
    trees = {page: BeautifulSoup(site.text(page), "html.parser") for page in site.pages}
    anchors = {
        page: {tag[name] for name in ("id", "name") for tag in tree.find_all(attrs={name: True})}
        for page, tree in trees.items()
    }
    dead = []
    for page, tree in trees.items():
        for tag in tree.find_all(["a", "link", "img", "script", "source"]):
            address = tag.get("href") or tag.get("src")
            if not address or urlsplit(address).scheme:
                continue
            path, fragment = urlsplit(address).path, unquote(urlsplit(address).fragment)
            target = resolve(page, path) if path else page
            if not (site.folder / target).is_file():
                dead.append(f"{page}: {address}")
            elif fragment and target in anchors and fragment not in anchors[target]:
                dead.append(f"{page}: no anchor {address}")
    assert not dead


def test_ids_are_unique_on_each_page(site):
    for page in site.pages:
        tree = BeautifulSoup(site.text(page), "html.parser")
        # The extensions for exercises and proofs give the bodies of all of them one id, to which
        # nothing links.
        theirs = {"exercise-content", "solution-content", "proof-content", "proof"}
        ids = [tag["id"] for tag in tree.find_all(id=True) if tag["id"] not in theirs]
        twice = {id for id in ids if ids.count(id) > 1}
        assert not twice, page
