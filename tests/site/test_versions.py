"""A book at an address, beside its other versions: what search engines and lost readers get."""

import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from books import Site, served
from bs4 import BeautifulSoup
from test_links import dead_links
from visits import Visit

from l2scale.press.release import LATEST, release

pytestmark = pytest.mark.xdist_group("versions")  # which share a small book
ROOT = Path(__file__).parents[2]
HOST = "https://host.example/"
NAMES = ["latest", "0.10.0", "0.9.0"]
PAGES = {
    "index.md": "# A book\n\nWords.\n",
    "deep/other.md": "# Another\n\n## A part\n\nMore words.\n",
    "gallery.md": "# Gallery\n",
    "verdicts.md": "# Verdicts\n\n```{verdicts}\n```\n",
}


@pytest.fixture(scope="module")
def published(build, tmp_path_factory):
    """A small book built for the address of v0.9.0."""
    return small(build, tmp_path_factory, f"{HOST}book/v0.9.0")


def small(build, tmp_path_factory, site):
    """A small book built for an address."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("out")
    for name in ("_config.yml", "references.bib"):
        shutil.copy(ROOT / name, source)
    chapters = "".join(f"- file: {name.removesuffix('.md')}\n" for name in list(PAGES)[1:])
    (source / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters:\n{chapters}")
    for name, text in PAGES.items():
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_text(text)
    done = build(source, out, site)
    assert done.returncode == 0, done.stdout[-6000:]
    return out / "_build" / "html"


@pytest.fixture(scope="module")
def host(published, tmp_path_factory):
    """A host on which three versions of it stand under book/."""
    folder = tmp_path_factory.mktemp("host")
    for name in ("v0.9.0", "v0.10.0", LATEST):
        release(published, folder / "book", name)
    with served(folder) as host:
        yield host


def seen(visit):
    """The versions that a page offers, once its list has come."""
    visit.tab.wait_for_load_state("networkidle")
    return visit.tab.locator(".press-versions a").all_text_contents()


def test_an_old_version_says_so_and_leads_to_the_same_place_in_the_newest(browser, host):
    with Visit(browser, host, "book/v0.9.0/deep/other.html#a-part") as visit:
        assert seen(visit) == NAMES
        notice = visit.tab.get_by_role("note").filter(has_text="You read")
        assert notice.inner_text() == "You read version 0.9.0; the latest is 0.10.0."
        assert not visit.check()
        notice.get_by_role("link").click()
        visit.tab.wait_for_url(f"{host.url}book/v0.10.0/deep/other.html#a-part")


@pytest.mark.parametrize("name", [LATEST, "v0.10.0"])
def test_the_newest_and_latest_only_offer_the_others(browser, host, name):
    with Visit(browser, host, f"book/{name}/index.html") as visit:
        assert seen(visit) == NAMES
        assert visit.tab.locator(".press-older").count() == 0
        here = visit.tab.locator(".press-versions [aria-current=page]")
        assert here.all_text_contents() == [name.removeprefix("v")]
        assert not visit.faults


def test_who_cites_from_latest_is_offered_the_version_that_stays(browser, host):
    with Visit(browser, host, "book/latest/verdicts.html#c05") as visit:
        seen(visit)
        row = visit.tab.locator("#c05 + .press-citation")
        row.locator("summary").click()
        offer = row.locator(".press-frozen")
        assert offer.inner_text() == (
            "These addresses lead to the latest version, which changes. "
            "Cite it in version 0.10.0, which stays."
        )
        assert not visit.check()
        offer.get_by_role("link").click()
        visit.tab.wait_for_url(f"{host.url}book/v0.10.0/verdicts.html#c05")
        assert visit.tab.locator(".press-frozen").count() == 0


def test_versions_are_chosen_with_the_keyboard(browser, host):
    with Visit(browser, host, "book/latest/deep/other.html") as visit:
        seen(visit)
        visit.tab.locator(".press-versions summary").focus()
        for key in ("Enter", "Tab", "Tab", "Tab", "Enter"):
            visit.tab.keyboard.press(key)
        visit.tab.wait_for_url(f"{host.url}book/v0.9.0/deep/other.html")


def test_a_version_alone_offers_nothing(browser, published, tmp_path):
    release(published, tmp_path / "book", "v0.9.0")
    with served(tmp_path) as host, Visit(browser, host, "book/v0.9.0/index.html") as visit:
        assert seen(visit) == []
        assert visit.tab.locator(".press-older").count() == 0
        assert not visit.faults


def test_a_site_that_is_no_version_asks_for_none(browser, published):
    with served(published) as site, Visit(browser, site, "index.html") as visit:
        assert seen(visit) == []
        assert not visit.faults


def test_a_page_read_from_a_file_asks_for_none(browser, host):
    folder = host.folder / "book" / LATEST
    with Visit(browser, Site(folder, f"{folder.as_uri()}/"), "index.html") as visit:
        assert seen(visit) == []
        assert visit.tab.get_by_role("heading", name="A book").is_visible()


def test_the_root_leads_to_the_latest(browser, host):
    with Visit(browser, host, "book/index.html") as visit:
        visit.tab.wait_for_url(f"{host.url}book/latest/")


def test_pages_name_the_latest_as_canonical_and_the_sitemap_lists_them(published):
    named = set()
    for path in published.rglob("*.html"):
        page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        if "_static" in path.parts or path.name in ("404.html", "search.html"):
            continue
        address = page.find("link", rel="canonical")["href"]
        place = re.sub(r"(^|/)index\.html$", r"\1", path.relative_to(published).as_posix())
        assert address == f"{HOST}book/latest/{place}"
        named.add(address)
    schema = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    sitemap = ET.parse(published / "sitemap.xml")
    assert {loc.text for loc in sitemap.iter(f"{schema}loc")} == named
    assert f"Sitemap: {HOST}book/latest/sitemap.xml\n" in (published / "robots.txt").read_text()


def test_all_links_of_a_published_site_resolve(published):
    assert not dead_links(published, f"{HOST}book/v0.9.0/")


def test_a_lost_reader_finds_the_book_from_any_depth(browser, published, tmp_path):
    release(published, tmp_path / "book", "v0.9.0")
    deep = tmp_path / "book" / "v0.9.0" / "no" / "such" / "page.html"
    deep.parent.mkdir(parents=True)
    shutil.copy(tmp_path / "book" / "404.html", deep)  # servers answer with it at this address
    with served(tmp_path) as host, Visit(browser, host, "book/v0.9.0/no/such/page.html") as visit:
        assert not visit.check()
        visit.tab.get_by_role("link", name="The book’s first page").click()
        visit.tab.wait_for_url(f"{host.url}book/v0.9.0/index.html")


def test_without_an_address_nothing_claims_one(build, tmp_path_factory):
    folder = small(build, tmp_path_factory, "")
    for name in ("sitemap.xml", "robots.txt"):
        assert not (folder / name).exists()
    page = BeautifulSoup((folder / "index.html").read_text(encoding="utf-8"), "html.parser")
    assert page.find("link", rel="canonical") is None
    assert (folder / "404.html").is_file()
