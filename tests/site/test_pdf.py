"""The book on paper: printed by the browser, bound in the order of its contents."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from books import Site
from pypdf import PdfReader

from l2scale import press
from l2scale.exhibits import EXHIBITS
from l2scale.press.pdf import BOOK_FILE, contents, link_pages, print_pages

PAGES = ["chapters/value_and_force.html", "verdicts.html"]


def test_all_pages_of_the_contents_are_printed_in_their_order(folder):
    found = contents(folder)
    assert found[0] == "index.html"
    chapters = [page for page in found if page in {f"chapters/{slug}.html" for slug in EXHIBITS}]
    assert len(chapters) == len(EXHIBITS)
    assert found.index("verdicts.html") > found.index(chapters[-1])


def test_what_is_folded_is_on_paper_and_each_page_is_in_the_outline(folder, tmp_path, site):
    # In a process of its own: this one has a browser open already.
    command = [sys.executable, "-m", "l2scale.press.pdf", folder, *PAGES, "--out", tmp_path]
    source = Path(press.__file__).parents[2]
    subprocess.run(
        list(map(str, command)), env=os.environ | {"PYTHONPATH": str(source)}, check=True
    )
    files = [tmp_path / f"{Path(page).stem}.pdf" for page in PAGES]
    book = PdfReader(tmp_path / BOOK_FILE)
    assert [item.title for item in book.outline] == ["value_and_force", "verdicts"]
    assert len(book.pages) == sum(len(PdfReader(file).pages) for file in files)
    printed = "".join("".join(page.extract_text().split()) for page in PdfReader(files[0]).pages)
    folded = site.tree(PAGES[0]).select_one("details.press-fold p").get_text()
    assert "".join(folded.split())[:40] in printed


def test_links_to_pdfs_stand_where_they_were_made_and_nowhere_else(site, tmp_path):
    files = [tmp_path / "pdf" / f"{Path(page).stem}.pdf" for page in PAGES]
    for page in PAGES:
        assert not site.tree(page).select(".press-paper:not([hidden]), .press-paper a")
        (tmp_path / page).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / page).write_text(site.text(page), encoding="utf-8")
    for _ in range(2):  # printing the book again links it no second time
        link_pages(tmp_path, PAGES, files, tmp_path / "pdf" / BOOK_FILE)
    for page, to in zip(PAGES, ("../pdf/", "pdf/"), strict=True):
        foot = Site(tmp_path, "").tree(page).select(".press-paper a")
        own = f"{to}{Path(page).stem}.pdf"
        assert [link["href"] for link in foot] == [own, f"{to}{BOOK_FILE}"]
    (tmp_path / "plain.html").write_text("<p>", encoding="utf-8")
    with pytest.raises(ValueError, match=r"plain\.html has 0 places"):
        link_pages(tmp_path, ["plain.html"], files[:1], files[1])


def test_a_page_that_is_not_there_is_named(folder, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"has no chapters/none\.html: make book"):
        print_pages(folder, ["chapters/none.html"], tmp_path)
