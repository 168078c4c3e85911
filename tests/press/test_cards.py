"""What a page says of itself where it is linked, and what a Cite box says without an address."""

from types import SimpleNamespace

import pytest
from docutils import nodes

from l2scale.press.sphinx.cards import first_words, spoken
from l2scale.press.sphinx.templating import render_template

APP = SimpleNamespace(builder=SimpleNamespace(get_target_uri=lambda page: f"{page}.html"))
META = {"id": "one-figure", "alt": "A line <that> rises. " * 30}


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        (r"\lambda = 0.01", "λ = 0.01"),
        (r"1/(n_{\text{in}} + n_{\text{out}})", "1/(n_in + n_out)"),
        (r"\mathcal{N}(0, 1)", "N(0, 1)"),
    ],
)
def test_formulas_are_typed_out(formula, words):
    assert spoken(formula) == words


def test_a_page_is_described_by_its_first_paragraph():
    question = nodes.paragraph("", "Does ", nodes.math("", r"\lambda"), nodes.Text("\n  stay?"))
    document = nodes.section("", nodes.title("", "A page"), question, nodes.paragraph("", "Yes."))
    assert first_words(document) == "Does λ stay?"
    assert question.astext().startswith(r"Does \lambda")  # the page itself keeps its formula
    assert first_words(nodes.section()) == ""


def card(**changes):
    given = {
        "title": 'A "finding"',
        "description": "Its numbers.",
        "describe": True,
        "book": "A book",
        "front": False,
        "address": "chapters/one.html",
        "meta": META,
        "width": 10,
        "height": 5,
    }
    return render_template(APP, "chapters/one", "card.html", **given | changes)


def test_a_card_is_absolute_where_the_site_has_an_address(monkeypatch):
    monkeypatch.setenv("L2SCALE_SITE", "https://book.example/v1")
    tags = card()
    assert 'content="https://book.example/v1/figures/one-figure.png"' in tags
    assert 'content="https://book.example/v1/chapters/one.html"' in tags
    assert "A &#34;finding&#34;" in tags and "&lt;that&gt;" in tags


def test_a_card_is_relative_where_it_has_none(monkeypatch):
    monkeypatch.delenv("L2SCALE_SITE", raising=False)
    tags = card()
    assert 'content="../figures/one-figure.png"' in tags and "og:url" not in tags


def test_a_page_without_a_figure_has_a_card_of_words():
    tags = card(meta=None, describe=False)
    assert "og:image" not in tags and 'name="description"' not in tags
    assert 'name="twitter:card" content="summary"' in tags


@pytest.mark.parametrize("site", ["", "https://book.example/"])
def test_a_cite_box_says_when_it_has_no_address(monkeypatch, site):
    monkeypatch.setenv("L2SCALE_SITE", site)
    given = {"cited": {"Plain text": "1 < 2"}, "anchor": "cite-c01", "place": "c01"}
    box = render_template(APP, "one", "cite.html", **given)
    assert ("without a public address" in box) == (not site)
    assert '<pre id="cite-c01-plain-text"' in box and ">1 &lt; 2</pre>" in box
