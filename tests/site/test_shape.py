"""A chapter answers first, shows one figure, is short, and keeps all that was ever linked to."""

import re
from collections import defaultdict
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from l2scale.catalogue.figures import FIGURES
from l2scale.exhibits import EXHIBITS
from l2scale.press.addresses import figure_page

ANCHORS = Path(__file__).with_name("anchors.txt")
WORDS, NUMBERS, TABLES, ANSWER, CAPTION, IN_TITLE = 1500, 25, 1, 60, 40, 2
CLOSED = "details > :not(summary), .solution, .dropdown > :not(.admonition-title)"
UNREAD = "div.math, .cell_input, .headerlink, script, style"
_NUMBER = re.compile(r"(?<![\w-])[−-]?\d[\d,.]*(?:×10)?[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]*%?")
_INTERVAL = re.compile(r"\[[^\]]*\]")


def visible(page: BeautifulSoup) -> Tag:
    """What a reader sees of a page before opening anything; a formula is one word."""
    article = BeautifulSoup(str(page.article), "html.parser")
    for hidden in article.select(f"{CLOSED}, {UNREAD}"):
        hidden.decompose()
    for formula in article.select("span.math"):
        formula.replace_with(" x ")
    return article


def words(part: Tag) -> int:
    return len(part.get_text(" ").split())


@pytest.fixture(params=EXHIBITS)
def chapter(request, site):
    return site.tree(f"chapters/{request.param}.html")


def test_what_is_closed_is_not_counted():
    page = BeautifulSoup(
        "<article><p>one two <span class='math'>a + b</span></p><details><summary>three</summary>"
        "<p>four</p></details><div class='math'>five</div></article>",
        "html.parser",
    )
    assert words(visible(page)) == 4


def test_a_chapter_begins_with_what_to_do(chapter):
    first = chapter.article.h1.find_next_sibling()
    assert "answer" in first["class"]
    said = [bold.get_text() for bold in first.find_all("strong")]
    assert said == ["Do.", "Because.", "Unless."]
    text = visible(BeautifulSoup(f"<article>{first}</article>", "html.parser"))
    assert words(text) - 5 <= ANSWER, "with its title and these three words it says more"


def test_its_key_figure_comes_before_anything_else(chapter):
    first = chapter.article.select_one("figure.plate, h2")
    assert first.name == "figure"


def test_it_is_short(chapter):
    shown = visible(chapter)
    numbers = [n for n in shown.select("a.press-number") if not n.find_parent("table")]
    assert words(shown) <= WORDS
    assert len(numbers) <= NUMBERS
    assert len(shown.find_all("table")) <= TABLES


@pytest.mark.parametrize("page", ["short_answers", "new_here"])
def test_a_page_of_many_lines_is_short_until_it_is_opened(site, page):
    assert words(visible(site.tree(f"chapters/{page}.html"))) <= WORDS


def test_every_anchor_that_was_published_is_there(site):
    published = defaultdict(set)
    for line in ANCHORS.read_text(encoding="utf-8").split():
        path, _, anchor = line.partition("#")
        published[path].add(anchor)
    lost = {
        path: missing
        for path, anchors in published.items()
        if (missing := anchors - {tag["id"] for tag in site.tree(path).find_all(id=True)})
    }
    assert not lost, "others link to these: let them stand, or give their new place their name too"


def test_titles_state_one_finding_and_captions_are_short(site):
    long, full = {}, {}
    for id, spec in FIGURES.items():
        if spec.slug in EXHIBITS:
            page = site.tree(f"{figure_page(id)}.html")
            caption = words(page.select_one("figure.plate .caption-text"))
            if caption > CAPTION:
                long[id] = caption
            numbers = _NUMBER.findall(_INTERVAL.sub("", page.select_one("article h1").get_text()))
            if len(numbers) > IN_TITLE:
                full[id] = numbers
    assert not long, "captions of more words than 40: move some into the figure's `more`"
    assert not full, "titles with more than two numbers"
