"""A citation is well formed in its format, and says the same in each."""

import string
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pybtex.database import parse_string

from l2scale.press.citing import (
    BOOK,
    COMMENT,
    FORMATS,
    LICENCE,
    Cited,
    bibtex,
    comment,
    html,
    markdown,
    plain_text,
)

ADDRESS = "https://host.example/book/figures/carried-over/"
IMAGE = "https://host.example/book/figures/carried-over.png"

CITED = Cited(
    name="figure carried-over",
    title="The sum’s best λ stays within 5% & the mean’s grows",
    claim="Exponents: −0.01 [−0.09, 0.06] and 1.2 (*); λ ‖W‖² < 1.",
    address=ADDRESS,
    version="0.1.0",
    commit="abc1234",
    year="2026",
    authors="The Sum or Mean authors",
    book="Sum or Mean",
    image=IMAGE,
    alt='Two lines [left, right]; the one of sum_1 "rises" <steeply>.',
)
# What figures say is one line of plain text. A sign of Markdown or HTML may stand in it.
WORDS = st.text(
    alphabet=string.ascii_letters + string.digits + " .,;:!?'\"()[]{}<>*_~#&%$|=+-^\\`/λ²−’“”×",
    min_size=1,
    max_size=60,
).map(lambda text: f"w{text.strip()}w")


class Balance(HTMLParser):
    """Reads HTML strictly: what is opened is closed, in turn."""

    def __init__(self, text):
        super().__init__()
        self.open, self.links, self.images, self.words = [], [], [], ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "img":
            self.images.append((given["src"], given["alt"]))
            return
        self.open.append(tag)
        if tag == "a":
            self.links.append(given["href"])

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += data


def rendered(text):
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    page = Balance(parser.render(text))
    # The parser's own HTML loses escaped signs of an alt text; its tokens have them.
    inside = [token for block in parser.parse(text) for token in block.children or ()]
    pictures = [token for token in inside if token.type == "image"]
    page.images = [
        (token.attrs["src"], "".join(part.content for part in token.children)) for token in pictures
    ]
    return page


@pytest.mark.parametrize("name", FORMATS)
def test_each_says_where_it_stands_and_what_found_it(name):
    text = FORMATS[name](CITED)
    for said in (ADDRESS, "0.1.0", "abc1234", "2026", "carried-over", LICENCE):
        assert said in text, said


@given(title=WORDS, claim=WORDS, alt=WORDS)
def test_markdown_is_an_image_in_a_link_and_the_words_as_they_are(title, claim, alt):
    cited = replace(CITED, title=title, claim=claim, alt=alt)
    page = rendered(markdown(cited))
    assert page.images == [(IMAGE, alt)]
    assert page.links == [ADDRESS, ADDRESS]
    assert f"{title}. {claim}" in page.words


@given(title=st.lists(WORDS, min_size=1, max_size=40).map(" ".join))
def test_a_comment_is_a_title_in_a_link_short_enough_for_stack_exchange(title):
    text = comment(replace(CITED, title=title))
    page = rendered(text)
    assert len(text) <= COMMENT == 600
    assert page.links == [ADDRESS] and not page.images
    start = page.words.partition(" …. The Sum")[0].partition(". The Sum")[0]
    assert " ".join(title.split()).startswith(" ".join(start.split()))
    assert CITED.claim not in page.words


@given(title=WORDS, claim=WORDS, alt=WORDS)
def test_html_is_balanced_and_says_the_words_as_they_are(title, claim, alt):
    page = Balance(html(replace(CITED, title=title, claim=claim, alt=alt)))
    assert page.images == [(IMAGE, alt)]
    assert page.links == [ADDRESS, ADDRESS]
    assert f"{title}. {claim}" in page.words


@given(title=WORDS)
def test_bibtex_parses_whatever_the_title_holds(title):
    text = bibtex(replace(CITED, title=title))
    assert text.isascii()
    entries = parse_string(text, "bibtex").entries
    assert list(entries) == ["sum-or-mean-figure-carried-over"]
    entry = entries["sum-or-mean-figure-carried-over"]
    assert entry.fields["url"] == ADDRESS and entry.fields["year"] == "2026"
    assert "version 0.1.0, commit abc1234" in entry.fields["note"]
    (author,) = entry.persons["author"]
    assert author.last_names == ["{The Sum or Mean authors}"]


def test_bibtex_has_commands_for_symbols():
    symbols = "λΣ: (1 − 2ηλ)²ᵗ × w̄ₗ ± ½, 5% of “it”"
    assert (
        r"title = {{\ensuremath{\lambda}\ensuremath{\Sigma}: (1 \ensuremath{-} "
        r"2\ensuremath{\eta}\ensuremath{\lambda})\ensuremath{^{2}}\ensuremath{^{t}} "
        r"\ensuremath{\times} \ensuremath{\bar{w}}\ensuremath{_{l}} \ensuremath{\pm} "
        r"\ensuremath{\frac12}, 5\% of ``it''}}"
    ) in bibtex(replace(CITED, title=symbols))


def test_plain_text_has_no_markup():
    assert plain_text(CITED) == (
        "The sum’s best λ stays within 5% & the mean’s grows. "
        "Exponents: −0.01 [−0.09, 0.06] and 1.2 (*); λ ‖W‖² < 1. "
        "The Sum or Mean authors (2026), figure carried-over of Sum or Mean, version 0.1.0, "
        f"commit abc1234, CC BY 4.0. {ADDRESS}"
    )


def test_what_has_no_picture_is_cited_in_words():
    verdict = replace(CITED, name="verdict C21", image="", alt="")
    assert not rendered(markdown(verdict)).images
    page = Balance(html(verdict))
    assert not page.images and page.links == [ADDRESS]


def test_a_question_gets_no_full_stop():
    assert plain_text(replace(CITED, title="Is it so?")).startswith("Is it so? Exponents")


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"title": ""}, "'figure carried-over' lacks title"), ({"alt": ""}, "has no alt text")],
)
def test_what_is_missing_is_named(changes, said):
    with pytest.raises(ValueError, match=said):
        replace(CITED, **changes)


def test_figures_carry_the_title_that_the_book_has():
    settings = yaml.safe_load((Path(__file__).parents[2] / "_config.yml").read_text("utf-8"))
    assert settings["title"] == BOOK
