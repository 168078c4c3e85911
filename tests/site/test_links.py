"""Every link inside the site leads somewhere."""

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

import pytest
from books import REPOSITORY, SITE
from bs4 import BeautifulSoup

from l2scale.catalogue.typeset import typeset

NOWHERE = "http://site.invalid/one/two/three/four/five/"  # deep: no way up leads back into it
NAMES = ("href", "src", "srcset", "poster", "action")
LONGEST = 6000  # a server may refuse an address of 8,000 characters
PREVIEWS = {"og:image", "og:url", "twitter:image"}


def dead_links(folder: Path, address: str = "") -> list[str]:
    """The links of all pages in `folder` to files or anchors that are not there.

    `address` is the site's own; links to other hosts are not followed.
    """
    base = address or NOWHERE

    @cache
    def page(path: str) -> BeautifulSoup:
        return BeautifulSoup((folder / path).read_text(encoding="utf-8"), "html.parser")

    @cache
    def anchors(path: str) -> set[str]:
        tags = page(path).find_all(lambda tag: "id" in tag.attrs or "name" in tag.attrs)
        return {tag[name] for tag in tags for name in ("id", "name") if name in tag.attrs}

    def fault(path: str, link: str) -> str:
        whole = urljoin(base + path, link)
        if not whole.startswith(base):
            return "" if urlsplit(link).scheme or urlsplit(link).netloc else "outside the site"
        parts = urlsplit(whole.removeprefix(base))
        target = unquote(parts.path)
        if target.endswith("/") or not target:
            target += "index.html"
        if not (folder / target).is_file():
            return "no file"
        lacks = parts.fragment and target.endswith(".html")
        return "no anchor" if lacks and unquote(parts.fragment) not in anchors(target) else ""

    found = (path.relative_to(folder) for path in sorted(folder.rglob("*.html")))
    return [
        f"{path.as_posix()}: {link}: {wrong}"
        for path in found
        if "_static" not in path.parts
        for link in links(page(path.as_posix()))
        if (wrong := fault(path.as_posix(), link))
    ]


def links(page: BeautifulSoup) -> Iterator[str]:
    """All addresses on a page, as they are written."""
    for tag in page.find_all(lambda tag: not tag.attrs.keys().isdisjoint(NAMES)):
        yield from (tag[name] for name in NAMES if name in tag.attrs and name != "srcset")
        yield from (each.split()[0] for each in tag.get("srcset", "").split(",") if each.strip())
    for tag in page.find_all("meta", content=True):
        if {tag.get("property"), tag.get("name")} & PREVIEWS:
            yield tag["content"]


def test_all_links_resolve(folder):
    assert not dead_links(folder, SITE)


def test_each_page_leads_to_where_an_error_on_it_is_reported(site):
    for page in ("index.html", "verdicts.html", "chapters/batches.html"):
        (link,) = site.tree(page).select("footer .press-report a")
        assert link["href"].startswith(f"{REPOSITORY}/issues/new?")
        said = parse_qs(urlsplit(link["href"]).query)["body"][0]
        assert said.startswith(f"{SITE}{page}\nversion ")


def test_each_verdict_is_disputed_with_its_words_and_numbers(site):
    verdicts = json.loads(site.text("verdicts.json"))
    links = site.tree("verdicts.html").select(".press-dispute a")
    assert len(links) == sum(row["figure"] is not None for row in verdicts.values()) > 0
    for link in links:
        assert len(link["href"]) < LONGEST
        said = {key: text for key, (text,) in parse_qs(urlsplit(link["href"]).query).items()}
        claim = said["title"].split()[1]
        assert said["title"] == f"Dispute {claim} ({verdicts[claim]['verdict'].capitalize()})"
        assert f"{SITE}verdicts.html#{claim.lower()}\nversion " in said["body"]
        assert verdicts[claim]["statement"] in said["body"]
        assert all(typeset(name) in said["body"] for name in verdicts[claim]["numbers"])


GOOD = """<meta property="og:image" content="https://host.example/book/a.png" />
<a href="b/#here">b</a> <a href="a.png#t=1"></a> <a href="#top">top</a> <i id="top"></i>
<a href="https://elsewhere.example/x">x</a> <a href="mailto:a@b.example">y</a> <a href="">z</a>
<img src="a.png" srcset="a.png 1x, b/a%20b.png 2x" /> <form action="index.html"></form>"""


def write(folder, page):
    (folder / "b").mkdir()
    for name in ("a.png", "b/a b.png"):
        (folder / name).touch()
    (folder / "b" / "index.html").write_text('<p id="here"><a href="../index.html#top">up</a>')
    (folder / "index.html").write_text(page)


def test_good_links_are_let_pass(tmp_path):
    write(tmp_path, GOOD)
    assert dead_links(tmp_path, "https://host.example/book/") == []


@pytest.mark.parametrize(
    ("link", "wrong"),
    [
        ('<a href="c.html">', "c.html: no file"),
        ('<a href="b/#there">', "b/#there: no anchor"),
        ('<a href="#there">', "#there: no anchor"),
        ('<a href="../c.html">', "../c.html: outside the site"),
        ('<a href="/index.html">', "/index.html: outside the site"),
        ('<img srcset="a.png 1x, c.png 2x">', "c.png: no file"),
        ('<a href="https://host.example/book/c/">', "https://host.example/book/c/: no file"),
        (
            '<meta name="twitter:image" content="https://host.example/book/c.png">',
            "https://host.example/book/c.png: no file",
        ),
    ],
)
def test_each_kind_of_dead_link_is_found(tmp_path, link, wrong):
    write(tmp_path, GOOD + link)
    assert dead_links(tmp_path, "https://host.example/book/") == [f"index.html: {wrong}"]


def test_ids_are_unique_on_each_page(site):
    for page in site.pages:
        tree = BeautifulSoup(site.text(page), "html.parser")
        counts = Counter(tag["id"] for tag in tree.find_all(id=True))
        twice = {id for id, count in counts.items() if count > 1}
        assert not twice, page
